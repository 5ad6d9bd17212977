"""What every archive promises about lists, pages and counts."""

from datetime import UTC, datetime, timedelta

import pytest

from fakes.stories import NOON, enriched_story
from shared.archive.port import PAGE_LIMIT, BadCursor, Filter
from shared.events import ActorTag, Cluster, CountryTag, RegionTag, Source

HOUR = timedelta(hours=1)


async def store(archive, *stories):
    await archive.put(stories)
    await archive.refresh()


async def listed(archive, where=None, **options):
    options = {"limit": PAGE_LIMIT} | options
    return [story.story_id for story in (await archive.latest(where or Filter(), **options)).stories]


async def paged(archive, where, **options):
    """All pages of a list."""
    pages, cursor = [], None
    while True:
        page = await archive.latest(where, cursor=cursor, **options)
        pages.append([story.story_id for story in page.stories])
        cursor = page.cursor
        if cursor is None:
            return pages


def telling(story_id, **changes):
    """A later telling of the event ``first``."""
    return enriched_story(story_id, cluster=Cluster(id="first", relation="same_report"), **changes)


async def test_the_newest_stand_first_and_equal_times_by_id(archive):
    await store(
        archive,
        enriched_story("old", published_at=NOON - HOUR),
        enriched_story("b", published_at=NOON),
        enriched_story("a", published_at=NOON),
        enriched_story("c", published_at=NOON + timedelta(milliseconds=1)),
        enriched_story("B", published_at=NOON),
    )

    assert await listed(archive) == ["c", "b", "a", "B", "old"]
    assert await listed(archive, Filter(countries=["KZ"])) == ["c", "b", "a", "B", "old"]


async def test_undated_stories_go_by_when_they_were_seen_and_future_ones_are_clamped(archive):
    await store(
        archive,
        enriched_story("dated", published_at=NOON - HOUR, first_seen_at=NOON),
        enriched_story("undated", published_at=None, first_seen_at=NOON - 2 * HOUR),
        enriched_story("future", published_at=NOON + 900 * HOUR, first_seen_at=NOON - 3 * HOUR),
        enriched_story("ancient", published_at=datetime(1, 1, 1, tzinfo=UTC)),
    )

    assert await listed(archive) == ["dated", "undated", "future", "ancient"]


async def test_since_is_inclusive_and_until_exclusive(archive):
    moments = [NOON + timedelta(milliseconds=step) for step in (-1, 0, 1)]
    await store(archive, *(enriched_story(f"s{i}", published_at=at) for i, at in enumerate(moments)))

    for tags in ({}, {"countries": ["KZ"]}):
        assert await listed(archive, Filter(since=NOON, **tags)) == ["s2", "s1"]
        assert await listed(archive, Filter(until=NOON, **tags)) == ["s0"]
        assert await listed(archive, Filter(since=NOON, until=NOON, **tags)) == []
        assert await archive.total(Filter(since=NOON, until=moments[2], **tags)) == 1


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Filter(countries=["KZ"]), {"kz", "both"}),
        (Filter(countries=["KZ", "UZ"]), {"kz", "both"}),
        (Filter(countries=["UZ"], country_role="subject"), set()),
        (Filter(countries=["UZ"], country_role="mentioned"), {"both"}),
        (Filter(countries=["KZ", "UZ"], country_role="subject"), {"kz", "both"}),
        (Filter(country_role="subject"), {"kz", "both", "other"}),
        (Filter(regions=["central-asia"]), {"both"}),
        (Filter(actors=["Q1"]), {"both"}),
        (Filter(actors=["A Stranger"]), {"kz"}),
        (Filter(sources=["wire"]), {"kz", "both"}),
        (Filter(sources=["other source"], languages=["ru"]), {"other"}),
        (Filter(languages=["ru", "en"]), {"kz", "both", "other"}),
        (Filter(highlighted=True), {"kz"}),
        (Filter(highlighted=False), {"both", "other"}),
        (Filter(countries=["KZ"], actors=["Q1"], sources=["wire"], highlighted=False), {"both"}),
        (Filter(countries=["KZ"], languages=["ru"]), set()),
        (Filter(countries=["kz"]), set()),
        (Filter(countries=["XX", "YY", "KZ", "KZ"]), {"kz", "both"}),
        (Filter(countries=[f"{a}{b}" for a in "ABCDEFGHIJK" for b in "XYZ"]), {"kz", "both"}),
        (Filter(sources=["' OR 1=1 --"]), set()),
        (Filter(countries=["KZ", "UZ"], together=True), {"both"}),
        (Filter(countries=["KZ", "FR"], together=True), set()),
        (Filter(countries=["KZ", "UZ"], country_role="subject", together=True), set()),
        (Filter(countries=["KZ", "UZ"], actors=["Q1"], sources=["wire", "x"], together=True), {"both"}),
        (Filter(countries=["KZ"], without_countries=["UZ", "XX"]), {"kz"}),
        (Filter(without_countries=["KZ"]), {"other"}),
        (Filter(countries=["KZ"], without_regions=["central-asia"], without_actors=["A Stranger"]), set()),
        (Filter(without_actors=["Q1"], highlighted=False), {"other"}),
        (Filter(without_words=["nowhere", '" OR', "somewhere else"]), {"kz", "both", "other"}),
        (Filter(countries=["KZ"], without_words=["nowhere", "happened"]), set()),
        (Filter(without_words=["Something happened", "*"]), set()),
    ],
)
async def test_filters(archive, where, expected):
    both = [
        CountryTag(code="KZ", role="subject", salience=1),
        CountryTag(code="UZ", role="mentioned", salience=0.2),
    ]
    await store(
        archive,
        enriched_story("kz", highlighted=True, actors=[ActorTag(name="A Stranger", kind="person")]),
        enriched_story(
            "both",
            countries=both,
            regions=[RegionTag(id="central-asia", role="derived")],
            actors=[ActorTag(id="Q1", name="Somebody", kind="person")],
        ),
        enriched_story(
            "other",
            subjects=("FR",),
            language="ru",
            source=Source(id="other source", name="Other", kind="page"),
        ),
    )

    assert set(await listed(archive, where)) == expected
    assert await archive.total(where) == len(expected)
    assert {hit.story.story_id for hit in (await archive.search("happened", where)).hits} == expected


async def test_a_list_shows_the_first_telling_of_each_cluster_or_all(archive):
    await store(
        archive,
        enriched_story("first", published_at=NOON),
        telling("second", published_at=NOON + HOUR),
        enriched_story("lone", published_at=NOON - HOUR),
    )

    assert await listed(archive) == ["first", "lone"]
    assert await listed(archive, collapse=False) == ["second", "first", "lone"]
    assert await archive.total(Filter()) == 3
    assert await archive.total(Filter(), collapse=True) == 2
    assert [story.story_id for story in await archive.cluster("first")] == ["second", "first"]
    assert [story.story_id for story in await archive.cluster("first", limit=1)] == ["second"]
    assert len((await archive.search("happened", Filter())).hits) == 2
    assert len((await archive.search("happened", Filter(), collapse=False)).hits) == 3


async def test_the_tellings_of_several_events_at_once(archive):
    # No refresh: they are seen as soon as they are stored.
    many = [telling(f"t{number:02}", published_at=NOON + number * HOUR) for number in range(PAGE_LIMIT + 2)]
    await archive.put([enriched_story("first", published_at=NOON - HOUR), enriched_story("lone"), *many])

    found = await archive.clusters(["lone", "first", "nobody", "lone"])

    assert list(found) == ["lone", "first", "nobody"]
    assert [story.story_id for story in found["lone"]] == ["lone"]
    assert found["first"] == await archive.cluster("first")
    assert len(found["first"]) == PAGE_LIMIT
    assert found["nobody"] == []
    assert await archive.clusters([]) == {}


@pytest.mark.parametrize("where", [Filter(), Filter(countries=["KZ", "UZ"])])
async def test_pages_hold_every_story_once(archive, where):
    stories = [
        enriched_story(f"s{number:02}", subjects=("KZ", "UZ"), published_at=NOON + (number // 3) * HOUR)
        for number in range(10)
    ]
    await store(archive, *stories)

    pages = await paged(archive, where, limit=4)

    assert [len(page) for page in pages] == [4, 4, 2]
    assert [name for page in pages for name in page] == sorted(
        (story.story_id for story in stories), reverse=True
    )


async def test_the_last_full_page_has_no_cursor(archive):
    await store(archive, enriched_story("a"), enriched_story("b"))

    assert (await archive.latest(Filter(), limit=2)).cursor is None
    assert (await archive.latest(Filter(countries=["XX"]))).cursor is None


async def test_stories_that_arrive_while_somebody_pages_shift_nothing(archive):
    where = Filter(countries=["KZ"])
    await store(archive, *(enriched_story(f"s{i}", published_at=NOON + i * HOUR) for i in range(6)))
    first = await archive.latest(where, limit=2)
    await store(
        archive,
        *(enriched_story(f"new{i}", published_at=NOON + (10 + i) * HOUR) for i in range(5)),
        enriched_story("s9", published_at=NOON + 5 * HOUR),
    )
    second = await archive.latest(where, limit=2, cursor=first.cursor)

    assert [story.story_id for story in second.stories] == ["s3", "s2"]


async def test_a_cursor_serves_its_own_question_alone(archive):
    await store(archive, *(enriched_story(f"s{i}") for i in range(3)))
    where = Filter(countries=["KZ"])
    cursor = (await archive.latest(where, limit=1)).cursor

    assert await listed(archive, Filter(countries=("KZ",)), cursor=cursor) == ["s1", "s0"]
    for other in (Filter(), Filter(countries=["UZ"]), Filter(countries=["KZ"], since=NOON)):
        with pytest.raises(BadCursor):
            await archive.latest(other, cursor=cursor)
    with pytest.raises(BadCursor):
        await archive.latest(where, cursor=cursor, collapse=False)
    with pytest.raises(BadCursor):
        await archive.search("happened", where, cursor=cursor)
    with pytest.raises(BadCursor):
        await archive.latest(where, cursor="no cursor at all")


async def test_a_page_is_never_larger_than_the_limit_nor_empty(archive):
    await store(archive, *(enriched_story(f"s{i}") for i in range(PAGE_LIMIT + 2)))

    assert len(await listed(archive, limit=10_000)) == PAGE_LIMIT
    assert len(await listed(archive, limit=0)) == 1
    assert len(await listed(archive, limit=-3)) == 1


async def test_counts_by_day_follow_the_zone(archive):
    late = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)
    await store(
        archive,
        enriched_story("a", published_at=late, first_seen_at=late),
        enriched_story("b", published_at=late - 2 * HOUR, first_seen_at=late),
    )

    assert await archive.counts(Filter(), "day") == {"2026-03-01": 2}
    assert await archive.counts(Filter(), "day", zone="Asia/Almaty") == {"2026-03-01": 1, "2026-03-02": 1}
    assert await archive.counts(Filter(), "day", zone="Asia/Kathmandu") == {"2026-03-02": 2}
    with pytest.raises(ValueError, match="time zone"):
        await archive.counts(Filter(), "day", zone="Mars/Olympus")


async def test_days_of_23_and_25_hours(archive):
    def at(month, day, hour, minute=0):
        return datetime(2025, month, day, hour, minute, tzinfo=UTC)

    # In Berlin, 30 March 2025 begins at 23:00 UTC and ends at 22:00; 26 October begins at 22:00, ends at 23:00.
    moments = [at(3, 29, 22, 59), at(3, 29, 23), at(3, 30, 21, 59), at(3, 30, 22)]
    moments += [at(10, 25, 21, 59), at(10, 25, 22), at(10, 26, 22, 59), at(10, 26, 23)]
    await store(archive, *(enriched_story(f"s{i}", published_at=when) for i, when in enumerate(moments)))

    days = await archive.counts(Filter(), "day", zone="Europe/Berlin")

    assert list(days.items()) == [
        ("2025-03-29", 1),
        ("2025-03-30", 2),
        ("2025-03-31", 1),
        ("2025-10-25", 1),
        ("2025-10-26", 2),
        ("2025-10-27", 1),
    ]


async def test_counts_before_1970_fall_on_their_day(archive):
    await store(archive, enriched_story("a", published_at=datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)))

    assert await archive.counts(Filter(), "day") == {"1969-12-31": 1}


async def test_counts_by_tag(archive):
    def country(code, role):
        return CountryTag(code=code, role=role, salience=0.5)

    region, actor = RegionTag(id="central-asia", role="mentioned"), ActorTag(id="Q1", name="S", kind="person")
    await store(
        archive,
        enriched_story("a", countries=[country("KZ", "subject"), country("UZ", "mentioned")]),
        enriched_story("b", countries=[country("KZ", "mentioned")], regions=[region, region]),
        enriched_story("c", countries=[country("AM", "subject")], actors=[actor]),
        enriched_story("d", countries=[country("AM", "subject")], cluster=Cluster(id="c")),
    )

    by_country = await archive.counts(Filter(), "country", collapse=False)
    assert list(by_country.items()) == [("AM", 2), ("KZ", 2), ("UZ", 1)]
    assert await archive.counts(Filter(), "country") == {"KZ": 2, "AM": 1, "UZ": 1}
    assert list(await archive.counts(Filter(), "country", top=1)) == ["KZ"]
    assert await archive.counts(Filter(country_role="subject"), "country") == {"AM": 1, "KZ": 1}
    assert await archive.counts(Filter(countries=["UZ"]), "country") == {"KZ": 1, "UZ": 1}
    assert await archive.counts(Filter(), "region") == {"central-asia": 1}
    assert await archive.counts(Filter(), "actor") == {"Q1": 1}
    assert await archive.counts(Filter(countries=["KZ"]), "source") == {"wire": 2}
    assert await archive.counts(Filter(since=NOON + HOUR), "country") == {}
    assert await archive.counts(Filter(countries=["XX"]), "day") == {}
