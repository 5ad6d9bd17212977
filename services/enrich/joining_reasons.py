"""Why two stories were joined, in words that are short enough to store and plain enough to read.

A signature keeps hashes, so words and names are spelled as the later story spells them.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from services.enrich.comparison import MIN_SHINGLES, containment, cosine
from services.enrich.numerals import number_weight
from services.enrich.signatures import Signature, actor_hash, spelled
from services.enrich.similarity import Likeness
from shared.events import EnrichedStory

#: How many words, names, numbers and actors are told of, the most telling first.
_TOLD: Final = 4
#: Numbers that weigh no more than this stand in any story.
_COMMON_NUMBER: Final = 0.3


def reasons_for(
    likeness: Likeness, story: EnrichedStory, mine: Signature, theirs: Signature
) -> tuple[str, ...]:
    """What a story has in common with the one that it was joined to; ``mine`` is its own signature.

    Of copies it need not be said which words they share.
    """
    return (
        *_wording(mine, theirs),
        *(_spelled(story, mine, theirs) if likeness == "same_report" else ()),
        *_actors(story, mine, theirs),
        *(f"same subject {code}" for code in mine.countries if code in theirs.countries),
        *_numbers(mine, theirs),
        *_times(mine, theirs),
    )


def _wording(mine: Signature, theirs: Signature) -> tuple[str, ...]:
    if mine.content == theirs.content and mine.words >= MIN_SHINGLES:
        return ("same text",)
    held = containment(mine, theirs)
    least = min(len(mine.shingles), len(theirs.shingles))
    return (f"containment {held:.2f} of {least} shingles",) if held >= 0.05 else ()


def _spelled(story: EnrichedStory, mine: Signature, theirs: Signature) -> tuple[str, ...]:
    names: dict[int, str] = {}
    words: dict[int, str] = {}
    for spelling, word in spelled(story):
        if word.name in mine.names and word.name in theirs.names and word.naming:
            names.setdefault(word.name, spelling)
        elif word.terms and word.terms[0] in mine.terms and word.terms[0] in theirs.terms:
            words.setdefault(word.terms[0], spelling.lower())
    alike = f"rare terms {cosine(mine, theirs):.2f}"
    told = [f"same names {_strongest(names, mine.names)}"] if names else []
    return (*told, f"{alike}: {_strongest(words, mine.terms)}" if words else alike)


def _strongest(spelled: Mapping[int, str], weights: Mapping[int, int]) -> str:
    ranked = sorted(spelled, key=lambda term: -weights[term])
    return ", ".join(spelled[term] for term in ranked[:_TOLD])


def _actors(story: EnrichedStory, mine: Signature, theirs: Signature) -> Iterable[str]:
    shared = mine.actors & theirs.actors
    told = {actor.id or actor.name: None for actor in story.actors if actor_hash(actor) in shared}
    return (f"same actor {actor}" for actor in list(told)[:_TOLD])


def _numbers(mine: Signature, theirs: Signature) -> Iterable[str]:
    telling = [n for n in mine.numbers & theirs.numbers if number_weight(n) > _COMMON_NUMBER]
    ranked = sorted(telling, key=lambda number: (-number_weight(number), number))
    yield from (f"same number {number:,.15g}" for number in ranked[:_TOLD])
    for ordinal in sorted(mine.ordinals.keys() & theirs.ordinals.keys()):
        if ordinal > 3:
            yield f"same ordinal {ordinal}"


def _times(mine: Signature, theirs: Signature) -> Iterable[str]:
    if mine.day is not None and mine.day == theirs.day:
        yield f"same day {date.fromordinal(mine.day)}"
    if mine.dated and theirs.dated:
        yield f"within {max(1, math.ceil(abs(mine.at - theirs.at) / 3600))} h"
