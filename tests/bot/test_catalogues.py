"""Every text that readers see has its translation, and every translation its text."""

import ast
import re
import string
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from services.bot.conversation.texts import CATALOGUES, DEFAULT, LANGUAGES, Speaker, _, plural, speaking
from shared.archive.port import BadQuery
from shared.archive.query import parse_query
from shared.places import load_places

ROOT = Path(__file__).parents[2]
#: How a text is marked in the code, as Babel's extraction wants to know it.
KEYWORDS = {"_": None, "later": None, "plural": (1, 2)}
#: What each kind of impossible search is answered with: the archive says it in English, the conversation translates.
UNSEARCHABLE = ["", "-war", "AND", "!!", "x" * 10_000, "a b c d e f g h i j k l m n o p q r s t u v w x y z"]
OTHERS = [language for language in LANGUAGES if language != DEFAULT]

Id = str | tuple[str, str]


@cache
def ids() -> frozenset[Id]:
    """Every text in the code, of a plural both forms, and the texts that come from elsewhere."""
    found = extract_from_dir(str(ROOT / "services" / "bot"), keywords=KEYWORDS, options_map={})
    marked = {
        tuple(message[:2]) if isinstance(message, tuple) else message
        for _file, _line, message, _notes, _context in found
    }
    return frozenset(marked | {refusal(text) for text in UNSEARCHABLE})


def refusal(text: str) -> str:
    with pytest.raises(BadQuery) as refused:
        parse_query(text)
    return str(refused.value)


@cache
def catalogue(language: str) -> Catalog:
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def unnamed_regions(language: str) -> set[str]:
    """Regions that the vocabulary has no name for in a language; the catalogue may have one."""
    places = load_places()
    return {
        place.name for place in places.all("region") if places.localized(place.id, language) == place.name
    }


def stiffly_named(language: str) -> set[str]:
    """Countries that the catalogue has another name for than the vocabulary."""
    places = load_places()
    with speaking(Speaker(language)):
        return {
            place.name
            for place in places.all("country")
            if _(place.name) not in {place.name, places.localized(place.id, language)}
        }


def fields(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}


def test_no_text_hides_from_the_extraction() -> None:
    """Babel does not look into f-strings."""
    hidden = [
        f"{file.name}: {call.args[0].value!r}"
        for file in (ROOT / "services" / "bot").rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS
        if call.args and isinstance(call.args[0], ast.Constant)
        if call.args[0].value not in {one if isinstance(one, str) else one[0] for one in ids()}
    ]
    assert hidden == []


def test_the_code_has_texts() -> None:
    assert len(ids()) > 100
    assert OTHERS


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated(language: str) -> None:
    known = {
        message.id if isinstance(message.id, str) else tuple(message.id) for message in messages(language)
    }
    assert sorted(map(str, ids() - known)) == []
    for message in messages(language):
        forms = message.string if isinstance(message.string, tuple | list) else [message.string]
        assert all(forms), f"no translation of {message.id!r}"
        assert not message.fuzzy, f"an unsure translation of {message.id!r}"


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_has_lost_its_text(language: str) -> None:
    known = {
        message.id if isinstance(message.id, str) else tuple(message.id) for message in messages(language)
    }
    assert sorted(map(str, known - ids() - unnamed_regions(language) - stiffly_named(language))) == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_stands_once(language: str) -> None:
    written = (CATALOGUES / f"{language}.po").read_text(encoding="utf-8")
    assert len(re.findall(r"^msgid ", written, re.MULTILINE)) - 1 == len(messages(language))


@pytest.mark.parametrize("language", OTHERS)
def test_plurals_have_every_form_of_the_language(language: str) -> None:
    for message in messages(language):
        if not isinstance(message.id, str):
            assert len(message.string) == catalogue(language).num_plurals, message.id


@pytest.mark.parametrize("language", OTHERS)
def test_fields_agree(language: str) -> None:
    for message in messages(language):
        if isinstance(message.id, str):
            assert fields(message.string) == fields(message.id), message.id
            continue
        known = fields(message.id[0]) | fields(message.id[1]) | {"count"}
        for form in message.string:
            assert fields(message.id[0]) - {"count"} <= fields(form) <= known, message.id


@pytest.mark.parametrize(
    ("count", "said"), [(1, "+1 источник"), (2, "+2 источника"), (5, "+5 источников"), (21, "+21 источник")]
)
def test_russian_counts_as_russians_do(count: int, said: str) -> None:
    with speaking(Speaker("ru")):
        assert plural("+{count} source", "+{count} sources", count) == said


def test_what_is_not_translated_is_english() -> None:
    with speaking(Speaker("ru")):
        assert _("no such {thing}", thing="text") == "no such text"
    assert plural("+{count} source", "+{count} sources", 1_000) == "+1,000 sources"
