"""The decision whether two stories carry the same text, tell the same report, or only belong together."""

import math
from dataclasses import dataclass
from typing import Final, Literal

from services.enrich.concepts import concept_ids
from services.enrich.numerals import number_weight
from services.enrich.signatures import LEAD_SHINGLES, SAMPLE, UNIT, WINDOW, Signature, told_by

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
MIN_SHINGLES: Final = 8
MIN_SAMPLE: Final = 8


@dataclass(frozen=True, slots=True)
class Verdict:
    """What two stories are to each other, how sure that is, and why."""

    likeness: Likeness
    score: float
    """0 to 1."""
    reasons: tuple[str, ...] = ()


def containment(one: Signature, other: Signature) -> float:
    """The share of the shorter text's three-word runs that stand in the longer (Broder's containment).

    A short text's runs are all known. Of a longer one the lead is known whole and the rest by a sample, so
    there the share is taken among the runs that any sample would hold.
    """
    small, large = sorted((one, other), key=lambda signature: (signature.words, signature.content))
    if len(small.shingles) < MIN_SHINGLES:
        return 0.0
    shared = small.shingles & large.shingles
    found = len(shared) / len(small.shingles)
    sampled = sum(1 for shingle in small.shingles if shingle % SAMPLE == 0)
    if sampled < MIN_SAMPLE:
        return found
    estimate = sum(1 for shingle in shared if shingle % SAMPLE == 0) / sampled
    return max(found, estimate) if small.words <= LEAD_SHINGLES else estimate


FEATURES: Final = (
    "cosine", "covered", "covering", "things", "concepts",
    "names shared", "names many", "names apart", "lead name",
    "lead covered", "lead least", "lead things",
    "figures shared", "numbers agree", "figures apart",
    "same day", "next day", "other day",
    "slots differ", "slots agree", "other ordinal", "same ordinal",
    "soon", "late", "undated", "brief", "brief cosine", "across",
    "countries shared", "countries clash", "same first country", "other first country", "countries swapped",
    "names and day", "names and figures",
)  # fmt: skip


def features(one: Signature, other: Signature) -> tuple[float, ...]:
    """The evidence on two stories, in the order of ``FEATURES``; each between 0 and about 1."""
    words = _words(one, other)
    names = _names(one, other)
    known = names[0] * names[1]
    numbers = _numbers(one, other, min(1.0, max(2.5 * words[1], 2 * known)))
    days = _days(one, other)
    return (
        *words, *names, *_lead(one, other), *numbers, *days, *_slots(one, other), *_setting(one, other, words[0]),
        *_countries(one, other), known * days[0], known * numbers[0],
    )  # fmt: skip


def _countries(one: Signature, other: Signature) -> tuple[float, ...]:
    mine, theirs = set(one.countries), set(other.countries)
    if not mine or not theirs:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    same = one.countries[0] == other.countries[0]
    shared = len(mine & theirs) / len(mine | theirs)
    swapped = not same and one.countries[:2] == other.countries[1::-1]
    return shared, float(not shared), float(same), float(not same), float(swapped)


def _words(one: Signature, other: Signature) -> tuple[float, ...]:
    small, large = (
        (one.terms, other.terms) if len(one.terms) <= len(other.terms) else (other.terms, one.terms)
    )
    concepts = concept_ids()
    product = here = there = things = 0
    kinds = 0
    for term, weight in small.items():
        twin = large.get(term)
        if twin is None:
            continue
        product += weight * twin
        here += weight * weight
        there += twin * twin
        if term in concepts:
            kinds += weight * twin
        else:
            things += weight * twin
    scale = UNIT**2
    return (
        product / scale,
        max(here, there) / scale,
        min(here, there) / scale,
        things / scale,
        kinds / scale,
    )


def _names(one: Signature, other: Signature) -> tuple[float, ...]:
    shared = _in_both(one.names, other.names)
    least = min(sum(one.names.values()), sum(other.names.values()))
    leads = _leads(one, other) if least else 0.0
    return shared / least if least else 0.0, min(shared, 400) / 400, float(least >= 60 and not shared), leads


def _lead(one: Signature, other: Signature) -> tuple[float, ...]:
    forth = len(one.lead & other.terms.keys()) / max(4, len(one.lead))
    back = len(other.lead & one.terms.keys()) / max(4, len(other.lead))
    return (
        (forth + back) / 2,
        min(forth, back),
        len(one.lead & other.lead) / max(4, min(len(one.lead), len(other.lead))),
    )


def _numbers(one: Signature, other: Signature, backing: float) -> tuple[float, ...]:
    """Numbers count as far as words or names back them: two stories with a 412 may have nothing else."""
    shared = one.numbers & other.numbers
    told = told_by(shared)
    apart = min(one.figures, other.figures) >= 0.6 and all(number_weight(number) <= 0.3 for number in shared)
    agree = _shared_figures(one, other) * min(1.0, told / 1.2)
    return min(told, 3.0) / 3 * backing, agree * backing, float(apart)


def _days(one: Signature, other: Signature) -> tuple[float, ...]:
    if one.day is not None and other.day is not None:
        apart = abs(one.day - other.day)
        return float(apart == 0), float(apart == 1), float(apart > 1)
    if one.dateline is not None and other.dateline is not None:
        apart = abs(one.dateline - other.dateline)
        return 0.0, float(apart == 1), min(3.0, apart - 1.0) if apart > 1 else 0.0
    return 0.0, 0.0, 0.0


def _slots(one: Signature, other: Signature) -> tuple[float, ...]:
    places = one.slots.keys() & other.slots.keys()
    agree = sum(one.slots[place] == other.slots[place] for place in places)
    mine = {n for n in one.ordinals if n > 3}
    theirs = {n for n in other.ordinals if n > 3}
    return (
        (len(places) - agree) / (1 + len(places)),
        agree / (1 + len(places)),
        float(bool(mine and theirs) and not mine & theirs),
        float(bool(mine & theirs)),
    )


def _undated(one: Signature, other: Signature) -> float:
    """1 where nothing says when, so that words must do; below 0 where only datelines do, which name no hour."""
    if one.dated and other.dated:
        return 0.0
    return 1.0 if one.dateline is None and other.dateline is None else -0.35


def _setting(one: Signature, other: Signature, cosine: float) -> tuple[float, ...]:
    hours = abs(one.at - other.at) / 3600
    known = one.dated and other.dated
    brief = max(0.0, 1 - min(one.words, other.words) / 60)
    return (
        math.exp(-hours / 8) if known else 0.0,
        min(3.0, hours / 24) / 3 if known else 0.0,
        _undated(one, other),
        brief,
        brief * cosine,
        float(not one.terms.keys() & other.terms.keys()),
    )


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
    figures = _shared_figures(one, other)
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
        return _shared_weight(one.names, other.names) >= 0.5 and _leads(one, other) > 0
    telling = told_by(one.numbers & other.numbers) >= 0.6
    if figures < 0.9:
        return held >= COPIED_ALONE
    return held >= (COPIED_UNNAMED if telling else COPIED_SPEECH)


def _leads(one: Signature, other: Signature) -> float:
    """Whether each story's first name stands in the other: 0, 0.5 or 1."""
    return (next(iter(one.names)) in other.names) * 0.5 + (next(iter(other.names)) in one.names) * 0.5


def _shared_weight(mine: dict[int, int], theirs: dict[int, int]) -> float:
    least = min(sum(mine.values()), sum(theirs.values()))
    return _in_both(mine, theirs) / least if least else 1.0


def _in_both(mine: dict[int, int], theirs: dict[int, int]) -> int:
    return sum(min(weight, theirs[name]) for name, weight in mine.items() if name in theirs)


def _shared_figures(one: Signature, other: Signature) -> float:
    least = min(one.figures, other.figures)
    return told_by(one.numbers & other.numbers) / least if least else 1.0


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
