"""``Places``: the vocabulary as questions use it."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from shared.places.folding import Folded, fold, fold_name
from shared.places.groups import with_groups
from shared.places.lexicon import Lexicon, Sense, load_lexicon
from shared.places.model import Found, Place

#: What may be asked for by these readings; a surname or a town of 15,000 people is no way to name a country.
_ASKABLE = (
    "name",
    "code",
    "region",
    "demonym",
    "capital",
    "metonym",
    "state",
    "admin",
    "city4",
    "city3",
    "leader",
)
_RANK = {kind: rank for rank, kind in enumerate(_ASKABLE)}
_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 8
_LONGEST_JOINED = 14
_JOINED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LONGEST_ENDING = 6
_SHORTEST_STEM = 5
#: A longer name may hold one more slip (a wrong, missing, added or swapped letter) for every so many letters.
_LETTERS_A_SLIP = 4
_MOST_SLIPS = 3
#: What is this much farther from the name than the nearest is noise.
_NEAR = 1
_LONGEST_QUESTION = 5000
_CODE = re.compile(r"[a-z]{2}")
#: Codes that are words or other abbreviations too ("IT", "HR"): inside a question they mean no country.
_WORDLIKE = frozenset(
    "ad ai am as at be by cd cv do hr id in is it mc me ml ms my no pm pr ps so to tv vc".split()
)
#: People write these in small letters too, and they are no words.
_ALSO_SMALL = frozenset({"uk"})


def _plainness(sense: Sense) -> tuple[bool, int]:
    return sense.weak, _RANK[sense.plain]


class Places:
    """Countries and regions, and every name that Dateline knows for them. Immutable."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def get(self, place_id: str) -> Place | None:
        """Return the place with this id, or None."""
        return self._lexicon.places.get(place_id)

    def all(self, kind: str | None = None) -> list[Place]:
        """Return every place, or those of one kind ("country", "region"), by name."""
        places = (place for place in self._lexicon.places.values() if kind in (None, place.kind))
        return sorted(places, key=lambda place: place.name)

    def resolve(self, name: str) -> Place | None:
        """Return the place that a name, alias, demonym or code means, in any known language and case."""
        if len(name) > _LONGEST_QUESTION:
            return None
        by_id = self._by_id(name.strip())
        folded = fold_name(name)
        return by_id or self._meaning(folded)[0] or self._meaning(folded.removeprefix("the "))[0]

    def _by_id(self, written: str) -> Place | None:
        places = self._lexicon.places
        return places.get(written.upper()) or places.get(written.lower().replace(" ", "-").replace("_", "-"))

    def _meaning(self, folded: str) -> tuple[Place | None, str]:
        senses = [s for s in self._lexicon.names.get(folded, ()) if s.plain in _RANK]
        if not senses:
            return self._inflected(folded)
        best = min(senses, key=_plainness)
        return self.get(best.country or best.place), best.plain

    def _inflected(self, folded: str) -> tuple[Place | None, str]:
        """Try a Cyrillic word without its ending, or a Turkic one without its suffix."""
        longest = min(_LONGEST_ENDING, len(folded) - _SHORTEST_STEM, len(folded) - folded.rfind(" ") - 2)
        for cut in range(1, longest + 1):
            senses = [s for s in self._lexicon.names.get(folded[:-cut], ()) if s.plain in _RANK]
            wanted = "y" if _CYRILLIC.search(folded) else "t"
            best = min((s for s in senses if s.ending == wanted), key=_plainness, default=None)
            if best is not None:
                return self.get(best.country or best.place), best.plain
        return None, ""

    def find(self, text: str) -> list[Found]:
        """Return every place in a short question, the longest name at each position, in order.

        Case does not matter, save for two-letter codes, which must stand in capitals ("KZ") or be all there is, but for
        "uk"; those that are words too ("IT") must stand alone or among codes.
        """
        folded = fold(text[:_LONGEST_QUESTION])
        found: list[Found] = []
        done = 0
        for start, end in self._spans(folded.text):
            if start < done:
                continue
            hit = self._found(folded, start, end)
            if hit is None and self._blocked(folded.text[start:end]):
                done = end
            elif hit is not None:
                found.append(hit)
                done = end
        return found

    def _spans(self, folded: str) -> Iterator[tuple[int, int]]:
        """Yield candidate spans by start, the longest first."""
        words = [match.span() for match in _WORD.finditer(folded)]
        for index, (start, _) in enumerate(words):
            for _, end in reversed(words[index : index + _MOST_WORDS]):
                yield start, end
            first_end = words[index][1]
            if _JOINED.search(folded, start, first_end):
                for begin in range(start, first_end):
                    for end in range(min(begin + _LONGEST_JOINED, first_end), begin + 1, -1):
                        yield begin, end

    def _found(self, folded: Folded, start: int, end: int) -> Found | None:
        written = folded.text[start:end]
        first, last = folded.span(start, end)
        original = folded.original[first:last]
        if _CODE.fullmatch(written):
            alone = not folded.text[:start].strip() and not folded.text[end:].strip()
            capitals = original.isupper() and (written not in _WORDLIKE or _only_codes(folded))
            coded = capitals or written in _ALSO_SMALL
            place = self.get(original.upper()) if coded or alone else None
            place = place or (self._meaning(written)[0] if coded else None)
            return Found(place, first, last, original, "code") if place else None
        place, kind = self._meaning(" ".join(written.split()))
        return Found(place, first, last, original, kind) if place else None

    def _blocked(self, written: str) -> bool:
        return any(sense.kind == "block" for sense in self._lexicon.names.get(written, ()))

    @cached_property
    def _suggestable(self) -> dict[str, str]:
        """Map each name that may be suggested to its place: names and capitals, no cities."""
        names: dict[str, str] = {}
        for folded, senses in self._lexicon.names.items():
            strong = [s for s in senses if s.kind in ("name", "region", "demonym", "capital")]
            if strong and len(folded) > 3:
                best = min(strong, key=_plainness)
                names[folded] = best.country or best.place
        return names

    def suggest(self, name: str, limit: int = 3) -> list[Place]:
        """Return the places whose names are most like a misspelt one, best first; empty when none is close."""
        wanted = fold_name(name[:100])
        if len(wanted) < 2:
            return []
        slips = min(_MOST_SLIPS, max(1, len(wanted) // _LETTERS_A_SLIP))
        matches = process.extract(
            wanted, list(self._suggestable), scorer=OSA.distance, score_cutoff=slips, limit=None
        )
        best: dict[str, tuple[int, bool]] = {}
        for match, distance, _ in matches:
            place, how_far = self._suggestable[match], (distance, match[0] != wanted[0])
            best[place] = min(best.get(place, how_far), how_far)
        nearest = min(best.values(), default=(0, False))[0]
        near = [place for place, (distance, _) in best.items() if distance <= nearest + _NEAR]
        ranked = sorted(near, key=lambda place: (best[place], place))[:limit]
        return [self._lexicon.places[place] for place in ranked]

    def likeness(self, name: str, place_id: str) -> float:
        """Return how like the likest name of a place a misspelt one is, 0 to 100."""
        known = [written for written, place in self._suggestable.items() if place == place_id]
        best = process.extractOne(fold_name(name[:100]), known, scorer=fuzz.ratio)
        return float(best[1]) if best else 0.0

    def members(self, region_id: str, at: date | None = None) -> frozenset[str]:
        """Return the countries of a region on a day; today's when no day is given (open-ended memberships)."""
        return frozenset(
            member.country
            for member in self._lexicon.members.get(region_id, ())
            if (member.until is None if at is None else _within(member.since, member.until, at))
        )

    def regions_of(self, code: str, at: date | None = None) -> frozenset[str]:
        """Return the ids of the regions that a country belongs to on a day."""
        return frozenset(region for region in self._lexicon.members if code in self.members(region, at))

    def localized(self, place_id: str, language: str) -> str:
        """Return the display name in a language, in English where that is not known, the id where nothing is."""
        place = self.get(place_id)
        pairs = self._lexicon.localized.get(place_id, "")
        _, known, rest = pairs.partition(f"\t{language.partition('-')[0]}=")
        return rest.partition("\t")[0] if known else place.name if place else place_id


def _only_codes(folded: Folded) -> bool:
    """Say whether a question is nothing but codes in capitals: "IT DE"."""
    return folded.cased.isupper() and all(_CODE.fullmatch(word) for word in folded.text.split())


def _within(since: date | None, until: date | None, at: date) -> bool:
    return (since is None or since <= at) and (until is None or at <= until)


@lru_cache(maxsize=4)
def load_places(groups: Path | None = None) -> Places:
    """Return the places that ship with Dateline, and an operator's own groups; read once, shared by all."""
    return Places(with_groups(load_lexicon(), groups) if groups else load_lexicon())
