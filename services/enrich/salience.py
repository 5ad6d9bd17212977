"""How much of a story each country takes up, and which countries it is about.

Every mention weighs by where it stands (title, dateline, first sentence, later) and how it is spoken of; a country's
mentions add up with diminishing returns, those named first count more, and whoever reaches a fixed part of the
greatest weight is a subject. The weights were chosen by hand around a coarse search on newswire and on short
summaries; the result hardly changes when any of them is moved by a third.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import islice
from math import log1p
from typing import NamedTuple

from services.enrich.matching import FieldName, Hit, Text, word_before
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

#: Each begins with one character, or a set of them, and not with a choice: only so does the search skip to the next.
_PLAIN_SENTENCE = re.compile(r"\.[\")]*\s")
_SENTENCE = re.compile(r"[.!?。！？](?:(?<=[。！？])|[\"”’)]*\s)")
#: In small letters, so that the pattern need not try every case of every word.
_CURRENCY = re.compile(
    r"[ -]?(?:dlrs?|dollars?|francs?|marks?|yen|stg|sterling|pounds?|lire|guilders?|crowns?|pesos?|currenc(?:y|ies)"
    r"|euros?|treasur|t-bill|bonds?|notes)\b"
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
    """Where the sentences of a story's text begin, as far as anything is named in it, and its dateline ends."""

    def __init__(self, text: str, last: int) -> None:
        self.dateline = dateline_end(text)
        plain = text.isascii() and "!" not in text and "?" not in text
        sentences = (_PLAIN_SENTENCE if plain else _SENTENCE).finditer(text, self.dateline, last)
        self.ends = [match.end() for match in islice(sentences, _MOST_SENTENCES)]

    def place(self, hit: Hit, sentence: int) -> float:
        """Return what a mention weighs by where it stands."""
        if hit.text.field == "title":
            return _TITLE
        if hit.end <= self.dateline:
            return _DATELINE
        if sentence == 0:
            return _OPENING if hit.start - self.dateline < _HEAD else _FIRST_SENTENCE
        return _NEXT_SENTENCES if sentence <= _NEXT else _LATER


def _roll_call(hits: Sequence[Hit], sentences: Sequence[int]) -> set[int]:
    """Return which hits stand in a list of three countries or more ("France, Japan and Spain")."""
    listed: set[int] = set()
    begin = 0
    for number in range(1, len(hits) + 1):
        if number < len(hits):
            one, other = hits[number - 1], hits[number]
            if (
                other.start - one.start < _LIST_GAP
                and one.text is other.text
                and sentences[number - 1] == sentences[number]
            ):
                continue
        if number - begin >= _ROLL_CALL and len({hit.country for hit in hits[begin:number]}) >= _ROLL_CALL:
            listed.update(range(begin, number))
        begin = number
    return listed


def _cue(hit: Hit) -> str:
    """Return the word before a mention in small letters, an article left out."""
    word = hit.before.lower()
    if word in _ARTICLES:
        return word_before(hit.text.original, hit.start - len(word) - 1).lower()
    return word


def _sums(hits: Sequence[Hit], texts: Mapping[FieldName, Text]) -> dict[str, float]:
    """Return what the mentions of each country weigh together, by the order of their first."""
    layout = _Layout(texts["text"].original if "text" in texts else "", max([hit.start for hit in hits]))
    sentences = [bisect_right(layout.ends, hit.start) for hit in hits]
    listed = _roll_call(hits, sentences)
    sums: dict[str, float] = {}
    between: Hit | None = None
    for number, hit in enumerate(hits):
        weight = layout.place(hit, sentences[number])
        if hit.kind in _BY_KIND:
            weight *= _BY_KIND[hit.kind]
        if _CURRENCY.match(hit.text.original[hit.end : hit.end + _REACH].lower()):
            weight *= _CURRENCY_FACTOR
        if number in listed:
            weight *= _ROLL_CALL_FACTOR
        cue = _cue(hit)
        if cue in _ASIDE:
            weight *= _ASIDE_FACTOR
        if cue == "between" or (
            between is not None and hit.start - between.start < _PAIR_GAP and cue == "and"
        ):
            weight = max(weight, 1.0) * _BETWEEN_FACTOR
        between = hit if cue == "between" else None
        sums[hit.country] = sums.get(hit.country, 0.0) + weight
    return sums


def weigh(hits: Sequence[Hit], texts: Mapping[FieldName, Text]) -> list[Weight]:
    """Return the countries by salience, the greatest first, then by code, and whether each is a subject."""
    decided = [hit for hit in hits if hit.country]
    if not decided:
        return []
    long = sum([len(text.original) for text in texts.values()]) > _LONG
    if (not long or 1 < len(decided) == len(hits)) and len({hit.country for hit in decided}) == 1:
        return [Weight(decided[0].country, 1.0, subject=True)]
    sums = _sums(decided, texts)
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
