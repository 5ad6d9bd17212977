"""Everything about alerts on one server, with screens in the place of messengers and a clock that is set by hand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from redis.asyncio import Redis

from fakes.alerts import Open, entries, fan_out
from fakes.stories import NOON
from services.bot.alerts.digest_due import RedisDigestTimes
from services.bot.alerts.digest_writing import DigestWriter
from services.bot.alerts.digests import Digests
from services.bot.alerts.kindness import Defaults
from services.bot.alerts.living import LivingMessages
from services.bot.alerts.naming import TargetNames
from services.bot.alerts.outbox import RedisOutbox
from services.bot.alerts.outbox_records import RedisRecords
from services.bot.alerts.port import Policy
from services.bot.alerts.retelling import Retelling
from services.bot.alerts.sender import AlertSender
from services.bot.alerts.telling_store import RedisTellings
from services.bot.alerts.writing import AlertWriter
from services.bot.conversation.messages import Button, Reply
from services.bot.conversation.naming import SpokenActors, SpokenPlaces
from services.bot.handlers import AlertsHandler
from services.bot.messengers.port import Messenger, NotSent, Outcome, Refused, Sent, Uncertain
from services.bot.preferences_store import RedisPreferences
from services.bot.subscription_store import RedisSubscriptions
from services.bot.suspension_store import RedisSuspensions
from shared.actors import load_actors
from shared.clock import FixedClock
from shared.events import EnrichedStory
from shared.places import load_places

DAY = timedelta(days=1)


@dataclass
class Screens:
    """What people see: each message as it stands now, and every sound that was made."""

    outcomes: list[Outcome] = field(default_factory=list)
    """What becomes of the next edits, success when it is empty."""
    messages: dict[str, dict[str, Reply]] = field(default_factory=dict)
    sounds: list[str] = field(default_factory=list)
    edits: list[tuple[str, str]] = field(default_factory=list)
    losing: int = 0
    """How many of the next messages arrive without anybody hearing of it."""

    async def deliver(self, who: str, message: Reply, *, silent: bool = False, paid: bool = False) -> Outcome:
        assert all(len(button.action.encode()) <= 64 for row in message.buttons for button in row)
        screen = self.messages.setdefault(who, {})
        message_id = str(len(screen) + 1)
        screen[message_id] = message
        if not silent:
            self.sounds.append(who)
        if self.losing:
            self.losing -= 1
            return Uncertain("the answer was lost")
        return Sent(message_id)

    async def edit(self, who: str, message_id: str, message: Reply) -> Outcome:
        outcome = self.outcomes.pop(0) if self.outcomes else Sent(message_id)
        if isinstance(outcome, Sent):
            if message_id not in self.messages[who]:
                return Refused("message to edit not found")
            self.messages[who][message_id] = message
            self.edits.append((who, message_id))
        return outcome

    def seen(self, who: str) -> list[str]:
        """The messages on a screen, the oldest first."""
        return [message.plain for message in self.messages.get(who, {}).values()]

    def buttons(self, who: str) -> list[Button]:
        """The buttons of the last message."""
        last = [*self.messages[who].values()][-1]
        return [button for row in last.buttons for button in row]


class Office:
    """The alerts of one installation. Work is done when a test says so, never beside it."""

    def __init__(
        self,
        redis: Redis,
        messenger: Messenger | None = None,
        *,
        daily_cap: int = 30,
        policy: Policy = "resend",
    ) -> None:
        self.redis, self.clock = redis, FixedClock(NOON)
        self.screens = Screens()
        messenger = messenger or self.screens
        self.pacing = Open()
        self.subscriptions, self.preferences = RedisSubscriptions(redis), RedisPreferences(redis)
        self.suspensions, self.outbox = RedisSuspensions(redis), RedisOutbox(redis, policy=policy)
        self.records, self.tellings = RedisRecords(redis), RedisTellings(redis)
        defaults = Defaults(daily_cap=daily_cap)
        names = TargetNames(SpokenPlaces(load_places()), SpokenActors(load_actors()))
        writer = AlertWriter(name_of=names, tellings=self.tellings, defaults=defaults)
        self.digest_writer = DigestWriter(
            waiting=self.records,
            subscriptions=self.subscriptions,
            preferences=self.preferences,
            tellings=self.tellings,
            name_of=names,
            clock=self.clock,
            defaults=defaults,
        )
        self.sender = AlertSender(
            outbox=self.outbox,
            records=self.records,
            messenger=messenger,
            writer=writer,
            digests=self.digest_writer,
            preferences=self.preferences,
            pacing=self.pacing,
            suspensions=self.suspensions,
            move=self.subscriptions.move,
            clock=self.clock,
            policy=policy,
            defaults=defaults,
        )
        self.digests = Digests(
            times=RedisDigestTimes(redis),
            rows=self.outbox,
            preferences=self.preferences,
            clock=self.clock,
            defaults=defaults,
        )
        self.living = LivingMessages(
            clusters=self.tellings,
            sent=self.records,
            messenger=messenger,
            pacing=self.pacing,
            writer=writer,
            preferences=self.preferences,
            suspensions=self.suspensions,
            clock=self.clock,
            pause=self._pause,
        )
        spread = fan_out(redis, outbox=self.outbox, clock=self.clock)
        self.alerts = AlertsHandler(spread, Retelling(self.tellings, self.clock))

    async def follow(self, who: str, *targets: str) -> None:
        for target in targets:
            await self.subscriptions.follow(who, target, "subject", NOON)

    async def tell(self, *stories: EnrichedStory) -> None:
        """Let stories come in one by one, and send what is due after each."""
        for story in stories:
            await self.alerts([story])
            await self.send()

    async def send(self) -> None:
        """Work off what is due, every entry delivered twice."""
        done = 0
        await self.outbox.release_due(self.clock.now())
        while len(batch := await entries(self.redis)) > done:
            await self.sender.send_all([*batch[done:], *batch[done:]])
            done = len(batch)

    async def change(self) -> int:
        """Change the messages that are due. Return how many clusters that were."""
        count = 0
        while await self.living.change_next():
            count += 1
        return count

    async def later(self, span: timedelta = timedelta(seconds=30)) -> None:
        """Let time go by, and do all that is due then."""
        self.clock.advance(span)
        await self.start_digests()
        await self.send()
        await self.change()

    async def at(self, moment: datetime) -> None:
        """Let time go by until a moment, looking now and then as the loops do all the time."""
        while (left := moment - self.clock.now()) > timedelta():
            await self.later(min(left, timedelta(hours=2)))

    async def start_digests(self) -> None:
        while await self.digests.start_due():
            pass

    async def _pause(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))


def flood(seconds: float) -> NotSent:
    """A refusal because there was too much."""
    return NotSent(seconds, "flood", flood=True)


def clusters_told(replies: Iterable[Reply]) -> list[str]:
    """The cluster of every alert in messages, one by one or in bursts."""
    found: list[str] = []
    for reply in replies:
        alerts = reply.data.get("alerts") or [reply.data.get("alert") or reply.data.get("update")]
        assert isinstance(alerts, Sequence)
        found += [alert["cluster"] for alert in alerts if alert]
    return found
