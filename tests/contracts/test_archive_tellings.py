"""What every archive promises about events that were told more than once: any telling may be the one that matches."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.stories import NOON, enriched_story
from shared.archive.port import PAGE_LIMIT, Filter
from shared.events import ActorTag, Cluster, CountryTag, RegionTag, Source

HOUR = timedelta(hours=1)
REVISIONS = itertools.count(1)
KZ, NO = Filter(countries=["KZ"]), Filter(countries=["NO"])


def story(story_id, hour, *subjects, cluster=None, **changes):
    """A story so many hours after noon, of a cluster of its own unless another is named."""
    told = Cluster(id=cluster, relation="same_report") if cluster else Cluster(id=story_id)
    return enriched_story(
        story_id, subjects=subjects, published_at=NOON + hour * HOUR, first_seen_at=NOON + 999 * HOUR,
        cluster=told, **changes
    )  # fmt: skip


async def store(archive, *stories):
    await archive.put(stories)
    await archive.refresh()


async def listed(archive, where=KZ, **options):
    options = {"limit": PAGE_LIMIT} | options
    return [each.story_id for each in (await archive.latest(where, **options)).stories]


async def found(archive, text, where=None, **options):
    options = {"limit": PAGE_LIMIT} | options
    return [hit.story.story_id for hit in (await archive.search(text, where or Filter(), **options)).hits]


async def test_an_event_is_listed_by_the_first_telling_that_matches(archive):
    await store(
        archive,
        story("first", 0, "NO"),
        story("second", 1, "UZ", cluster="first"),
        story("fourth", 3, "KZ", cluster="first"),
        story("third", 2, "KZ", "NO", cluster="first"),
        story("lone", 1, "KZ"),
    )

    assert await listed(archive, KZ) == ["third", "lone"]
    assert await listed(archive, NO) == ["first"]
    assert await listed(archive, Filter()) == ["lone", "first"]
    assert await listed(archive, Filter(countries=["KZ", "UZ"])) == ["second", "lone"]
    assert await listed(archive, KZ, collapse=False) == ["fourth", "third", "lone"]


async def test_the_first_telling_stands_before_others_that_are_dated_earlier(archive):
    await store(
        archive,
        story("first", 5, "KZ"),
        story("early", 1, "KZ", "UZ", cluster="first"),
        story("earlier", 0, "UZ", cluster="first"),
        story("twin", 0, "UZ", cluster="first"),
    )

    assert await listed(archive, KZ) == ["first"]
    assert await listed(archive, Filter(countries=["UZ"])) == ["earlier"]


@pytest.mark.parametrize(
    "where",
    [
        Filter(countries=["KZ"]),
        Filter(countries=["KZ"], country_role="mentioned"),
        Filter(regions=["central-asia"]),
        Filter(actors=["Q1"]),
        Filter(sources=["other"]),
        Filter(languages=["ru"]),
        Filter(highlighted=True),
        Filter(since=NOON + HOUR),
        Filter(countries=["KZ"], actors=["Q1"], sources=["other"], since=NOON + HOUR, until=NOON + 2 * HOUR),
        Filter(countries=["KZ", "UZ"], together=True),
        Filter(without_countries=["NO"]),
        Filter(without_words=["herring"]),
    ],
)
async def test_whatever_is_asked_one_telling_that_has_all_of_it_is_enough(archive, where):
    def mentioned(code):
        return CountryTag(code=code, role="mentioned", salience=0.2)

    later = story(
        "later", 1, cluster="first",
        countries=[mentioned("KZ"), mentioned("UZ")],
        regions=[RegionTag(id="central-asia", role="mentioned")],
        actors=[ActorTag(id="Q1", name="Somebody", kind="person")],
        source=Source(id="other", name="Other", kind="feed"),
        language="ru",
        highlighted=True,
        text="Melons.",
    )  # fmt: skip
    await store(archive, story("first", 0, "NO", text="Herring."), later)

    assert await listed(archive, where) == ["later"]
    assert await archive.total(where, collapse=True) == 1
    assert await archive.counts(where, "source") == {"other": 1}
    assert await found(archive, "melons", where) == ["later"]
    assert await found(archive, "herring", where) == []


async def test_two_tellings_do_not_match_together_what_neither_matches_alone(archive):
    person = ActorTag(id="Q1", name="Somebody", kind="person")
    await store(archive, story("first", 0, "KZ"), story("later", 1, "NO", cluster="first", actors=[person]))
    where = Filter(countries=["KZ"], actors=["Q1"])

    assert await listed(archive, where) == []
    assert await archive.total(where, collapse=True) == 0


async def test_words_that_only_a_later_telling_has_find_the_event_once(archive):
    await store(
        archive,
        story("first", 0, "NO", text="A ship sank."),
        story("second", 1, "NO", cluster="first", text="The ferry sank off Bergen."),
        story("third", 2, "KZ", cluster="first", text="The ferry had lost its rudder."),
        story("lone", 3, "KZ", text="Another ferry is late."),
    )

    for order in ("newest", "relevance"):
        assert sorted(await found(archive, "ferry", order=order)) == ["lone", "second"]
        assert await found(archive, "ferry rudder", order=order) == ["third"]
        assert sorted(await found(archive, "ferry", KZ, order=order)) == ["lone", "third"]
        assert await found(archive, "ferry -rudder -late", order=order) == ["second"]
    assert await found(archive, "sank OR ferry") == ["lone", "first"]


async def test_an_event_whose_first_telling_is_elsewhere_is_listed_all_the_same(archive):
    await store(archive, story("b", 1, "KZ", cluster="gone"), story("c", 2, "KZ", cluster="gone"))

    assert await listed(archive, Filter()) == ["b"]
    assert await archive.total(Filter(), collapse=True) == 1


async def test_events_are_counted_by_any_telling_once_for_each_day_and_tag(archive):
    await store(
        archive,
        story("first", 0, "NO"),
        story("second", 1, "KZ", cluster="first"),
        story("third", 2, "KZ", cluster="first"),
        story("tomorrow", 24, "KZ", "NO", cluster="first"),
        story("lone", 1, "KZ"),
    )

    assert await archive.counts(KZ, "day") == {"2026-03-01": 2, "2026-03-02": 1}
    assert await archive.counts(NO, "day") == {"2026-03-01": 1, "2026-03-02": 1}
    assert await archive.counts(KZ, "day", collapse=False) == {"2026-03-01": 3, "2026-03-02": 1}
    assert await archive.counts(Filter(), "day", zone="Asia/Almaty") == {"2026-03-01": 2, "2026-03-02": 1}
    assert list((await archive.counts(Filter(), "country")).items()) == [("KZ", 2), ("NO", 1)]
    assert await archive.counts(Filter(), "country", collapse=False) == {"KZ": 4, "NO": 2}
    assert await archive.counts(Filter(), "country", top=1) == {"KZ": 2}
    assert await archive.counts(KZ, "country") == {"KZ": 2, "NO": 1}
    assert [await archive.total(where, collapse=True) for where in (KZ, NO, Filter())] == [2, 1, 2]


async def test_the_tag_of_more_events_stands_before_that_of_more_tellings(archive):
    again = [story(f"again{number}", number, "NO", cluster="first") for number in range(1, 5)]
    await store(archive, story("first", 0, "NO"), *again, story("a", 1, "KZ"), story("b", 1, "KZ"))

    assert list(await archive.counts(Filter(), "country")) == ["KZ", "NO"]
    assert list(await archive.counts(Filter(), "country", collapse=False)) == ["NO", "KZ"]
    assert await archive.counts(Filter(), "country", top=1) == {"KZ": 2}


async def test_a_story_that_is_taken_out_of_its_cluster_leaves_both_right(archive):
    await store(archive, story("first", 0, "NO"), story("a", 1, "KZ", cluster="first"),
                story("b", 2, "KZ", cluster="first"))  # fmt: skip
    assert await listed(archive, KZ) == ["a"]

    await archive.recluster("a", Cluster(id="a", related=("first",)))
    await archive.refresh()

    assert await listed(archive, KZ) == ["b", "a"]
    assert await listed(archive, Filter()) == ["a", "first"]
    assert await archive.total(KZ, collapse=True) == 2


async def test_a_story_that_joins_a_cluster_leaves_both_right(archive):
    await store(archive, story("first", 0, "KZ"), story("a", 1, "KZ"), story("b", 2, "KZ", cluster="a"))

    await archive.recluster("a", Cluster(id="first", relation="same_report"))
    await archive.refresh()

    assert await listed(archive, KZ) == ["b", "first"]
    assert await archive.total(KZ, collapse=True) == 2


async def test_a_revision_changes_which_telling_stands_for_the_event(archive):
    await store(archive, story("first", 0, "NO"), story("a", 1, "KZ", cluster="first"),
                story("b", 2, "KZ", cluster="first"))  # fmt: skip

    await store(archive, story("a", 1, "UZ", cluster="first", revision=1))
    assert await listed(archive, KZ) == ["b"]
    await store(archive, story("first", 0, "KZ", revision=1))
    assert await listed(archive, KZ) == ["first"]
    await store(archive, story("b", 2, "NO", cluster="first", revision=1))
    await store(archive, story("first", 0, "NO", revision=2))
    assert await listed(archive, KZ) == []
    assert await archive.counts(KZ, "day") == {}


async def paged(archive, where, between=None, *, limit=2):
    """All pages of a list, perhaps with something done between them."""
    names, cursor = [], None
    while True:
        page = await archive.latest(where, limit=limit, cursor=cursor)
        names += [each.story_id for each in page.stories]
        cursor = page.cursor
        if cursor is None:
            return names
        if between:
            await between(len(names))


async def test_pages_hold_every_event_once_while_more_is_told(archive):
    await store(
        archive,
        *(story(f"e{number}", 3 * number, "NO" if number % 2 else "KZ") for number in range(8)),
        *(story(f"t{number}", 3 * number + 1, "KZ", cluster=f"e{number}") for number in range(8)),
    )

    async def tell_again(turn):
        again = [
            story(f"n{turn}-{number}", 3 * number + turn, "KZ", cluster=f"e{number}") for number in range(8)
        ]
        await store(archive, *again, story(f"new{turn}", 100 + turn, "KZ"))

    assert await paged(archive, KZ, tell_again) == ["t7", "e6", "t5", "e4", "t3", "e2", "t1", "e0"]


async def test_where_a_page_begins_does_not_change_what_stands_for_an_event(archive):
    early = story("early", 0, "KZ", text="melons", cluster="first")
    await store(archive, story("first", 3, "KZ", text="melons"), early, story("lone", 1, "KZ", text="melons"))

    assert await listed(archive, KZ, before=NOON + 3 * HOUR) == ["lone"]
    assert await found(archive, "melons", before=NOON + 3 * HOUR) == ["lone"]
    assert await listed(archive, Filter(until=NOON + 3 * HOUR)) == ["lone", "early"]
    assert await listed(archive, KZ, before=NOON + 4 * HOUR) == ["first", "lone"]
    assert await listed(archive, Filter(), before=NOON + HOUR) == []


async def test_an_event_that_was_told_very_often_takes_one_place(archive):
    often = [
        story(f"o{number:03}", 1 + number, "KZ", text="melons", cluster="first") for number in range(150)
    ]
    await store(
        archive, story("first", 0, "NO", text="herring"), *often, story("lone", -1, "KZ", text="melons")
    )

    assert await listed(archive, KZ, limit=1) == ["o000"]
    assert await listed(archive, KZ, limit=5) == ["o000", "lone"]
    assert await found(archive, "melons", limit=5) == ["o000", "lone"]
    assert sorted(await found(archive, "melons", limit=5, order="relevance")) == ["lone", "o000"]
    assert await archive.total(KZ, collapse=True) == 2


TOLD = st.tuples(
    st.integers(0, 4),
    st.integers(0, 6),
    st.sets(st.sampled_from(["KZ", "NO", "UZ"]), max_size=2),
    st.booleans(),
)


def expected(stories, where):
    """What a list holds, by its definition."""

    def matches(each):
        at, codes = each.dated[0], {tag.code for tag in each.countries}
        return (
            (not where.countries or codes & set(where.countries))
            and (where.since is None or at >= where.since)
            and (where.highlighted is None or each.highlighted == where.highlighted)
        )

    def comes(each):
        return (each.cluster.id != each.story_id, each.dated[0], each.story_id)

    standing = {}
    for each in sorted(filter(matches, stories), key=comes):
        standing.setdefault(each.cluster.id, each)
    return sorted(standing.values(), key=lambda each: (each.dated[0], each.story_id), reverse=True)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(st.lists(TOLD, min_size=1, max_size=14))
async def test_any_events_told_in_any_way(archive, told):
    # The same ids again and again, each time as the next revision of all of them.
    turn = next(REVISIONS)
    everything = [*told, *[(0, 0, set(), False)] * (14 - len(told))]
    stories = [
        story(f"s{n:02}", hour, *sorted(codes), cluster=f"s{event:02}", highlighted=marked, revision=turn)
        for n, (event, hour, codes, marked) in enumerate(everything)
    ]
    await store(archive, *stories)

    for where in (
        Filter(), KZ, Filter(countries=["KZ", "UZ"]), Filter(since=NOON + 2 * HOUR), Filter(highlighted=True),
        Filter(countries=["NO"], highlighted=False, since=NOON + HOUR),
    ):  # fmt: skip
        names = [each.story_id for each in expected(stories, where)]
        assert await listed(archive, where) == names
        assert await archive.total(where, collapse=True) == len(names)
        assert await paged(archive, where) == names
