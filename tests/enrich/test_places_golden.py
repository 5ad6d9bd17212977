"""The golden sets: what Dateline makes of texts that people labelled (tests/golden/README.md)."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from services.enrich.countries import PlaceTagger
from services.enrich.language import detect_language
from shared.places import load_places

GOLDEN = Path(__file__).parents[1] / "golden"


def table(name: str) -> list[list[str]]:
    lines = (GOLDEN / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def codes(written: str) -> set[str]:
    return set() if written == "-" else set(written.split())


@pytest.fixture(scope="module")
def tagger() -> PlaceTagger:
    return PlaceTagger.load()


def found(tagger: PlaceTagger, text: str) -> set[str]:
    tags = tagger.tag(None, text, language=detect_language(text), source_country=None)
    return {tag.code for tag in tags.countries}


def f1(pairs: list[tuple[set[str], set[str]]]) -> float:
    right = sum(len(want & have) for want, have in pairs)
    return 2 * right / max(1, sum(len(want) + len(have) for want, have in pairs))


def test_the_set_covers_what_it_promises() -> None:
    rows = table("places.tsv")
    countries = {place.id for place in load_places().all("country")}
    assert len(rows) >= 300
    assert {code for row in rows if row[0] == "country" for code in codes(row[1])} == countries
    assert len({row[2] for row in rows}) >= 12


def test_countries_of_short_texts(tagger: PlaceTagger) -> None:
    pairs = [(codes(row[1]), found(tagger, row[3])) for row in table("places.tsv")]
    assert f1(pairs) >= 0.99


def test_every_class_of_short_texts(tagger: PlaceTagger) -> None:
    by_class: dict[str, list[tuple[set[str], set[str]]]] = {}
    for kind, wanted, _, text in table("places.tsv"):
        by_class.setdefault(kind, []).append((codes(wanted), found(tagger, text)))
    wrong = {kind: sum(want != have for want, have in pairs) for kind, pairs in by_class.items()}
    assert {kind: n for kind, n in wrong.items() if n > len(by_class[kind]) // 4} == {}


def test_a_wrong_country_is_rarer_than_a_missed_one_may_be(tagger: PlaceTagger) -> None:
    wrong = Counter[str]()
    for _, wanted, _, text in table("places.tsv"):
        wrong.update(found(tagger, text) - codes(wanted))
    assert wrong.total() <= 2


def test_languages_of_short_texts() -> None:
    rows = [row for row in table("places.tsv") if row[0].startswith("lang-")]
    right = sum(detect_language(row[3]) == row[2] for row in rows)
    assert right >= 0.85 * len(rows)


def test_regions_told_to_their_followers(tagger: PlaceTagger) -> None:
    wrong = []
    for region, told, _, text in table("regions.tsv"):
        tags = tagger.tag(None, text, language=detect_language(text), source_country=None)
        roles = {tag.id: tag.role for tag in tags.regions}
        if (roles.get(region) in ("subject", "derived")) != (told == "yes"):
            wrong.append(text)
    assert len(table("regions.tsv")) >= 60
    assert len(wrong) <= 1, wrong


def test_subjects_and_mentions_of_stories(tagger: PlaceTagger) -> None:
    stories = tomllib.loads((GOLDEN / "stories.toml").read_text("utf-8"))["story"]
    subjects, mentions = [], []
    for story in stories:
        tags = tagger.tag(
            story["title"] or None, story["text"], language=story["language"], source_country=None
        )
        mentions.append((set(story["mentions"]), {tag.code for tag in tags.countries}))
        subjects.append(
            (set(story["subjects"]), {tag.code for tag in tags.countries if tag.role == "subject"})
        )
    assert f1(mentions) >= 0.98
    assert f1(subjects) >= 0.93
