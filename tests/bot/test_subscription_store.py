"""Follows in Redis: both directions agree, pages are stable, nothing of a forgotten person stays."""

import asyncio
from datetime import UTC, datetime, timedelta

from redis.asyncio import Redis

from services.bot.keywords import Keywords, keywords
from services.bot.subscription_store import RedisSubscriptions
from services.bot.subscriptions import Follower, FollowRole, Wish

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KZ, TJ, REGION = "country:KZ", "country:TJ", "region:central-asia"


async def all_pages(store: RedisSubscriptions, targets: list[str], limit: int) -> list[list[Follower]]:
    pages: list[list[Follower]] = []
    cursor: str | None = None
    while True:
        page, cursor = await store.followers(targets, after=cursor, limit=limit)
        pages.append(page)
        if cursor is None:
            return pages


async def test_a_follow_is_new_once_and_keeps_its_date_when_the_role_changes(redis: Redis) -> None:
    store = RedisSubscriptions(redis)
    assert await store.follow("telegram:1", KZ, "subject", NOON)
    assert not await store.follow("telegram:1", KZ, "mentioned", NOON + timedelta(days=1))
    (follow,) = await store.following("telegram:1")
    assert (follow.target, follow.role, follow.since) == (KZ, "mentioned", NOON)
    assert await store.followers([KZ]) == ([Follower("telegram:1", (Wish(KZ, "mentioned"),))], None)


async def test_following_lists_the_oldest_first(redis: Redis) -> None:
    store = RedisSubscriptions(redis)
    for hours, target in enumerate([TJ, REGION, KZ]):
        await store.follow("console:me", target, "subject", NOON + timedelta(hours=hours))
    assert [follow.target for follow in await store.following("console:me")] == [TJ, REGION, KZ]


async def test_unfollow_removes_both_directions(redis: Redis) -> None:
    store = RedisSubscriptions(redis)
    await store.follow("telegram:1", KZ, "subject", NOON)
    assert await store.unfollow("telegram:1", KZ)
    assert not await store.unfollow("telegram:1", KZ)
    assert await store.following("telegram:1") == []
    assert await store.followers([KZ]) == ([], None)
    assert await redis.keys() == []


async def test_forget_leaves_nothing_and_tells_the_others(redis: Redis) -> None:
    forgotten: list[str] = []

    async def also(who: str) -> None:
        forgotten.append(who)

    store = RedisSubscriptions(redis, also_forget=[also])
    await store.follow("telegram:1", KZ, "subject", NOON)
    await store.follow("telegram:1", REGION, "mentioned", NOON)
    await store.follow("telegram:2", KZ, "subject", NOON)
    assert await store.forget("telegram:1") == 2
    assert await store.forget("telegram:1") == 0
    assert forgotten == ["telegram:1"] * 2
    assert await store.followers([KZ, REGION]) == ([Follower("telegram:2", (Wish(KZ, "subject"),))], None)


async def test_followers_of_several_targets_come_once_each_in_a_stable_order(redis: Redis) -> None:
    store = RedisSubscriptions(redis)
    wanted: dict[str, dict[str, FollowRole]] = {}
    for number in range(47):
        who = f"telegram:{number}"
        if number % 2 == 0:
            wanted.setdefault(who, {})[KZ] = "subject"
        if number % 3 == 0:
            wanted.setdefault(who, {})[REGION] = "mentioned"
        if number % 7 == 0:
            wanted.setdefault(who, {})[TJ] = "subject"
    await asyncio.gather(
        *(
            store.follow(who, target, role, NOON)
            for who, roles in wanted.items()
            for target, role in roles.items()
        )
    )
    for limit in (1, 5, 16, 100):
        pages = await all_pages(store, [KZ, REGION, TJ], limit)
        assert all(len(page) <= limit for page in pages)
        rows = [follower for page in pages for follower in page]
        assert [row.who for row in rows] == sorted(wanted)
        assert {row.who: {wish.target: wish.role for wish in row.wishes} for row in rows} == wanted


async def test_paging_goes_on_rightly_while_people_come_and_go(redis: Redis) -> None:
    store = RedisSubscriptions(redis)
    for number in range(10, 20):
        await store.follow(f"telegram:{number}", KZ, "subject", NOON)
    first, cursor = await store.followers([KZ], limit=4)
    await store.unfollow("telegram:11", KZ)
    await store.follow("telegram:05", KZ, "subject", NOON)
    rest, end = await store.followers([KZ], after=cursor, limit=100)
    assert [row.who for row in (*first, *rest)] == [f"telegram:{number}" for number in range(10, 20)]
    assert end is None


async def test_a_moved_group_keeps_its_follows_under_the_new_address_only(redis: Redis) -> None:
    store = RedisSubscriptions(redis)
    await store.follow("telegram:-1", KZ, "mentioned", NOON)
    await store.follow("telegram:-1", TJ, "subject", NOON)
    await store.follow("telegram:-2", TJ, "mentioned", NOON)
    assert await store.move("telegram:-1", "telegram:-2") == 2
    assert await store.move("telegram:-1", "telegram:-2") == 0
    assert await store.following("telegram:-1") == []
    assert {follow.target: follow.role for follow in await store.following("telegram:-2")} == {
        KZ: "mentioned",
        TJ: "mentioned",
    }
    assert await store.followers([KZ, TJ]) == (
        [Follower("telegram:-2", (Wish(KZ, "mentioned"), Wish(TJ, "mentioned")))],
        None,
    )


URANIUM, NO_SPORT = keywords(["uranium"]), keywords(["uranium"], ["football"])


async def test_one_target_can_be_followed_with_different_words(redis: Redis) -> None:
    store = RedisSubscriptions(redis)
    assert await store.follow("telegram:1", KZ, "subject", NOON, URANIUM)
    assert await store.follow("telegram:1", KZ, "mentioned", NOON + timedelta(hours=1), NO_SPORT)
    assert await store.follow("telegram:1", KZ, "subject", NOON + timedelta(hours=2))
    assert not await store.follow("telegram:1", KZ, "mentioned", NOON + timedelta(days=1), URANIUM)
    follows = await store.following("telegram:1")
    assert [(each.target, each.role, each.words) for each in follows] == [
        (KZ, "mentioned", URANIUM),
        (KZ, "mentioned", NO_SPORT),
        (KZ, "subject", Keywords()),
    ]
    page, cursor = await store.followers([TJ, KZ])
    assert cursor is None
    (follower,) = page
    assert set(follower.wishes) == {
        Wish(KZ, "subject"),
        Wish(KZ, "mentioned", URANIUM),
        Wish(KZ, "mentioned", NO_SPORT),
    }


async def test_one_of_several_follows_of_a_target_can_end(redis: Redis) -> None:
    store = RedisSubscriptions(redis)
    for words in (Keywords(), URANIUM, NO_SPORT):
        await store.follow("telegram:1", KZ, "subject", NOON, words)
    assert await store.unfollow("telegram:1", KZ, URANIUM)
    assert not await store.unfollow("telegram:1", KZ, URANIUM)
    assert {each.words for each in await store.following("telegram:1")} == {Keywords(), NO_SPORT}
    assert await store.unfollow("telegram:1", KZ, Keywords())
    assert await store.followers([KZ]) == ([Follower("telegram:1", (Wish(KZ, "subject", NO_SPORT),))], None)
    assert await store.unfollow("telegram:1", KZ)
    assert await redis.keys() == []


async def test_leaving_a_target_leaves_others_whose_name_begins_alike(redis: Redis) -> None:
    store = RedisSubscriptions(redis)
    await store.follow("telegram:1", "actor:ann", "subject", NOON)
    await store.follow("telegram:1", "actor:anna", "subject", NOON, URANIUM)
    assert await store.unfollow("telegram:1", "actor:ann")
    assert [each.key for each in await store.following("telegram:1")] == ["actor:anna +uranium"]


async def test_forgetting_and_moving_know_of_words(redis: Redis) -> None:
    store = RedisSubscriptions(redis)
    await store.follow("telegram:-1", KZ, "mentioned", NOON, URANIUM)
    await store.follow("telegram:-1", TJ, "subject", NOON, NO_SPORT)
    await store.follow("telegram:-2", KZ, "subject", NOON, URANIUM)
    assert await store.move("telegram:-1", "telegram:-2") == 2
    page, _ = await store.followers([KZ, TJ])
    assert page == [Follower("telegram:-2", (Wish(KZ, "subject", URANIUM), Wish(TJ, "subject", NO_SPORT)))]
    assert await store.forget("telegram:-2") == 2
    assert await redis.keys() == []


async def test_pages_are_whole_whoever_follows_with_words(redis: Redis) -> None:
    store = RedisSubscriptions(redis)
    wanted: dict[str, int] = {}
    for number in range(23):
        who = f"telegram:{number}"
        choices = (Keywords(), URANIUM, NO_SPORT)[: 1 + number % 3]
        for words in choices[number % 2 :]:
            await store.follow(who, KZ if number % 5 else REGION, "subject", NOON, words)
            wanted[who] = wanted.get(who, 0) + 1
    for limit in (1, 3, 100):
        rows = [row for page in await all_pages(store, [KZ, REGION], limit) for row in page]
        assert [row.who for row in rows] == sorted(wanted)
        assert {row.who: len(row.wishes) for row in rows} == wanted
