"""Finding names in a text: one automaton, then boundaries by script, case rules, and the longest name wins.

Nothing here decides what a name means; see ``disambiguation``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import ahocorasick_rs

from services.enrich.meanings import Meaning
from shared.places.folding import Folded, fold
from shared.places.lexicon import Lexicon, Sense

FieldName = Literal["title", "text"]

_WITHOUT_BOUNDARY = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
_ARABIC = re.compile("[\u0590-\u06ff\u0750-\u077f]")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_LETTERS = re.compile(r"[^\W\d_]*")
#: Particles that Arabic writes joined to the next word: and, so, with, for, like, each with the article.
_ARABIC_PREFIX = re.compile(r"(?:[وف]?(?:[بلك]?(?:ال)?|لل))")
_LONGEST_PREFIX = 5
_KATAKANA = re.compile("[\u30a1-\u30fc]")
_ENDING = {
    # Case and possessive suffixes of Turkish, Uzbek, Azerbaijani, Kazakh, Kyrgyz and Turkmen in Latin letters,
    # as folded (ı is i), one or two in a row.
    "t": re.compile(
        r"(?:l[ai]r|liq|lik|li|luk)?(?:(?:i|si|u|su|imiz|ning|nin|n?in|un|nun|da|de|ta|te|nda|nde|dan|den|tan|ten|ndan|nden"
        r"|ga|ge|ka|ke|qa|na|ne|ya|ye|a|e|ni|yi|yu|la|le|yla|yle|daki|deki|dagi|lik|cha|ca|ce|nyn|dy|ny|i)){0,2}"
    ),
    # The same in Cyrillic, and the case endings and adjectives of the Slavic languages and Tajik.
    "y": re.compile(
        r"(?:лар|лер|дар|дер|тар|тер|лор|лык|лик|лық|лік|дык|дық|дік|тык|тық|тік)?"
        r"(?:ның|нің|дың|дің|тың|тің|нын|нин|дын|дин|тын|тин|нинг|дан|ден|тан|тен|нан|нен|да|де|та|те|нда|нде|га|ге|ға|ка|ке"
        r"|қа|на|не|ны|ні|ни|ди|ти|ды|ді|ты|ті|мен|бен|пен|дағы|дегі|тағы|тегі|даги|дагы|деги|тагы|теги|е|а|у|ю|я|ом|ем|ои|еи"
        r"|ы|и|і|ів|ов|ам|ами|ах|ою|ею|еи|ии|ро|ву|ға|"
        r"(?:с|ь?с)?к(?:и|ии|ого|ому|им|ом|ая|ои|ую|ое|ие|их|ими|а|е|у|ою|оі))"
    ),
}
_LONGEST_ENDING = 8
#: In a text without capitals a shorter name is more likely a word.
_SHORTEST_SMALL = 4
_SHOUTED = 0.8
_FEWEST_SHOUTED = 3
_FEWEST_LETTERS = 8


@dataclass(slots=True)
class Hit:
    """A name found: where it stands in the original field and what it may mean."""

    field: FieldName
    start: int
    end: int
    name: str
    """The name as the lexicon has it (folded)."""
    meaning: Meaning
    country: str = ""
    """The country it was decided to mean; filled in by ``disambiguation``."""
    kind: str = ""


class Text(NamedTuple):
    """A field of a story, ready for matching."""

    field: FieldName
    original: str
    folded: Folded
    shouted: bool
    """Written in capitals, so that case tells nothing."""
    whispered: bool
    """Written without any capital."""
    headline_case: bool
    """Most Words Begin With a Capital."""


_SAMPLE = 240
_BEGUN = re.compile(r"(?<!\w)[^\W\d_]{4,}")


def prepare(field: FieldName, original: str) -> Text:
    """Fold a field and look at how it uses capitals."""
    sample = original[:_SAMPLE]
    headline_case, shouted = False, sample.isupper() and len(sample) >= _FEWEST_LETTERS
    if field == "title" or len(original) < _SAMPLE:
        words = _BEGUN.findall(sample)
        if len(words) >= _FEWEST_SHOUTED:
            headline_case = not original.rstrip().endswith(".") and sum(
                word[0].isupper() for word in words
            ) >= _SHOUTED * len(words)
            shouted = shouted or sum(map(str.isupper, words)) >= _SHOUTED * len(words)
    return Text(
        field, original, fold(original), shouted, sample.islower() and original.islower(), headline_case
    )


class Matcher:
    """The automaton over every name of the lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._names: list[str] = []
        self._meanings: list[Meaning] = []
        self._lead: list[int] = []
        """How many characters of the pattern stand before the name: 1, a space, for scripts with boundaries."""
        self._trail: list[int] = []
        """The same after it, for names that nothing may follow directly."""
        self._free: list[bool] = []
        # Most names share their senses with others (the same tuple), so there are far fewer meanings than names.
        shared: dict[int, Meaning] = {}
        patterns = []
        for name, senses in lexicon.names.items():
            bounded = not (_WITHOUT_BOUNDARY.match(name) or _ARABIC.match(name))
            strict = bounded and all(sense.ending == "s" for sense in senses)
            patterns.append(f" {name} " if strict else f" {name}" if bounded else name)
            self._names.append(name)
            self._meanings.append(shared.get(id(senses)) or shared.setdefault(id(senses), Meaning(senses)))
            self._lead.append(1 if bounded else 0)
            self._trail.append(1 if strict else 0)
            self._free.append(any(sense.case == "x" for sense in senses))
        self._automaton = ahocorasick_rs.AhoCorasick(patterns, store_patterns=False)

    def scan(self, text: Text, language: str) -> list[Hit]:
        """Return the names of a field in order, none overlapping, the longest at each position."""
        haystack = f" {text.folded.text} "
        candidates: list[tuple[int, int, int]] = []
        cased, whispered = text.folded.cased, text.whispered
        lead, trail, free = self._lead, self._trail, self._free
        for index, begin, end in self._automaton.find_matches_as_indexes(haystack, overlapping=True):
            if not free[index] and not whispered and cased[begin].islower() and " " not in self._names[index]:
                continue
            start = begin + lead[index]
            if trail[index]:
                candidates.append((start, 1 - end, index))
            elif (haystack[end] == " " and lead[index]) or self._bounded(haystack, start, end, index):
                candidates.append((start, -end, index))
        candidates.sort()
        return self._longest(candidates, text, language)

    def _bounded(self, haystack: str, start: int, end: int, index: int) -> bool:
        """Say whether what stands before and after belongs to the name by the rules of its script."""
        if not self._lead[index]:
            if _ARABIC.match(haystack, start):
                return self._arabic_boundary(haystack, start, end)
            return not (_within_katakana(haystack, start) or _within_katakana(haystack, end))
        following = haystack[end]
        endings = self._meanings[index].endings
        if following == " " or "n" in endings or _WITHOUT_BOUNDARY.match(following):
            return True
        rest = _LETTERS.match(haystack, end, end + _LONGEST_ENDING + 1)
        ending = rest.group() if rest else ""
        script = "y" if _CYRILLIC.match(following) else "t"
        return (
            0 < len(ending) <= _LONGEST_ENDING
            and script in endings
            and _ENDING[script].fullmatch(ending) is not None
        )

    def _arabic_boundary(self, haystack: str, start: int, end: int) -> bool:
        if _ARABIC.match(haystack, end):
            return False
        begin = start
        while begin and start - begin <= _LONGEST_PREFIX and _ARABIC.match(haystack, begin - 1):
            begin -= 1
        return _ARABIC_PREFIX.fullmatch(haystack, begin, start) is not None

    def _longest(self, candidates: Iterable[tuple[int, int, int]], text: Text, language: str) -> list[Hit]:
        hits: list[Hit] = []
        done = 0
        field, original, names, meanings = text.field, text.original, self._names, self._meanings
        span = text.folded.span if text.folded.starts else None
        for start, minus_end, index in candidates:
            if start < done:
                continue
            first, last = span(start - 1, -minus_end - 1) if span else (start - 1, -minus_end - 1)
            meaning: Meaning | None = meanings[index]
            if not (meanings[index].usual and original[first].isupper() and not text.whispered):
                meaning = _readable(meanings[index], original[first:last], text, language)
            if meaning is not None:
                hits.append(Hit(field, first, last, names[index], meaning))
                done = -minus_end
        return hits


def _readable(meaning: Meaning, written: str, text: Text, language: str) -> Meaning | None:
    """Return what the name means by the case and the language of the text; the same object when all of it."""
    if meaning.usual:
        return meaning if _capital(written, text) else None
    senses = tuple(
        [
            sense
            for sense in meaning.senses
            if (not sense.languages or language in sense.languages) and _cased(sense, written, text)
        ]
    )
    if len(senses) == len(meaning.senses):
        return meaning
    return Meaning(senses) if senses else None


def _within_katakana(haystack: str, position: int) -> bool:
    """Say whether a position lies inside a word of katakana, which are written without spaces too."""
    return (
        _KATAKANA.match(haystack, position - 1) is not None
        and _KATAKANA.match(haystack, position) is not None
    )


def _cased(sense: Sense, written: str, text: Text) -> bool:
    if sense.case == "x":
        return True
    if sense.case == "c":
        return written.isupper()
    return _capital(written, text)


def _capital(written: str, text: Text) -> bool:
    if text.whispered:
        return len(written) >= _SHORTEST_SMALL
    return written[0].isupper() or (" " in written and not written.islower())
