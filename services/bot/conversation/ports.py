"""What the conversation needs from the rest of the system, as it sees it.

The vocabularies of ``shared.places`` and ``shared.actors`` satisfy these protocols, as do small fakes in tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, tzinfo
from typing import Protocol

from services.bot.conversation.messages import Reply
from services.bot.preferences import PreferencesStore
from services.bot.preferences_local import LocalPreferences
from services.bot.reviews import LocalReviews, Reviews
from services.bot.subscriptions import Subscriptions
from shared.archive.port import StoryArchive
from shared.clock import Clock


class Place(Protocol):
    """A country (id is its ISO 3166-1 alpha-2 code) or a region (id such as ``central-asia``)."""

    @property
    def id(self) -> str:
        """The code or region id."""

    @property
    def kind(self) -> str:
        """``country`` or ``region``."""

    @property
    def name(self) -> str:
        """The English display name."""

    @property
    def flag(self) -> str:
        """An emoji that stands for the place."""


class FoundPlace(Protocol):
    """A place named in a question, with where it was named and how (name, capital, demonym, ...)."""

    @property
    def place(self) -> Place:
        """The place that was named."""

    @property
    def start(self) -> int:
        """Where the name begins."""

    @property
    def end(self) -> int:
        """Where the name ends."""

    @property
    def kind(self) -> str:
        """How it was named."""


class Places(Protocol):
    """The countries and regions that are known, under all their names."""

    def get(self, place_id: str) -> Place | None:
        """Return the place with exactly this id."""

    def resolve(self, name: str) -> Place | None:
        """Return the place of this name, in any known language and case."""

    def find(self, text: str) -> Sequence[FoundPlace]:
        """Return every place named in a short question, in order."""

    def suggest(self, name: str, limit: int = 3) -> Sequence[Place]:
        """Return places with a similar name, best first."""

    def likeness(self, name: str, place_id: str) -> float:
        """Return how like the likest name of a place a misspelt one is, 0 to 100."""

    def members(self, region_id: str) -> frozenset[str]:
        """Return the codes of the countries of a region."""

    def regions_of(self, code: str) -> frozenset[str]:
        """Return the ids of the regions that a country belongs to."""

    def localized(self, place_id: str, language: str) -> str:
        """Return the display name in a language, in English where that is not known, else the id."""


class Actor(Protocol):
    """A person or organisation that is known."""

    @property
    def id(self) -> str:
        """The stable id, such as ``vladimir-putin``."""

    @property
    def name(self) -> str:
        """The display name."""

    @property
    def kind(self) -> str:
        """Person, organisation, government, ..."""


class FoundActor(Protocol):
    """An actor named in a question."""

    @property
    def actor(self) -> Actor:
        """The actor that was named."""

    @property
    def start(self) -> int:
        """Where the name begins."""

    @property
    def end(self) -> int:
        """Where the name ends."""


class Actors(Protocol):
    """The people and organisations that are known, under all their names."""

    def get(self, actor_id: str) -> Actor | None:
        """Return the actor with exactly this id."""

    def resolve(self, name: str) -> Sequence[Actor]:
        """Return every actor of this name."""

    def find(self, text: str) -> Sequence[FoundActor]:
        """Return every actor named in a short question, in order; several over one span share that name."""

    def find_offices(self, text: str) -> Sequence[FoundActor]:
        """Return every office ("president of Kazakhstan") named in a short question, shown as an actor."""

    def expand(self, followed: str, at: date | None = None) -> frozenset[str]:
        """Return the ids that an id stands for on a day: itself, or those of the holders of an office."""

    def suggest(self, name: str, limit: int = 3) -> Sequence[Actor]:
        """Return actors with a similar name, best first."""

    def localized(self, actor_id: str, language: str) -> str | None:
        """Return the name in a language, None where it is not known."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a recipient saw last: so that "2", "more" and "why?" mean something."""

    actions: tuple[str, ...] = ()
    """The actions of the buttons, in the order shown."""
    stories: tuple[str, ...] = ()
    """The ids of the stories of the last list, in the order shown."""
    opened: str | None = None
    """The id of the story that was opened since."""
    more: str | None = None
    """The command for the next page."""
    asked: str | None = None
    """The command that asks the last question for stories again."""
    offer: str | None = None
    """The command that "yes" stands for."""
    language: str | None = None
    """The language that was spoken last; a pressed number says nothing about that."""


class Recall(Protocol):
    """A short memory. Losing it costs a reader no more than asking again."""

    async def remember(self, who: str, turn: Turn) -> None:
        """Remember what a recipient saw last, in the place of what was there."""

    async def last(self, who: str) -> Turn:
        """Return what a recipient saw last, empty when unknown."""

    async def shorten(self, command: str) -> str:
        """Keep a command that is too long for a button and return the token that stands for it."""

    async def expand(self, token: str) -> str | None:
        """Return the command that a token stands for, None when it is no longer known."""

    async def story(self, prefix: str) -> str | None:
        """Return the id of the only story shown lately that begins so."""

    async def forget(self, who: str) -> None:
        """Forget a recipient."""


class Permissions(Protocol):
    """Who may change what a chat follows and how it is told."""

    async def may_change(self, who: str, author: str | None) -> bool:
        """Return whether an author may: in private always, in a group its administrators."""


class Everybody:
    """``Permissions`` where there are no groups."""

    async def may_change(self, who: str, author: str | None) -> bool:  # noqa: ARG002 - the port's signature
        """Return True."""
        return True


class WaitingDigests(Protocol):
    """What waits for readers' digests."""

    async def take(self, who: str, question: str = "") -> Reply | None:
        """Return what waits as a digest and count it as sent; None when nothing waits.

        A question (``Incoming.question``) that is put again gets the same answer.
        """


class NothingWaits:
    """``WaitingDigests`` where no alerts are sent."""

    async def take(self, who: str, question: str = "") -> Reply | None:  # noqa: ARG002 - the port's signature
        """Return None."""
        return None


#: The world in regions that hardly overlap.
WORLD = (
    "central-asia caucasus europe middle-east north-africa west-africa central-africa east-africa southern-africa"
    " south-asia east-asia southeast-asia oceania north-america central-america caribbean south-america"
).split()
#: Follows that one recipient can have, where nobody says otherwise.
FOLLOW_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that answering takes."""

    archive: StoryArchive
    places: Places
    actors: Actors
    subscriptions: Subscriptions
    recall: Recall
    clock: Clock
    zone: tzinfo = field(default=UTC)
    """The zone of readers that chose none. Within a turn ``texts.speaker().zone`` is the reader's own."""
    preferences: PreferencesStore = field(default_factory=LocalPreferences)
    permissions: Permissions = field(default_factory=Everybody)
    follow_limit: int = FOLLOW_LIMIT
    """Follows that one recipient can have."""
    reviews: Reviews = field(default_factory=LocalReviews)
    digests: WaitingDigests = field(default_factory=NothingWaits)
