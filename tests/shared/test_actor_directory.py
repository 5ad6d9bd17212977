"""Asking the directory of listed actors, as the conversation does."""

from datetime import date

import pytest

from shared.actors import Actors, load_actors


@pytest.fixture(scope="module")
def actors() -> Actors:
    return load_actors()


def ids(found: list[object]) -> list[str]:
    return [one.id for one in found]


@pytest.mark.parametrize(
    "name", ["Tokayev", "tokayev", "Kassym-Jomart Tokayev", "Токаев", "kassym-jomart-tokayev"]
)
def test_a_name_in_any_spelling_resolves(actors: Actors, name: str) -> None:
    assert ids(actors.resolve(name)) == ["kassym-jomart-tokayev"]


def test_a_shared_family_name_gives_a_choice_with_the_present_holder_first(actors: Actors) -> None:
    assert ids(actors.resolve("Sharif")) == ["shehbaz-sharif", "nawaz-sharif"]
    assert ids(actors.resolve("Aliyev"))[0] == "ilham-aliyev"


@pytest.mark.parametrize(
    ("name", "day", "holder"),
    [
        ("president of Kazakhstan", None, "kassym-jomart-tokayev"),
        ("Kazakh president", date(2015, 1, 1), "nursultan-nazarbayev"),
        ("Президент Казахстана", None, "kassym-jomart-tokayev"),
        ("president of Iran", date(2023, 6, 1), "ebrahim-raisi"),
        ("president of Iran", date(2025, 6, 1), "masoud-pezeshkian"),
        ("Prime Minister of Pakistan", date(2023, 11, 1), "anwaar-ul-haq-kakar"),
        ("secretary-general of the UN", date(2024, 1, 1), "antonio-guterres"),
        ("US secretary of state", date(2024, 1, 1), "antony-blinken"),
    ],
)
def test_an_office_resolves_to_whoever_held_it_that_day(
    actors: Actors, name: str, day: date | None, holder: str
) -> None:
    assert ids(actors.resolve(name, day)) == [holder]


def test_following_an_office_follows_its_holders(actors: Actors) -> None:
    (found,) = actors.find_offices("president of Kazakhstan")
    assert found.actor.id == "kz-president"
    shown = actors.get("kz-president")
    assert shown is not None
    assert (shown.name, shown.country) == ("President of Kazakhstan", "KZ")
    assert actors.expand("kz-president", date(2018, 1, 1)) == {"nursultan-nazarbayev"}
    assert actors.expand("kz-president", date(2024, 1, 1)) == {"kassym-jomart-tokayev"}
    assert actors.expand("un") == {"un"}
    assert [one.id for one in actors.offices_of("kassym-jomart-tokayev", date(2024, 1, 1))] == [
        "kz-president"
    ]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("what did tokayev say last week", [("kassym-jomart-tokayev", "tokayev")]),
        ("latest on FSB and the eu", [("ru-fsb", "FSB"), ("eu", "eu")]),
        ("is who in trouble with WHO", [("who", "WHO")]),
        ("what may happen in May", []),
        ("who is the president of Kazakhstan?", [("kassym-jomart-tokayev", "president of Kazakhstan")]),
        ("Macron's visit to Astana", [("emmanuel-macron", "Macron")]),
        ("новости о Токаеве", [("kassym-jomart-tokayev", "Токаеве")]),
        ("", []),
        ("<b>&& OR ((", []),
    ],
)
def test_actors_are_found_in_a_question(actors: Actors, question: str, found: list[tuple[str, str]]) -> None:
    results = actors.find(question)
    assert [(one.actor.id, one.text) for one in results] == found
    assert all(question[one.start : one.end] == one.text for one in results)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Tokaiev", "kassym-jomart-tokayev"), ("Mirzioyev", "shavkat-mirziyoyev"), ("Gasprom", "ru-gazprom")],
)
def test_a_mistyped_name_is_suggested(actors: Actors, typed: str, meant: str) -> None:
    assert actors.suggest(typed)[0].id == meant


def test_nothing_like_it_suggests_nobody(actors: Actors) -> None:
    assert actors.suggest("qqqqqqqq") == []
    assert actors.suggest("") == []
    assert actors.resolve("Nobody Inparticular") == []
    assert actors.get("nobody") is None
