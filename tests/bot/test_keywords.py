"""The words of a follow: read as typed, written again, and found in any of their forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.bot.keywords import (
    NO_WORDS,
    Keywords,
    contradicting,
    fold_words,
    keywords,
    split_words,
    unusable,
)

STORY = fold_words(
    "Kazakhstan’s Uranium Mines", "Heavy water was shipped; Футболисты «Кайрата» победили. Ёлка в Türkiye."
)


@pytest.mark.parametrize(
    ("typed", "wanted", "unwanted", "rest"),
    [
        ("Kazakhstan +uranium -football", ("uranium",), ("football",), "Kazakhstan"),
        ('Kazakhstan "+heavy water"', ("heavy water",), (), "Kazakhstan"),
        ('Kazakhstan +"Heavy  Water" all', ("heavy water",), (), "Kazakhstan all"),
        ("Казахстан +уран −футбол «+тяжёлая вода»", ("тяжёлая вода", "уран"), ("футбол",), "Казахстан"),
        ("KZ +gas, +oil", ("gas", "oil"), (), "KZ"),
        ("KZ +gas,+oil", ("gas", "oil"), (), "KZ"),
        ('KZ -"rock music" -sport', (), ("rock music", "sport"), "KZ"),
        ("Guinea-Bissau", (), (), "Guinea-Bissau"),
        ("Kazakhstan - all", (), (), "Kazakhstan - all"),
        ("C++", (), (), "C++"),
        ("", (), (), ""),
    ],
)
def test_signed_words_are_taken_off(
    typed: str, wanted: tuple[str, ...], unwanted: tuple[str, ...], rest: str
) -> None:
    assert split_words(typed) == (Keywords(wanted, unwanted), rest)


@pytest.mark.parametrize(
    "typed",
    ["uranium", "uraniums", "URANIUM", "mine", "mining", "uranium mine", "kazakhstan", "heavy water", "shipping",
     "кайрат", "футболист", "футболистов", "победил", "елка", "ёлки", "turkiye", "türkiye"],
)  # fmt: skip
def test_words_are_found_in_any_form(typed: str) -> None:
    assert keywords([typed]).match(STORY)
    assert not keywords([], [typed]).match(STORY)


@pytest.mark.parametrize("typed", ["gold", "uran", "water heavy", "mines heavy", "аниум", "вода", "rain"])
def test_other_words_are_not(typed: str) -> None:
    assert not keywords([typed]).match(STORY)
    assert keywords([], [typed]).match(STORY)


def test_all_wanted_words_must_be_there_and_no_unwanted_one() -> None:
    assert keywords(["uranium", "water"]).match(STORY)
    assert not keywords(["uranium", "gold"]).match(STORY)
    assert not keywords(["uranium"], ["gold", "water"]).match(STORY)
    assert NO_WORDS.match(STORY)


def test_scripts_without_spaces_are_read_sign_by_sign() -> None:
    assert keywords(["核能"]).match(fold_words("哈萨克斯坦核能项目"))
    assert not keywords(["能核"]).match(fold_words("哈萨克斯坦核能项目"))


@pytest.mark.parametrize(
    ("words", "bad"),
    [
        (keywords(["uran.*"]), "uran.*"),
        (keywords(["gas"], ["foot*"]), "foot*"),
        (keywords(["(a|b)"]), "(a|b)"),
        (keywords(["!!"]), "!!"),
        (keywords(["x" * 61]), "x" * 61),
        (keywords(["u.s.", "at&t", "o'neill"], ["covid-19"]), None),
        (NO_WORDS, None),
    ],
)
def test_patterns_and_what_is_no_word_are_refused(words: Keywords, bad: str | None) -> None:
    assert unusable(words) == bad


def test_a_contradiction_is_seen_in_any_form() -> None:
    assert contradicting(keywords(["uranium mines"], ["mine"])) == "uranium mines"
    assert contradicting(keywords(["uranium"], ["uranium mines"])) is None
    assert contradicting(keywords(["uranium"], ["gold"])) is None


_WORD = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters='"«»“”„'),
    min_size=1,
    max_size=12,
)
_WORDS = st.lists(st.lists(_WORD, min_size=1, max_size=3).map(" ".join), max_size=4)


@given(wanted=_WORDS, unwanted=_WORDS)
def test_what_is_written_is_read_again(wanted: list[str], unwanted: list[str]) -> None:
    words = keywords(wanted, unwanted)
    assert split_words(f"KZ {words}".strip()) == (words, "KZ")


@given(text=st.text())
def test_any_text_is_read_and_any_story_folded(text: str) -> None:
    words, _rest = split_words(text)
    unusable(words)
    words.match(fold_words(text, None, text))


@given(before=st.text(), word=st.from_regex(r"[a-zа-я]{3,12}", fullmatch=True), after=st.text())
def test_a_word_is_found_wherever_it_stands(before: str, word: str, after: str) -> None:
    assert keywords([word]).match(fold_words(f"{before} {word} {after}"))
