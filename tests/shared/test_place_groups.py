"""An operator's own groups of countries."""

from pathlib import Path

import pytest

from services.enrich.countries import PlaceTagger
from shared.places import load_places
from shared.places.groups import GroupError, with_groups
from shared.places.lexicon import load_lexicon

GROUP = '[quake-belt]\nname = "Quake belt"\nmembers = ["JP", "CL"]\nnames = ["Ring of quakes"]\n'


@pytest.fixture
def groups(tmp_path: Path) -> Path:
    path = tmp_path / "groups.toml"
    path.write_text(GROUP, "utf-8")
    return path


def test_a_group_is_a_region_to_questions(groups: Path) -> None:
    places = load_places(groups)
    assert places.members("quake-belt") == {"JP", "CL"}
    assert "quake-belt" in places.regions_of("CL")
    assert [found.place.id for found in places.find("latest on the ring of quakes")] == ["quake-belt"]
    assert load_places().get("quake-belt") is None


def test_a_group_is_a_region_to_stories(groups: Path) -> None:
    tagger = PlaceTagger.load(groups)
    named = tagger.tag(None, "The Ring of Quakes shook.", language="en", source_country=None)
    derived = tagger.tag(None, "Chile shook.", language="en", source_country=None)
    assert ("quake-belt", "subject") in {(tag.id, tag.role) for tag in named.regions}
    assert ("quake-belt", "derived") in {(tag.id, tag.role) for tag in derived.regions}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[KZ]\nname = 'x'\n", "an id is small letters"),
        ("[central-asia]\nname = 'x'\nmembers = ['KZ']\n", "not one that is taken"),
        ("[my-group]\nmembers = ['KZ']\n", "needs a name"),
        ("[my-group]\nname = 'x'\nmembers = ['QQ']\n", "'QQ' is no country code"),
        ("[my-group]\nname = 'x'\n", "is no country code"),
        ("[my-group\n", "groups.toml: "),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "groups.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(GroupError, match=complaint):
        with_groups(load_lexicon(), path)
