"""The decision whether two stories carry the same text, tell the same report, or only belong together."""

import math
from dataclasses import dataclass
from operator import mul
from typing import Final, Literal

from services.enrich.comparison import (
    FEATURES,
    MIN_SHINGLES,
    containment,
    datelines_apart,
    days_apart,
    features,
    leads,
    renumbered,
    replaced_names,
    shared_figures,
    shared_names,
    undated,
)
from services.enrich.signatures import WINDOW, Signature, told_by

Likeness = Literal["duplicate", "same_report", "related", "apart"]

#: Shares of the shorter text that must stand in the longer: when numbers agree too; when they do not, or
#: texts put different names or numbers in the same places.
COPIED: Final = 0.5
COPIED_ALONE: Final = 0.7
COPIED_WITH_CONFLICTS: Final = 0.6
#: Texts that share so much of their wording and tell of other dates are one form.
FORM: Final = 0.4
#: Fewer words than this are a notice: with other actors it is another one.
SHORT: Final = 40
#: Places that two texts must fill, most of them differently, to be called one form.
FORM_PLACES: Final = 4
#: Fewer rare terms in common than this, and no name: not worth weighing.
STRANGER_TERMS: Final = 3
COPIED_UNNAMED: Final = 0.55
COPIED_SPEECH: Final = 0.62
COPIED_ANYWAY: Final = 0.9
#: A copy leaves out and adds; a form filled in again replaces. Shares of what two texts say that may be replaced.
REPLACED: Final = 1 / 3
REPLACED_AT_ONCE: Final = 1 / 2
#: What the replaced numbers must tell: more than one small number, and at one time more than any single round one.
LEAST_REPLACED: Final = 0.55
LEAST_AT_ONCE: Final = 0.85
REPLACED_NAMES: Final = 0.4
#: Seconds between two tellings that are of one time.
AT_ONCE: Final = 12 * 3600
#: What the numbers of two stories must tell in common (three or more that are exact) to outweigh other names.
MANY_NUMBERS: Final = 4.0
#: Numbers that tell less in all than this tell nothing.
TELLING: Final = 0.6


@dataclass(frozen=True, slots=True)
class Verdict:
    """What two stories are to each other, and how sure that is."""

    likeness: Likeness
    score: float
    """0 to 1."""


_APART: Final = Verdict("apart", 0.0)

#: Log-odds that each piece of evidence adds. Fitted by logistic regression under sign constraints (evidence for
#: may only count for, evidence against only against) on labelled news pairs, then rounded; what is not listed
#: weighs nothing. Texts without capital letters have weights of their own: no name can be told in them.
WEIGHTS: Final = {
    "covered": 1.9, "concepts": 4.8, "names shared": 0.6, "names apart": -1.0, "lead name": 1.2,
    "lead things": 0.75, "numbers agree": 4.5, "figures apart": -0.75, "same day": 2.4, "next day": -2.3,
    "other day": -1.45, "slots differ": -3.75, "other ordinal": -0.8, "same ordinal": 1.4, "soon": 0.5,
    "late": -2.5, "undated": 2.45, "brief": -4.3, "brief cosine": 5.0, "across": -2.5,
    "other first country": -2.4, "countries swapped": -2.5, "names and day": 1.95,
    "other date": -2.0, "many numbers": 4.0,
}  # fmt: skip
BIAS: Final = -5.05
WEIGHTS_UNCASED: Final = {
    "cosine": 1.9, "covered": 3.4, "covering": 2.05, "things": 2.1, "lead covered": 3.4, "lead least": 0.4,
    "lead things": 2.0, "numbers agree": 1.7, "figures apart": -0.3, "same day": 4.4, "other day": -1.05,
    "slots differ": -2.9, "other ordinal": -2.0, "soon": 3.5, "late": -4.2, "undated": 0.8, "brief": -2.1,
    "brief cosine": 1.65, "across": -0.5, "countries shared": 0.2, "countries clash": -0.1,
}  # fmt: skip
BIAS_UNCASED: Final = -5.7
_ROWS: Final = tuple(WEIGHTS.get(name, 0.0) for name in FEATURES)
_ROWS_UNCASED: Final = tuple(WEIGHTS_UNCASED.get(name, 0.0) for name in FEATURES)

#: Probability from which two stories tell the same report, and from which they are worth a link.
SAME: Final = 0.5
RELATED: Final = 0.12


def is_copy(one: Signature, other: Signature, held: float) -> bool:
    """Whether two texts, of which the shorter stands in the longer by the share ``held``, are the same text.

    Market reports, fixtures and notices share their wording and differ in what fills it, so names and numbers
    must agree as well: in all, and in the places where both texts have one between the same two words.
    """
    if held < COPIED or _replaced(one, other, held):
        return False
    figures = shared_figures(one, other)
    if held < COPIED_ANYWAY and not (_same_names(one, other, held, figures) and _same_event(one, other)):
        return False
    places = one.slots.keys() & other.slots.keys()
    differ = sum(one.slots[place] != other.slots[place] for place in places)
    if differ > len(places) / 3:
        return held >= COPIED_WITH_CONFLICTS and figures >= 0.75
    return figures >= 0.6 or held >= COPIED_ALONE


def _filled_otherwise(one: Signature, other: Signature, held: float) -> bool:
    """Whether two texts are one form filled in twice: the next market report, the other town's weather."""
    if held >= FORM and not _same_dates(one, other):
        return True
    if _refilled(one, other, held) or _frame_only(one, other, held):
        return True
    if held >= FORM and bool(one.actors) == bool(other.actors) and _renamed(one, other):
        return True
    if held >= COPIED and min(one.words, other.words) < SHORT and _nobody_in_common(one, other):
        return True
    places = one.slots.keys() & other.slots.keys()
    if len(places) < FORM_PLACES:
        return False
    return sum(one.slots[place] != other.slots[place] for place in places) > len(places) / 2


def _replaced(one: Signature, other: Signature, held: float) -> bool:
    """Whether a text says other things in the words of another: another date, other numbers or names."""
    if not _same_dates(one, other) or _frame_only(one, other, held):
        return True
    return _refilled(one, other, held) or _renamed(one, other)


def _frame_only(one: Signature, other: Signature, held: float) -> bool:
    """Whether two short texts share a frame and nothing that tells one event from the next, neither a number nor when.

    "A and B agreed to build a bridge, at talks in C" and "A and B agreed to swap prisoners, at talks in C".
    """
    if (
        not FORM <= held < COPIED_ALONE
        or min(one.words, other.words) >= SHORT
        or not (one.cased or other.cased)
    ):
        return False
    return undated(one, other) == 1 and told_by(one.numbers & other.numbers) < TELLING


def _refilled(one: Signature, other: Signature, held: float) -> bool:
    """Whether other numbers stand in much the same words. While something happens, its numbers may change."""
    if not FORM <= held < COPIED_ANYWAY:
        return False
    if _at_one_time(one, other):
        return renumbered(one, other, REPLACED_AT_ONCE, LEAST_AT_ONCE)
    return renumbered(one, other, REPLACED, LEAST_REPLACED)


def _at_one_time(one: Signature, other: Signature) -> bool:
    if one.dated and other.dated:
        return abs(one.at - other.at) <= AT_ONCE
    return one.dateline is not None and one.dateline == other.dateline


def _renamed(one: Signature, other: Signature) -> bool:
    """Whether others stand where a text has its first name or most of its names."""
    if not one.names or not other.names or _many_numbers_agree(one, other):
        return False
    if len(one.actors & other.actors) * 2 > min(len(one.actors), len(other.actors)):
        return False
    return leads(one, other) == 0 or replaced_names(one, other) > REPLACED_NAMES


def _same_event(one: Signature, other: Signature) -> bool:
    """Whether who and when allow two texts to be copies."""
    return not days_apart(one, other) and _same_actors(one, other) and _same_dates(one, other)


def _same_actors(one: Signature, other: Signature) -> bool:
    """Whether two stories have an actor in common, as far as they have any."""
    return not one.actors or not other.actors or not one.actors.isdisjoint(other.actors)


def _nobody_in_common(one: Signature, other: Signature) -> bool:
    strangers = not _same_actors(one, other) and one.names.keys().isdisjoint(other.names)
    return strangers and not _many_numbers_agree(one, other)


def _many_numbers_agree(one: Signature, other: Signature) -> bool:
    """Whether so many numbers are the same that names are not needed; agencies spell those in their own ways."""
    return told_by(one.numbers & other.numbers) >= MANY_NUMBERS


def _same_dates(one: Signature, other: Signature) -> bool:
    """Whether two stories have a date in common, as far as they name any."""
    return not one.dates or not other.dates or not one.dates.isdisjoint(other.dates)


def _same_names(one: Signature, other: Signature, held: float, figures: float) -> bool:
    """Whether the names allow two texts to be copies. Where one has none, numbers must stand in for them."""
    if figures >= 0.75 and not one.actors.isdisjoint(other.actors):
        return True
    if one.names and other.names:
        return shared_names(one.names, other.names) >= 0.5 and leads(one, other) > 0
    telling = told_by(one.numbers & other.numbers) >= TELLING
    if figures < 0.9:
        return held >= COPIED_ALONE
    return held >= (COPIED_UNNAMED if telling else COPIED_SPEECH)


def _strangers(one: Signature, other: Signature) -> bool:
    """Whether two stories have so little in common that nothing else can make them one report."""
    return (
        (one.cased or other.cased)
        and one.names.keys().isdisjoint(other.names)
        and sum(map(other.terms.__contains__, one.terms)) < STRANGER_TERMS
    )


def _datelines_apart(one: Signature, other: Signature) -> bool:
    """Whether the datelines of undated stories are further apart than the window; they name days, not hours."""
    if one.dated and other.dated:
        return False
    apart = datelines_apart(one, other)
    return apart is not None and apart > WINDOW.days + 1


def compare(story: Signature, earlier: Signature) -> Verdict:
    """Judge a story against an earlier one. Symmetric, and pure."""
    if abs(story.at - earlier.at) > WINDOW.total_seconds() or _datelines_apart(story, earlier):
        return _APART
    if story.content == earlier.content and story.words >= MIN_SHINGLES and _same_dates(story, earlier):
        return Verdict("duplicate", 1.0)
    held = containment(story, earlier)
    if is_copy(story, earlier, held):
        return Verdict("duplicate", held)
    if _strangers(story, earlier):
        return _APART
    if _filled_otherwise(story, earlier, held):
        return Verdict("related", RELATED)
    return _weigh(story, earlier)


def _weigh(story: Signature, earlier: Signature) -> Verdict:
    rows, bias = _scale(story, earlier)
    score = 1 / (1 + math.exp(-bias - sum(map(mul, rows, features(story, earlier)))))
    return Verdict("same_report" if score >= SAME else "related" if score >= RELATED else "apart", score)


def _scale(one: Signature, other: Signature) -> tuple[tuple[float, ...], float]:
    return (_ROWS, BIAS) if one.cased or other.cased else (_ROWS_UNCASED, BIAS_UNCASED)


def evidence(one: Signature, other: Signature) -> tuple[str, ...]:
    """The pieces of evidence that weigh most, either way, with the log-odds that they add: for whoever tunes them."""
    rows, _ = _scale(one, other)
    parts = zip(map(mul, rows, features(one, other)), FEATURES, strict=True)
    weighty = sorted(parts, key=lambda part: -abs(part[0]))
    return tuple(f"{name} {part:+.1f}" for part, name in weighty[:5] if abs(part) >= 0.3)
