"""Regions as stories name them: a party to the news or where it happens, a mere mention, or derived from a member.

A region is never taken apart into its countries here; whoever asks for "Central Asia" is served by its own tag.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from services.enrich.evidence import Told, told
from services.enrich.matching import Hit
from shared.events import RegionRole
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
_STOP = re.compile(r"[.!?;\n]")


@lru_cache(maxsize=1)
def _words() -> dict[str, frozenset[str]]:
    said = tomllib.loads(_DATA.read_text("utf-8"))
    return {name: frozenset(fold_name(listed).split()) for name, listed in said.items()}


def _before(text: str, start: int) -> list[str]:
    """Return the last words before a position in its sentence, the nearest first, folded."""
    reach = _STOP.split(text[max(0, start - _REACH) : start])[-1]
    return fold_name(reach).split()[: -_BACK - 1 : -1]


def _after(text: str, end: int) -> list[str]:
    reach = _STOP.split(text[end : end + _REACH], maxsplit=1)[0]
    words = fold_name(reach).split()[:3]
    return words if reach[:1] in (" ", "-", "\u00a0") else ["'s", *words[1:]] if words[:1] == ["s"] else []


def _weight(hit: Hit) -> int:
    """Return 2 for a region that acts or is acted upon, 1 for one where things happen, 0 for a mere mention."""
    lists = _words()
    text = hit.text.original
    before, after = _before(text, hit.start), _after(text, hit.end)
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
    return hit.text.field == "title" or hit.start < _LEAD


def _role(hits: Iterable[Hit]) -> RegionRole:
    total = 0
    for hit in hits:
        weight = _weight(hit)
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

    def tag(self, hits: Sequence[Hit], countries: Sequence[Told]) -> list[Told]:
        """Return the regions of a story by id, as ``RegionTag``, from the hits that mean one and its country tags.

        A region that is both named in passing and derived is derived.
        """
        derived: dict[str, list[Told]] = {}
        for tag in countries:
            if tag["role"] == "subject" and (regions := self._regions_of.get(tag["code"])):
                member = {**tag["evidence"][0], "kind": "member"}
                for region in regions:
                    derived.setdefault(region, []).append(member)
        if not derived and not hits:
            return []
        named: dict[str, list[Hit]] = {}
        for hit in hits:
            region = next(sense.place for sense in hit.meaning.senses if sense.kind.startswith("region"))
            named.setdefault(region, []).append(hit)
        roles: dict[str, RegionRole] = {region: _role(own) for region, own in named.items()}
        for region, role in roles.items():
            whole = self._within.get(region)
            if whole is not None and role == "subject":
                derived.setdefault(whole, []).extend(told(named[region][:1], "region"))
        tags: list[Told] = []
        for region in sorted(named.keys() | derived.keys()):
            role = roles.get(region, "derived")
            if role == "mentioned" and region in derived:
                role = "derived"
            own = told(named.get(region, ())[:_MOST_EVIDENCE], "region")
            evidence = (*own, *derived.get(region, ()))[:_MOST_EVIDENCE]
            tags.append({"id": region, "role": role, "evidence": evidence})
        return tags
