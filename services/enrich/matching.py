"""Finding names in a text: one automaton, then boundaries by script, case rules, and the longest name wins.

Nothing here decides what a name means; see ``disambiguation``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
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
_BREAKS = frozenset(" \u00a0\n")
#: No word is looked for farther back.
_REACH = 40


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
    """Most Words Begin With a Capital, and the rest does not."""


@dataclass(slots=True)
class Hit:
    """A name found: where it stands in the original field and what it may mean."""

    text: Text
    start: int
    end: int
    name: str
    """The name as the lexicon has it (folded)."""
    meaning: Meaning
    before: str
    """The word before it, as ``word_before``."""
    country: str = ""
    """The country it was decided to mean; filled in by ``disambiguation``."""
    kind: str = ""


_SAMPLE = 240
_BEGUN = re.compile(r"(?<!\w)[^\W\d_]{4,}")


def prepare(field: FieldName, original: str) -> Text:
    """Fold a field and look at how it uses capitals."""
    sample = original[:_SAMPLE]
    headline_case, shouted = False, sample.isupper() and len(sample) >= _FEWEST_LETTERS
    if not shouted and (field == "title" or len(original) < _SAMPLE):
        words = _BEGUN.findall(sample)
        if len(words) >= _FEWEST_SHOUTED:
            headline_case = not original.rstrip().endswith(".") and sum(
                word[0].isupper() for word in words
            ) >= _SHOUTED * len(words)
            shouted = sum(map(str.isupper, words)) >= _SHOUTED * len(words)
    return Text(
        field, original, fold(original), shouted, sample.islower() and original.islower(), headline_case
    )


#: What is known of a name beforehand, as bits; the last one is the number of spaces that lead its pattern once more.
_LEAD, _TRAIL, _CAPITAL, _ABBREVIATION, _APART = 1, 2, 4, 8, 16
_TO_APART = 4
#: Abbreviations of states that are the commonest words too: looked for only after a comma and a space.
_WORDS = frozenset(("in", "on", "or"))


class Matcher:
    """The automaton over every name of the lexicon."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._names: list[str] = []
        self._meanings: list[Meaning] = []
        # Most names share their senses with others (the same tuple), so there are far fewer meanings than names.
        shared: dict[int, Meaning] = {}
        for name, senses in lexicon.names.items():
            self._names.append(name)
            self._meanings.append(shared.get(id(senses)) or shared.setdefault(id(senses), Meaning(senses)))
        self._traits = bytes(_traits(name, senses) for name, senses in lexicon.names.items())
        """For each name whether a space leads and trails its pattern, and what can be told of it at a glance."""
        # Over bytes, because the one over text first works out where each byte's character stands.
        self._automaton = ahocorasick_rs.BytesAhoCorasick(
            [_pattern(name, trait).encode() for name, trait in zip(self._names, self._traits, strict=True)]
        )

    def scan(self, text: Text, language: str) -> list[Hit]:
        """Return the names of a field in order, none overlapping, the longest at each position."""
        haystack = f" {text.folded.text} "
        candidates: list[tuple[int, int, int]] = []  # where in the folded text, the end negative, and what
        cased, traits, shouted = text.folded.cased, self._traits, text.shouted
        capital = 0 if text.whispered else _CAPITAL
        for index, begin, end in self._matches(haystack):
            trait = traits[index]
            if trait & _ABBREVIATION:
                start = begin + (trait >> _TO_APART)
                small = trait & capital and cased[start].islower()
                if not shouted and not small and "," in cased[max(0, start - 2) : start]:
                    candidates.append((start, 2 - end, index))
            elif trait & capital and cased[begin].islower():
                continue
            elif trait & _TRAIL:
                candidates.append((begin, 2 - end, index))
            elif trait & _LEAD:
                if haystack[end] == " " or self._bounded(haystack, end, index):
                    candidates.append((begin, 1 - end, index))
            elif _alone(haystack, begin, end):
                candidates.append((begin - 1, 1 - end, index))
        candidates.sort()
        return self._longest(candidates, text, language)

    def _matches(self, haystack: str) -> Iterable[tuple[int, int, int]]:
        """Return the patterns found by where they end: number, first character, end; they may overlap."""
        data = haystack.encode()
        found = self._automaton.find_matches_as_indexes(data, overlapping=True)
        return found if len(data) == len(haystack) else self._by_character(found, data)

    def _by_character(
        self, found: Iterable[tuple[int, int, int]], data: bytes
    ) -> Iterator[tuple[int, int, int]]:
        done = end = 0
        for index, _, last in found:
            end += len(data[done:last].decode())
            done = last
            trait = self._traits[index]
            yield index, end - len(_pattern(self._names[index], trait)), end

    def _bounded(self, haystack: str, end: int, index: int) -> bool:
        """Say whether the letters that follow a name belong to it by the rules of its script."""
        following, endings = haystack[end], self._meanings[index].endings
        if "n" in endings or _WITHOUT_BOUNDARY.match(following):
            return True
        rest = _LETTERS.match(haystack, end, end + _LONGEST_ENDING + 1)
        ending = rest.group() if rest else ""
        script = "y" if _CYRILLIC.match(following) else "t"
        return (
            0 < len(ending) <= _LONGEST_ENDING
            and script in endings
            and _ENDING[script].fullmatch(ending) is not None
        )

    def _longest(self, candidates: Iterable[tuple[int, int, int]], text: Text, language: str) -> list[Hit]:
        hits: list[Hit] = []
        done = 0
        original, names, meanings = text.original, self._names, self._meanings
        whispered, shifted = text.whispered, bool(text.folded.starts)
        for start, minus_end, index in candidates:
            if start < done:
                continue
            first, last = text.folded.span(start, -minus_end) if shifted else (start, -minus_end)
            meaning: Meaning | None = meanings[index]
            if whispered or not (meanings[index].usual and original[first].isupper()):
                meaning = _readable(meanings[index], original[first:last], text, language)
            if meaning is not None:
                done = -minus_end
                before = word_before(original, first)
                hits.append(Hit(text, first, last, names[index], meaning, before))
        return hits


def word_before(text: str, start: int) -> str:
    """Return the word that stands before a position with one space between, or empty."""
    if start < 2 or text[start - 1] not in _BREAKS:
        return ""
    near = text[start - _REACH if start > _REACH else 0 : start - 1]
    word = near[near.rfind(" ") + 1 :]
    if word.isalnum():
        return word
    if not (near[-1].isalnum() or near[-1] == "."):
        return ""
    # A word with a full stop, or with a line's end or an opening quotation mark before it.
    return word.split()[-1].lstrip("\"'“”‘«(—[")


def _traits(name: str, senses: Sequence[Sense]) -> int:
    bounded = not (_WITHOUT_BOUNDARY.match(name) or _ARABIC.match(name))
    strict = bounded and all(sense.ending == "s" for sense in senses)
    word = " " not in name and all(sense.case != "x" for sense in senses)
    abbreviation = strict and all(sense.kind == "abbr" for sense in senses)
    apart = abbreviation and name in _WORDS
    return bounded * _LEAD | strict * _TRAIL | word * _CAPITAL | abbreviation * _ABBREVIATION | apart * _APART


def _pattern(name: str, trait: int) -> str:
    lead = " " * ((trait & _LEAD) + (trait >> _TO_APART))
    return f"{lead}{name} " if trait & _TRAIL else f"{lead}{name}"


def _alone(haystack: str, start: int, end: int) -> bool:
    """Say whether a name in a script without capitals is a word there, or may be one."""
    if _ARABIC.match(haystack, start):
        return _arabic_boundary(haystack, start, end)
    return not (_within_katakana(haystack, start) or _within_katakana(haystack, end))


def _arabic_boundary(haystack: str, start: int, end: int) -> bool:
    if _ARABIC.match(haystack, end):
        return False
    begin = start
    while begin and start - begin <= _LONGEST_PREFIX and _ARABIC.match(haystack, begin - 1):
        begin -= 1
    return _ARABIC_PREFIX.fullmatch(haystack, begin, start) is not None


def _readable(meaning: Meaning, written: str, text: Text, language: str) -> Meaning | None:
    """Return what the name means by the case and the language of the text; the same object when all of it."""
    capital = _capital(written, text)
    if meaning.usual:
        return meaning if capital else None
    return meaning.read(language, written.isupper(), capital)


def _within_katakana(haystack: str, position: int) -> bool:
    """Say whether a position lies inside a word of katakana, which are written without spaces too."""
    return (
        _KATAKANA.match(haystack, position - 1) is not None
        and _KATAKANA.match(haystack, position) is not None
    )


def _capital(written: str, text: Text) -> bool:
    if text.whispered:
        return len(written) >= _SHORTEST_SMALL
    return written[0].isupper() or (" " in written and not written.islower())
