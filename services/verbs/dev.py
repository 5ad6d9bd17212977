"""The verbs for developers, which need a checkout and not only an installed Dateline."""

import os
import sys
from pathlib import Path

from services.verbs.entry import fail

#: Where the tests of a checkout lie.
TESTS = Path(__file__).parent.parent.parent / "tests"


def botapi(arguments: list[str], *, tests: Path = TESTS) -> None:
    """Become the fake Bot API server of the tests, which services must not import. Returns only where there is none."""
    if not (tests / "fakes" / "botapi" / "__main__.py").is_file():
        fail(f"the fake Telegram comes with the tests of a checkout, and there are none at {tests}")
    os.chdir(tests)
    command = [sys.executable, "-m", "fakes.botapi", *arguments]
    os.execv(sys.executable, command)  # noqa: S606  # our own interpreter, and no shell
