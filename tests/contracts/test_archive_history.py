"""What every archive promises about revisions, and about a story that the operator moves to another cluster."""

from fakes.stories import enriched_story
from shared.archive.port import Filter
from shared.events import Cluster


def told(revision, **fields):
    """A revision of one story, with a text of its own."""
    return enriched_story("a", revision=revision, text=f"text {revision}", **fields)


async def test_what_a_revision_replaces_is_its_history(archive):
    await archive.put([told(0)])
    await archive.put([told(1)])
    await archive.put([told(2)])

    assert await archive.get("a") == told(2)
    assert await archive.history("a") == [told(1), told(0)]


async def test_a_story_that_was_never_revised_has_no_history(archive):
    await archive.put([told(0), enriched_story("b")])

    assert await archive.history("a") == []
    assert await archive.history("nobody") == []


async def test_revisions_that_arrive_in_the_wrong_order_are_kept_all_the_same(archive):
    for revision in (2, 0, 3, 1):
        await archive.put([told(revision)])

    assert await archive.get("a") == told(3)
    assert await archive.history("a") == [told(2), told(1), told(0)]


async def test_revisions_of_one_batch_are_kept(archive):
    await archive.put([told(0), told(1), told(2)])

    assert [story.revision for story in await archive.history("a")] == [1, 0]


async def test_a_revision_that_comes_again_is_kept_once(archive):
    for revision in (0, 1, 0, 1, 1):
        await archive.put([told(revision)])

    assert await archive.history("a") == [told(0)]


async def test_another_reading_of_the_same_words_is_no_revision(archive):
    await archive.put([told(0, lexicon_version=1)])
    await archive.put([told(0, lexicon_version=2)])

    assert (await archive.get("a")).lexicon_version == 2
    assert await archive.history("a") == []


async def test_the_history_is_in_no_list_and_no_search(archive):
    await archive.put([enriched_story("a", text="walrus")])
    await archive.put([enriched_story("a", text="herring", revision=1)])
    await archive.refresh()

    assert (await archive.search("walrus", Filter())).hits == []
    assert len((await archive.latest(Filter())).stories) == 1
    assert await archive.total(Filter()) == 1


async def test_a_story_moves_to_the_cluster_that_the_operator_says(archive):
    await archive.put([enriched_story("first"), enriched_story("a", cluster=Cluster(id="first"))])

    assert await archive.recluster("a", Cluster(id="a", related=("first",)))
    await archive.refresh()

    assert (await archive.get("a")).cluster == Cluster(id="a", related=("first",))
    assert [story.story_id for story in await archive.cluster("first")] == ["first"]
    assert await archive.total(Filter(), collapse=True) == 2


async def test_a_moved_story_can_still_be_revised(archive):
    await archive.put([told(0, cluster=Cluster(id="first"))])
    await archive.recluster("a", Cluster(id="a"))

    await archive.put([told(1)])

    assert (await archive.get("a")).revision == 1


async def test_nobody_moves_where_there_is_no_story(archive):
    assert not await archive.recluster("nobody", Cluster(id="x"))
