"""The rows of the outbox and the port that keeps them.

A row is one alert for one recipient about one cluster, and there is never a second one. It is in one of the states

* ``held``: it is kept back until a time (quiet hours);
* ``ready``: it shall be sent when its recipient has its turn;
* ``sending``: it is on its way, and may have arrived;
* ``sent``; ``uncertain``: it may have been sent and will not be tried again;
* ``digest``: it waits for the recipient's digest, and is ``sent`` with that;
* ``dropped``: not wanted any more (unfollowed, muted, recipient suspended); ``dead``: cannot be delivered.

The rows of one recipient leave in the order in which they came, so it is recipients who have turns: an entry on the
stream says that one has its turn now. An entry that is delivered twice finds that its turn is over and does nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from pydantic import Field

from services.bot.subscriptions import FollowRole
from shared.events import DateBasis, EnrichedStory, Message, Moment

RowState = Literal["held", "ready", "sending", "sent", "uncertain", "digest", "dropped", "dead"]
RowKind = Literal["alert", "digest"]
Policy = Literal["resend", "skip"]
Reasons = Mapping[str, FollowRole]
"""Why a recipient hears of a story: the targets that it follows and the story speaks to, with the role."""


#: Characters of a story's text that are kept with its alert.
LEAD = 600


class ChatDue(Message):
    """An entry of the stream ``alerts.outbox``: this recipient has its turn. ``key`` identifies the entry's effect."""

    who: str = Field(min_length=1)
    turn: int = Field(ge=0)

    @property
    def key(self) -> str:
        """Return the idempotency key of the entry."""
        return f"{self.who}|{self.turn}"


@dataclass(frozen=True, slots=True)
class AlertDue:
    """What identifies a row. A digest is a row too: its cluster is ``digest:`` and the reader's date."""

    who: str
    cluster: str
    story_id: str
    kind: RowKind = "alert"


class AlertStory(Message):
    """What an alert says of its story. Kept once for all its recipients."""

    story_id: str
    cluster: str
    headline: str
    source: str
    url: str | None = None
    dated_at: Moment
    date_basis: DateBasis
    highlighted: bool = False
    countries: tuple[str, ...] = ()
    """Codes of the subject countries, the most salient first."""
    lead: str = ""
    """The beginning of the text: what a later revision is compared with."""

    @classmethod
    def of(cls, story: EnrichedStory) -> "AlertStory":
        """Take what an alert needs from a story."""
        dated_at, basis = story.dated
        return cls(
            story_id=story.story_id,
            cluster=story.cluster.id,
            headline=story.headline,
            source=story.source.name,
            url=story.url,
            dated_at=dated_at,
            date_basis=basis,
            highlighted=story.highlighted,
            countries=tuple(tag.code for tag in story.countries if tag.role == "subject"),
            lead=story.text[:LEAD],
        )


class _Repeatable:
    """What may have to be sent again without knowing whether the time before had arrived."""

    __slots__ = ()
    repeats: int

    @property
    def silent(self) -> bool:
        """Return whether it must make no sound, because it may be a repeat."""
        return self.repeats > 0


@dataclass(frozen=True, slots=True)
class Alert(_Repeatable):
    """A row that a sender has taken: what to send to whom, and which try it is."""

    due: AlertDue
    story: AlertStory
    reasons: Reasons
    attempt: int
    repeats: int
    """How often it was sent again without knowing whether the time before had arrived (0 or 1)."""


@dataclass(frozen=True, slots=True)
class DigestRow(_Repeatable):
    """The row of a digest that a sender has taken."""

    due: AlertDue
    attempt: int
    repeats: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What a sender has taken of one recipient: a digest, or alerts that leave together (often just one)."""

    due: ChatDue
    claim: str
    """Names the taking: the result must come from it."""
    rows: tuple[Alert, ...] | tuple[DigestRow]
    closed: tuple[RowState, ...] = ()
    """What became of rows that must not be sent any more."""


@dataclass(frozen=True, slots=True)
class Left:
    """A turn that was not given: ``busy`` while another sender has it, ``gone`` when it is over."""

    state: Literal["busy", "gone"]


@dataclass(frozen=True, slots=True)
class Result:
    """What becomes of a row after its turn. ``delay`` (seconds) counts when it is ``ready`` or ``held``."""

    state: RowState
    detail: str
    delay: float = 0.0
    repeats: int = 0
    tried: bool = True
    """Whether the transport was asked to take it."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A row that waits for a digest."""

    due: AlertDue
    story: AlertStory
    reasons: Reasons
    queued: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an attempt to tell what waits for a digest to a recipient who asked for it."""

    told: bool
    """Whether it may be told. If not, something of it was told meanwhile, or leaves with a digest."""
    leaving: frozenset[str]
    """The clusters that a digest on its way tells."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message that was sent, with its alert, or its alerts in order."""

    alerts: tuple[Alert, ...]
    message_id: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Recipient:
    """A recipient of a story, and why."""

    who: str
    reasons: Reasons


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a story's fan-out has come: after which recipient, or whether it is complete."""

    after: str | None = None
    complete: bool = False


class Outbox(Protocol):
    """Keeps the rows. Every method is one atomic step."""

    async def progress(self, story_id: str) -> Progress:
        """Return how far the fan-out of a story has come."""

    async def enqueue(
        self, story: AlertStory, recipients: Sequence[Recipient], progress: Progress, at: datetime
    ) -> int:
        """Add rows that are absent, let them wait for their turn, note the progress. Return how many were new."""

    async def claim(self, due: ChatDue, at: datetime) -> Turn | Left:
        """Take the first rows of a recipient whose turn it is. A turn without rows is over.

        A row that a sender began to send and never reported on is given out again once, silently, or not at all, by
        the policy. One that is not wanted any more is dropped, one that comes too late waits for the digest.
        """

    async def begin(
        self, turn: Turn, clusters: Sequence[str], at: datetime, told: Sequence[str] = ()
    ) -> bool:
        """Note that rows of a turn are on their way. False when the turn was taken for lost: send nothing.

        Only from here on can a row have arrived without anybody knowing. ``told`` are the clusters that a digest
        tells: if it ends ``uncertain``, they do too. False too when one of them does not wait any more, because the
        recipient asked for it: the digest must be written anew.
        """

    async def settle(self, turn: Turn, results: Mapping[str, Result], at: datetime, day: date) -> bool:
        """Write what became of the rows of a turn (by cluster) and end it. False when it was taken for lost.

        Alerts that were sent count for the recipient's ``day``.
        """

    async def move(self, old: str, new: str, claim: str = "") -> int:
        """Give all rows to a recipient's new address. Return how many.

        A row that is being sent stays where it is, unless ``claim`` names the turn that it was taken in.
        """


class Records(Protocol):
    """What the rows tell."""

    async def sent_today(self, who: str, day: date) -> Mapping[str, int]:
        """Return how many alerts a recipient was sent on its day, by follow."""

    async def digested(self, who: str, clusters: Sequence[str], message_id: str, at: datetime) -> int:
        """Write that rows which waited for the digest were sent with it. Return how many."""
