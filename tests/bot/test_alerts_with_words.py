"""From a story to the rows of those who follow with words."""

from datetime import timedelta

from redis.asyncio import Redis

from fakes.alerts import entries, fan_out, news, taken
from fakes.stories import NOON
from services.bot.alerts.outbox import RedisOutbox
from services.bot.alerts.port import Alert, Turn
from services.bot.keywords import Keywords, keywords
from services.bot.subscription_store import RedisSubscriptions

KZ = "country:KZ"
URANIUM = keywords(["uranium"], ["football"])
GAS = keywords(["natural gas"])


async def follow(redis: Redis, who: str, words: Keywords) -> None:
    await RedisSubscriptions(redis).follow(who, KZ, "subject", NOON, words)


async def reasons(redis: Redis) -> dict[str, object]:
    """Who has a row, and why."""
    turns = [await taken(RedisOutbox(redis), due) for due in await entries(redis)]
    return {turn.due.who: row.reasons for turn in turns for row in turn.rows if isinstance(row, Alert)}


async def test_only_those_whose_words_are_in_the_story_hear_of_it(redis: Redis) -> None:
    for number, words in enumerate((Keywords(), URANIUM, GAS, keywords([], ["mine"]))):
        await follow(redis, f"telegram:{number}", words)
    story = news(title="Uranium mines reopen", text="Officials say natural resources matter, and gas.")
    assert await fan_out(redis, page=1).spread(story) == 2
    assert await reasons(redis) == {
        "telegram:0": {KZ: "subject"},
        "telegram:1": {f"{KZ} +uranium -football": "subject"},
    }


async def test_two_follows_of_one_country_make_one_alert(redis: Redis) -> None:
    await follow(redis, "telegram:1", URANIUM)
    await follow(redis, "telegram:1", GAS)
    await fan_out(redis).spread(news(title="Natural gas and uranium"))
    assert await reasons(redis) == {
        "telegram:1": {f"{KZ} +uranium -football": "subject", f'{KZ} "+natural gas"': "subject"}
    }


async def test_a_later_telling_that_has_the_words_is_the_first_to_be_heard_of(redis: Redis) -> None:
    await follow(redis, "telegram:1", URANIUM)
    first = news(title="Mines reopen")
    assert await fan_out(redis).spread(first) == 0
    later = news("s2", title="Uranium mines reopen", cluster=first.cluster)
    assert await fan_out(redis).spread(later) == 1


async def test_an_alert_waits_for_nobody_who_left_these_words(redis: Redis) -> None:
    await follow(redis, "telegram:1", URANIUM)
    await follow(redis, "telegram:1", GAS)
    await fan_out(redis).spread(news(title="Uranium"))
    await RedisSubscriptions(redis).unfollow("telegram:1", KZ, URANIUM)
    (due,) = await entries(redis)
    turn = await RedisOutbox(redis).claim(due, NOON + timedelta(seconds=1))
    assert not isinstance(turn, Turn) or turn.rows == ()
