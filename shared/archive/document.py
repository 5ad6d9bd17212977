"""What an archive keeps of a story: the parts that are asked for, and the rest as JSON.

Both archives store exactly this, so that a filter or a version means the same in either.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from shared.archive.port import MARK_END, MARK_START, PAGE_LIMIT, Filter
from shared.events import EnrichedStory

FacetKind = Literal["country", "region", "actor", "source", "language"]

#: A longer tag value is kept with the story but cannot be asked for.
MAX_TAG = 256
#: A story of which more than this would have to be stored is refused.
MAX_BYTES = 8_000_000
#: About how many characters of a story a search hit shows.
SNIPPET = 280
_LONGEST_SNIPPET = 600

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REVISION_SHIFT = 16
_HIGHEST_LEXICON = (1 << _REVISION_SHIFT) - 1


class UnfitStory(ValueError):  # noqa: N818 - it is the story that is unfit
    """The story cannot be stored as it is, now or later. The message says why."""


class Facet(NamedTuple):
    """A value that a story can be found by; ``role`` is empty where the kind has none."""

    kind: FacetKind
    value: str
    role: str = ""


class Wanted(NamedTuple):
    """One condition of a filter: a story must have one of the values (in ``role``, unless that is empty)."""

    kind: FacetKind
    values: tuple[str, ...]
    role: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A story taken apart for storing."""

    story_id: str
    version: int
    """Higher wins: the revision first, then the version of the lexicon that tagged it."""
    dated_at: int
    """What it is sorted by: milliseconds since 1970, UTC."""
    cluster: str
    primary: bool
    """Whether it is the first telling of its cluster, the one that stands for it in collapsed lists."""
    highlighted: bool
    title: str | None
    text: str
    facets: tuple[Facet, ...]
    rest: str
    """The story without title and text, as JSON."""

    @property
    def revision(self) -> int:
        """Which telling of the story by its own source this is."""
        return revision_of(self.version)

    @classmethod
    def of(cls, story: EnrichedStory) -> "Document":
        """Take a story apart. Raises ``UnfitStory`` for one that no archive takes."""
        if len(story.cluster.id) > MAX_TAG:
            raise UnfitStory(f"the cluster id is longer than {MAX_TAG} characters")
        rest = story.model_dump_json(exclude={"title", "text"})
        if len(rest) + len(story.text) + len(story.title or "") > MAX_BYTES:
            raise UnfitStory(f"the story is larger than {MAX_BYTES // 1_000_000} MB")
        return cls(
            story_id=story.story_id,
            version=story.revision << _REVISION_SHIFT | min(max(story.lexicon_version, 0), _HIGHEST_LEXICON),
            dated_at=milliseconds(story.dated[0]),
            cluster=story.cluster.id,
            primary=story.cluster.id == story.story_id,
            highlighted=story.highlighted,
            title=story.title,
            text=story.text,
            facets=tuple(_facets(story)),
            rest=rest,
        )


def revision_of(version: int) -> int:
    """Return the revision in a version: two versions with the same differ by the lexicon alone."""
    return version >> _REVISION_SHIFT


def _facets(story: EnrichedStory) -> list[Facet]:
    found = [Facet("country", tag.code, tag.role) for tag in story.countries]
    found += [Facet("region", tag.id) for tag in story.regions]
    found += [Facet("actor", tag.id or tag.name) for tag in story.actors]
    found += [Facet("source", story.source.id), Facet("language", story.language)]
    # One row a value; a country that is both mentioned and a subject is a subject.
    unique = {(facet.kind, facet.value): facet for facet in sorted(found)}
    return [facet for facet in unique.values() if len(facet.value) <= MAX_TAG]


def story_of(rest: str | bytes | dict[str, Any], title: str | None, text: str) -> EnrichedStory:
    """Put a story together again."""
    fields = rest if isinstance(rest, dict) else orjson.loads(rest)
    return EnrichedStory.model_validate({**fields, "title": title, "text": text})


def wanted(where: Filter, *, every: bool = False) -> list[Wanted]:
    """Return the conditions of a filter on tags, the one that usually leaves the fewest stories first.

    With ``every``, also those that the filter leaves open.
    """
    conditions = [
        Wanted("actor", tuple(where.actors)),
        Wanted("country", tuple(where.countries), where.country_role or ""),
        Wanted("region", tuple(where.regions)),
        Wanted("source", tuple(where.sources)),
        Wanted("language", tuple(where.languages)),
    ]
    given = [condition for condition in conditions if every or condition.values]
    return _each_alone(given) if where.together and not every else given


def _each_alone(conditions: list[Wanted]) -> list[Wanted]:
    """Return conditions of one value each, where a story may have several values of the kind."""
    alone: list[Wanted] = []
    for each in conditions:
        several = each.kind in {"actor", "country", "region"}
        alone += [each._replace(values=(value,)) for value in each.values] if several else [each]
    return alone


def unwanted(where: Filter) -> list[Wanted]:
    """Return the conditions of a filter of which a story may meet none."""
    conditions = [
        Wanted("actor", tuple(where.without_actors)),
        Wanted("country", tuple(where.without_countries)),
        Wanted("region", tuple(where.without_regions)),
    ]
    return [condition for condition in conditions if condition.values]


def milliseconds(moment: datetime) -> int:
    """Return an aware time as whole milliseconds since 1970, rounded down."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def page_size(limit: int) -> int:
    """Return how many stories a page holds when ``limit`` were asked for."""
    return min(max(limit, 1), PAGE_LIMIT)


def time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name. Raises ``ValueError`` for an unknown one."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"unknown time zone {name!r}") from error


def tidy_snippet(marked: str, story: EnrichedStory) -> str:
    """Return a passage on one line, its marks in pairs.

    A story that holds the mark characters itself, or a passage of unbroken length, shows its beginning unmarked.
    """
    told = f"{story.title or ''} {story.text}"
    if MARK_START in told or MARK_END in told or len(marked) > _LONGEST_SNIPPET:
        plain = re.sub(f"[{MARK_START}{MARK_END}]", "", story.text)[: SNIPPET + 1]
        marked = plain if len(plain) <= SNIPPET else plain[:SNIPPET] + "…"
    return " ".join(marked.split())
