"""What each verb of the console script does: coroutines that return an exit code, and print the answer."""
