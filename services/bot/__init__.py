"""Bot: questions in, answers out; enriched stories in, alerts out, over whatever transport a reader uses."""
