"""How much of a story each country takes up, and which countries it is about.

Every mention weighs by where it stands (title, dateline, first sentence, later) and how it is spoken of; a country's
mentions add up with diminishing returns, those named first count more, and whoever reaches a fixed part of the
greatest weight is a subject. The weights were chosen by hand around a coarse search on newswire and on short
summaries; the result hardly changes when any of them is moved by a third.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import log1p
from typing import NamedTuple

from services.enrich.matching import FieldName, Hit, Text
from services.enrich.surroundings import dateline_end

_TITLE = 4.0
_DATELINE = 3.0
_OPENING = 2.5
_FIRST_SENTENCE = 0.8
_NEXT_SENTENCES = 0.7
_LATER = 1.0
#: So many characters at the head of the first sentence are its subject.
_HEAD = 100
_NEXT = 2
_BY_KIND = {"leader": 0.6, "metonym": 0.6}
_CURRENCY_FACTOR = 0.4
_ASIDE_FACTOR = 0.5
_ROLL_CALL_FACTOR = 0.3
_BETWEEN_FACTOR = 2.0
_ROLL_CALL = 3
_LIST_GAP = 20
_PAIR_GAP = 40
#: How much each country named earlier takes away, up to so many.
_LATENESS = 0.5
_LATEST = 4
#: The part of the greatest weight that makes a subject.
_SUBJECT = 0.36
#: A single late mention makes no subject of a longer story, even when no other country is named.
_IN_PASSING = 1.0
_LONG = 600
_MOST_SENTENCES = 4
"""Later ones weigh alike, so their number does not matter."""

#: Begins with one set of characters and not with a choice: only so does the search skip to the next of them.
_SENTENCE = re.compile(r"[.!?。！？](?:(?<=[。！？])|[\"”’)]*\s)")
_CURRENCY = re.compile(
    r"[ -]?(?:dlrs?|dollars?|francs?|marks?|yen|stg|sterling|pounds?|lire|guilders?|crowns?|pesos?|currenc(?:y|ies)"
    r"|euros?|treasur|T-bill|bonds?|notes)\b",
    re.IGNORECASE,
)
_ASIDE = frozenset(("on", "against", "despite", "like", "than"))
_ARTICLES = frozenset(("the", "a", "an"))
_REACH = 16


class Weight(NamedTuple):
    """A country's share of a story, 0 to 1 of the country with the most."""

    country: str
    salience: float
    subject: bool


class _Layout:
    """Where the sentences of a story's text begin and its dateline ends."""

    def __init__(self, text: str) -> None:
        self.dateline = dateline_end(text)
        self.ends = [
            match.end() for match in islice(_SENTENCE.finditer(text, self.dateline), _MOST_SENTENCES)
        ]

    def place(self, hit: Hit, sentence: int) -> float:
        """Return what a mention weighs by where it stands."""
        if hit.field == "title":
            return _TITLE
        if hit.end <= self.dateline:
            return _DATELINE
        if sentence == 0:
            return _OPENING if hit.start - self.dateline < _HEAD else _FIRST_SENTENCE
        return _NEXT_SENTENCES if sentence <= _NEXT else _LATER


def _list_sizes(hits: Sequence[Hit], sentences: Sequence[int]) -> list[int]:
    """Return for each hit how many countries the list has that it stands in ("France, Japan and Spain")."""
    sizes: list[int] = []
    while (begin := len(sizes)) < len(hits):
        end = begin + 1
        while end < len(hits) and sentences[end - 1] == sentences[end] and _near(hits[end - 1], hits[end]):
            end += 1
        length = end - begin
        size = length if length < _ROLL_CALL else len({hit.country for hit in hits[begin:end]})
        sizes += [size] * length
    return sizes


def _near(one: Hit, other: Hit) -> bool:
    return other.start - one.start < _LIST_GAP and one.field == other.field


def _word_before(text: str, start: int) -> str:
    """Return the word before a position in lower case, an article left out."""
    words = text[max(0, start - _REACH) : start].lower().split()
    if len(words) > 1 and words[-1] in _ARTICLES:
        return words[-2]
    return words[-1] if words else ""


def _mentions(hits: Sequence[Hit], texts: Mapping[FieldName, Text]) -> Iterator[tuple[Hit, float]]:
    layout = _Layout(texts["text"].original if "text" in texts else "")
    between: Hit | None = None
    sentences = [bisect_right(layout.ends, hit.start) for hit in hits]
    for hit, sentence, listed in zip(hits, sentences, _list_sizes(hits, sentences), strict=True):
        original = texts[hit.field].original
        before = _word_before(original, hit.start)
        weight = layout.place(hit, sentence) * _BY_KIND.get(hit.kind, 1.0)
        if _CURRENCY.match(original, hit.end, hit.end + _REACH):
            weight *= _CURRENCY_FACTOR
        if listed >= _ROLL_CALL:
            weight *= _ROLL_CALL_FACTOR
        if before in _ASIDE:
            weight *= _ASIDE_FACTOR
        opens = before == "between"
        if opens or (between is not None and hit.start - between.start < _PAIR_GAP and before == "and"):
            weight = max(weight, 1.0) * _BETWEEN_FACTOR
        between = hit if opens else None
        yield hit, weight


def weigh(hits: Sequence[Hit], texts: Mapping[FieldName, Text]) -> list[Weight]:
    """Return the countries by salience, the greatest first, then by code, and whether each is a subject."""
    decided = [hit for hit in hits if hit.country]
    long = sum(len(text.original) for text in texts.values()) > _LONG
    if decided and (not long or 1 < len(decided) == len(hits)) and len({hit.country for hit in decided}) == 1:
        return [Weight(decided[0].country, 1.0, subject=True)]
    sums: dict[str, float] = {}
    for hit, weight in _mentions(decided, texts):
        sums[hit.country] = sums.get(hit.country, 0.0) + weight
    if not sums:
        return []
    scores = {
        country: log1p(total) / (1 + _LATENESS * min(order, _LATEST))
        for order, (country, total) in enumerate(sums.items())
    }
    top = max(scores.values())
    ranked = sorted(scores, key=lambda country: (-scores[country], country))
    return [
        Weight(
            country,
            scores[country] / top,
            scores[country] >= _SUBJECT * top and not (long and sums[country] <= _IN_PASSING),
        )
        for country in ranked
    ]
