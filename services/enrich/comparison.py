"""What two signatures have in common, measured: the evidence that the decision weighs."""

import math
from typing import Final

from services.enrich.concepts import concept_ids
from services.enrich.signatures import LEAD_SHINGLES, SAMPLE, UNIT, Shingles, Signature, told_by

MIN_SHINGLES: Final = 8
MIN_SAMPLE: Final = 8
#: Fewer runs in common are those that any two stories of a language have.
MIN_SHARED: Final = 4
#: A text of so many words may put others in the place of numbers that tell 1 in all.
REPLACED_WORDS: Final = 120
#: What so many exact numbers tell may be chance, or a form: 10,000 shares at 101-1/2 pct.
MANY: Final = 3.0


def containment(one: Signature, other: Signature) -> float:
    """The share of the shorter text's three-word runs that stand in the longer (Broder's containment).

    A short text's runs are all known. Of a longer one the lead is known whole and the rest by a sample, so
    there the share is taken among the runs that any sample would hold.
    """
    swap = (one.words, one.content) > (other.words, other.content)
    small, large = (other, one) if swap else (one, other)
    if len(small.shingles) < MIN_SHINGLES:
        return 0.0
    shared = _shared_runs(small.shingles, large.shingles)
    if len(shared) < max(MIN_SHARED, len(small.shingles) * 0.1):
        return 0.0
    found = len(shared) / len(small.shingles)
    sampled = sum(1 for shingle in small.shingles if shingle % SAMPLE == 0)
    if sampled < MIN_SAMPLE:
        return found
    estimate = sum(1 for shingle in shared if shingle % SAMPLE == 0) / sampled
    return max(found, estimate) if small.words <= LEAD_SHINGLES else estimate


def _shared_runs(one: Shingles, other: Shingles) -> frozenset[int]:
    return one.intersection(other) if isinstance(one, frozenset) else frozenset(other).intersection(one)


def cosine(one: Signature, other: Signature) -> float:
    """How alike the rare terms of two stories are, weighted: 0 to 1."""
    return sum(weight * other.terms.get(term, 0) for term, weight in one.terms.items()) / UNIT**2


FEATURES: Final = (
    "cosine", "covered", "covering", "things", "concepts",
    "names shared", "names many", "names apart", "lead name",
    "lead covered", "lead least", "lead things",
    "figures shared", "numbers agree", "figures apart", "many numbers",
    "same day", "next day", "other day",
    "slots differ", "slots agree", "other ordinal", "same ordinal",
    "soon", "late", "undated", "brief", "brief cosine", "across",
    "countries shared", "countries clash", "same first country", "other first country", "countries swapped",
    "names and day", "names and figures", "same date", "other date",
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
        *_dates(one, other),
    )  # fmt: skip


def _countries(one: Signature, other: Signature) -> tuple[float, ...]:
    mine, theirs = set(one.countries), set(other.countries)
    if not mine or not theirs:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    same = one.countries[0] == other.countries[0]
    shared = len(mine & theirs) / len(mine | theirs)
    swapped = not same and one.countries[:2] == other.countries[1::-1]
    return shared, float(not shared), float(same), float(not same and not swapped), float(swapped)


def _words(one: Signature, other: Signature) -> tuple[float, ...]:
    small, large = (
        (one.terms, other.terms) if len(one.terms) <= len(other.terms) else (other.terms, one.terms)
    )
    concepts = concept_ids()
    product = here = there = things = 0
    kinds = 0
    for term in filter(large.__contains__, small):
        weight, twin = small[term], large[term]
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
    least = min(sum(one.names.values()), sum(other.names.values()))
    if one.names.keys().isdisjoint(other.names):
        return 0.0, 0.0, float(least >= 60), 0.0
    shared = _in_both(one.names, other.names)
    return shared / least, min(shared, 400) / 400, 0.0, leads(one, other)


def _lead(one: Signature, other: Signature) -> tuple[float, ...]:
    forth = sum(map(other.terms.__contains__, one.lead)) / max(4, len(one.lead))
    back = sum(map(one.terms.__contains__, other.lead)) / max(4, len(other.lead))
    return (
        (forth + back) / 2,
        min(forth, back),
        len(one.lead & other.lead) / max(4, min(len(one.lead), len(other.lead))),
    )


def _numbers(one: Signature, other: Signature, backing: float) -> tuple[float, ...]:
    """Numbers count as far as words or names back them: two stories with a 412 may have nothing else.

    More of them than chance or a form brings about count by themselves, those that were replaced taken off.
    """
    shared = one.numbers & other.numbers
    figures = min(one.figures, other.figures)
    if not shared:
        return 0.0, 0.0, float(figures >= 0.6), 0.0
    told = told_by(shared)
    apart = figures >= 0.6 and told < 0.3 * len(shared) + 0.1
    agree = (told / figures if figures else 1.0) * min(1.0, told / 1.2)
    many = 2 * told - figures - MANY
    return (
        min(told, 3.0) / 3 * backing,
        agree * backing,
        float(apart),
        min(1.0, many / MANY) if many > 0 else 0.0,
    )


def days_apart(one: Signature, other: Signature) -> int | None:
    """How many days the events are apart that two stories tell of, if both name the day.

    A weekday is put on the calendar by when its story was seen: where only datelines say when, they are better.
    """
    if one.day is None or other.day is None or _only_by_datelines(one, other):
        return None
    return abs(one.day - other.day)


def datelines_apart(one: Signature, other: Signature) -> int | None:
    """How many days the datelines are apart, if both have one. They name no year: New Year's Eve is near January 2."""
    if one.dateline is None or other.dateline is None:
        return None
    apart = abs(one.dateline - other.dateline)
    return min(apart, abs(apart - 365))


def _only_by_datelines(one: Signature, other: Signature) -> bool:
    return not (one.dated and other.dated) and one.dateline is not None and other.dateline is not None


def _days(one: Signature, other: Signature) -> tuple[float, ...]:
    apart = days_apart(one, other)
    if apart is not None:
        return float(apart == 0), float(apart == 1), float(apart > 1)
    apart = datelines_apart(one, other)
    if apart is not None:
        return 0.0, float(apart == 1), min(3.0, apart - 1.0) if apart > 1 else 0.0
    return 0.0, 0.0, 0.0


def _dates(one: Signature, other: Signature) -> tuple[float, float]:
    """Whether the two name a date in common, or only other ones: fixtures and forecasts do that."""
    if not one.dates or not other.dates:
        return 0.0, 0.0
    apart = one.dates.isdisjoint(other.dates)
    return float(not apart), float(apart)


def _slots(one: Signature, other: Signature) -> tuple[float, ...]:
    places = one.slots.keys() & other.slots.keys()
    agree = sum(one.slots[place] == other.slots[place] for place in places)
    differ, alike = (len(places) - agree) / (1 + len(places)), agree / (1 + len(places))
    if not one.ordinals or not other.ordinals:
        return differ, alike, 0.0, 0.0
    mine = {n for n in one.ordinals if n > 3}
    theirs = {n for n in other.ordinals if n > 3}
    return differ, alike, float(bool(mine and theirs) and not mine & theirs), float(bool(mine & theirs))


def undated(one: Signature, other: Signature) -> float:
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
        undated(one, other),
        brief,
        brief * cosine,
        float(one.terms.keys().isdisjoint(other.terms)),
    )


def leads(one: Signature, other: Signature) -> float:
    """Whether each story's first name stands in the other: 0, 0.5 or 1."""
    return (next(iter(one.names)) in other.names) * 0.5 + (next(iter(other.names)) in one.names) * 0.5


def shared_names(mine: dict[int, int], theirs: dict[int, int]) -> float:
    """The share of the names of the story with fewer of them that the other has too; 1 where it has none."""
    least = min(sum(mine.values()), sum(theirs.values()))
    return _in_both(mine, theirs) / least if least else 1.0


def _in_both(mine: dict[int, int], theirs: dict[int, int]) -> int:
    return sum(min(weight, theirs[name]) for name, weight in mine.items() if name in theirs)


def shared_figures(one: Signature, other: Signature) -> float:
    """The share of the numbers of the story with fewer of them, weighted; 1 where it has none."""
    least = min(one.figures, other.figures)
    return told_by(one.numbers & other.numbers) / least if least else 1.0


def renumbered(one: Signature, other: Signature, most: float, least: float) -> bool:
    """Whether, of what the numbers of two stories tell, more than the share ``most`` was replaced by other numbers.

    What tells less than ``least`` may have been put right, and in a long text more than that.
    """
    told = told_by(one.numbers & other.numbers)
    replaced = min(one.figures, other.figures) - told
    return replaced > most * (replaced + told) and replaced >= max(
        least, min(one.words, other.words) / REPLACED_WORDS
    )


def replaced_names(one: Signature, other: Signature) -> float:
    """The share of the names of two stories that stand for other names in the other."""
    shared = sum(weight for name, weight in one.names.items() if name in other.names)
    replaced = min(sum(one.names.values()), sum(other.names.values())) - shared
    return max(0, replaced) / max(1, replaced + shared)
