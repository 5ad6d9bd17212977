"""The messages on the streams: frozen, versioned, tolerant of fields that a newer producer added.

All times are UTC and aware. Offsets in ``Evidence`` count code points of the named field's original text.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1

#: How far ahead of our clock a source may date a story before the date is clamped to when we first saw it.
FUTURE_TOLERANCE = timedelta(minutes=15)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An aware time, held in UTC. A time without a zone is refused: nobody can tell when it was."""

Origin = Literal["live", "backfill", "replay"]
CountryRole = Literal["subject", "mentioned"]
RegionRole = Literal["subject", "mentioned", "derived"]
ActorKind = Literal["person", "organisation", "government", "igo", "armed_group", "company", "media"]
Relation = Literal["new", "revision", "duplicate", "same_report"]
DateBasis = Literal["published", "first_seen", "clamped"]


class Message(BaseModel):
    """What every message shares: it never changes once made and ignores fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Source(Message):
    """Where a story came from, as the operator named it."""

    id: str = Field(min_length=1, max_length=128)
    name: str = Field(min_length=1, max_length=256)
    kind: str = Field(min_length=1, max_length=32)
    country: str | None = None
    """The source's home country (ISO 3166-1 alpha-2), a weak hint for tagging."""
    language: str | None = None


class RawStory(Message):
    """A story as a source told it, identified but not yet understood (stream ``stories.raw``)."""

    schema_version: int = SCHEMA_VERSION
    story_id: str = Field(min_length=1, max_length=128, pattern=r"^[\x21-\x7e]+$")
    revision: int = Field(default=0, ge=0, lt=2**31)
    source: Source
    external_id: str | None = None
    url: str | None = None
    title: str | None = None
    text: str = Field(min_length=1)
    author: str | None = None
    published_at: Moment | None = None
    """When the source says it was published; None when it did not say. Never invented."""
    published_raw: str | None = None
    first_seen_at: Moment
    heading: str | None = None
    """The page heading that the story stood under, for example "Central Asia"."""
    highlighted: bool = False
    """True when an editor picked it out."""
    origin: Origin = "live"

    @property
    def dated(self) -> tuple[datetime, DateBasis]:
        """The time to sort and show by, and where it comes from.

        Undated stories go by when they were first seen; dates in the future are clamped to that too.
        """
        if self.published_at is None:
            return self.first_seen_at, "first_seen"
        if self.published_at > self.first_seen_at + FUTURE_TOLERANCE:
            return self.first_seen_at, "clamped"
        return self.published_at, "published"


class Evidence(Message):
    """The words that a tag rests on: ``text == getattr(story, field)[start:end]``."""

    field: Literal["title", "text"]
    start: int
    end: int
    text: str
    kind: str
    """How the words count: name, demonym, capital, city, metonym, leader, alias, member, ..."""


class CountryTag(Message):
    """A country of the story: named in it (mentioned), or what it is about (subject)."""

    code: str = Field(pattern=r"^[A-Z]{2}$")
    role: CountryRole
    salience: float = Field(ge=0, le=1)
    evidence: tuple[Evidence, ...] = ()


class RegionTag(Message):
    """A region named in the story, or (derived) one that a subject country belongs to."""

    id: str
    role: RegionRole
    evidence: tuple[Evidence, ...] = ()


class ActorTag(Message):
    """A person or organisation in the story. Its country never tags the story."""

    id: str | None = None
    name: str
    kind: ActorKind
    country: str | None = None
    confidence: float = Field(default=1.0, ge=0, le=1)
    evidence: tuple[Evidence, ...] = ()


class Cluster(Message):
    """Which telling of which event this is. The id is the story id of the first telling."""

    id: str
    relation: Relation = "new"
    matched: str | None = None
    """The story id that this one was matched with."""
    similarity: float | None = None
    related: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why it joined, the strongest first: ``containment 0.93 of 41 shingles``, ``same subject KZ``, ``within 3 h``."""


class EnrichedStory(RawStory):
    """A story with its tags (stream ``stories.enriched``)."""

    headline: str
    """The title, or the lead sentence of a story that has none."""
    language: str = "und"
    """ISO 639-1, or ``und`` when it cannot be told."""
    countries: tuple[CountryTag, ...] = ()
    regions: tuple[RegionTag, ...] = ()
    actors: tuple[ActorTag, ...] = ()
    cluster: Cluster
    lexicon_version: int = 0


class DeadLetter(Message):
    """A message that could not be handled, whole, with the reason (stream ``stories.dead``)."""

    schema_version: int = SCHEMA_VERSION
    stage: str
    stream: str
    """The stream that it came from and that a replay puts it back on."""
    entry_id: str
    body: str
    """The original body; base64 when ``encoding`` says so (it was not UTF-8)."""
    encoding: Literal["utf-8", "base64"] = "utf-8"
    reason: str
    exception: str | None = None
    deliveries: int
    first_failed_at: Moment
    story_id: str | None = None
    source_id: str | None = None
