"""From a row to a person: may it disturb now, is there room for it, deliver it, write down what became of it."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog

from services.bot.alerts.composing import DigestWriter, Writer
from services.bot.alerts.dealt import Dealt
from services.bot.alerts.kindness import (
    DEFAULTS,
    Defaults,
    Send,
    decide,
    decide_digest,
    local_day,
)
from services.bot.alerts.outcomes import kept, result_of, unwritable
from services.bot.alerts.port import Alert, ChatDue, DigestRow, Left, Outbox, Policy, Records, Result, Turn
from services.bot.conversation.messages import Reply
from services.bot.messengers.pacing import Pacing
from services.bot.messengers.port import Gone, Messenger, Moved, NotSent, Sent
from services.bot.preferences import Preferences, PreferencesStore
from services.bot.suspensions import Suspensions
from shared.clock import Clock

log = structlog.get_logger(__name__)

#: How many messages one sender has on the way at once: as many may repeat when it is killed.
IN_FLIGHT = 5
#: A place in the common pace is waited for here for so long, in seconds; a longer wait is one chat's own, and the
#: chat comes back later.
INLINE = 0.1
#: A batch waits so long, in seconds, for each of its sends; the trust in the sender covers what is left over.
UNTIL_SLOW = 2.0
#: So often, and after so many seconds each, it is tried to write down a slow send while the store is away.
AGAIN_TIMES, AGAIN = 45, 1.0
#: A message that was on its way for longer, in seconds, was late.
LATE = 0.25
#: How often a sender asks for a place before it lets the chat come back later.
ASKS = 100

#: Of rows that may not be sent: the turn was lost, or its digest was asked for and is written anew.
_LOST = Result("ready", "the turn was lost, or its digest told", tried=False)

Move = Callable[[str, str], Awaitable[int]]
Observe = Callable[[str, str], None]


class AlertSender:
    """Sends what is due. Any number of senders may work on one outbox.

    ``move`` takes what is kept about a recipient, but for its rows, to its new address; ``observe`` is told the
    transport and what became of each row: a state; ``paced`` for one that waits for room; besides, ``repeated`` for one
    that may have come twice and ``paid`` for a message that costs money; ``busy`` or ``gone`` for a turn without rows.
    ``paid``: what has no room in the free rate may leave for money.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        records: Records,
        messenger: Messenger,
        writer: Writer,
        digests: DigestWriter,
        preferences: PreferencesStore,
        pacing: Pacing,
        suspensions: Suspensions,
        move: Move,
        clock: Clock,
        policy: Policy = "resend",
        defaults: Defaults = DEFAULTS,
        paid: bool = False,
        observe: Observe = lambda _transport, _state: None,
        in_flight: int = IN_FLIGHT,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._outbox, self._records = outbox, records
        self._messenger, self._pacing = messenger, pacing
        self._writer, self._digests = writer, digests
        self._preferences, self._suspensions, self._move = preferences, suspensions, move
        self._clock = clock
        self._policy, self._defaults, self._paid = policy, defaults, paid
        self._observe, self._pause = observe, pause
        self.in_flight = in_flight
        self._slots = asyncio.Semaphore(in_flight)
        self._gate = asyncio.Lock()
        self._slow: set[asyncio.Task[None]] = set()
        self._serving: set[str] = set()
        self._taken: dict[str, Turn] = {}
        self._unwritten: dict[str, Dealt] = {}

    async def send_all(self, batch: Sequence[ChatDue]) -> None:
        """Serve a batch of recipients side by side.

        Every one is tried; then the first error of the stores (never of a transport) is raised. The batch may be
        given again as a whole: what was dealt with is left alone. Who takes long is not waited for, so that one
        hanging connection does not hold up everybody; it keeps its place among those in flight.
        """
        begun = {}
        for due in batch:
            await self._slots.acquire()
            begun[asyncio.create_task(self._send_in_slot(due))] = due
        done, slow = await asyncio.wait(begun, timeout=UNTIL_SLOW) if begun else (set(), set())
        for task in slow:
            late = asyncio.create_task(self._see_through(task, begun[task]))
            self._slow.add(late)
            late.add_done_callback(self._slow.discard)
        for fault in [task.exception() for task in done]:
            if fault is not None:
                raise fault

    async def finish(self) -> None:
        """Wait for what is still on its way. Call it when no batch will come any more."""
        if self._slow:
            await asyncio.wait(self._slow)

    async def _see_through(self, task: asyncio.Task[None], due: ChatDue) -> None:
        """See a slow send through, though the store may be away when it ends: nobody gives its entry again."""
        try:
            await task
        except Exception as error:  # noqa: BLE001 - whatever it is: what has left must be written down
            log.warning("a slow alert was not written down yet", error=str(error))
        for _ in range(AGAIN_TIMES):
            if due.key not in self._unwritten and due.key not in self._taken:
                return
            await self._pause(AGAIN)
            with contextlib.suppress(Exception):
                await self.send(due)
        # It was taken for lost long ago, and comes again.
        self._unwritten.pop(due.key, None)
        self._taken.pop(due.key, None)

    async def _send_in_slot(self, due: ChatDue) -> None:
        try:
            await self.send(due)
        finally:
            self._slots.release()

    async def send(self, due: ChatDue) -> None:
        """Serve one recipient whose turn it is. May be called again with the same turn when it has raised."""
        if due.key in self._serving:
            self._note(due.who, "busy")
            return
        self._serving.add(due.key)
        try:
            await self._serve(due)
        finally:
            self._serving.discard(due.key)

    async def _serve(self, due: ChatDue) -> None:
        if due.key not in self._unwritten:
            # What was taken when the store went away is not taken anew: it would look like another sender's.
            turn = self._taken.get(due.key) or await self._claimed(due)
            if turn is None:
                return
            self._taken[due.key] = turn
            # Kept until it is written: were the store away just then, the message would else be sent twice.
            self._unwritten[due.key] = await self._deal_with(turn)
            self._taken.pop(due.key, None)
        await self._write_down(self._unwritten[due.key])
        self._tell(self._unwritten.pop(due.key))

    async def _claimed(self, due: ChatDue) -> Turn | None:
        """Take a turn; None when it has no rows for us."""
        turn = await self._outbox.claim(due, self._clock.now())
        for state in (turn.state,) if isinstance(turn, Left) else turn.closed:
            self._note(due.who, state)
        return turn if isinstance(turn, Turn) and turn.rows else None

    async def _deal_with(self, turn: Turn) -> Dealt:
        preferences = await self._preferences.get(turn.due.who)
        now = self._clock.now()
        dealt = Dealt(turn, local_day(preferences, now, self._defaults))
        going = await self._let_go(dealt, preferences, now)
        rows = [row for row, _ in going]
        if not rows:
            return dealt
        try:
            message = await self._written(dealt, rows, preferences)
        except Exception as error:
            # Whatever it is, it must not stop this chat's alerts for ever.
            log.exception("alert not written", clusters=[row.due.cluster for row in rows])
            dealt.results |= {row.due.cluster: unwritable(error, row) for row in rows}
            return dealt
        if message is None:
            nothing = Result("dropped", "nothing to tell", tried=False)
            dealt.results |= {row.due.cluster: nothing for row in rows}
            return dealt
        silent = all(send.silent or row.silent for row, send in going)
        await self._deliver(dealt, rows, message, silent=silent)
        return dealt

    async def _let_go(
        self, dealt: Dealt, preferences: Preferences, now: datetime
    ) -> list[tuple[Alert | DigestRow, Send]]:
        """Return the rows that may go now, and note what becomes of the others."""
        who = dealt.turn.due.who
        sent = dict(await self._records.sent_today(who, dealt.day))
        going: list[tuple[Alert | DigestRow, Send]] = []
        for row in dealt.turn.rows:
            if isinstance(row, DigestRow):
                decision = decide_digest(preferences, now, silent=row.silent, defaults=self._defaults)
            else:
                decision = decide(row, preferences, sent, now, defaults=self._defaults)
            if isinstance(decision, Send):
                going.append((row, decision))
                for reason in row.reasons if isinstance(row, Alert) else ():
                    sent[reason] = sent.get(reason, 0) + 1
            else:
                dealt.results[row.due.cluster] = kept(decision, row, now)
        return going

    async def _written(
        self, dealt: Dealt, rows: Sequence[Alert | DigestRow], preferences: Preferences
    ) -> Reply | None:
        alerts = [row for row in rows if isinstance(row, Alert)]
        if alerts:
            return await self._writer.write(alerts, preferences)
        digest = await self._digests.write(dealt.turn.due.who, preferences)
        dealt.told = digest.clusters if digest else ()
        return digest.reply if digest else None

    async def _deliver(
        self, dealt: Dealt, rows: Sequence[Alert | DigestRow], message: Reply, *, silent: bool
    ) -> None:
        who = dealt.turn.due.who
        wait, paid = await self._room_for(who)
        if wait:
            for row in rows:
                result = Result("ready", "waits for room", delay=wait, repeats=row.repeats, tried=False)
                dealt.results[row.due.cluster] = result
            return
        clusters = [row.due.cluster for row in rows]
        if not await self._outbox.begin(dealt.turn, clusters, self._clock.now(), dealt.told):
            dealt.results |= dict.fromkeys(clusters, _LOST)
            return
        if paid:
            self._note(who, "paid")
        self._taken.pop(dealt.turn.due.key, None)  # never sent again from here on, whatever goes wrong
        left_at = time.monotonic()
        dealt.outcome = await self._messenger.deliver(who, message, silent=silent, paid=paid)
        dealt.late = time.monotonic() - left_at > LATE
        for row in rows:
            dealt.results[row.due.cluster] = result_of(dealt.outcome, row, self._policy)

    async def _room_for(self, who: str) -> tuple[float, bool]:
        """Wait for a place in the common pace. Return how long the chat must wait yet, and whether it costs money.

        One at a time: many who ask in vain keep the server busy, and nobody is served the sooner for it.
        """
        wait = 0.0
        async with self._gate:
            for _ in range(ASKS):
                wait = await self._pacing.admit(who, "alert", self._clock.now())
                if wait and self._paid and not await self._pacing.admit(who, "paid", self._clock.now()):
                    return 0.0, True
                if not wait or wait > INLINE:
                    break
                await self._pause(wait)
        return wait, False

    async def _write_down(self, dealt: Dealt) -> None:
        """Write everything that follows from a turn. May be done again."""
        who, now = dealt.turn.due.who, self._clock.now()
        if dealt.late:
            await self._pacing.late(now)
            dealt.late = False
        match dealt.outcome:
            case NotSent(retry_in, _reason, flood) if flood:
                await self._pacing.refused(who, retry_in, now)
            case Gone(reason):
                await self._suspensions.suspend(who, reason)
            case Moved(new):
                await self._move(who, new)
                await self._outbox.move(who, new, dealt.turn.claim)
            case Sent(message_id) if dealt.told:
                await self._records.digested(who, dealt.told, message_id, now)
        await self._outbox.settle(dealt.turn, dealt.results, now, dealt.day)

    def _tell(self, dealt: Dealt) -> None:
        together = len(dealt.turn.rows)
        for row in dealt.turn.rows:
            result = dealt.results[row.due.cluster]
            self._note(row.due.who, result.state if result.tried or result.state != "ready" else "paced")
            if result.state == "sent" and row.silent:
                self._note(row.due.who, "repeated")
            log.info(
                "alert", story=row.due.story_id, cluster=row.due.cluster, state=result.state, detail=result.detail,
                attempt=row.attempt, repeat=row.silent, together=together,
            )  # fmt: skip

    def _note(self, who: str, state: str) -> None:
        self._observe(who.partition(":")[0], state)
