"""The living message: what is learnt of a story after its alert changes the message that was sent, without a sound.

A message of several alerts is written anew with all that is known of each; digests stay as they were.
Changes leave at the pace of alerts and behind them: one at a time, and what there is no room for is put off. A change
that was made twice is made once, so nothing needs to be remembered of a process that died.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from services.bot.alerts.port import SentMessage
from services.bot.alerts.telling import Retold
from services.bot.alerts.writing import AlertWriter
from services.bot.conversation.messages import Reply
from services.bot.messengers.pacing import Pacing
from services.bot.messengers.port import Gone, Messenger, NotSent, Refused, Sent, Uncertain
from services.bot.preferences import Preferences, PreferencesStore
from services.bot.suspensions import Suspensions
from shared.clock import Clock

log = structlog.get_logger(__name__)

#: Telegram changes a message for 48 hours after it was sent; a little less, so that none is late.
CHANGEABLE = timedelta(hours=47)
#: A change waits here for its turn so long at most, in seconds; longer and it is put off, so that others get on.
PATIENCE = 3.0
#: What could not be changed is tried again after so long, or after the longer wait that the transport names, but for
#: the longest: one chat that must wait for hours must not keep what comes next from the others.
PUT_OFF, LONGEST_PUT_OFF = timedelta(seconds=60), timedelta(minutes=10)
#: A message that another process changes just now is looked at again after so long.
BUSY = timedelta(seconds=5)
#: Messages looked at per step, and how often clusters that are due are looked for, in seconds.
PAGE = 100
LOOK_EVERY = 1.0


class Clusters(Protocol):
    """Clusters that were told again (see ``telling_store``)."""

    async def claim(self, at: datetime) -> Retold | None:
        """Take a cluster whose messages are to be changed now; None when there is none."""

    async def hold(self, retold: Retold, at: datetime) -> None:
        """Say that a cluster that was taken is still being worked on."""

    async def finish(self, retold: Retold, at: datetime, *, again_at: datetime | None = None) -> None:
        """Lay a cluster down, until ``again_at`` when something is left to do."""

    async def shown(self, cluster: str, recipients: Sequence[str]) -> list[int]:
        """Return which version each recipient's message shows."""

    async def show(self, retold: Retold, who: str) -> None:
        """Note that a recipient's message shows what was taken."""

    async def of(self, clusters: Sequence[str]) -> Mapping[str, Retold]:
        """Return those of the clusters that were told again, with all their tellings."""

    def alone(self, who: str, message_id: str) -> AbstractAsyncContextManager[bool]:
        """Let nobody else change a message within this block; False when somebody else is at it."""


class SentAlerts(Protocol):
    """The alerts that were sent, not with a digest."""

    def recipients_of(self, cluster: str) -> AsyncIterator[tuple[str, str]]:
        """Yield (recipient, message id) of every such alert of a cluster."""

    async def sent_message(self, who: str, cluster: str) -> SentMessage | None:
        """Return the message of such an alert, None when there is none."""


class LivingMessages:
    """Changes messages. Any number of processes may do so; a cluster is in the hands of one at a time."""

    def __init__(
        self,
        *,
        clusters: Clusters,
        sent: SentAlerts,
        messenger: Messenger,
        pacing: Pacing,
        writer: AlertWriter,
        preferences: PreferencesStore,
        suspensions: Suspensions,
        clock: Clock,
        observe: Callable[[str, str], None] = lambda _transport, _state: None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clusters, self._sent = clusters, sent
        self._messenger, self._pacing = messenger, pacing
        self._writer = writer
        self._preferences, self._suspensions = preferences, suspensions
        self._clock = clock
        self._observe = observe
        self._pause = pause

    async def keep_changing(self) -> None:
        """Change what is due, until cancelled. Raises what the stores raise."""
        while True:
            if not await self.change_next():
                await self._pause(LOOK_EVERY)

    async def change_next(self) -> bool:
        """Change the messages of the cluster that is due longest. False when none is due."""
        retold = await self._clusters.claim(self._clock.now())
        if retold is None:
            return False
        again_at: datetime | None = None
        page: list[str] = []
        async for who, _message_id in self._sent.recipients_of(retold.cluster):
            page.append(who)
            if len(page) == PAGE:
                again_at = _sooner(again_at, await self._change_page(retold, page))
                page = []
        again_at = _sooner(again_at, await self._change_page(retold, page))
        await self._clusters.finish(retold, self._clock.now(), again_at=again_at)
        return True

    async def _change_page(self, retold: Retold, page: Sequence[str]) -> datetime | None:
        """Change the messages of some recipients. Return when to try again what could not be changed."""
        if not page:
            return None
        shown = await self._clusters.shown(retold.cluster, page)
        preferences = await self._preferences.among(page)
        suspended = await self._suspensions.among(page)
        again_at: datetime | None = None
        for who, version in zip(page, shown, strict=True):
            if version >= retold.version or who in suspended:
                continue
            await self._clusters.hold(retold, self._clock.now())
            wait = await self._change(retold, who, preferences.get(who, Preferences()))
            if wait is None:
                await self._clusters.show(retold, who)
            else:
                again_at = _sooner(again_at, self._clock.now() + min(wait, LONGEST_PUT_OFF))
        return again_at

    async def _change(self, retold: Retold, who: str, preferences: Preferences) -> timedelta | None:
        """Change one message. None when there is nothing left to do for it, else after how long to try again."""
        sent = await self._sent.sent_message(who, retold.cluster)
        if sent is None or preferences.stopped or self._clock.now() - sent.sent_at > CHANGEABLE:
            return None
        async with self._clusters.alone(who, sent.message_id) as alone:
            return await self._change_alone(retold, who, sent, preferences) if alone else BUSY

    async def _change_alone(
        self, retold: Retold, who: str, sent: SentMessage, preferences: Preferences
    ) -> timedelta | None:
        """Change a message that nobody else changes meanwhile, so that what it says now is read now."""
        told = await self._clusters.of([alert.story.cluster for alert in sent.alerts])
        message = self._rewritten(sent, retold.cluster, told, preferences)
        if message is None:
            return None
        if (wait := await self._turn(who)) > 0:
            return max(PUT_OFF, timedelta(seconds=wait))
        outcome = await self._messenger.edit(who, sent.message_id, message)
        self._observe(who.partition(":")[0], "changed" if isinstance(outcome, Sent) else "not changed")
        match outcome:
            case Sent(message_id):
                for each in told.values():
                    if message_id == sent.message_id or each.cluster == retold.cluster:
                        await self._clusters.show(each, who)
            case NotSent(retry_in, _reason, flood):
                if flood:
                    await self._pacing.refused(who, retry_in, self._clock.now())
                return max(PUT_OFF, timedelta(seconds=retry_in))
            case Uncertain():
                return PUT_OFF
            case Gone(reason):
                await self._suspensions.suspend(who, reason)
            case Refused(reason):
                log.info("message not changed", cluster=retold.cluster, reason=reason)
        return None

    def _rewritten(
        self, sent: SentMessage, cluster: str, told: Mapping[str, Retold], preferences: Preferences
    ) -> Reply | None:
        try:
            return self._writer.rewrite(sent.alerts, cluster, told, preferences)
        except Exception:
            # Whatever it is, it must not keep what comes next from the others.
            log.exception("change not written", cluster=cluster)
            return None

    async def _turn(self, who: str) -> float:
        """Wait until a change may leave, a while at most. Return 0.0 then, else the seconds that are still to wait."""
        left = PATIENCE
        while (wait := await self._pacing.admit(who, "alert", self._clock.now())) > 0:
            if wait > left:
                return wait
            left -= wait
            await self._pause(wait)
        return 0.0


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the earlier of two times when to try again, if there is any."""
    return min((each for each in (one, other) if each is not None), default=None)
