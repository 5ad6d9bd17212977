"""The tables of the SQLite archive, and how a connection to them is opened.

``story`` holds the narrow columns that lists and counts read, ``document`` what a story shows, ``facet`` one row for
each tag in the order that lists want (newest first within a value), ``story_text`` the full-text index over
``document``, and ``replaced`` the revisions that a newer one took the place of. Triggers keep the index right, so
that no statement can forget it.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from shared.archive.port import ArchiveUnavailable

SCHEMA_VERSION = 2
#: How long a writer waits for another one, in milliseconds.
BUSY_TIMEOUT = 10_000
#: What each connection may keep in memory of the file.
CACHE_KIBIBYTES = 8192
_OLDEST_SQLITE = (3, 35)

#: English word stems, any script's letters, accents ignored.
TOKENIZER = "porter unicode61 remove_diacritics 2"

_SCHEMA = f"""
CREATE TABLE story(
  rid INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  dated_at INTEGER NOT NULL,
  cluster TEXT NOT NULL,
  is_primary INTEGER NOT NULL,
  highlighted INTEGER NOT NULL
);
CREATE INDEX story_dated ON story(dated_at, id);
CREATE INDEX story_highlighted ON story(dated_at, id) WHERE highlighted;
CREATE INDEX story_cluster ON story(cluster, dated_at, id);

CREATE TABLE document(
  rid INTEGER PRIMARY KEY REFERENCES story(rid),
  title TEXT,
  text TEXT NOT NULL,
  rest TEXT NOT NULL
);

CREATE TABLE facet(
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  dated_at INTEGER NOT NULL,
  rid INTEGER NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY(kind, value, dated_at, rid)
) WITHOUT ROWID;

CREATE VIRTUAL TABLE story_text USING fts5(
  title, text, content='document', content_rowid='rid', tokenize='{TOKENIZER}'
);
CREATE TRIGGER document_added AFTER INSERT ON document BEGIN
  INSERT INTO story_text(rowid, title, text) VALUES (new.rid, new.title, new.text);
END;
CREATE TRIGGER document_removed AFTER DELETE ON document BEGIN
  INSERT INTO story_text(story_text, rowid, title, text) VALUES ('delete', old.rid, old.title, old.text);
END;
CREATE TRIGGER document_changed AFTER UPDATE ON document BEGIN
  INSERT INTO story_text(story_text, rowid, title, text) VALUES ('delete', old.rid, old.title, old.text);
  INSERT INTO story_text(rowid, title, text) VALUES (new.rid, new.title, new.text);
END;
"""  # noqa: S608 - constant text

#: What each format adds to the one before it: a file of an older format is brought up to date when it is opened.
_ADDITIONS = {
    2: """
CREATE TABLE replaced(
  story_id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  title TEXT,
  text TEXT NOT NULL,
  rest TEXT NOT NULL,
  PRIMARY KEY(story_id, revision)
);
"""
}


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open an existing archive; any number of processes may, also while another one writes."""
    connection = _connect(path, mode="ro")
    with _closed_on_error(connection):
        _check_version(connection, path)
    return connection


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open the archive, and create it when it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = _connect(path, mode="rwc")
    with _closed_on_error(connection):
        # Both only take effect in a new file; the page size suits stories of a few kilobytes.
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("PRAGMA journal_mode = WAL")
        # A batch that was acknowledged must survive a power cut too: one fsync a batch.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(
            "BEGIN IMMEDIATE"
        )  # two processes that create it at once: the second finds it done
        _bring_up_to_date(connection)
        connection.execute("COMMIT")
        _check_version(connection, path)
    return connection


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    version = _version_of(connection)
    steps = {1: _SCHEMA} | _ADDITIONS
    for step in range(version + 1, SCHEMA_VERSION + 1):
        for statement in _statements(steps[step]):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {step}")


@contextlib.contextmanager
def _closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()  # which also takes back a transaction that was begun
        raise


def _connect(path: Path, *, mode: str) -> sqlite3.Connection:
    _check_sqlite()
    uri = f"file:{quote(str(path.absolute()))}?mode={mode}"
    # A connection is used by one thread at a time, but not always by the same one.
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
    return connection


def _check_sqlite() -> None:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise ArchiveUnavailable(f"SQLite {sqlite3.sqlite_version} is too old; Dateline needs 3.35 or newer")
    with sqlite3.connect(":memory:") as probe:
        options = {option for (option,) in probe.execute("PRAGMA compile_options")}
    probe.close()
    if "ENABLE_FTS5" not in options:
        raise ArchiveUnavailable("this Python's SQLite was built without FTS5, the full-text index")


def _version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    version = _version_of(connection)
    if version != SCHEMA_VERSION:
        raise ArchiveUnavailable(
            f"{path} has archive format {version or 'unknown'}, this Dateline reads format {SCHEMA_VERSION}"
        )


def _statements(script: str) -> list[str]:
    """Split a script at the ends of its statements (``executescript`` would commit our transaction)."""
    found, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            found.append(pending)
            pending = ""
    return found
