"""The review list on a real server."""

from datetime import timedelta

from redis.asyncio import Redis

from fakes.stories import NOON
from services.bot.review_store import OPEN_KEY, RESOLVED_KEY, RedisReviews, review_key
from services.bot.reviews import Objection

STEPPE = Objection("s1", "country:KZ", "Steppe fires", "The Wire", "https://example.org/1", "“Astana” (city)")
SEA = Objection("s2", "region:central-asia", "The sea falls", "The Wire")


async def test_a_person_counts_once_for_a_story_and_a_place(redis: Redis) -> None:
    reviews = RedisReviews(redis)
    votes = [await reviews.object(STEPPE, who, NOON) for who in ("telegram:1", "telegram:1", "telegram:2")]
    assert votes == [True, False, True]
    assert await reviews.object(SEA, "telegram:1", NOON + timedelta(minutes=1))
    steppe, sea = await reviews.list()
    assert (steppe.objection, len(steppe.voters), steppe.opened) == (STEPPE, 2, NOON)
    assert (sea.objection, len(sea.voters)) == (SEA, 1)


async def test_nobody_is_named_in_it(redis: Redis) -> None:
    await RedisReviews(redis).object(STEPPE, "telegram:12345", NOON)
    for key in await redis.keys("review*"):
        assert b"12345" not in await redis.dump(key)
    (review,) = await RedisReviews(redis).list()
    assert review.voters[0][0] not in {"telegram:12345", ""}


async def test_an_entry_is_resolved_once_and_a_later_vote_does_not_open_it(redis: Redis) -> None:
    reviews = RedisReviews(redis)
    await reviews.object(STEPPE, "telegram:1", NOON)
    assert await reviews.resolve("s1/KZ", "lexicon mended", NOON)
    assert not await reviews.resolve("s1/KZ", "again", NOON)
    assert await reviews.object(STEPPE, "telegram:2", NOON)
    assert await reviews.list() == []
    (review,) = await reviews.list(resolved=True)
    assert (review.note, review.resolved, len(review.voters)) == ("lexicon mended", NOON, 2)


async def test_a_forgotten_person_leaves_no_vote_and_may_vote_anew(redis: Redis) -> None:
    reviews = RedisReviews(redis)
    await reviews.object(STEPPE, "telegram:1", NOON)
    await reviews.forget("telegram:1")
    (review,) = await reviews.list()
    assert review.voters == ()
    assert await reviews.object(STEPPE, "telegram:1", NOON)


async def test_what_has_outlived_its_time_is_gone_from_the_list(redis: Redis) -> None:
    reviews = RedisReviews(redis)
    await reviews.object(STEPPE, "telegram:1", NOON)
    assert await redis.ttl(review_key("s1/KZ")) > 0
    await redis.delete(review_key("s1/KZ"))
    assert await reviews.list() == []
    assert await redis.zcard("reviews.open") == 0


async def test_what_is_resolved_is_kept_from_then_on(redis: Redis) -> None:
    reviews = RedisReviews(redis)
    await reviews.object(STEPPE, "telegram:1", NOON)
    await redis.expire(review_key(STEPPE.id), 5)
    assert await reviews.resolve(STEPPE.id, "lexicon mended", NOON)
    assert await redis.ttl(review_key(STEPPE.id)) > 3600


async def test_what_has_outlived_its_time_cannot_be_resolved_and_leaves_nothing(redis: Redis) -> None:
    reviews = RedisReviews(redis)
    await reviews.object(STEPPE, "telegram:1", NOON)
    await redis.delete(review_key(STEPPE.id))
    assert not await reviews.resolve(STEPPE.id, "too late", NOON)
    assert await redis.exists(review_key(STEPPE.id)) == 0


async def test_the_lists_do_not_grow_where_nobody_reads_them(redis: Redis) -> None:
    reviews = RedisReviews(redis)
    await reviews.object(STEPPE, "telegram:1", NOON)
    await reviews.resolve(STEPPE.id, "mended", NOON)
    await reviews.object(SEA, "telegram:1", NOON)
    await reviews.object(SEA, "telegram:2", NOON + timedelta(days=80))
    late = Objection("s3", "country:UZ", "Cotton", "The Wire")
    await reviews.object(late, "telegram:1", NOON + timedelta(days=100))
    assert await redis.zrange(RESOLVED_KEY, 0, -1) == []
    assert await redis.zrange(OPEN_KEY, 0, -1) == [SEA.id.encode(), late.id.encode()], "SEA had a later vote"
