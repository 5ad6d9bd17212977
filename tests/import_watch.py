"""Import modules and print, as a JSON list, which lines of theirs opened or started something meanwhile.

``python -B import_watch.py ROOT MODULE ...``; run by test_architecture.py in a process of its own, because an audit
hook cannot be taken off again.
"""

import importlib
import json
import os
import sys
import threading
from pathlib import Path

EFFECTS = {
    "_thread.start_new_thread",
    "os.fork",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.system",
    "shutil.rmtree",
    "socket.__new__",
    "socket.bind",
    "socket.connect",
    "sqlite3.connect",
    "subprocess.Popen",
}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

root = sys.argv[1]
found: list[str] = []


def culprit() -> str | None:
    """Return the innermost line of ours on the stack.

    None when a library does this while it is being imported itself: that one is not for us to judge.
    """
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(root + os.sep) and ".venv" not in name:
            return f"{Path(name).relative_to(root).as_posix()}:{frame.f_lineno}"
        if frame.f_code.co_name == "<module>":
            return None
        frame = frame.f_back
    return None


def watch(event: str, arguments: tuple[object, ...]) -> None:
    """Note an effect and who caused it."""
    if event == "open":
        path, _, flags = arguments
        seen = isinstance(flags, int) and flags & WRITING
        event = f"open {path}"
    else:
        seen = event in EFFECTS
    if seen and (where := culprit()):
        found.append(f"{where} {event}")


class NoThreadsError(Exception):
    """Ends the import that wanted a thread."""


def watched_start(*arguments: object) -> int:
    """Report a thread, which Python 3.11 does itself not yet, and start none."""
    watch("_thread.start_new_thread", arguments)
    raise NoThreadsError


threading._start_new_thread = watched_start
sys.path[0] = root
sys.addaudithook(watch)
for module in sys.argv[2:]:
    try:
        importlib.import_module(module)
    except NoThreadsError:
        continue
    except Exception as error:
        found.append(f"{module} cannot be imported: {error}")
print(json.dumps(found))  # noqa: T201 - the answer
