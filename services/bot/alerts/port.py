"""The rows of the outbox and the port that keeps them.

A row is one alert for one recipient about one cluster, and there is never a second one. It is in one of the states

* ``ready``: it shall be sent (at once, or when its delay is over);
* ``sending``: some sender has taken it and may have sent it;
* ``sent``; ``uncertain``: it may have been sent and will not be tried again;
* ``dropped``: not wanted any more (unfollowed, too old, recipient suspended); ``dead``: cannot be delivered.

An entry on the stream only says that a row is due. Its ``turn`` must be the row's: each time a row is delayed its
turn goes up, so an entry that is delivered twice finds that it has been dealt with and does nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from pydantic import Field

from services.bot.subscriptions import FollowRole
from shared.events import DateBasis, EnrichedStory, Message, Moment

RowState = Literal["ready", "sending", "sent", "uncertain", "dropped", "dead"]
Policy = Literal["resend", "skip"]
Reasons = Mapping[str, FollowRole]
"""Why a recipient hears of a story: the targets that it follows and the story speaks to, with the role."""


class AlertDue(Message):
    """An entry of the stream ``alerts.outbox``: this row is due. ``key`` identifies the entry's effect."""

    who: str = Field(min_length=1)
    cluster: str = Field(min_length=1)
    story_id: str = Field(min_length=1)
    turn: int = Field(default=0, ge=0)

    @property
    def key(self) -> str:
        """Return the idempotency key of the entry."""
        return f"{self.who}|{self.cluster}|{self.turn}"


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
        )


@dataclass(frozen=True, slots=True)
class Alert:
    """A row that a sender has taken: what to send to whom, and the attempt that its result must name."""

    due: AlertDue
    story: AlertStory
    reasons: Reasons
    attempt: int
    repeats: int
    """How often it was sent again without knowing whether the time before had arrived (0 or 1)."""

    @property
    def silent(self) -> bool:
        """Return whether it must make no sound, because it may be a repeat."""
        return self.repeats > 0


@dataclass(frozen=True, slots=True)
class Left:
    """A row that was not given out, and why: the state it is in, or ``busy`` while another sender has it."""

    state: RowState | Literal["busy", "gone"]


@dataclass(frozen=True, slots=True)
class Result:
    """What becomes of a row after an attempt. ``delay`` (seconds) and ``repeats`` count when it is ``ready``."""

    state: RowState
    detail: str
    delay: float = 0.0
    repeats: int = 0


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
        """Add rows that are absent, announce them on the stream, note the progress. Return how many were new."""

    async def claim(self, due: AlertDue, at: datetime) -> Alert | Left:
        """Take a row for sending. ``Left`` when there is nothing to send: done, not wanted, or in other hands.

        A row that a sender took and never reported on is given out again once, silently, or not at all, by the
        policy.
        """

    async def settle(self, alert: Alert, result: Result, at: datetime) -> bool:
        """Write the result of an attempt. False when the row is gone or a later attempt has begun."""

    async def redirect(self, alert: Alert, who: str, at: datetime) -> bool:
        """Add and announce the row of the address that a recipient has moved to. False when it has one."""
