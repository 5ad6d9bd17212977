"""The SQL of the SQLite archive: filters, pages and full-text questions as (statement, parameters).

Only constant text goes into a statement; every value is a parameter.
"""

from collections.abc import Sequence
from typing import NamedTuple

from shared.archive.cursor import Position
from shared.archive.document import FacetKind, Wanted, milliseconds, wanted
from shared.archive.port import Filter, SearchOrder
from shared.archive.query import Atom, Query

#: Buckets of a quarter of an hour: every zone's offset is a multiple of it, so days can be told from them.
BUCKET = 15 * 60 * 1000
#: Up to so many values each get an ordered scan of their own; for more, the list of all stories is filtered.
_MOST_SCANS = 24

_SHOWN = "p.id, p.dated_at, d.title, d.text, d.rest"


class Statement(NamedTuple):
    """SQL and the values for its question marks."""

    sql: str
    values: tuple[object, ...] = ()


def _all_of(conditions: Sequence[Statement]) -> Statement:
    sql = " AND ".join(condition.sql for condition in conditions) or "1"
    return Statement(sql, tuple(value for condition in conditions for value in condition.values))


def _marks(values: Sequence[str]) -> str:
    return ",".join("?" * len(values))


def _times(where: Filter, column: str) -> list[Statement]:
    times = []
    if where.since is not None:
        times.append(Statement(f"{column} >= ?", (milliseconds(where.since),)))
    if where.until is not None:
        times.append(Statement(f"{column} < ?", (milliseconds(where.until),)))
    return times


def _after(position: Position | None, column: str) -> list[Statement]:
    if position is None:
        return []
    # The first half lets the index skip, the second settles stories of the same millisecond.
    sql = f"{column} <= ? AND ({column} < ? OR s.id < ?)"
    return [Statement(sql, (position.dated_at, position.dated_at, position.story_id))]


def _flags(where: Filter, *, collapse: bool) -> list[Statement]:
    flags = [Statement("s.is_primary")] if collapse else []
    if where.highlighted is not None:
        flags.append(Statement("s.highlighted" if where.highlighted else "NOT s.highlighted"))
    return flags


def _tag(condition: Wanted, table: str) -> Statement:
    sql = f"{table}.kind = ? AND {table}.value IN ({_marks(condition.values)})"
    values: tuple[str, ...] = (condition.kind, *condition.values)
    if condition.role:
        sql, values = f"{sql} AND {table}.role = ?", (*values, condition.role)
    return Statement(sql, values)


def _has(condition: Wanted) -> Statement:
    tag = _tag(condition, "t")
    return Statement(
        f"EXISTS (SELECT 1 FROM facet t WHERE {tag.sql} AND t.dated_at = s.dated_at AND t.rid = s.rid)",  # noqa: S608 - constant text
        tag.values,
    )


def _scan(source: str, column: str, conditions: Sequence[Statement], limit: int) -> Statement:
    filters = _all_of(conditions)
    return Statement(
        f"SELECT s.rid, s.id, s.dated_at FROM {source} WHERE {filters.sql}"  # noqa: S608 - constant text
        f" ORDER BY {column} DESC, s.id DESC LIMIT ?",
        (*filters.values, limit),
    )


def page(where: Filter, *, after: Position | None, limit: int, collapse: bool) -> Statement:
    """Ask for the newest stories as (id, dated_at, title, text, rest).

    The first condition on a tag leads: each of its values is an ordered stretch of ``facet`` that ends after
    ``limit`` rows, so a page costs the same in a small and in a large archive.
    """
    tags = wanted(where)
    flags = _flags(where, collapse=collapse)
    if tags and len(tags[0].values) <= _MOST_SCANS:
        ordered = [*_times(where, "f.dated_at"), *_after(after, "f.dated_at"), *flags]
        ordered += [_has(condition) for condition in tags[1:]]
        leading = [_tag(tags[0]._replace(values=(value,)), "f") for value in dict.fromkeys(tags[0].values)]
        source = "facet f CROSS JOIN story s ON s.rid = f.rid"
        scans = [_scan(source, "f.dated_at", [tag, *ordered], limit) for tag in leading]
    else:
        ordered = [*_times(where, "s.dated_at"), *_after(after, "s.dated_at"), *flags]
        ordered += [_has(condition) for condition in tags]
        scans = [_scan("story s", "s.dated_at", ordered, limit)]
    found = " UNION ".join(f"SELECT * FROM ({scan.sql})" for scan in scans)  # noqa: S608 - constant text
    return Statement(
        f"SELECT {_SHOWN} FROM ({found} ORDER BY dated_at DESC, id DESC LIMIT ?) p"  # noqa: S608 - constant text
        " CROSS JOIN document d ON d.rid = p.rid ORDER BY p.dated_at DESC, p.id DESC",
        (*(value for scan in scans for value in scan.values), limit),
    )


def one(story_id: str) -> Statement:
    """Ask for one story by its id, as ``page``."""
    return Statement(
        f"SELECT {_SHOWN} FROM story p CROSS JOIN document d ON d.rid = p.rid WHERE p.id = ?",  # noqa: S608 - constant text
        (story_id,),
    )


def replaced(story_id: str, limit: int) -> Statement:
    """Ask for the revisions of a story that were replaced, the newest first, in the columns of ``page``."""
    sql = "SELECT story_id, 0, title, text, rest FROM replaced WHERE story_id = ? ORDER BY revision DESC LIMIT ?"
    return Statement(sql, (story_id, limit))


def cluster_page(cluster_id: str, limit: int) -> Statement:
    """Ask for the tellings of one event, newest first, as ``page``."""
    return Statement(
        f"SELECT {_SHOWN} FROM story p CROSS JOIN document d ON d.rid = p.rid"  # noqa: S608 - constant text
        " WHERE p.cluster = ? ORDER BY p.dated_at DESC, p.id DESC LIMIT ?",
        (cluster_id, limit),
    )


def search_page(
    query: Query, where: Filter, *, order: SearchOrder, after: Position | None, limit: int, collapse: bool
) -> Statement:
    """Ask for the stories that match, as ``page``."""
    match = match_expression(query)
    conditions = [Statement("story_text MATCH ?", (match,)), *_times(where, "s.dated_at")]
    conditions += [*_after(after, "s.dated_at"), *_flags(where, collapse=collapse)]
    conditions += [_has(condition) for condition in wanted(where)]
    filters = _all_of(conditions)
    rank = "bm25(story_text, 3.0, 1.0)" if order == "relevance" else "0"
    return Statement(
        f"SELECT {_SHOWN} FROM"  # noqa: S608 - constant text
        f" (SELECT s.rid, s.id, s.dated_at, {rank} AS rank FROM story_text CROSS JOIN story s"
        f" ON s.rid = story_text.rowid WHERE {filters.sql} ORDER BY rank, s.dated_at DESC, s.id DESC LIMIT ?) p"
        " CROSS JOIN document d ON d.rid = p.rid ORDER BY p.rank, p.dated_at DESC, p.id DESC",
        (*filters.values, limit),
    )


def _matching(where: Filter, *, collapse: bool) -> Statement:
    """Ask for the row ids of all stories that match, each once."""
    tags = wanted(where)
    flags = _flags(where, collapse=collapse)
    if not tags:
        filters = _all_of([*_times(where, "s.dated_at"), *flags])
        return Statement(f"SELECT s.rid, s.dated_at FROM story s WHERE {filters.sql}", filters.values)  # noqa: S608 - constant text
    leading = _all_of([_tag(tags[0], "f"), *_times(where, "f.dated_at")])
    # A story has a value once, but may have several of the values.
    once = "DISTINCT" if len(tags[0].values) > 1 else ""
    found = f"SELECT {once} f.rid, f.dated_at FROM facet f WHERE {leading.sql}"  # noqa: S608 - constant text
    rest = [*flags, *(_has(condition) for condition in tags[1:])]
    if not rest:
        return Statement(found, leading.values)
    others = _all_of(rest)
    return Statement(
        f"SELECT s.rid, s.dated_at FROM ({found}) m CROSS JOIN story s ON s.rid = m.rid WHERE {others.sql}",  # noqa: S608 - constant text
        (*leading.values, *others.values),
    )


def total(where: Filter, *, collapse: bool) -> Statement:
    """Ask how many stories match."""
    matching = _matching(where, collapse=collapse)
    return Statement(f"SELECT count(*) FROM ({matching.sql})", matching.values)  # noqa: S608 - constant text


def buckets(where: Filter, *, collapse: bool) -> Statement:
    """Ask for (bucket start in milliseconds, stories), ascending."""
    matching = _matching(where, collapse=collapse)
    # SQLite's remainder has the sign of the dividend; this one rounds down before 1970 too.
    start = f"dated_at - ((dated_at % {BUCKET}) + {BUCKET}) % {BUCKET}"
    return Statement(
        f"SELECT {start} AS start, count(*) FROM ({matching.sql}) GROUP BY start ORDER BY start",  # noqa: S608 - constant text
        matching.values,
    )


def tag_counts(where: Filter, kind: FacetKind, *, top: int, collapse: bool) -> Statement:
    """Ask for (tag, stories), the most frequent first, equal ones by name."""
    matching = _matching(where, collapse=collapse)
    role = where.country_role if kind == "country" else None
    conditions = [Statement("g.kind = ?", (kind,)), *_times(where, "g.dated_at")]
    conditions += [Statement("g.role = ?", (role,))] if role else []
    filters = _all_of(conditions)
    return Statement(
        f"SELECT g.value, count(*) AS stories FROM facet g WHERE {filters.sql}"  # noqa: S608 - constant text
        f" AND g.rid IN (SELECT rid FROM ({matching.sql}))"
        " GROUP BY g.value ORDER BY stories DESC, g.value LIMIT ?",
        (*filters.values, *matching.values, top),
    )


def match_expression(query: Query) -> str:
    """Render a query for FTS5. Every word is quoted, so none can be taken for syntax."""
    required = " AND ".join(f"({' OR '.join(_quoted(atom) for atom in group)})" for group in query.required)
    if not query.excluded:
        return required
    return f"({required}) NOT ({' OR '.join(_quoted(atom) for atom in query.excluded)})"


def _quoted(atom: Atom) -> str:
    text = '"' + atom.text.replace('"', '""') + '"'
    return f"{text} *" if getattr(atom, "prefix", False) else text
