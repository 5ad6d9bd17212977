"""Wiring of the bot: the conversation, the alerts, and the front ends that the environment asks for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from redis.asyncio import Redis

from services.bot.alerts.fanout import FanOut
from services.bot.alerts.matching import OfficesOf
from services.bot.alerts.messages import alert_message
from services.bot.alerts.naming import TargetNames
from services.bot.alerts.outbox import RedisOutbox
from services.bot.alerts.port import AlertDue
from services.bot.alerts.sender import AlertSender
from services.bot.conversation.core import Conversation
from services.bot.conversation.phrases import COMMANDS
from services.bot.handlers import AlertsHandler, SendHandler
from services.bot.messengers.inbox import InboxMessenger, RedisInbox
from services.bot.messengers.port import Messenger
from services.bot.messengers.routing import RoutingMessenger
from services.bot.settings import BotSettings
from services.bot.subscription_store import RedisSubscriptions
from services.bot.suspension_store import RedisSuspensions
from shared.actors import Actors, load_actors
from shared.actors.watchlist import WatchedActors
from shared.archive.port import StoryArchive
from shared.clock import Clock, SystemClock
from shared.endpoints import Check
from shared.events import EnrichedStory
from shared.observe import Metrics
from shared.places import Places, load_places
from shared.service import Service, Work
from shared.settings import reveal
from shared.stages import Stage
from shared.supervision import until
from shared.topology import STAGES


def build_subscriptions(redis: Redis) -> RedisSubscriptions:
    """Build the follows; forgetting a recipient forgets everything that is kept about it."""
    kept = (RedisOutbox(redis).forget, RedisInbox(redis).forget, RedisSuspensions(redis).forget)
    return RedisSubscriptions(redis, also_forget=kept)


def build_actors(watch_list: Path | None) -> Actors | WatchedActors:
    """Build the directory of actors, with the watch list on top where there is one."""
    return load_actors() if watch_list is None else WatchedActors(watch_list)


def build_conversation(
    redis: Redis, archive: StoryArchive, clock: Clock, actors: Actors | WatchedActors, places: Places
) -> Conversation:
    """Build the conversation, over an archive that it only reads."""
    return Conversation(
        archive=archive,
        places=places,
        actors=actors,
        subscriptions=build_subscriptions(redis),
        clock=clock,
    )


@dataclass(frozen=True, slots=True)
class _Stores:
    """What the parts of the bot share: the server and what it keeps, the time, and who is known."""

    redis: Redis
    outbox: RedisOutbox
    suspensions: RedisSuspensions
    subscriptions: RedisSubscriptions
    clock: Clock
    actors: Actors | WatchedActors

    @classmethod
    def on(cls, redis: Redis, settings: BotSettings, clock: Clock) -> "_Stores":
        trust = timedelta(seconds=settings.alert_trust_seconds)
        outbox = RedisOutbox(redis, policy=settings.alert_policy, trust=trust)
        actors = build_actors(settings.watch_list)
        return cls(redis, outbox, RedisSuspensions(redis), build_subscriptions(redis), clock, actors)


def build(
    settings: BotSettings,
    *,
    redis: Redis,
    archive: StoryArchive,
    metrics: Metrics,
    clock: Clock | None = None,
) -> Service:
    """Build the bot. Telegram is there when a token is set; consoles and scripts read their inboxes."""
    stores = _Stores.on(redis, settings, clock or SystemClock())
    inbox = InboxMessenger(redis)
    messengers: dict[str, Messenger] = {"console": inbox, "script": inbox}
    work: dict[str, Work] = {
        "delayed alerts": lambda stop: until(stop, stores.outbox.keep_releasing(stores.clock))
    }
    if isinstance(stores.actors, WatchedActors):
        work["watch list"] = stores.actors.watched.keep_fresh
    checks: dict[str, Check] = {}
    closing: list[Callable[[], Awaitable[None]]] = [archive.close]
    if settings.telegram_token is not None:
        conversation = build_conversation(
            redis, archive, stores.clock, stores.actors, load_places(settings.groups)
        )
        messengers["telegram"], work["telegram"], checks["telegram"], hang_up = _telegram(
            settings, conversation, stores
        )
        closing.append(hang_up)

    async def close() -> None:
        for each in closing:
            await each()

    return Service(
        "bot",
        stages=_stages(_fan_out(stores), _sender(settings, RoutingMessenger(messengers), stores, metrics)),
        work=work,
        checks=checks,
        # No setup: index makes the archive, and while it is away readers still hear the news.
        close=close,
    )


def offices_held(actors: Actors | WatchedActors) -> OfficesOf:
    """Return what tells the ids of the offices that an actor held on a day."""
    return lambda actor_id, day: [office.id for office in actors.offices_of(actor_id, day)]


def _fan_out(stores: _Stores) -> FanOut:
    return FanOut(
        subscriptions=stores.subscriptions,
        outbox=stores.outbox,
        suspensions=stores.suspensions,
        clock=stores.clock,
        offices_of=offices_held(stores.actors),
    )


def _sender(settings: BotSettings, messenger: Messenger, stores: _Stores, metrics: Metrics) -> AlertSender:
    names = TargetNames(load_places(settings.groups), stores.actors)
    return AlertSender(
        outbox=stores.outbox,
        messenger=messenger,
        compose=lambda alert: alert_message(alert, name_of=names),
        suspensions=stores.suspensions,
        move=stores.subscriptions.move,
        clock=stores.clock,
        policy=settings.alert_policy,
        observe=lambda transport, state: metrics.sends.labels(transport, state).inc(),
    )


def _telegram(
    settings: BotSettings, conversation: Conversation, stores: _Stores
) -> tuple[Messenger, Work, Check, Callable[[], Awaitable[None]]]:
    """Return what sends alerts to Telegram, what serves its chats, what says how that goes, and what closes it."""
    # Imported only where it is used: the library is a third of the bot's memory.
    from services.bot.messengers.telegram import TelegramFrontEnd
    from services.bot.messengers.telegram_client import TelegramMessenger, telegram_bot

    token = reveal(settings.telegram_token) or ""
    front = TelegramFrontEnd(
        telegram_bot(token, settings.telegram_base_url),
        conversation,
        redis=stores.redis,
        suspensions=stores.suspensions,
        move=stores.subscriptions.move,
        clock=stores.clock,
        commands=COMMANDS,
    )

    async def trouble() -> str | None:
        return front.trouble or None

    # Alerts have a client of their own: a full stop of the front end must not cut off the sends on their way.
    messenger = TelegramMessenger(telegram_bot(token, settings.telegram_base_url))
    return messenger, front.run, trouble, messenger.close


def _stages(fan_out: FanOut, sender: AlertSender) -> tuple[Stage[EnrichedStory], Stage[AlertDue]]:
    enriched, alerts = STAGES["alerts"]
    outbox, senders = STAGES["send"]
    return (
        Stage(
            name="alerts",
            stream=enriched,
            group=alerts,
            model=EnrichedStory,
            handle=AlertsHandler(fan_out),
            identify=lambda story: f"{story.story_id}:{story.revision}:{story.lexicon_version}",
            source=lambda story: story.source.id,
        ),
        Stage(
            name="send",
            stream=outbox,
            group=senders,
            model=AlertDue,
            handle=SendHandler(sender),
            identify=lambda due: due.key,
            source=lambda _due: "",
            batch=32,
        ),
    )
