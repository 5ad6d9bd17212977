"""What every archive promises about storing stories."""

from datetime import datetime, timedelta, timezone

import pytest

from fakes.stories import NOON, enriched_story
from shared.archive.port import ArchiveUnavailable, Filter, PutResult
from shared.events import ActorTag, Cluster, CountryTag, EnrichedStory, Evidence, RegionTag, Source


def rich_story() -> EnrichedStory:
    """A story that uses every field, with text that a careless store would change."""
    evidence = Evidence(field="text", start=0, end=6, text="Ақорда", kind="metonym")
    return enriched_story(
        "0123456789abcdef0123456789abcdef",
        revision=3,
        lexicon_version=7,
        source=Source(id="wire/kz", name="Wire & Sons", kind="feed", country="KZ", language="kk"),
        external_id="guid:<1>",
        url="https://example.org/a?b=1&c=2#d",
        title="  <b>Ақорда</b> & “quotes” \U0001f600 \x00 ",
        text="Ақорда\r\n\tline two \ue000not a mark\ue001 \u202e 塔什干 \n\n",
        author="Ä. Ö.",
        published_at=datetime(2026, 2, 27, 23, 59, 59, 123456, timezone(timedelta(hours=5))),
        published_raw="27 ақпан",
        heading="Central Asia",
        highlighted=True,
        origin="backfill",
        countries=[CountryTag(code="KZ", role="subject", salience=1 / 3, evidence=(evidence,))],
        regions=[RegionTag(id="central-asia", role="derived")],
        actors=[ActorTag(name="Somebody New", kind="person", confidence=0.1)],
        cluster=Cluster(
            id="first",
            relation="same_report",
            matched="x",
            similarity=0.7,
            related=("y", "z"),
            reasons=("r 1", "s"),
        ),
    )


async def test_a_story_comes_back_exactly_as_it_was_put(archive):
    story = rich_story()

    await archive.put([story])

    assert await archive.get(story.story_id) == story


async def test_get_and_cluster_see_a_story_at_once(archive):
    await archive.put([enriched_story("a"), enriched_story("b", cluster=Cluster(id="a"))])

    assert (await archive.get("b")).story_id == "b"
    assert [story.story_id for story in await archive.cluster("a")] == ["b", "a"]


async def test_an_unknown_story_is_none(archive):
    assert await archive.get("nobody") is None
    assert await archive.get("../_search?q=*") is None
    assert await archive.cluster("nobody") == []


async def test_an_empty_batch_is_no_work(archive):
    assert await archive.put([]) == []


async def test_results_stand_in_the_order_of_the_batch(archive):
    await archive.put([enriched_story("b")])
    unfit = enriched_story("c", cluster=Cluster(id="c" * 40_000))

    results = await archive.put([enriched_story("z"), enriched_story("b"), unfit, enriched_story("a")])

    assert [(result.story_id, result.status) for result in results] == [
        ("z", "stored"),
        ("b", "stale"),
        ("c", "rejected"),
        ("a", "stored"),
    ]


async def test_a_rejected_story_has_a_reason_and_harms_no_other(archive):
    unfit = enriched_story("bad", cluster=Cluster(id="x" * 40_000))

    results = await archive.put([enriched_story("a"), unfit, enriched_story("b")])
    await archive.refresh()

    assert "cluster" in results[1].reason
    assert results[0] == PutResult("a", "stored")
    assert await archive.get("bad") is None
    assert await archive.total(Filter()) == 2


async def test_the_same_story_again_is_stale_and_stored_once(archive):
    await archive.put([enriched_story("a")])

    assert await archive.put([enriched_story("a")]) == [PutResult("a", "stale")]
    await archive.refresh()
    assert await archive.total(Filter()) == 1


@pytest.mark.parametrize(
    ("known", "arriving", "status"),
    [
        ({"revision": 0}, {"revision": 1}, "stored"),
        ({"revision": 2}, {"revision": 1}, "stale"),
        ({"lexicon_version": 1}, {"lexicon_version": 2}, "stored"),
        ({"lexicon_version": 2}, {"lexicon_version": 1}, "stale"),
        ({"revision": 1, "lexicon_version": 1}, {"revision": 0, "lexicon_version": 99}, "stale"),
        ({"revision": 0, "lexicon_version": 10**9}, {"revision": 1, "lexicon_version": 0}, "stored"),
        ({"revision": 2**31 - 2}, {"revision": 2**31 - 1}, "stored"),
    ],
)
async def test_the_revision_counts_first_and_then_the_lexicon(archive, known, arriving, status):
    await archive.put([enriched_story("a", text="known", **known)])

    (result,) = await archive.put([enriched_story("a", text="arriving", **arriving)])

    assert result.status == status
    assert (await archive.get("a")).text == ("arriving" if status == "stored" else "known")


async def test_of_a_story_that_is_twice_in_a_batch_the_last_version_wins(archive):
    first, second = enriched_story("a", text="one"), enriched_story("a", text="two", revision=1)

    forward = await archive.put([first, second])
    backward = await archive.put([second.model_copy(update={"revision": 2}), first])
    await archive.refresh()

    assert [result.status for result in forward] == ["stored", "stored"]
    assert [result.status for result in backward] == ["stored", "stale"]
    assert (await archive.get("a")).revision == 2
    assert await archive.total(Filter()) == 1


async def test_a_revision_leaves_nothing_of_the_old_one_behind(archive):
    old = enriched_story("a", subjects=("KZ",), text="camels", highlighted=True, published_at=NOON)
    later = NOON + timedelta(days=3)
    new = enriched_story("a", subjects=("UZ",), text="melons", revision=1, first_seen_at=later)
    await archive.put([old])
    await archive.put([new])
    await archive.refresh()

    assert await archive.total(Filter(countries=["KZ"])) == 0
    assert await archive.total(Filter(countries=["UZ"], since=later)) == 1
    assert await archive.total(Filter(highlighted=True)) == 0
    assert await archive.counts(Filter(), "country") == {"UZ": 1}
    assert not (await archive.search("camels", Filter())).hits
    assert len((await archive.search("melons", Filter())).hits) == 1


async def test_setup_may_be_called_again(archive):
    await archive.put([enriched_story("a")])
    await archive.setup()

    assert await archive.get("a") is not None


async def test_a_large_batch_is_stored_whole(archive):
    text = "steppe " * 5_000
    batch = [enriched_story(f"s{number}", text=text) for number in range(60)]

    results = await archive.put(batch)
    await archive.refresh()

    assert {result.status for result in results} == {"stored"}
    assert await archive.total(Filter()) == 60


async def test_health_is_well(archive):
    await archive.put([enriched_story("a")])
    await archive.refresh()
    health = await archive.health()

    assert health.ok
    assert "1 stories" in health.detail


async def test_closing_twice_is_fine(archive):
    await archive.close()
    await archive.close()


async def test_an_archive_out_of_reach_says_so_everywhere(unreachable):
    asked = [
        lambda: unreachable.setup(),
        lambda: unreachable.put([enriched_story("a")]),
        lambda: unreachable.get("a"),
        lambda: unreachable.latest(Filter()),
        lambda: unreachable.search("word", Filter()),
        lambda: unreachable.cluster("a"),
        lambda: unreachable.clusters(["a"]),
        lambda: unreachable.counts(Filter(), "day"),
        lambda: unreachable.counts(Filter(), "country"),
        lambda: unreachable.total(Filter()),
    ]
    for ask in asked:
        with pytest.raises(ArchiveUnavailable):
            await ask()
    health = await unreachable.health()
    await unreachable.close()

    assert not health.ok
    assert health.detail
