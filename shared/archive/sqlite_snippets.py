"""The passages that a search shows, cut by FTS5 itself.

Each page's stories go into a small index in memory that lives for the one question: asking the large index again for
every story of a page would expand a prefix like ``pre*`` to all of its words each time.
"""

import contextlib
import sqlite3
from collections.abc import Sequence

from shared.archive.document import tidy_snippet
from shared.archive.port import MARK_END, MARK_START
from shared.archive.sqlite_schema import TOKENIZER
from shared.events import EnrichedStory

_WORDS = 32
_CUT = f"'{MARK_START}', '{MARK_END}', '…', {_WORDS}"


def snippets(match: str, stories: Sequence[EnrichedStory]) -> list[str]:
    """Return a passage of each story that ``match`` (an FTS5 expression) found: of its text, or else its title."""
    with contextlib.closing(sqlite3.connect(":memory:")) as memory:
        memory.execute(f"CREATE VIRTUAL TABLE shown USING fts5(title, text, tokenize='{TOKENIZER}')")
        memory.executemany(
            "INSERT INTO shown(rowid, title, text) VALUES (?, ?, ?)",
            [(number, story.title, story.text) for number, story in enumerate(stories)],
        )
        cut = memory.execute(
            f"SELECT rowid, snippet(shown, 0, {_CUT}), snippet(shown, 1, {_CUT})"  # noqa: S608 - constant text
            " FROM shown WHERE shown MATCH ?",
            (match,),
        )
        passages = {number: _better(title, text) for number, title, text in cut}
    return [tidy_snippet(passages.get(number, story.text), story) for number, story in enumerate(stories)]


def _better(title: str | None, text: str) -> str:
    return title if title and MARK_START in title and MARK_START not in text else text
