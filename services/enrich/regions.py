"""Regions as stories name them: a party to the news or where it happens, a mere mention, or derived from a member.

A region is never taken apart into its countries here; whoever asks for "Central Asia" is served by its own tag.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from services.enrich.matching import FieldName, Hit, Text
from shared.events import CountryTag, Evidence, RegionRole, RegionTag
from shared.places.folding import fold_name
from shared.places.lexicon import Lexicon

_DATA = Path(__file__).parent / "data" / "regions.toml"
_MOST_EVIDENCE = 12
_REACH = 60
_BACK = 6
#: A first mention within so much of a story's beginning is part of the news, not of its background.
_LEAD = 300
_SUPERLATIVE_REACH = 5
#: Mentions that weigh so much together make a subject, wherever they stand.
_ENOUGH = 2
_STOPS = ".!?;\n"


@lru_cache(maxsize=1)
def _words() -> dict[str, frozenset[str]]:
    said = tomllib.loads(_DATA.read_text("utf-8"))
    return {name: frozenset(fold_name(listed).split()) for name, listed in said.items()}


def _before(text: str, start: int) -> list[str]:
    """Return the last words before a position in its sentence, the nearest first, folded."""
    reach = text[max(0, start - _REACH) : start]
    for stop in _STOPS:
        reach = reach.rpartition(stop)[2]
    return fold_name(reach).split()[::-1][:_BACK]


def _after(text: str, end: int) -> list[str]:
    reach = text[end : end + _REACH]
    for stop in _STOPS:
        reach = reach.partition(stop)[0]
    words = fold_name(reach).split()[:3]
    return words if reach[:1] in (" ", "-", "\u00a0") else ["'s", *words[1:]] if words[:1] == ["s"] else []


def _weight(hit: Hit, text: Text) -> int:
    """Return 2 for a region that acts or is acted upon, 1 for one where things happen, 0 for a mere mention."""
    lists = _words()
    before, after = _before(text.original, hit.start), _after(text.original, hit.end)
    following = after[0] if after else ""
    if _comes_from(before, lists) or following in lists["belongings"]:
        return 0
    if following in lists["singles"] and (not before or before[0] in ("a", "an", "the") or "a" in before[:2]):
        return 0
    if lists["parties"] & set(after[:2]):
        return 2
    if before and before[0] in lists["passing"]:
        return 0
    if lists["superlatives"] & set(before[:_SUPERLATIVE_REACH]) and "in" in before[:2]:
        return 0
    return 1


def _comes_from(before: Sequence[str], lists: Mapping[str, frozenset[str]]) -> bool:
    for place, word in enumerate(before):
        if word in lists["origins"]:
            return not lists["parties"] & set(before[place + 1 : place + 2])
        if word not in lists["between"]:
            return False
    return False


def _leads(hit: Hit) -> bool:
    return hit.field == "title" or hit.start < _LEAD


def _role(hits: Iterable[Hit], texts: Mapping[FieldName, Text]) -> RegionRole:
    total = 0
    for hit in hits:
        weight = _weight(hit, texts[hit.field])
        total += weight
        if total >= _ENOUGH or (weight and _leads(hit)):
            return "subject"
    return "mentioned"


class RegionTagger:
    """Tags the regions of a story."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._within = lexicon.within
        self._regions_of: dict[str, list[str]] = {}
        for region in lexicon.derived:
            for member in lexicon.members.get(region, ()):
                if member.until is None:
                    self._regions_of.setdefault(member.country, []).append(region)

    def tag(
        self, hits: Sequence[Hit], texts: Mapping[FieldName, Text], countries: Sequence[CountryTag]
    ) -> tuple[RegionTag, ...]:
        """Return the regions of a story by id, from the hits that mean one and its countries.

        A region that is both named in passing and derived is derived.
        """
        named: dict[str, list[Hit]] = {}
        for hit in hits:
            region = next(sense.place for sense in hit.meaning.senses if sense.kind.startswith("region"))
            named.setdefault(region, []).append(hit)
        derived: dict[str, list[Evidence]] = {}
        members: dict[str, list[Evidence]] = {}
        for tag in countries:
            if tag.role == "subject":
                for region in self._regions_of.get(tag.code, ()):
                    derived.setdefault(region, []).extend(
                        members.get(tag.code)
                        or members.setdefault(
                            tag.code, [_as_member(evidence) for evidence in tag.evidence[:1]]
                        )
                    )
        if not named and not derived:
            return ()
        roles = {region: _role(own, texts) for region, own in named.items()}
        for region, role in roles.items():
            whole = self._within.get(region)
            if whole is not None and role == "subject":
                derived.setdefault(whole, []).extend(_evidence(named[region][:1], texts))
        tags = []
        for region in sorted(named.keys() | derived.keys()):
            own_hits = named.get(region, [])
            role = roles.get(region, "derived")
            if role == "mentioned" and region in derived:
                role = "derived"
            said = [*_evidence(own_hits[:_MOST_EVIDENCE], texts), *derived.get(region, ())]
            tags.append(RegionTag(id=region, role=role, evidence=tuple(said[:_MOST_EVIDENCE])))
        return tuple(tags)


def _as_member(evidence: Evidence) -> Evidence:
    return Evidence(
        field=evidence.field, start=evidence.start, end=evidence.end, text=evidence.text, kind="member"
    )


def _evidence(hits: Sequence[Hit], texts: Mapping[FieldName, Text]) -> list[Evidence]:
    return [
        Evidence(
            field=h.field,
            start=h.start,
            end=h.end,
            text=texts[h.field].original[h.start : h.end],
            kind="region",
        )
        for h in hits
    ]
