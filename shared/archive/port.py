"""The archive port: what may be asked of the store of stories, and what every adapter promises.

Promises that hold for every adapter (``tests/contracts`` checks them):

* Order is ``dated_at`` descending, then story id descending; times are UTC with millisecond precision.
* ``since`` is inclusive, ``until`` exclusive.
* With ``collapse`` an event (a cluster) is in a list as soon as any of its tellings matches, once, and is shown by its
  first telling when that matches, else by the one that matches and is dated first. Its time in the list is the time
  of the telling that is shown. Counts count each event once a day or tag, on every day and for every tag of which
  a telling matches.
* A cursor is opaque and stable: stories that arrive while somebody pages never shift or repeat a page. (One that is
  dated before the telling by which its event was shown, where the first telling does not match, takes its place.)
* ``put`` answers per story, in the order given. An equal or older version is ``stale``, which is a success.
* No revision is lost: the newest is what every other read answers with, the others are the story's ``history``.
* ``get``, ``cluster`` and ``clusters`` see a story as soon as ``put`` has returned; the other reads within two
  seconds, or at once after ``refresh``.
* The archive being unreachable raises ``ArchiveUnavailable`` and then nothing of the batch may be acknowledged;
  a query that makes no sense raises ``BadQuery``; a document that the store refuses is ``rejected``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from shared.events import Cluster, CountryRole, EnrichedStory

#: The most stories that one page may hold.
PAGE_LIMIT = 50

PutStatus = Literal["stored", "stale", "rejected"]
CountBy = Literal["day", "country", "region", "actor", "source"]
SearchOrder = Literal["newest", "relevance"]

#: Around what a search matched in ``Hit.snippet``: private-use characters, escaped or replaced by the renderer.
MARK_START, MARK_END = "\ue000", "\ue001"


class ArchiveUnavailable(Exception):  # noqa: N818 - a state of the world, not a fault of the caller
    """The archive cannot be reached or cannot answer now. Try again later; nothing was lost."""


class BadQuery(ValueError):  # noqa: N818 - reads as what the reader typed
    """The query text has nothing to look for. The message says what to do, in a reader's words."""


class BadCursor(ValueError):  # noqa: N818 - as above
    """The cursor is not one of ours, or belongs to another question."""


@dataclass(frozen=True, slots=True)
class PutResult:
    """What became of one story of a batch. ``reason`` is set when it was rejected."""

    story_id: str
    status: PutStatus
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which stories are wanted. Within a field any value may match; every given field must match.

    With ``together``, every one of the countries, regions and actors must match. A story that has a tag or a word of
    one of the ``without_`` fields never matches, whatever the role of the tag.
    """

    countries: Sequence[str] = ()
    country_role: CountryRole | None = None
    """``subject`` for stories about the countries; None for any mention."""
    regions: Sequence[str] = ()
    """Region ids; a story matches with any role, so also when a member country is its subject (derived)."""
    actors: Sequence[str] = ()
    sources: Sequence[str] = ()
    languages: Sequence[str] = ()
    highlighted: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    together: bool = False
    without_countries: Sequence[str] = ()
    without_regions: Sequence[str] = ()
    without_actors: Sequence[str] = ()
    without_words: Sequence[str] = ()
    """Words, and phrases of several words."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of stories. ``cursor`` asks for the next one; None when this was the last."""

    stories: Sequence[EnrichedStory] = ()
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A story that a search found, with a passage whose matches stand between the two mark characters."""

    story: EnrichedStory
    snippet: str


@dataclass(frozen=True, slots=True)
class HitPage:
    """A page of search hits, as ``Page``."""

    hits: Sequence[Hit] = ()
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the archive can be used now, and a sentence for the operator."""

    ok: bool
    detail: str
    facts: Mapping[str, str] = field(default_factory=dict)


class StoryArchive(Protocol):
    """Stores stories and answers questions about them. See the module's docstring for the promises."""

    async def setup(self) -> None:
        """Create the schema or index when absent; check its version. May be called any number of times."""

    async def put(self, batch: Sequence[EnrichedStory]) -> list[PutResult]:
        """Store a batch; the results stand in the order of the batch."""

    async def get(self, story_id: str) -> EnrichedStory | None:
        """Return the newest revision of a story."""

    async def history(self, story_id: str) -> list[EnrichedStory]:
        """Return the revisions of a story that a newer one replaced, newest first, ``PAGE_LIMIT`` at most."""

    async def recluster(self, story_id: str, cluster: Cluster) -> bool:
        """Move a story to another cluster, by the operator's word. False when there is no such story."""

    async def latest(
        self,
        where: Filter,
        *,
        limit: int = 5,
        cursor: str | None = None,
        before: datetime | None = None,
        collapse: bool = True,
    ) -> Page:
        """Return the newest stories; with ``collapse`` one of each event.

        With ``before`` the page begins with what is dated before that time. That says where to go on and not, as
        ``until`` of the filter does, which tellings match.
        """

    async def search(
        self,
        text: str,
        where: Filter,
        *,
        order: SearchOrder = "newest",
        limit: int = 5,
        cursor: str | None = None,
        before: datetime | None = None,
        collapse: bool = True,
    ) -> HitPage:
        """Search titles and texts with the query grammar of ``shared.archive.query``; otherwise as ``latest``.

        By relevance there is one page and no cursor: scores shift as stories arrive.
        """

    async def cluster(self, cluster_id: str, *, limit: int = PAGE_LIMIT) -> list[EnrichedStory]:
        """Return the tellings of one event, newest first."""

    async def clusters(self, cluster_ids: Sequence[str]) -> dict[str, list[EnrichedStory]]:
        """Return the tellings of each of at most ``PAGE_LIMIT`` events, as ``cluster``, in one go."""

    async def counts(
        self, where: Filter, by: CountBy, *, zone: str = "UTC", top: int = 10, collapse: bool = True
    ) -> dict[str, int]:
        """Count by day (``YYYY-MM-DD`` in ``zone``, ascending) or by tag (the ``top`` most, descending).

        What is counted is stories, or with ``collapse`` events, as ``total`` counts them.
        """

    async def total(self, where: Filter, *, collapse: bool = False) -> int:
        """Count the stories that match, exactly; or with ``collapse`` the events.

        Thousands of events may be off by one or two, more than forty thousand by one in a hundred.
        """

    async def refresh(self) -> None:
        """Make everything stored so far visible to all reads."""

    async def health(self) -> Health:
        """Say whether the archive answers. Never raises."""

    async def close(self) -> None:
        """Release connections and files. May be called more than once."""
