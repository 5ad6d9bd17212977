"""What stands right around a name: people's names, streets, languages, "City, State"."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path

from services.enrich.matching import Hit

_DATA = Path(__file__).parent / "data" / "context.toml"
_AFTER = re.compile(r"[ \u00a0]([^\W\d_][\w’'-]*)")
_INITIAL = re.compile(r"(?<![A-Z]\.)\b[A-Z]\.[ \u00a0]?\Z")
_COMMA_BEFORE = re.compile(r"[^\W\d_][\w.’'-]*, ?\Z")
_CLOSED = re.compile(r"\.?(?:[,.;:)\]—–\n]|\s*\Z|['’]s\b| -|\s+[a-z(])")
_DATELINE = re.compile(
    r"\s*[A-Z][A-Z'’./ -]{2,30}(?:,\s[\w. ]{2,20}){0,2}(?:,?\s[A-Z][a-z]{2,8}\.?\s\d{1,2})?"
    r"\s?(?:\([^()\n]{2,24}\))?\s?(?:--|-|–|—)\s?"
)
_AGED = re.compile(r", (?:an? )?\d{1,3}(?:-year-old|, )")
_HYPHENATED = re.compile(r"-([a-z]+)")
_NO_NOUN = re.compile(
    r"\s*(?:[.,;:!?)\"”»]|\Z|(?:and|or|but|to|at|on|that|as|with|for|by|when|while|before|after)\b)"
)
_REACH = 40
_SPACES = frozenset(" \u00a0")


@lru_cache(maxsize=1)
def words() -> dict[str, frozenset[str]]:
    """Return the word lists of ``data/context.toml``."""
    said = tomllib.loads(_DATA.read_text("utf-8"))
    return {name: frozenset(listed.split()) for name, listed in said.items()}


def word_after(text: str, end: int) -> str:
    """Return the word that stands after a position with one space between, or empty."""
    if text[end : end + 1] not in _SPACES:
        return ""
    match = _AFTER.match(text, end, end + _REACH)
    return match.group(1) if match else ""


def after_comma(text: str, start: int) -> bool:
    """Say whether a word and a comma stand before ("Macon, Ga.")."""
    near = text[max(0, start - _REACH) : start]
    return "," in near[-2:] and _COMMA_BEFORE.search(near, near.rfind(" ", 0, -2) + 1) is not None


def closed(text: str, end: int) -> bool:
    """Say whether the phrase ends here, as a place name's last part does ("Paris, Texas, …")."""
    return _CLOSED.match(text, end) is not None


def compared(text: str, end: int) -> bool:
    """Say whether a comparison follows: "Texas-shaped"."""
    match = _HYPHENATED.match(text, end, end + _REACH)
    return match is not None and match.group(1) in words()["comparisons"]


def street(text: str, end: int) -> bool:
    """Say whether the name is that of a street."""
    return word_after(text, end).lower() in words()["streets"]


def language(hit: Hit) -> bool:
    """Say whether a demonym here is the name of a language."""
    text = hit.text.original
    before, after = hit.before.lower(), word_after(text, hit.end).lower()
    if after in words()["language_after"] or before in words()["language_before"]:
        return True
    return before in ("in", "into") and _NO_NOUN.match(text, hit.end) is not None


def pronoun(hit: Hit) -> bool:
    """Say whether "US" in a line of capitals is the pronoun."""
    if not hit.text.shouted or "." in hit.text.original[hit.start : hit.end + 1]:
        return False
    return hit.before.lower() in words()["pronoun_before"]


def _initial(text: str, start: int) -> bool:
    return _INITIAL.search(text[max(0, start - 6) : start]) is not None


def named_person(hit: Hit, given_names: frozenset[str], name_like: frozenset[str]) -> bool:
    """Say whether the name is (part of) a person's: "Denzel Washington", "Jordan Peele", "J. London"."""
    original, start, before = hit.text.original, hit.start, hit.before
    if before[:1].isupper():
        bare = before.lower().rstrip(".")
        if bare in given_names or bare in words()["titles"]:
            return True
    if "." in original[max(0, start - 2) : start] and not hit.text.shouted and _initial(original, start):
        return True
    return hit.name in name_like and (_AGED.match(original, hit.end) is not None or _surnamed(hit))


def _surnamed(hit: Hit) -> bool:
    """Say whether a name that may be a given name has a surname after it."""
    text = hit.text
    if text.headline_case or text.shouted or text.whispered or hit.before.lower() in words()["locatives"]:
        return False
    if not text.original[hit.end + 1 : hit.end + 2].isupper():
        return False
    after = word_after(text.original, hit.end)
    if not after[:1].isupper() or after.lower().removesuffix("'s").removesuffix("’s") in words()["heads"]:
        return False
    return not after.isupper() or len(after) == 1


def within_name(hit: Hit) -> bool:
    """Say whether a doubtful name is part of a longer one: "Kati Mather", "Bolton Wanderers"."""
    if hit.text.shouted or hit.text.headline_case:
        return True
    if hit.before[:1].isupper() and hit.before.lower() not in words()["openers"]:
        return True
    after = word_after(hit.text.original, hit.end)
    return after[:1].isupper() and after.lower() not in words()["heads"]


def located(hit: Hit) -> bool:
    """Say whether a preposition of place stands before."""
    return hit.before.lower() in words()["locatives"]


def in_dateline(hit: Hit) -> bool:
    """Say whether the name stands in the line that says where a story was filed ("BRUSSELS, March 3 -")."""
    return hit.text.field == "text" and hit.end <= dateline_end(hit.text.original)


def dateline_end(text: str) -> int:
    """Return where the dateline of a text ends, 0 where there is none."""
    match = _DATELINE.match(text)
    return match.end() if match else 0


def inside(hit: Hit) -> bool:
    """Say whether "in" stands before: even a name that somebody bears is a place there."""
    return hit.before.lower() == "in"
