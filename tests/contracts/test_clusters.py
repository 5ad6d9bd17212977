"""One behaviour, two places to keep it: the cluster index in memory and on the server."""

import pytest
from redis.asyncio import Redis

from fakes.told import told
from services.enrich.cluster_store import MEMORY_SECONDS, RedisClusters
from services.enrich.duplicates import ClusterIndex, MemoryClusters
from services.enrich.postings import ENTRY
from shared.events import Cluster

FERRY = (
    "Fishing boats rescued 84 passengers from the ferry Santa Irena, which struck a reef off Cape Morro on "
    "Tuesday, the coastguard of Velmara said. The captain is being questioned. Divers will inspect the hull."
)
FERRY_REWRITTEN = (
    "All 84 people on board the Santa Irena are safe after the ferry ran onto rocks near Cape Morro on Tuesday. "
    "Velmara's coastguard praised local fishermen, who took them off within an hour."
)
CHEESE = (
    "Dairy farmers in the Orsano valley won protected status for their smoked cheese on Monday, ending a dispute "
    "of eleven years with makers across the border who sell a cheaper copy under the same name."
)


@pytest.fixture(params=["memory", "server"])
def index(request: pytest.FixtureRequest) -> ClusterIndex:
    return MemoryClusters() if request.param == "memory" else RedisClusters(request.getfixturevalue("redis"))


async def test_a_first_telling_is_new_under_its_own_id(index: ClusterIndex) -> None:
    assert await index.assign(told("a", FERRY)) == Cluster(id="a")


async def test_a_copy_joins_as_duplicate(index: ClusterIndex) -> None:
    await index.assign(told("a", FERRY))
    answer = await index.assign(told("b", f"CAPE MORRO, March 11 (Coast Wire) - {FERRY}", hours=2))
    assert (answer.id, answer.relation, answer.matched) == ("a", "duplicate", "a")
    assert answer.similarity is not None and answer.similarity > 0.9


async def test_a_rewritten_report_joins_as_same_report(index: ClusterIndex) -> None:
    await index.assign(told("a", FERRY))
    answer = await index.assign(told("b", FERRY_REWRITTEN, hours=2))
    assert (answer.id, answer.relation, answer.matched) == ("a", "same_report", "a")


async def test_an_answer_says_why(index: ClusterIndex) -> None:
    assert (await index.assign(told("a", FERRY))).reasons == ()
    retold = (await index.assign(told("b", FERRY_REWRITTEN, hours=2))).reasons
    names = next(reason for reason in retold if reason.startswith("same names "))
    assert {"Irena", "Velmara"} & set(names.removeprefix("same names ").split(", "))
    assert {"same number 84", "same day 2025-03-11", "within 2 h"} <= set(retold)
    assert any(reason.startswith("rare terms 0.") for reason in retold)
    copied = (await index.assign(told("c", f"{FERRY[:-20]} again.", hours=2))).reasons
    assert copied[0].startswith("containment 0.") and copied[0].endswith(" shingles")
    assert (await index.assign(told("d", FERRY, hours=3))).reasons[0] == "same text"


async def test_another_story_stays_apart(index: ClusterIndex) -> None:
    await index.assign(told("a", FERRY))
    assert await index.assign(told("b", CHEESE)) == Cluster(id="b")


async def test_a_copy_of_a_copy_keeps_the_first_id(index: ClusterIndex) -> None:
    answers = await index.assign_many(
        [told("a", FERRY), told("b", FERRY), told("c", FERRY_REWRITTEN, hours=1)]
    )
    assert {answer.id for answer in answers} == {"a"}


async def test_redelivery_gives_the_same_answer(index: ClusterIndex) -> None:
    stories = [
        told("a", FERRY),
        told("b", FERRY_REWRITTEN, hours=2),
        told("c", CHEESE),
        told("d", FERRY, hours=3),
    ]
    before = [await index.assign(story) for story in stories]
    assert [await index.assign(story) for story in reversed(stories)] == before[::-1]
    assert await index.assign_many(stories) == before


async def test_a_batch_is_answered_as_if_one_by_one(index: ClusterIndex) -> None:
    stories = [told("a", FERRY), told("c", CHEESE), told("b", FERRY, hours=1), told("a", FERRY)]
    answers = await index.assign_many(stories)
    assert [answer.id for answer in answers] == ["a", "c", "a", "a"]
    assert [answer.relation for answer in answers] == ["new", "new", "duplicate", "new"]


async def test_an_empty_batch_is_nothing(index: ClusterIndex) -> None:
    assert await index.assign_many([]) == []


async def test_a_revision_keeps_its_cluster_whatever_its_text(index: ClusterIndex) -> None:
    await index.assign(told("a", FERRY))
    first = await index.assign(told("b", FERRY, hours=1))
    revised = await index.assign(told("b", CHEESE, hours=2, revision=1))
    assert (revised.id, revised.relation) == ("a", "revision")
    assert await index.assign(told("b", CHEESE, hours=2, revision=1)) == revised
    assert await index.assign(told("b", FERRY, hours=1)) == first


async def test_a_revision_is_found_by_its_new_text(index: ClusterIndex) -> None:
    await index.assign(told("a", FERRY))
    await index.assign(told("a", CHEESE, revision=1))
    answer = await index.assign(told("b", CHEESE, hours=1))
    assert (answer.id, answer.relation) == ("a", "duplicate")


async def test_a_copy_is_matched_with_what_its_batch_has_just_made_of_a_story(index: ClusterIndex) -> None:
    """Of a story that is revised with a later date, the date counts that it has now."""
    await index.assign(told("a", CHEESE))
    revised, copy = told("a", FERRY, hours=90, revision=1), told("b", FERRY, hours=91)
    answers = await index.assign_many([revised, copy])
    assert [(answer.id, answer.relation) for answer in answers] == [("a", "revision"), ("a", "duplicate")]


async def test_a_revision_of_a_forgotten_story_is_no_news(index: ClusterIndex) -> None:
    answer = await index.assign(told("a", FERRY, revision=2))
    assert (answer.id, answer.relation) == ("a", "revision")


async def test_reenrichment_does_not_move_a_story(index: ClusterIndex) -> None:
    await index.assign(told("a", FERRY))
    before = await index.assign(told("b", FERRY_REWRITTEN, hours=1))
    again = told("b", FERRY_REWRITTEN, hours=1).model_copy(update={"lexicon_version": 99, "cluster": before})
    assert await index.assign(again) == before


async def test_the_same_text_after_the_window_is_news_again(index: ClusterIndex) -> None:
    await index.assign(told("a", FERRY))
    assert (await index.assign(told("b", FERRY, hours=71))).id == "a"
    assert (await index.assign(told("c", FERRY, hours=73 + 71))).relation == "new"


async def test_event_time_counts_not_arrival(index: ClusterIndex) -> None:
    await index.assign(told("a", FERRY, hours=100))
    assert (await index.assign(told("b", FERRY, hours=0))).relation == "new"


async def test_a_split_story_stays_by_itself(index: ClusterIndex) -> None:
    await index.assign(told("a", FERRY))
    await index.assign(told("b", FERRY_REWRITTEN, hours=1))
    assert await index.split("b") == Cluster(id="b", related=("a",))
    assert (await index.assign(told("b", FERRY_REWRITTEN, hours=1))).id == "b"
    assert await index.split("unheard-of") is None


async def test_a_split_done_twice_is_done_once(index: ClusterIndex) -> None:
    await index.assign(told("a", FERRY))
    await index.assign(told("b", FERRY_REWRITTEN, hours=1))
    assert await index.split("b") == await index.split("b")
    assert await index.split("a") == Cluster(id="a")


async def test_later_copies_follow_a_split(index: ClusterIndex) -> None:
    await index.assign_many([told("a", FERRY), told("b", FERRY_REWRITTEN, hours=1)])
    await index.split("b")
    copied, other, revised = await index.assign_many(
        [
            told("c", FERRY_REWRITTEN, hours=2),
            told("d", FERRY, hours=2),
            told("b", FERRY_REWRITTEN, revision=1),
        ]
    )
    assert (copied.id, other.id, revised.id) == ("b", "a", "b")
    assert revised.relation == "revision"


async def test_text_too_short_to_compare_joins_nothing(index: ClusterIndex) -> None:
    await index.assign(told("a", "Markets closed."))
    assert (await index.assign(told("b", "Markets closed."))).relation == "new"


@pytest.mark.parametrize("text", ["…", "—", "12", "新闻", "а", "<b></b>"])
async def test_odd_text_is_answered(index: ClusterIndex, text: str) -> None:
    assert (await index.assign(told("a", text))).id == "a"


async def test_both_places_decide_alike(redis: Redis) -> None:
    stories = [
        told(f"{name}{number}", f"{text} Update {number}.", hours=number)
        for number in range(12)
        for name, text in (("f", FERRY), ("r", FERRY_REWRITTEN), ("c", CHEESE))
    ]
    memory, server = MemoryClusters(), RedisClusters(redis)
    assert await server.assign_many(stories) == await memory.assign_many(stories)


async def test_nothing_on_the_server_lives_for_ever(redis: Redis) -> None:
    await RedisClusters(redis).assign_many([told("a", FERRY), told("b", CHEESE)])
    for key in await redis.keys():
        assert 0 < await redis.ttl(key) <= MEMORY_SECONDS
        assert b"{clusters}" in key


async def test_a_crowded_feature_is_capped(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.enrich.cluster_store._LIMITS", (MEMORY_SECONDS, 5 * ENTRY, ENTRY))
    await RedisClusters(redis).assign_many([told(f"s{number}", FERRY, hours=number) for number in range(30)])
    lengths = [await redis.strlen(key) for key in await redis.keys("*posting*")]
    assert lengths and max(lengths) == 5 * ENTRY


async def test_a_record_of_another_format_counts_as_forgotten(redis: Redis) -> None:
    index = RedisClusters(redis)
    await index.assign(told("a", FERRY))
    (key,) = await redis.keys("*story*")
    await redis.set(key, b"\xff from a later release")
    assert (await index.assign(told("b", FERRY, hours=1))).relation == "new"
    assert (await index.assign(told("a", FERRY))).id == "b"


async def test_a_copy_registered_in_between_is_not_missed(redis: Redis, redis_url: str) -> None:
    async with Redis.from_url(redis_url) as other:
        mine, theirs = RedisClusters(redis), RedisClusters(other)
        read = mine._read_board

        async def read_then_lose_the_race(*arguments: object) -> object:
            board = await read(*arguments)  # type: ignore[arg-type]  # passed through as they are
            await theirs.assign(told("a", FERRY))
            return board

        mine._read_board = read_then_lose_the_race  # type: ignore[method-assign,assignment]  # a seam for the race
        answer = await mine.assign(told("b", FERRY, hours=1))
    assert (answer.id, answer.relation) == ("a", "duplicate")
