"""What alerts leave on the server: everything has an end but a handful of names, whatever came to pass."""

from datetime import time, timedelta

from redis.asyncio import Redis

from fakes.alerts import news
from fakes.office import DAY, Office
from services.bot.alerts.digest_due import DIGESTS_DUE_KEY
from services.bot.alerts.outbox_scripts import ROWS_KEY, TURNS_KEY
from services.bot.messengers.pacing_store import RedisPacing
from services.bot.preferences import DigestPlan, Preferences, QuietHours
from services.bot.preferences_store import preferences_key
from services.bot.subscription_store import follows_key
from services.bot.suspension_store import SUSPENDED_KEY
from shared.events import Cluster, Source
from shared.topology import OUTBOX

READERS = [f"telegram:{number}" for number in range(8)]
#: Two counters, who is suspended, and the stream, which the stage trims.
FEW = {TURNS_KEY, ROWS_KEY, SUSPENDED_KEY, OUTBOX.name}


async def a_month(office: Office) -> None:
    """Alerts, retellings, digests, quiet nights, a block, a stop, a move."""
    pacing = RedisPacing(office.redis)
    for day in range(30):
        at = office.clock.now()
        for number in range(3):
            first = news(f"d{day}n{number}", published_at=at, first_seen_at=at)
            again = first.model_copy(
                update={
                    "story_id": f"{first.story_id}b",
                    "source": Source(id="herald", name="Herald", kind="feed"),
                    "cluster": Cluster(id=first.story_id, relation="same_report", matched=first.story_id),
                }
            )
            await office.tell(first, again)
            await office.redis.xtrim(OUTBOX.name, 0)
        await pacing.admit("telegram:1", "alert", at)
        await pacing.refused("telegram:1", 5, at)
        if day == 9:
            await office.suspensions.suspend(READERS[4], "blocked")
            await office.preferences.change(READERS[5], Preferences(stopped=True))
            await office.outbox.move(READERS[6], "telegram:-100")
            await office.subscriptions.move(READERS[6], "telegram:-100")
        if day == 11:
            await office.subscriptions.unfollow(READERS[7], "country:KZ")
        await office.at(at + DAY)


async def test_after_a_month_only_what_readers_chose_is_left_without_an_end(redis: Redis) -> None:
    office = Office(redis, daily_cap=1)
    for who in READERS:
        await office.follow(who, "country:KZ")
    await office.preferences.change(READERS[1], Preferences(digest=DigestPlan("day", time(8))))
    await office.preferences.change(READERS[2], Preferences(digest=DigestPlan("week", time(8), 2)))
    await office.preferences.change(READERS[3], Preferences(quiet=QuietHours(time(11), time(13), hold=True)))
    await a_month(office)
    await office.later(timedelta(hours=4))
    chosen = {follows_key(""), preferences_key(""), "followers:"}
    endless = {
        key.decode()
        for key in await redis.keys()
        if await redis.ttl(key) == -1 and not any(key.decode().startswith(prefix) for prefix in chosen)
    }
    assert endless <= FEW | {DIGESTS_DUE_KEY}
    due = {who.decode() for who in await redis.zrange(DIGESTS_DUE_KEY, 0, -1)}
    assert due <= {READERS[2], READERS[4], READERS[5]}, "who waits for Wednesday, or is away"
