"""What the parts of the bot share: the server and what it keeps, the time, and who is known."""

from dataclasses import dataclass
from datetime import timedelta

from redis.asyncio import Redis

from services.bot.alerts.digest_due import RedisDigestTimes
from services.bot.alerts.digest_writing import DigestWriter
from services.bot.alerts.kindness import Defaults
from services.bot.alerts.naming import TargetNames
from services.bot.alerts.outbox import RedisOutbox
from services.bot.alerts.outbox_records import RedisRecords
from services.bot.alerts.telling_store import RedisTellings
from services.bot.conversation.naming import SpokenActors, SpokenPlaces
from services.bot.conversation.ports import Places
from services.bot.messengers.inbox import RedisInbox
from services.bot.messengers.pacing_store import Rates, RedisPacing
from services.bot.preferences_store import RedisPreferences
from services.bot.recall_store import RedisRecall
from services.bot.review_store import RedisReviews
from services.bot.settings import BotSettings
from services.bot.subscription_store import RedisSubscriptions
from services.bot.suspension_store import RedisSuspensions
from shared.actors import Actors
from shared.actors.watchlist import WatchedActors
from shared.clock import Clock


def build_subscriptions(redis: Redis) -> RedisSubscriptions:
    """Build the follows; forgetting a recipient forgets everything that is kept about it."""
    kept = (
        RedisOutbox(redis).forget,
        RedisDigestTimes(redis).forget,
        RedisInbox(redis).forget,
        RedisSuspensions(redis).forget,
        RedisRecall(redis).forget,
        RedisPreferences(redis).forget,
        RedisReviews(redis).forget,
    )
    return RedisSubscriptions(redis, also_forget=kept)


def build_digests(
    redis: Redis, places: Places, actors: Actors | WatchedActors, clock: Clock, defaults: Defaults
) -> DigestWriter:
    """Build what writes digests, in their readers' language."""
    return DigestWriter(
        waiting=RedisRecords(redis),
        subscriptions=RedisSubscriptions(redis),
        preferences=RedisPreferences(redis),
        tellings=RedisTellings(redis),
        name_of=TargetNames(SpokenPlaces(places), SpokenActors(actors)),
        clock=clock,
        defaults=defaults,
    )


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores of one process."""

    redis: Redis
    outbox: RedisOutbox
    suspensions: RedisSuspensions
    subscriptions: RedisSubscriptions
    preferences: RedisPreferences
    pacing: RedisPacing
    clock: Clock
    actors: Actors | WatchedActors

    @classmethod
    def on(
        cls, redis: Redis, settings: BotSettings, clock: Clock, actors: Actors | WatchedActors
    ) -> "Stores":
        """Open nothing; only say where everything is kept."""
        outbox = RedisOutbox(
            redis,
            policy=settings.alert_policy,
            trust=timedelta(seconds=settings.alert_trust_seconds),
            patience=timedelta(seconds=settings.alert_patience_seconds),
            server_time=True,
        )
        return cls(
            redis=redis,
            outbox=outbox,
            suspensions=RedisSuspensions(redis),
            subscriptions=build_subscriptions(redis),
            preferences=RedisPreferences(redis),
            pacing=RedisPacing(redis, rates_of(settings)),
            clock=clock,
            actors=actors,
        )

    async def move(self, old: str, new: str) -> int:
        """Give everything that is kept for a recipient to its new address; return how many follows that were.

        Each part moves in one step and can be moved again: who is cut short in between begins anew. The follows go
        last, so that no alert is decided for an address whose preferences are still on their way.
        """
        await self.preferences.move(old, new)
        await RedisRecall(self.redis).move(old, new)
        await self.outbox.move(old, new)
        await self.suspensions.forget(old)
        return await self.subscriptions.move(old, new)


def rates_of(settings: BotSettings) -> Rates:
    """Return the pace that the environment asks for."""
    return Rates(
        overall=settings.send_rate,
        chat=settings.send_rate_chat,
        group=settings.send_rate_group,
        paid_budget=settings.paid_messages_per_day,
    )


def defaults_of(settings: BotSettings) -> Defaults:
    """Return what holds for readers who did not choose."""
    return Defaults(daily_cap=settings.alerts_per_follow_and_day, digest_at=settings.digest_at)
