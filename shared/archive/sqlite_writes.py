"""Writing stories to the SQLite archive, within a transaction that the caller holds."""

import sqlite3
from typing import Any

from shared.archive.document import Document, UnfitStory, revision_of, story_of
from shared.archive.port import PutResult
from shared.events import Cluster, EnrichedStory


def put(writer: sqlite3.Connection, story: EnrichedStory) -> PutResult:
    """Store a story, unless the archive has this version of it or a newer one; keep the revision that it replaces."""
    try:
        document = Document.of(story)
    except UnfitStory as reason:
        return PutResult(story.story_id, "rejected", str(reason))
    known = writer.execute("SELECT rid, version FROM story WHERE id = ?", (story.story_id,)).fetchone()
    if known is None:
        _insert(writer, document)
    elif known[1] >= document.version:
        if document.revision < revision_of(known[1]):
            _keep(writer, document)
        return PutResult(story.story_id, "stale")
    else:
        _replace(writer, document, rid=known[0])
    return PutResult(story.story_id, "stored")


def recluster(writer: sqlite3.Connection, story_id: str, cluster: Cluster) -> bool:
    """Move a story to another cluster; False when it is not there."""
    row = writer.execute(
        "SELECT s.rid, d.title, d.text, d.rest FROM story s JOIN document d USING (rid) WHERE s.id = ?",
        (story_id,),
    ).fetchone()
    if row is None:
        return False
    rid, title, text, rest = row
    moved = story_of(rest, title, text).model_copy(update={"cluster": cluster})
    _replace(writer, Document.of(moved), rid=rid)
    return True


def _insert(writer: sqlite3.Connection, document: Document) -> None:
    rid = writer.execute(
        "INSERT INTO story(id, version, dated_at, cluster, is_primary, highlighted) VALUES (?, ?, ?, ?, ?, ?)",
        (document.story_id, *_columns(document)),
    ).lastrowid
    shown = (document.title, document.text, document.rest)
    writer.execute("INSERT INTO document(rid, title, text, rest) VALUES (?, ?, ?, ?)", (rid, *shown))
    _insert_facets(writer, document, rid)


def _replace(writer: sqlite3.Connection, document: Document, *, rid: int) -> None:
    row = writer.execute("SELECT title, text, rest FROM document WHERE rid = ?", (rid,)).fetchone()
    old = Document.of(story_of(row[2], row[0], row[1]))
    if old.revision < document.revision:
        _keep(writer, old)
    writer.executemany(
        "DELETE FROM facet WHERE kind = ? AND value = ? AND dated_at = ? AND rid = ?",
        [(facet.kind, facet.value, old.dated_at, rid) for facet in old.facets],
    )
    writer.execute(
        "UPDATE story SET version = ?, dated_at = ?, cluster = ?, is_primary = ?, highlighted = ? WHERE rid = ?",
        (*_columns(document), rid),
    )
    shown = (document.title, document.text, document.rest)
    writer.execute("UPDATE document SET title = ?, text = ?, rest = ? WHERE rid = ?", (*shown, rid))
    _insert_facets(writer, document, rid)


def _keep(writer: sqlite3.Connection, document: Document) -> None:
    """Keep a revision that is not the newest. One that is there already stays as it is."""
    writer.execute(
        "INSERT INTO replaced(story_id, revision, title, text, rest) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (document.story_id, document.revision, document.title, document.text, document.rest),
    )


def _columns(document: Document) -> tuple[Any, ...]:
    return (document.version, document.dated_at, document.cluster, document.primary, document.highlighted)


def _insert_facets(writer: sqlite3.Connection, document: Document, rid: int | None) -> None:
    writer.executemany(
        "INSERT INTO facet(kind, value, dated_at, rid, role) VALUES (?, ?, ?, ?, ?)",
        [(facet.kind, facet.value, document.dated_at, rid, facet.role) for facet in document.facets],
    )
