"""From a row to a person: take it, deliver it, write down what became of it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from services.bot.alerts.port import Alert, AlertDue, Left, Outbox, Policy, Result
from services.bot.conversation.messages import Reply
from services.bot.messengers.port import Gone, Messenger, Moved, NotSent, Outcome, Refused, Sent, Uncertain
from services.bot.suspensions import Suspensions
from shared.clock import Clock

log = structlog.get_logger(__name__)

#: How many alerts one sender has on the way at once: as many may repeat when it is killed.
IN_FLIGHT = 8
#: An alert that the transport did not take waits twice as long each time, up to so many seconds.
LONGEST_WAIT = 60.0
#: How long to wait before an alert that may have arrived is sent once more, in seconds.
REPEAT_AFTER = 5.0

Move = Callable[[str, str], Awaitable[int]]
Observe = Callable[[str, str], None]


class AlertSender:
    """Sends what is due. Any number of senders may work on one outbox.

    ``compose`` writes the message of an alert; ``move`` takes a recipient's follows to its new address; ``observe``
    is told the transport and what became of each due alert (sent, ready, uncertain, dropped, dead, busy, gone).
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        messenger: Messenger,
        compose: Callable[[Alert], Reply],
        suspensions: Suspensions,
        move: Move,
        clock: Clock,
        policy: Policy = "resend",
        observe: Observe = lambda _transport, _state: None,
        in_flight: int = IN_FLIGHT,
    ) -> None:
        self._outbox = outbox
        self._messenger = messenger
        self._compose = compose
        self._suspensions = suspensions
        self._move = move
        self._clock = clock
        self._policy = policy
        self._observe = observe
        self._slots = asyncio.Semaphore(in_flight)
        self._unwritten: dict[str, tuple[Alert, Result]] = {}

    async def send_all(self, batch: Sequence[AlertDue]) -> None:
        """Send a batch: recipients side by side, the alerts of one recipient in their order.

        Every alert is tried; then the first error of the stores (never of a transport) is raised. The batch may be
        given again as a whole: what was dealt with is left alone.
        """
        queues: dict[str, list[AlertDue]] = {}
        for due in batch:
            queues.setdefault(due.who, []).append(due)
        faults = await asyncio.gather(*map(self._send_in_turn, queues.values()), return_exceptions=True)
        for fault in faults:
            if isinstance(fault, BaseException):
                raise fault

    async def send(self, due: AlertDue) -> str:
        """Deal with one alert that is due. Return the state that its row is in now, or ``busy`` or ``gone``."""
        state = await self._deal_with(due)
        self._observe(due.who.partition(":")[0], state)
        return state

    async def _send_in_turn(self, queue: Sequence[AlertDue]) -> None:
        for due in queue:
            async with self._slots:
                await self.send(due)

    async def _deal_with(self, due: AlertDue) -> str:
        if due.key not in self._unwritten:
            alert = await self._outbox.claim(due, self._clock.now())
            if isinstance(alert, Left):
                return alert.state
            outcome = await self._messenger.deliver(due.who, self._compose(alert), silent=alert.silent)
            # Kept until it is written: were the store away just now, the message would else be sent twice.
            self._unwritten[due.key] = alert, result_of(outcome, alert, self._policy)
            await self._follow_up(alert, outcome)
        alert, result = self._unwritten[due.key]
        await self._outbox.settle(alert, result, self._clock.now())
        del self._unwritten[due.key]
        log.info(
            "alert", story=due.story_id, cluster=due.cluster, state=result.state, detail=result.detail,
            attempt=alert.attempt, silent=alert.silent,
        )  # fmt: skip
        return result.state

    async def _follow_up(self, alert: Alert, outcome: Outcome) -> None:
        match outcome:
            case Gone(reason):
                await self._suspensions.suspend(alert.due.who, reason)
            case Moved(who):
                await self._move(alert.due.who, who)
                await self._outbox.redirect(alert, who, self._clock.now())
            case _:
                return


def result_of(outcome: Outcome, alert: Alert, policy: Policy) -> Result:
    """Decide what an outcome means for the row: a pure table.

    An alert that may have arrived is sent once more, silently, or never again, by the policy. One that has surely
    not left is sent when the transport says; its sound is kept.
    """
    match outcome:
        case Sent(message_id):
            return Result("sent", message_id, repeats=alert.repeats)
        case NotSent(retry_in, reason):
            backoff = min(2.0 ** min(alert.attempt, 10), LONGEST_WAIT)
            return Result("ready", reason, delay=max(retry_in, backoff), repeats=alert.repeats)
        case Uncertain(reason) if policy == "resend" and alert.repeats == 0:
            return Result("ready", reason, delay=REPEAT_AFTER, repeats=1)
        case Uncertain(reason):
            return Result("uncertain", reason, repeats=alert.repeats)
        case Gone(reason) | Refused(reason):
            return Result("dead", reason, repeats=alert.repeats)
        case Moved(who):
            return Result("dropped", f"moved to {who}", repeats=alert.repeats)
