"""The decision whether two stories carry the same text, tell the same report, or only belong together."""

import math
from dataclasses import dataclass
from typing import Final, Literal

from services.enrich.comparison import (
    FEATURES,
    MIN_SHINGLES,
    containment,
    features,
    leads,
    shared_figures,
    shared_names,
)
from services.enrich.signatures import WINDOW, Signature, told_by

Likeness = Literal["duplicate", "same_report", "related", "apart"]

#: Shares of the shorter text that must stand in the longer: when numbers agree too; when they do not, or
#: texts put different names or numbers in the same places.
COPIED: Final = 0.5
COPIED_ALONE: Final = 0.7
COPIED_WITH_CONFLICTS: Final = 0.6
#: Places that two texts must fill, most of them differently, to be called one form.
FORM_PLACES: Final = 4
#: Fewer rare terms in common than this, and no name: not worth weighing.
STRANGER_TERMS: Final = 3
COPIED_UNNAMED: Final = 0.55
COPIED_SPEECH: Final = 0.62
COPIED_ANYWAY: Final = 0.9


@dataclass(frozen=True, slots=True)
class Verdict:
    """What two stories are to each other, how sure that is, and why."""

    likeness: Likeness
    score: float
    """0 to 1."""
    reasons: tuple[str, ...] = ()


#: Log-odds that each piece of evidence adds. Fitted by logistic regression under sign constraints (evidence for
#: may only count for, evidence against only against) on labelled news pairs, then rounded; what is not listed
#: weighs nothing. Texts without capital letters have weights of their own: no name can be told in them.
WEIGHTS: Final = {
    "covered": 1.9, "concepts": 4.8, "names shared": 0.6, "names apart": -1.0, "lead name": 1.2,
    "lead things": 0.75, "numbers agree": 4.5, "figures apart": -0.75, "same day": 2.4, "next day": -2.3,
    "other day": -1.45, "slots differ": -3.75, "other ordinal": -0.8, "same ordinal": 1.4, "soon": 0.5,
    "late": -2.5, "undated": 2.45, "brief": -4.3, "brief cosine": 5.0, "across": -2.5,
    "other first country": -2.4, "countries swapped": -2.5, "names and day": 1.95,
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


def is_copy(one: Signature, other: Signature) -> float:
    """The containment, if the two are the same text; 0 if they only look alike.

    Market reports, fixtures and notices share their wording and differ in what fills it, so names and numbers
    must agree as well: in all, and in the places where both texts have one between the same two words.
    """
    held = containment(one, other)
    if held < COPIED:
        return 0.0
    figures = shared_figures(one, other)
    if held < COPIED_ANYWAY and not _same_names(one, other, held, figures):
        return 0.0
    places = one.slots.keys() & other.slots.keys()
    differ = sum(one.slots[place] != other.slots[place] for place in places)
    if differ > len(places) / 3:
        return held if held >= COPIED_WITH_CONFLICTS and figures >= 0.75 else 0.0
    return held if figures >= 0.6 or held >= COPIED_ALONE else 0.0


def _filled_otherwise(one: Signature, other: Signature) -> bool:
    """Whether two texts are one form filled in twice: the next market report, the other town's weather."""
    places = one.slots.keys() & other.slots.keys()
    differ = sum(one.slots[place] != other.slots[place] for place in places)
    return len(places) >= FORM_PLACES and differ > len(places) / 2


def _same_names(one: Signature, other: Signature, held: float, figures: float) -> bool:
    """Whether the names allow two texts to be copies. Where one has none, numbers must stand in for them."""
    if one.names and other.names:
        return shared_names(one.names, other.names) >= 0.5 and leads(one, other) > 0
    telling = told_by(one.numbers & other.numbers) >= 0.6
    if figures < 0.9:
        return held >= COPIED_ALONE
    return held >= (COPIED_UNNAMED if telling else COPIED_SPEECH)


def _strangers(one: Signature, other: Signature) -> bool:
    """Whether two stories have so little in common that nothing else can make them one report."""
    return (
        (one.cased or other.cased)
        and len(one.terms.keys() & other.terms.keys()) < STRANGER_TERMS
        and one.names.keys().isdisjoint(other.names.keys())
    )


def compare(story: Signature, earlier: Signature) -> Verdict:
    """Judge a story against an earlier one. Symmetric, and pure."""
    if abs(story.at - earlier.at) > WINDOW.total_seconds():
        return Verdict("apart", 0.0, ("more than 72 hours apart",))
    if story.content == earlier.content and story.words >= MIN_SHINGLES:
        return Verdict("duplicate", 1.0, ("the same text",))
    held = is_copy(story, earlier)
    if held:
        return Verdict("duplicate", held, (f"{held:.0%} of the shorter text stands in the longer",))
    if _strangers(story, earlier):
        return Verdict("apart", 0.0)
    if _filled_otherwise(story, earlier):
        return Verdict("related", RELATED, ("the same wording around other names and numbers",))
    return _weigh(story, earlier)


def _weigh(story: Signature, earlier: Signature) -> Verdict:
    cased = story.cased or earlier.cased
    rows, bias = (_ROWS, BIAS) if cased else (_ROWS_UNCASED, BIAS_UNCASED)
    parts = [weight * value for weight, value in zip(rows, features(story, earlier), strict=True)]
    score = 1 / (1 + math.exp(-bias - sum(parts)))
    likeness: Likeness = "same_report" if score >= SAME else "related" if score >= RELATED else "apart"
    return Verdict(likeness, score, () if likeness == "apart" else _strongest(parts))


def _strongest(parts: list[float]) -> tuple[str, ...]:
    """The pieces of evidence that weighed most, either way, in words: what an operator reads."""
    weighty = sorted(zip(parts, FEATURES, strict=True), key=lambda part: -abs(part[0]))
    return tuple(f"{name} {part:+.1f}" for part, name in weighty[:5] if abs(part) >= 0.3)
