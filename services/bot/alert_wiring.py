"""Wiring of the alerts: from enriched stories to messages, the digests, and the messages that change."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from services.bot.alerts.digest_due import RedisDigestTimes
from services.bot.alerts.digests import Digests
from services.bot.alerts.fanout import FanOut
from services.bot.alerts.living import LivingMessages
from services.bot.alerts.matching import OfficesOf
from services.bot.alerts.naming import TargetNames
from services.bot.alerts.outbox_records import RedisRecords
from services.bot.alerts.port import ChatDue
from services.bot.alerts.retelling import Retelling
from services.bot.alerts.sender import AlertSender
from services.bot.alerts.telling_store import RedisTellings
from services.bot.alerts.writing import AlertWriter
from services.bot.conversation.naming import SpokenActors, SpokenPlaces
from services.bot.handlers import AlertsHandler, SendHandler
from services.bot.messengers.port import Messenger
from services.bot.settings import BotSettings
from services.bot.stores import Stores, build_digests, defaults_of
from shared.actors import Actors
from shared.actors.watchlist import WatchedActors
from shared.events import EnrichedStory
from shared.observe import Metrics
from shared.places import Places
from shared.service import Work
from shared.stages import Stage
from shared.supervision import until
from shared.topology import STAGES

#: Clusters whose messages one process changes at a time, so that one with many readers does not hold up the others.
CHANGERS = 4


@dataclass(frozen=True, slots=True)
class AlertParts:
    """What the bot does about alerts: its stages, and its work beside them."""

    stages: tuple[Stage[EnrichedStory], Stage[ChatDue]]
    work: Mapping[str, Work]
    finish: Callable[[], Awaitable[None]]
    """Waits for the alerts that are still on their way when the stages have stopped."""


def wire_alerts(
    settings: BotSettings, stores: Stores, messenger: Messenger, places: Places, metrics: Metrics
) -> AlertParts:
    """Build everything about alerts."""
    observe = _observer(metrics)
    records, defaults = RedisRecords(stores.redis), defaults_of(settings)
    tellings = RedisTellings(stores.redis, gather=timedelta(seconds=settings.alert_gather_seconds))
    names = TargetNames(SpokenPlaces(places), SpokenActors(stores.actors))
    writer = AlertWriter(name_of=names, tellings=tellings, defaults=defaults)
    sender = AlertSender(
        outbox=stores.outbox,
        records=records,
        messenger=messenger,
        writer=writer,
        digests=build_digests(stores.redis, places, stores.actors, stores.clock, defaults),
        preferences=stores.preferences,
        pacing=stores.pacing,
        suspensions=stores.suspensions,
        move=stores.move,
        clock=stores.clock,
        policy=settings.alert_policy,
        defaults=defaults,
        paid=settings.paid_messages_per_day > 0,
        observe=observe,
        in_flight=settings.alerts_in_flight,
    )
    living = LivingMessages(
        clusters=tellings,
        sent=records,
        messenger=messenger,
        pacing=stores.pacing,
        writer=writer,
        preferences=stores.preferences,
        suspensions=stores.suspensions,
        clock=stores.clock,
        observe=observe,
    )
    stages = _stages(AlertsHandler(_fan_out(stores), Retelling(tellings, stores.clock)), sender)
    return AlertParts(stages, _work(settings, stores, living, metrics), sender.finish)


def _observer(metrics: Metrics) -> Callable[[str, str], None]:
    """Return what counts what becomes of alerts."""
    return lambda transport, state: metrics.sends.labels(transport, state).inc()


def offices_held(actors: Actors | WatchedActors) -> OfficesOf:
    """Return what tells the ids of the offices that an actor held on a day."""
    return lambda actor_id, day: [office.id for office in actors.offices_of(actor_id, day)]


def _fan_out(stores: Stores) -> FanOut:
    return FanOut(
        subscriptions=stores.subscriptions,
        outbox=stores.outbox,
        suspensions=stores.suspensions,
        clock=stores.clock,
        offices_of=offices_held(stores.actors),
    )


def _work(settings: BotSettings, stores: Stores, living: LivingMessages, metrics: Metrics) -> dict[str, Work]:
    def tell(state: str, count: int) -> None:
        metrics.alerts_waiting.labels(state).set(count)

    digests = Digests(
        times=RedisDigestTimes(stores.redis),
        rows=stores.outbox,
        preferences=stores.preferences,
        clock=stores.clock,
        defaults=defaults_of(settings),
    )
    return {
        "delayed alerts": lambda stop: until(stop, stores.outbox.keep_releasing(stores.clock)),
        "digests": lambda stop: until(stop, digests.keep_starting()),
        "waiting alerts": lambda stop: until(stop, RedisRecords(stores.redis).keep_counting(tell)),
        **{
            f"living messages {number}": lambda stop: until(stop, living.keep_changing())
            for number in range(1, CHANGERS + 1)
        },
    }


def _stages(alerts: AlertsHandler, sender: AlertSender) -> tuple[Stage[EnrichedStory], Stage[ChatDue]]:
    enriched, alerts_group = STAGES["alerts"]
    outbox, senders = STAGES["send"]
    return (
        Stage(
            name="alerts",
            stream=enriched,
            group=alerts_group,
            model=EnrichedStory,
            handle=alerts,
            identify=lambda story: f"{story.story_id}:{story.revision}:{story.lexicon_version}",
            source=lambda story: story.source.id,
        ),
        Stage(
            name="send",
            stream=outbox,
            group=senders,
            model=ChatDue,
            handle=SendHandler(sender),
            identify=lambda due: due.key,
            source=lambda _due: "",
            batch=sender.in_flight,
        ),
    )
