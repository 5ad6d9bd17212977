"""Collecting names while compiling: one sense per name and place, the plainest reading winning."""

import unicodedata
from collections.abc import Iterable

from shared.places.folding import fold, fold_name
from shared.places.lexicon import Sense, make_sense

_KINDS = "block name code region demonym capital state admin metonym leader city4 city3 city2 city1 city0 abbr prefix"
#: Readings of a name for one place, the plainest first; a weak reading ("?") comes after all others.
_RANK = {kind: rank for rank, kind in enumerate(_KINDS.split())}
_TURKIC = frozenset(("tr", "az", "uz", "kk", "ky", "tk"))
_JOINED = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")
#: Latin names of so few letters are words of some other language; they need the text to be in theirs.
_SHORT_LATIN = 4
_SUFFIXED_CYRILLIC = 5
_SUFFIXED_TURKIC = 5


def script(text: str) -> str:
    """Return the first word of the Unicode name of the first letter, such as LATIN, CYRILLIC, CJK or ARABIC."""
    for character in text:
        if character.isalpha():
            return unicodedata.name(character, "LATIN").split(" ")[0].split("-")[0]
    return "LATIN"


def _caseless(written: str) -> bool:
    return written.upper() == written.lower()


def _ending(written: str, folded: str, languages: Iterable[str], kind: str) -> str:
    which = script(written)
    if which in _JOINED:
        return "n"
    if which == "CYRILLIC" and len(folded) >= _SUFFIXED_CYRILLIC:
        return "y"
    if which == "LATIN" and kind != "code" and len(folded) >= _SUFFIXED_TURKIC and _TURKIC & set(languages):
        return "t"
    return "s"


class Entries:
    """Every name met so far and what it may mean."""

    def __init__(self, gated: Iterable[str]) -> None:
        self._gated = frozenset(map(fold_name, gated))
        self.names: dict[str, dict[tuple[str, bool], Sense]] = {}
        self._english: dict[str, str] = {}
        """What English calls by each name: a name of another country in another language gives way to it."""

    def add(
        self,
        written: str,
        place: str,
        kind: str,
        *,
        language: str = "en",
        weak: bool = False,
        capitals: bool = False,
        any_case: bool = False,
        plain: bool = False,
    ) -> None:
        """Add a reading of a name; ``plain`` says that nothing may follow it directly."""
        folded = fold(written).text.strip() if "(" in written else fold_name(written)
        if len(folded) < 2 and script(written) != "CJK":
            return
        which = script(written)
        case = "c" if capitals else "x" if any_case or kind == "block" or _caseless(written) else "u"
        foreign = language != "en" and which == "LATIN"
        if foreign and self._english.get(folded, place) != place:
            return
        if language == "en" and kind in ("name", "demonym") and not weak:
            self._english.setdefault(folded, place)
        gate = foreign and kind != "region" and self._is_gated(folded)
        sense = make_sense(
            place,
            kind + ("?" if weak else ""),
            case,
            "s" if plain else _ending(written, folded, (language,), kind),
            frozenset((language,)) if gate or (foreign and any_case) else frozenset(),
        )
        self._keep(folded, sense)

    def _is_gated(self, folded: str) -> bool:
        return folded in self._gated or len(folded.replace(" ", "")) <= _SHORT_LATIN

    def _keep(self, folded: str, sense: Sense) -> None:
        """Keep the plainest reading for each place, one for all texts and one for texts of certain languages."""
        senses = self.names.setdefault(folded, {})
        key = sense.place, bool(sense.languages)
        known = senses.get(key)
        if known is None:
            senses[key] = sense
            return
        best, other = sorted((known, sense), key=_order)
        ending = next(mark for mark in "nyts" if mark in (best.ending, other.ending))
        case = "x" if "x" in (best.case, other.case) and sense.languages else best.case
        senses[key] = best._replace(languages=best.languages | other.languages, ending=ending, case=case)

    def has_strong(self, name: str) -> bool:
        """Say whether a name already means a country, region or blocked phrase outright."""
        return any(
            not sense.weak and sense.kind in ("name", "demonym", "region", "code", "capital", "block")
            for sense in self.names.get(fold_name(name), {}).values()
        )

    def means_city(self, name: str) -> bool:
        """Say whether the strong readings of a name are cities, so that a namesake in some state is worth keeping."""
        return all(sense.kind in ("capital", "city4") for sense in self.names[fold_name(name)].values())


def _order(sense: Sense) -> tuple[bool, bool, int]:
    return sense.weak, bool(sense.languages), _RANK[sense.plain]
