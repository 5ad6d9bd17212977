"""The register of one story: who has been named in it, where, and who a later word may refer back to."""

from bisect import bisect_left
from collections.abc import Hashable

from services.enrich.names.mentions import Found, Mention
from services.enrich.names.words import Words
from shared.events import ActorTag

#: Evidence kept for one actor; a long story need not prove the obvious a hundred times.
MOST_EVIDENCE = 12
#: Of so many people with one family name a bare family name can mean only the latest.
_MOST_NAMESAKES = 20


class Register:
    """Found actors with indexes for every question the rules ask, so that long stories stay cheap."""

    def __init__(self) -> None:
        self._found: dict[Hashable, Found] = {}
        self._by_word: dict[tuple[int, int], Found] = {}
        self._by_ends: dict[tuple[str, str], Found] = {}
        self._by_family: dict[str, list[Found]] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._found

    def add(self, key: Hashable, new: Found, mention: Mention) -> Found:
        """Add a mention of ``new``, or of whoever has been found under ``key`` before."""
        found = self._found.setdefault(key, new)
        found.confidence = max(found.confidence, new.confidence)
        if len(mention.keys) > len(found.keys):
            found.keys = tuple(key for key in mention.keys if key[:1].isalnum())
        self.mention(found, mention)
        if found.kind == "person" and len(found.keys) > 1:
            self._by_ends.setdefault((found.keys[0], found.keys[-1]), found)
            family = self._by_family.setdefault(found.keys[-1], [])
            if found not in family[-_MOST_NAMESAKES:]:
                family.append(found)
        return found

    def mention(self, found: Found, mention: Mention) -> None:
        """Add a mention of somebody found."""
        found.mentions.append(mention)
        for position in range(mention.first, mention.end):
            self._by_word[id(mention.words), position] = found

    def at(self, words: Words, position: int) -> Found | None:
        """Return who is mentioned at a word."""
        return self._by_word.get((id(words), position))

    def with_ends(self, keys: tuple[str, ...]) -> Found | None:
        """Return the person named before with the same first and last name: middle names come and go."""
        return self._by_ends.get((keys[0], keys[-1])) if len(keys) > 1 else None

    def namesakes(self, keys: tuple[str, ...]) -> list[Found]:
        """Return the people named in full whose name ends with ``keys``, the latest of them."""
        family = self._by_family.get(keys[-1], ())[-_MOST_NAMESAKES:] if keys else ()
        return [found for found in family if len(found.keys) > len(keys) and found.keys[-len(keys) :] == keys]

    def nearest(self, people: list[Found], mention: Mention) -> Found | None:
        """Return whose name stands nearest before a mention; without one before, the nearest after.

        Whom the story has called so before goes first: "President Biden and Jill Biden came. Biden smiled."
        """
        best: tuple[int, Found] | None = None
        for found in self._called_so_before(people, mention) or people:
            places = [one.first for one in found.mentions[:MOST_EVIDENCE] if one.words is mention.words]
            places.sort()
            before = bisect_left(places, mention.first)
            distance = (
                mention.first - places[before - 1] if before else 1000000 + (places[0] if places else 1000000)
            )
            if best is None or distance < best[0]:
                best = distance, found
        return best[1] if best else None

    def _called_so_before(self, people: list[Found], mention: Mention) -> list[Found]:
        return [
            found
            for found in people
            if any(
                one.words is mention.words and one.first < mention.first and one.keys == mention.keys
                for one in found.mentions[:MOST_EVIDENCE]
            )
        ]

    def withdraw(self, words: Words, position: int) -> None:
        """Take back what was found at a word, because the story says that it means something else."""
        found = self._by_word.pop((id(words), position), None)
        if found is None:
            return
        found.mentions = [
            one for one in found.mentions if not (one.words is words and one.first <= position < one.end)
        ]
        if not found.mentions:
            self._found = {key: one for key, one in self._found.items() if one is not found}

    def tags(self) -> tuple[ActorTag, ...]:
        """Return one tag for each actor, those of the title and the often named first."""
        return tuple(_tag(found) for found in sorted(self._found.values(), key=_prominence))


def _tag(found: Found) -> ActorTag:
    mentions = sorted(found.mentions, key=lambda one: (one.words.field != "title", one.first))
    # Built from checked parts: validating each tag again would cost more than finding it.
    return ActorTag.model_construct(
        id=found.actor_id,
        name=found.name,
        kind=found.kind,
        country=found.country,
        confidence=round(found.confidence, 2),
        evidence=tuple(one.words.evidence(one.first, one.end, one.how) for one in mentions[:MOST_EVIDENCE]),
    )


def _prominence(found: Found) -> tuple[bool, int, int]:
    return (
        all(one.words.field != "title" for one in found.mentions),
        -len(found.mentions),
        min(one.first for one in found.mentions),
    )
