"""What every archive promises about searching."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.stories import NOON, enriched_story
from shared.archive.port import MARK_END, MARK_START, BadCursor, BadQuery, Filter

TEXTS = {
    "talks": "Leaders of Kazakhstan and Uzbekistan met for peace talks in Tashkent.",
    "gas": "Turkmenistan will sell more gas; nuclear energy is a matter of debate.",
    "oil": "Oil exports from Baku fell. The authorities blamed the weather.",
    "quote": "Somebody said: it's al-Assad's plan, not ours. See nosuch:x and U.S. aid.",
    "russian": "Президент Казахстана прибыл в Ташкент.",
    "accents": "Taşkent welcomed the café owners of Türkiye.",
    "chinese": "哈萨克斯坦 塔什干",
    "code": "a <script>alert('&amp;')</script> b",
}


@pytest.fixture
async def filled(archive):
    await archive.put([enriched_story(name, text=text) for name, text in TEXTS.items()])
    await archive.put([enriched_story("titled", title="Melons of Samarkand", text="They are sweet.")])
    await archive.refresh()
    return archive


async def found(archive, text, where=None, **options):
    page = await archive.search(text, where or Filter(), limit=50, **options)
    return {hit.story.story_id for hit in page.hits}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kazakhstan", {"talks"}),
        ("KAZAKHSTAN talks", {"talks"}),
        ("kazakhstan gas", set()),
        ("leader", {"talks"}),
        ("kazakhstan OR gas", {"talks", "gas"}),
        ("kazakhstan OR gas OR oil energy", {"gas"}),
        ('"peace talks"', {"talks"}),
        ('"talks peace"', set()),
        ("“peace talks”", {"talks"}),
        ("the", {"oil", "accents"}),
        ("in -tashkent", set()),
        ("in -baku", {"talks"}),
        ('more NOT "nuclear energy"', set()),
        ("kazakh*", {"talks"}),
        ("kazakh", set()),
        ("uzbek* OR turkmen*", {"talks", "gas"}),
        ("it's", {"quote"}),
        ("al-Assad*", {"quote"}),
        ("nosuch:x", {"quote"}),
        ("text:gas", set()),
        ("U.S.", {"quote"}),
        ("Казахстан", {"russian"}),
        ("казахстаном", {"russian"}),
        ("ПРЕЗИДЕНТЫ", {"russian"}),
        ("Taskent", {"accents"}),
        ("café", {"accents"}),
        ("cafe", {"accents"}),
        ("哈萨克斯坦", {"chinese"}),
        ("melon", {"titled"}),
        ("samarkand sweet", {"titled"}),
        ("script", {"code"}),
    ],
)
async def test_the_grammar(filled, text, expected):
    assert await found(filled, text) == expected


@pytest.mark.parametrize("text", ["", "   ", "AND", "-word", "OR OR", "*", "(((", '""', "!?", "w" * 5000])
async def test_what_makes_no_sense_is_a_bad_query(filled, text):
    with pytest.raises(BadQuery):
        await found(filled, text)


HOSTILE = [
    '"unbalanced',
    "a OR",
    "it's",
    "a-b",
    "word (",
    "nosuch:x",
    "*:*",
    "_id:* x",
    "text:/regex/",
    "published_at:[* TO *]",
    "{title} : x",
    "NEAR(a b, 2)",
    "x ^ y",
    "x + y",
    "a\x00b",
    "'; DROP TABLE story; --",
    "%_%",
    "\\",
    "x\\",
    "\ud800 x",
    "a* b* c* d*",
    "-" * 150 + "x y",
    '"' * 21 + "x",
    "🇰🇿 x",
    "é́́́́́ x",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("order", ["newest", "relevance"])
async def test_hostile_text_finds_something_or_nothing(filled, text, order):
    try:
        names = await found(filled, text, order=order)
    except BadQuery:
        names = set()

    assert names < set(TEXTS)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(st.text(alphabet=st.characters(codec=None), max_size=80))
async def test_any_text_at_all(filled, text):
    try:
        await filled.search(text, Filter())
    except BadQuery as refusal:
        assert str(refusal)


async def test_a_snippet_marks_what_matched(filled):
    (hit,) = (await filled.search("tashkent", Filter())).hits

    assert f"{MARK_START}Tashkent{MARK_END}" in hit.snippet
    assert hit.snippet.count(MARK_START) == hit.snippet.count(MARK_END) == 1
    assert "Kazakhstan" in hit.snippet


@pytest.mark.parametrize(
    ("text", "marked"), [("leader", "Leaders"), ("kazakh*", "Kazakhstan"), ("казахстаном", "Казахстана")]
)
async def test_a_snippet_marks_other_forms_too(filled, text, marked):
    (hit,) = (await filled.search(text, Filter())).hits

    assert f"{MARK_START}{marked}{MARK_END}" in hit.snippet


async def test_a_match_in_the_title_alone_is_marked_there(filled):
    (hit,) = (await filled.search("samarkand", Filter())).hits

    assert hit.snippet == f"Melons of {MARK_START}Samarkand{MARK_END}"


async def test_markup_in_a_story_is_left_for_the_renderer_to_escape(filled):
    (hit,) = (await filled.search("alert", Filter())).hits

    assert hit.snippet == f"a <script>{MARK_START}alert{MARK_END}('&amp;')</script> b"


async def test_the_snippet_of_a_long_story_is_short_and_shows_the_match(archive):
    text = "steppe wind " * 2000 + "and then camels came. " + "steppe wind " * 2000
    await archive.put([enriched_story("long", text=text), enriched_story("run", text="camels " + "x" * 9000)])
    await archive.refresh()

    hits = {hit.story.story_id: hit.snippet for hit in (await archive.search("camels", Filter())).hits}

    assert f"{MARK_START}camels{MARK_END}" in hits["long"]
    assert all(len(snippet) <= 600 for snippet in hits.values())


async def test_a_story_with_mark_characters_cannot_forge_marks(archive):
    await archive.put(
        [enriched_story("forger", text=f"camels {MARK_START}{MARK_START} and melons {MARK_END}")]
    )
    await archive.refresh()

    (hit,) = (await archive.search("camels", Filter())).hits

    assert hit.snippet == "camels and melons"


async def test_newest_first_in_pages_without_gaps(archive):
    await archive.put([enriched_story(f"s{number}", text="the same words") for number in range(7)])
    await archive.refresh()
    names, cursor = [], None
    while True:
        page = await archive.search("words", Filter(), limit=3, cursor=cursor)
        names += [hit.story.story_id for hit in page.hits]
        await archive.put(
            [enriched_story(f"t{len(names)}", text="the same words", first_seen_at=NOON.replace(year=2027))]
        )
        await archive.refresh()
        cursor = page.cursor
        if cursor is None:
            break

    assert names == [f"s{number}" for number in range(6, -1, -1)]


async def test_a_search_cursor_serves_its_own_words_alone(archive):
    await archive.put([enriched_story(f"s{number}", text="melons and camels") for number in range(3)])
    await archive.refresh()
    cursor = (await archive.search("melons", Filter(), limit=1)).cursor

    assert len((await archive.search("  melons ", Filter(), cursor=cursor)).hits) == 2
    with pytest.raises(BadCursor):
        await archive.search("camels", Filter(), cursor=cursor)
    with pytest.raises(BadCursor):
        await archive.search("melons", Filter(), order="relevance", cursor=cursor)
    with pytest.raises(BadCursor):
        await archive.latest(Filter(), cursor=cursor)


async def test_by_relevance_the_better_match_stands_first(archive):
    await archive.put(
        [
            enriched_story("passing", text="A long report on many other things that names melons once. " * 3),
            enriched_story("about", title="Melons", text="Melons, and again melons."),
        ]
    )
    await archive.refresh()

    page = await archive.search("melons", Filter(), order="relevance", limit=1)

    assert [hit.story.story_id for hit in page.hits] == ["about"]
    assert page.cursor is None
