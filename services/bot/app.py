"""Wiring of the bot: the conversation, the alerts, and the front ends that the environment asks for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from redis.asyncio import Redis
from starlette.routing import BaseRoute

from services.bot.alert_wiring import wire_alerts
from services.bot.alerts.kindness import DEFAULTS, Defaults
from services.bot.conversation.commands import COMMANDS
from services.bot.conversation.core import Conversation
from services.bot.conversation.ports import FOLLOW_LIMIT, Permissions
from services.bot.messengers.inbox import InboxMessenger
from services.bot.messengers.port import Messenger
from services.bot.messengers.routing import RoutingMessenger
from services.bot.preferences_store import RedisPreferences
from services.bot.recall_store import RedisRecall
from services.bot.review_store import RedisReviews
from services.bot.settings import BotSettings
from services.bot.stores import Stores, build_digests, build_subscriptions, defaults_of
from shared.actors import Actors, load_actors
from shared.actors.watchlist import WatchedActors
from shared.archive.port import StoryArchive
from shared.clock import Clock, SystemClock
from shared.endpoints import Check
from shared.observe import Metrics
from shared.places import Places, load_places
from shared.service import Service, Work


def build_actors(watch_list: Path | None) -> Actors | WatchedActors:
    """Build the directory of actors, with the watch list on top where there is one."""
    return load_actors() if watch_list is None else WatchedActors(watch_list)


def build_conversation(
    redis: Redis,
    archive: StoryArchive,
    clock: Clock,
    actors: Actors | WatchedActors,
    places: Places,
    *,
    permissions: Permissions | None = None,
    defaults: Defaults = DEFAULTS,
    follow_limit: int = FOLLOW_LIMIT,
) -> Conversation:
    """Build the conversation, over an archive that it only reads. Without ``permissions`` everybody may everything."""
    return Conversation(
        archive=archive,
        places=places,
        actors=actors,
        subscriptions=build_subscriptions(redis),
        clock=clock,
        recall=RedisRecall(redis),
        preferences=RedisPreferences(redis),
        permissions=permissions,
        reviews=RedisReviews(redis),
        digests=build_digests(redis, places, actors, clock, defaults),
        follow_limit=follow_limit,
    )


def build(
    settings: BotSettings,
    *,
    redis: Redis,
    archive: StoryArchive,
    metrics: Metrics,
    clock: Clock | None = None,
) -> Service:
    """Build the bot. Telegram is there when a token is set; consoles and scripts read their inboxes."""
    stores = Stores.on(redis, settings, clock or SystemClock(), build_actors(settings.watch_list))
    places = load_places(settings.groups)
    inbox = InboxMessenger(redis)
    messengers: dict[str, Messenger] = {"console": inbox, "script": inbox}
    work: dict[str, Work] = {}
    if isinstance(stores.actors, WatchedActors):
        work["watch list"] = stores.actors.watched.keep_fresh
    checks: dict[str, Check] = {}
    closing: list[Callable[[], Awaitable[None]]] = [archive.close]
    routes: tuple[BaseRoute, ...] = ()
    if settings.telegram_token is not None:
        telegram = _telegram(settings, archive, stores, places, metrics)
        messengers["telegram"], work["telegram"] = telegram.messenger, telegram.work
        checks["telegram"], routes = telegram.check, telegram.routes
        closing.append(telegram.close)

    alerts = wire_alerts(settings, stores, RoutingMessenger(messengers), places, metrics)
    closing.insert(0, alerts.finish)

    async def close() -> None:
        for each in closing:
            await each()

    return Service(
        "bot",
        stages=alerts.stages,
        work={**alerts.work, **work},
        routes=routes,
        checks=checks,
        # No setup: index makes the archive, and while it is away readers still hear the news.
        close=close,
    )


@dataclass(frozen=True, slots=True)
class _Telegram:
    """What sends alerts to Telegram, what serves its chats, what says how that goes, and what closes it."""

    messenger: Messenger
    work: Work
    check: Check
    routes: tuple[BaseRoute, ...]
    close: Callable[[], Awaitable[None]]


def _telegram(
    settings: BotSettings, archive: StoryArchive, stores: Stores, places: Places, metrics: Metrics
) -> _Telegram:
    # Imported only where it is used: the library is a third of the bot's memory.
    from services.bot.messengers.telegram.front_end import Surroundings
    from services.bot.messengers.telegram.wiring import build_alert_messenger, build_front_end

    around = Surroundings(
        redis=stores.redis,
        suspensions=stores.suspensions,
        move=stores.move,
        pacing=stores.pacing,
        clock=stores.clock,
        metrics=metrics,
        lease_seconds=settings.lease_seconds,
        most_waiting=settings.telegram_updates_waiting,
    )

    def converse(permissions: Permissions) -> Conversation:
        return build_conversation(
            stores.redis,
            archive,
            stores.clock,
            stores.actors,
            places,
            permissions=permissions,
            defaults=defaults_of(settings),
            follow_limit=settings.follows_per_chat,
        )

    front = build_front_end(settings, converse, around, COMMANDS)

    async def trouble() -> str | None:
        return front.trouble or None

    messenger = build_alert_messenger(settings, around)
    return _Telegram(messenger, front.run, trouble, front.routes, messenger.close)
