"""Who the actors are: people, organisations and the offices that people hold."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from shared.events import ActorKind

#: How long after (and before) a tenure a story may still name its holder by the office: reports run late.
TENURE_GRACE = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Actor:
    """A listed person or organisation. The id is stable and never used again for somebody else."""

    id: str
    name: str
    kind: ActorKind
    country: str | None = None


@dataclass(frozen=True, slots=True)
class FoundActor:
    """An actor named in a question: ``text == question[start:end]``."""

    actor: Actor
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Tenure:
    """A time in an office; an open end means still in office when the data was written."""

    office: str
    since: date
    until: date | None = None

    def covers(self, day: date, grace: timedelta = timedelta()) -> bool:
        """Tell whether the office was held on ``day``, give or take ``grace``."""
        return self.since - grace <= day and (self.until is None or day <= self.until + grace)


@dataclass(frozen=True, slots=True)
class OfficeKind:
    """What an office is, in any country: ``words`` are folded ways to call it; ``head`` of state or government."""

    id: str
    title: str
    words: tuple[str, ...]
    head: bool = False


@dataclass(frozen=True, slots=True)
class Office:
    """An office of a country or an organisation, for example ``kz-president``."""

    id: str
    name: str
    kind: OfficeKind
    country: str | None = None
    body: str | None = None
    """The organisation whose office it is, when it is not a country's."""


@dataclass(frozen=True)
class Person:
    """A listed person with what names them.

    ``called`` are the short names that a story uses once the person is known from it, or for the holder of an
    office; ``known_as`` are those of them that need no country beside them while the person is in office.
    """

    actor: Actor
    aliases: tuple[str, ...]
    called: tuple[str, ...]
    known_as: tuple[str, ...]
    tenures: tuple[Tenure, ...]

    @cached_property
    def last_known(self) -> date | None:
        """When the last tenure began: data older than that says nothing about the person."""
        return max((tenure.since for tenure in self.tenures), default=None)

    def held(self, day: date, grace: timedelta = TENURE_GRACE) -> tuple[Tenure, ...]:
        """Return the tenures that cover ``day``, give or take ``grace``."""
        return tuple(tenure for tenure in self.tenures if tenure.covers(day, grace))


@dataclass(frozen=True, slots=True)
class Organisation:
    """A listed organisation with what names it.

    A ``weak`` alias counts only with support: the organisation's country, one of the words ``near``, or a stronger
    alias in the same story. ``blocked`` are longer phrases that contain an alias and mean something else.
    """

    actor: Actor
    aliases: tuple[str, ...]
    weak: tuple[str, ...] = ()
    near: frozenset[str] = frozenset()
    blocked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CountryWords:
    """How a country is called: names, adjectives and demonyms, capitals, and Russian words for any of these."""

    code: str
    names: tuple[str, ...]
    adjectives: tuple[str, ...] = ()
    capitals: tuple[str, ...] = ()
    russian: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Return every word that shows that the country is at hand."""
        return self.names + self.adjectives + self.capitals + self.russian
