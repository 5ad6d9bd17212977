"""The data files: what they must cover, and how a mistake in them is told."""

from datetime import date
from pathlib import Path

import pytest

from shared.actors import load_actors
from shared.actors.dataset import ActorDataError, read_data
from shared.actors.entries import Problem

DATA = load_actors().data
MINISTERS = (
    "AR AU BR CA CN FR DE IN ID IT JP KR MX RU SA ZA TR GB US KZ KG TJ TM UZ AF IR PK AZ AM GE UA BY MN MD"
)


def problems(tmp_path: Path, text: str) -> list[Problem]:
    path = tmp_path / "watch.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ActorDataError) as error:
        read_data(overlay=path)
    return list(error.value.problems)


def test_enough_is_listed() -> None:
    kinds = [one.actor.kind for one in DATA.organisations.values()]
    assert len(kinds) - kinds.count("armed_group") >= 300
    assert kinds.count("armed_group") >= 60


def test_every_country_has_a_head_of_state_or_government() -> None:
    day = DATA.as_of
    led = {
        DATA.offices[tenure.office].country
        for person in DATA.people.values()
        for tenure in person.tenures
        if tenure.covers(day) and DATA.offices[tenure.office].kind.head
    }
    assert len(led & DATA.countries.keys()) >= 195


@pytest.mark.parametrize("country", MINISTERS.split())
@pytest.mark.parametrize("kind", ["foreign-minister", "defence-minister"])
def test_ministers_of_the_region_and_the_g20_are_listed(country: str, kind: str) -> None:
    assert load_actors().holders(f"{country.lower()}-{kind}", DATA.as_of)


def test_central_asian_leaders_are_listed_in_both_scripts() -> None:
    for country in ("KZ", "KG", "TJ", "TM", "UZ"):
        holders = load_actors().holders(f"{country.lower()}-president", DATA.as_of)
        assert any("а" <= alias[-1] <= "я" for one in holders for alias in DATA.people[one.id].aliases)


def test_a_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    text = """
[[person]]
id = "Marat Iskakov"
name = "Marat Iskakov"

[[organisation]]
id = "aral-union"
name = "Aral Union"
kind = "club"

[[person]]
id = "someone-new"
name = "Someone New"
country = "KZ"
offices = ["president 2030-01-01..2029-01-01", "wizard 2020..", "president@nowhere 2020.."]
nickname = "Sasha"

[[person]]
id = "vladimir-putin"
name = "Another Putin"
"""
    told = {(one.file, one.line, one.message.split(" ")[0]) for one in problems(tmp_path, text)}
    assert told == {
        ("watch.toml", 2, "id"),
        ("watch.toml", 6, "kind"),
        ("watch.toml", 11, "unknown"),
        ("watch.toml", 18, "id"),
    }


def test_a_wrong_office_is_told_with_its_line(tmp_path: Path) -> None:
    text = """
[[person]]
id = "someone-new"
name = "Someone New"
country = "KZ"
offices = ["president 2030-01-01..2029-01-01", "wizard 2020..", "president@nowhere 2020..", "president 2020"]
"""
    told = problems(tmp_path, text)
    assert {one.line for one in told} == {2}
    assert len(told) == 4


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    (only,) = problems(tmp_path, '[[person]]\nid = "x"\nname = \n')
    assert (only.file, only.line) == ("watch.toml", 3)


def test_an_overlay_adds_and_suppresses(tmp_path: Path) -> None:
    path = tmp_path / "watch.toml"
    path.write_text(
        '[[person]]\nid = "marat-iskakov"\nname = "Marat Iskakov"\ncountry = "KZ"\noffices = ["mayor 2020..2024"]\n'
        '[[suppress]]\nid = "wagner"\n[[suppress]]\nphrase = "Pallas"\n',
        encoding="utf-8",
    )
    data = read_data(overlay=path)
    assert data.people["marat-iskakov"].tenures[0].until == date(2024, 12, 31)
    assert "wagner" not in data.organisations
    assert {"Pallas", "Wagner Group"} <= data.blocked
