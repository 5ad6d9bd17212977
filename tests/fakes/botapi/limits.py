"""Flood limits: how many messages Telegram takes before it answers 429.

    world.flood.enforce(Limits())                    # what Telegram publishes, as strictly as it can be read
    world.flood.enforce(Limits(overall=Window(5, 1)))
    world.flood.ban(10_000, chat_id)                 # this chat, or everything without one, answers 429 till then
    assert world.flood.refusals == []

Telegram publishes 30 messages a second overall, 1 a second in a chat "with short bursts", and 20 a minute in a
group; how it counts edits and how the wait grows for those who do not keep it is not published, so those parts of
``Limits`` are assumptions on the safe side. All times are those of the world's clock.
"""

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Literal

from fakes.botapi.clock import WorldClock
from fakes.botapi.errors import too_many_requests

Kind = Literal["send", "edit"]
Scope = tuple[str, int]
LONGEST_WAIT = 3600


@dataclass(frozen=True, slots=True)
class Window:
    """At most ``count`` in every stretch of ``seconds``, wherever it begins."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What is allowed; None switches one limit off."""

    overall: Window | None = Window(30, 1)
    paid: Window | None = Window(1000, 1)
    """In place of ``overall`` for what is sent with allow_paid_broadcast."""
    chat: Window | None = Window(3, 3)
    """One a second, and three at once after a rest."""
    group: Window | None = Window(20, 60)
    """For sends and edits together."""
    edits: Window | None = Window(5, 5)
    """In one chat."""
    webhook: Window | None = Window(1, 1)
    """Changes of the webhook."""
    grows: bool = True
    """Whether who comes back too early waits twice as long each time."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One answer 429."""

    scope: str
    chat: int
    retry_after: int
    at: float


@dataclass(slots=True)
class _Meter:
    """What one scope has let through, and who has been told to wait."""

    taken: deque[float] = field(default_factory=deque)
    told: int = 0
    told_at: float = -math.inf
    told_till: float = -math.inf
    closed_till: float = -math.inf

    def wait(self, window: Window, now: float) -> float:
        while self.taken and self.taken[0] <= now - window.seconds:
            self.taken.popleft()
        full = len(self.taken) >= window.count
        opens = self.taken[-window.count] + window.seconds if full else now
        return max(opens, self.closed_till) - now

    def refuse(self, wait: float, now: float, *, grows: bool) -> int:
        """Return the whole seconds to wait. What was under way already when the first was refused is no offence."""
        seconds = max(1, math.ceil(wait))
        if grows and self.told_at + 1 < now < self.told_till:
            seconds = min(LONGEST_WAIT, max(seconds, 2 * self.told))
            self.closed_till = now + seconds
        self.told, self.told_at, self.told_till = seconds, now, max(self.told_till, now + seconds)
        return seconds


class FloodControl:
    """Counts what a bot sends, and refuses what is too much. Without limits everything passes."""

    def __init__(self, clock: WorldClock, limits: Limits | None = None) -> None:
        self._clock, self.limits = clock, limits
        self._meters: defaultdict[Scope, _Meter] = defaultdict(_Meter)
        self._bans: dict[int, float] = {}
        self.refusals: list[Refusal] = []
        self.admitted: list[float] = []
        """When each message or edit was let through."""

    def enforce(self, limits: Limits | None) -> None:
        """Change the limits; None takes them all away. What was counted is forgotten."""
        self.limits = limits
        self._meters.clear()
        self._bans.clear()

    def ban(self, seconds: float, chat: int | None = None) -> None:
        """Refuse everything, or everything for one chat, for some time."""
        self._bans[chat or 0] = self._clock.now() + seconds

    def admit(self, kind: Kind, chat: int, *, paid: bool = False) -> None:
        """Count a message or an edit. Raises the 429 when it is one too many, and counts nothing then."""
        limits = self.limits or Limits(None, None, None, None, None, None)
        scopes: dict[Scope, Window | None] = {
            ("paid" if paid else "overall", 0): limits.paid if paid else limits.overall,
            ("group", chat): limits.group if chat < 0 else None,
            ("chat" if kind == "send" else "edits", chat): limits.chat if kind == "send" else limits.edits,
        }
        self._take(scopes, chat)
        self.admitted.append(self._clock.now())

    def admit_webhook(self) -> None:
        """Count a change of the webhook."""
        self._take({("webhook", 0): self.limits.webhook if self.limits else None}, 0)

    def _take(self, scopes: dict[Scope, Window | None], chat: int) -> None:
        now = self._clock.now()
        banned = max(self._bans.get(0, now), self._bans.get(chat, now)) - now
        if banned > 0:
            self._refuse("ban", chat, math.ceil(banned), now)
        waits = {s: self._meters[s].wait(window, now) for s, window in scopes.items() if window}
        worst = max(waits, key=waits.__getitem__, default=None)
        if worst is not None and waits[worst] > 0:
            grows = bool(self.limits and self.limits.grows)
            self._refuse(worst[0], chat, self._meters[worst].refuse(waits[worst], now, grows=grows), now)
        for scope in waits:
            self._meters[scope].taken.append(now)

    def _refuse(self, scope: str, chat: int, seconds: int, now: float) -> None:
        self.refusals.append(Refusal(scope, chat, seconds, now))
        raise too_many_requests(seconds)

    def peak(self, seconds: float = 1.0) -> int:
        """Return the most that was let through in any stretch of so many seconds."""
        most, begin = 0, 0
        for end, at in enumerate(self.admitted):
            while self.admitted[begin] <= at - seconds:
                begin += 1
            most = max(most, end - begin + 1)
        return most
