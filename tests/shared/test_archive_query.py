"""The search grammar: what a text means, and what is said of one that means nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.archive.port import BadQuery
from shared.archive.query import MAX_CHARACTERS, MAX_WORDS, Phrase, Query, Word, parse_query


def query(*required, excluded=()):
    return Query(
        tuple(group if isinstance(group, tuple) else (group,) for group in required), tuple(excluded)
    )


GAS, OIL, BAKU = Word("gas"), Word("oil"), Word("Baku")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gas", query(GAS)),
        ("  gas \n oil ", query(GAS, OIL)),
        ("gas OR oil Baku", query((GAS, OIL), BAKU)),
        ("gas OR oil OR Baku", query((GAS, OIL, BAKU))),
        ("gas or oil", query(GAS, Word("or"), OIL)),
        ("OR gas OR OR oil OR", query((GAS, OIL))),
        ("gas AND oil", query(GAS, OIL)),
        ("gas -oil", query(GAS, excluded=[OIL])),
        ("gas NOT oil", query(GAS, excluded=[OIL])),
        ("gas −oil", query(GAS, excluded=[OIL])),
        ('gas -"oil price"', query(GAS, excluded=[Phrase("oil price")])),
        ("gas OR -oil Baku", query(GAS, BAKU, excluded=[OIL])),
        ("gas - oil", query(GAS, OIL)),
        ('"gas field" oil', query(Phrase("gas field"), OIL)),
        ("«gas field» oil", query(Phrase("gas field"), OIL)),
        ('oil "gas field', query(OIL, Phrase("gas field"))),
        ('"OR" gas', query(Phrase("OR"), GAS)),
        ("pipe*", query(Word("pipe", prefix=True))),
        ("ga* oil", query(Word("ga"), OIL)),
        ("*stan", query(Word("*stan"))),
        ("al-Assad", query(Word("al-Assad"))),
        ("gas !!! (oil)", query(GAS, Word("(oil)"))),
        ("ga\u00ads o\u200bil", query(GAS, OIL)),
        ("gas\x00oil", query(GAS, OIL)),
        ("Казахстана", query(Word("казахстан", prefix=True))),
        ("России", query(Word("росси", prefix=True))),
        ("Лавров", query(Word("лавров", prefix=True))),
        ("ООН", query(Word("ООН"))),
        ("Αθήνα", query(Word("Αθήνα", prefix=True))),
        ("北京市长", query(Word("北京市长"))),
    ],
)
def test_the_meaning_of_a_text(text, expected):
    assert parse_query(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Tell me what to look for"),
        (" \t\u200b ", "Tell me what to look for"),
        ("AND OR", "only join words"),
        ("NOT", "only join words"),
        ("-gas", "not only words to leave out"),
        ("NOT gas -oil", "not only words to leave out"),
        ("?!", "no letters or digits"),
        ('""', "no letters or digits"),
        ("*", "no letters or digits"),
        ("g" * (MAX_CHARACTERS + 1), "too long"),
        ("gas " * (MAX_WORDS + 1), f"at most {MAX_WORDS} words"),
        ('"' + "gas " * (MAX_WORDS + 1) + '"', f"at most {MAX_WORDS} words"),
    ],
)
def test_what_a_reader_is_told_about_a_text_that_asks_for_nothing(text, said):
    with pytest.raises(BadQuery, match=said.replace("*", r"\*")):
        parse_query(text)


def test_the_caps_themselves_are_allowed():
    assert parse_query("g" * MAX_CHARACTERS)
    assert parse_query("gas " * MAX_WORDS)


@given(st.text(alphabet=st.characters(codec=None)) | st.text(alphabet='ab "-*ORANDT()', max_size=60))
def test_any_text_gives_something_to_look_for_or_a_bad_query(text):
    try:
        parsed = parse_query(text)
    except BadQuery:
        return
    atoms = [atom for group in parsed.required for atom in group]
    assert atoms
    for atom in (*atoms, *parsed.excluded):
        assert any(character.isalnum() for character in atom.text)
        assert '"' not in atom.text
        atom.text.encode()
