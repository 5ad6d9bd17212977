"""The rules of place tagging, one by one, and what hostile text does to them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrich.countries import PlaceTagger, PlaceTags
from services.enrich.explain import marked
from shared.places.lexicon import load_lexicon


@pytest.fixture(scope="module")
def tagger() -> PlaceTagger:
    return PlaceTagger.load()


def tag(text: str, *, title: str | None = None, language: str = "en", source: str | None = None) -> PlaceTags:
    return PlaceTagger.load().tag(title, text, language=language, source_country=source)


def countries(text: str, **said: str) -> list[str]:
    return sorted(one.code for one in tag(text, **said).countries)


def fits(tags: PlaceTags, title: str | None, text: str) -> bool:
    fields = {"title": title or "", "text": text}
    spans = [e for one in (*tags.countries, *tags.regions) for e in one.evidence]
    return all(fields[e.field][e.start : e.end] == e.text and e.text for e in spans)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("South Sudan and Sudan", ["SD", "SS"]),
        ("Guinea-Bissau, Equatorial Guinea and Papua New Guinea", ["GQ", "GW", "PG"]),
        ("New Mexico and New Jersey", ["US"]),
        ("Northern Ireland", ["GB"]),
        ("the Dominican Republic", ["DO"]),
        ("the Indian Ocean", []),
    ],
)
def test_the_longest_name_wins(text: str, wanted: list[str]) -> None:
    assert countries(f"They spoke of {text}.") == wanted


@pytest.mark.parametrize(
    "text", ["Romania's", "“Romania”", "(Romania)", "Romania-based", "anti-Romania", "Romania:"]
)
def test_punctuation_is_a_boundary(text: str) -> None:
    assert countries(f"He said {text} yes.") == ["RO"]


@pytest.mark.parametrize(
    "text", ["Romanianism", "Peruse", "Minsky", "Omani-like", "Chinaware", "Texas-shaped"]
)
def test_no_name_fires_inside_a_longer_word(text: str) -> None:
    assert countries(f"He said {text} twice.") == []


def test_case_tells_words_from_names() -> None:
    assert countries("Tell us more about turkey and china, please.") == []
    assert countries("the US and the UK") == ["GB", "US"]
    assert countries("talks in bishkek between kyrgyzstan and kazakhstan") == ["KG", "KZ"]


def test_a_line_of_capitals() -> None:
    assert countries("Details follow.", title="KYRGYZSTAN SIGNS GAS DEAL WITH UZBEKISTAN") == ["KG", "UZ"]
    assert countries("TELL US WHAT YOU THINK OF US") == []


def test_the_state_says_where_the_city_is() -> None:
    assert countries("Police in Moscow, Idaho, closed a road. Moscow has few of them.") == ["US"]
    assert countries("The mill in Athens, Ga., burnt down.") == ["US"]
    assert countries("Fog closed the airport of London, Ontario. Nobody in London was surprised.") == ["CA"]


def test_a_state_named_in_the_story_moves_its_namesake_cities() -> None:
    assert countries("A man from Paris was fined. Missouri troopers had caught him in Texas.") == ["US"]
    assert countries("Paris fined a man from Missouri. French police had caught him.") == ["FR", "US"]


def test_an_abbreviation_needs_its_comma() -> None:
    assert countries("Pa. said Ma. was Miss. all along.") == []


def test_the_person_takes_the_later_mentions_along() -> None:
    assert countries("Georgia Ellison skates. Every day Georgia trains for hours.") == []
    assert countries(
        "Michael Jordan visited Petra. King Abdullah thanked him; Jordan's parliament in Amman did too."
    ) == ["JO"]


def test_a_space_that_does_not_break_parts_words_like_any_other() -> None:
    assert countries("Denzel\u00a0Washington came, and so did Jordan\u00a0Peele.") == []
    assert countries("They met in\u00a0Washington.") == ["US"]


def test_a_town_of_the_state_tells_it_from_its_namesake() -> None:
    assert countries("The plant in Ellabell, Georgia, is a short drive from Savannah.") == ["US"]
    assert countries("Georgia spoke, and Rome listened.") == ["GE", "IT"]


def test_initials_of_a_region_count_in_its_own_phrases_alone() -> None:
    assert [one.id for one in tag("Страны ЦА договорились о воде.", language="ru").regions] == [
        "central-asia"
    ]
    assert tag("Наша ЦА любит скидки.", language="ru").regions == ()


def test_the_source_decides_only_between_readings() -> None:
    assert countries("Georgia won.", source="US") == ["US"]
    assert countries("Nothing happened.", source="US") == []


def test_a_small_town_alone_tags_nothing() -> None:
    assert countries("A bakery in Nuneaton burnt down.") == []


def test_the_seat_of_a_bloc_is_a_city_only_where_something_happens_there() -> None:
    assert countries("Brussels fined the firm.") == []
    assert countries("Farmers drove their tractors through the rain in Brussels.") == ["BE"]


def test_currency_codes_are_no_countries() -> None:
    assert countries("It cost US$40.") == []


def test_inflected_and_suffixed_names() -> None:
    assert countries("о положении в Таджикистане и отношениях с Китаем", language="ru") == ["CN", "TJ"]
    assert countries("Қазақстанның, Өзбекстанға, Ресейден", language="kk") == ["KZ", "RU", "UZ"]
    assert countries("وبالسعودية وللعراق", language="ar") == ["IQ", "SA"]
    assert countries("在哈萨克斯坦和日本", language="zh") == ["JP", "KZ"]
    assert countries("카자흐스탄은 한국에서", language="ko") == ["KR", "KZ"]


def test_a_longer_chinese_name_hides_the_shorter() -> None:
    assert countries("马里兰州的印度洋博物馆", language="zh") == []


def test_a_foreign_name_that_is_a_word_needs_its_language() -> None:
    assert countries("The Island of Columbia Records", language="en") == []


def test_evidence_names_its_kind_and_stands_where_it_says() -> None:
    title, text = (
        "Tashkent hosts talks",
        "The Uzbek capital received Tokayev,  whose\u00ad Kazakhstan\u0301 borders U.S.-made maps.",
    )
    tags = tag(text, title=title)
    kinds = {e.text: e.kind for one in tags.countries for e in one.evidence}
    assert kinds["Tashkent"] == "capital"
    assert kinds["Uzbek"] == "demonym"
    assert kinds["Tokayev"] == "leader"
    assert fits(tags, title, text)


def test_explanations_mark_the_evidence() -> None:
    text = "Tashkent and Central Asia."
    tags = tag(text)
    shown = marked(text, "text", (*tags.countries, *tags.regions))
    assert shown.startswith("[Tashkent|UZ capital, central-asia member]") or "[Tashkent|UZ capital" in shown
    assert "[Central Asia|central-asia region]" in shown


def test_countries_come_by_salience_and_the_first_is_a_subject() -> None:
    tags = tag(
        "Peru said that Peru would not sign. A Chilean reader of a paper in Bolivia wrote on Peru."
    ).countries
    assert tags[0].code == "PE"
    assert [one.salience for one in tags] == sorted((one.salience for one in tags), reverse=True)
    assert tags[0].role == "subject"
    assert tags[0].salience == 1.0


def test_regions_are_not_taken_apart() -> None:
    tags = tag("Central Asian leaders met.")
    assert tags.countries == ()
    assert [(one.id, one.role) for one in tags.regions] == [("central-asia", "subject")]


def test_a_region_is_derived_from_a_subject_with_its_evidence() -> None:
    tags = {one.id: one for one in tag("Kazakhstan launched a satellite.").regions}
    assert tags["central-asia"].role == "derived"
    assert tags["central-asia"].evidence[0].kind == "member"
    assert tags["central-asia"].evidence[0].text == "Kazakhstan"


def test_a_part_of_a_region_speaks_for_the_whole() -> None:
    roles = {one.id: one.role for one in tag("Western Balkans leaders met.").regions}
    assert roles == {"western-balkans": "subject", "balkans": "derived"}


HOSTILE = {
    "one word": "Kazakhstan " * 90_000,
    "no spaces": "Kazakhstan" * 90_000,
    "spaces": " " * 900_000,
    "marks": "K\u0301" * 300_000,
    "invisible": "Ka\u200bzakh\u00adstan " * 50_000,
    "emoji": "🇰🇿👩‍👩‍👧‍👦 Kazakhstan " * 30_000,
    "right to left": "\u202eKazakhstan\u202c كازاخستان " * 30_000,
    "control": "\x00Kazakhstan\x07 " * 50_000,
    "surrogates": "\ud800 Kazakhstan \udfff" * 30_000,
    "commas": "Paris, Texas, " * 60_000,
    "ambiguous": "Georgia met Jordan. " * 40_000,
    "capitals": "US US GEORGIA, " * 50_000,
    "Cyrillic": "Казахстанаказахстан " * 40_000,
    "Chinese": "中" * 600_000,
    "dashes": "A" * 300_000 + "-" * 300_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_only_text(name: str) -> None:
    text = HOSTILE[name]
    tags = tag(text, title=text[:2000])
    assert fits(tags, text[:2000], text)


PIECES = [
    "Kazakhstan",
    "US",
    "Georgia",
    "Paris, Texas",
    "Макрон в Китае",
    "ﷺ",
    "中国",
    "İstanbul",
    "ß",
    "K\u0301",
]
ODDITIES = ["\u200b", " ", "\n\n", "-", "’s", "\ud800", "🇰🇿"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES + ODDITIES), st.text(max_size=8)), max_size=30).map("".join))
def test_offsets_always_lead_back_to_the_original(text: str) -> None:
    tags = tag(text, title=text[:40])
    assert fits(tags, text[:40], text)


def test_tags_do_not_depend_on_the_order_of_stories() -> None:
    stories = [
        "Michael Jordan smiled.",
        "Jordan closed its border with Syria.",
        "Georgia won.",
        "Atlanta, Georgia, is hot.",
    ]
    forwards = [tag(story) for story in stories]
    backwards = [tag(story) for story in reversed(stories)]
    assert forwards == backwards[::-1]


def test_the_tagger_says_which_lexicon_it_used(tagger: PlaceTagger) -> None:
    assert tagger.lexicon_version == load_lexicon().version >= 1
