"""Deciding what each name of a story means, by what stands around it and by what else the story names.

A name that stays uncertain means nothing: a wrong country is worse than a missed one.
"""

from collections.abc import Mapping
from itertools import pairwise

from services.enrich import surroundings
from services.enrich.matching import FieldName, Hit, Text
from services.enrich.meanings import CITY_RANK, kind, rank
from services.enrich.story_evidence import Story
from shared.places.lexicon import Context, Lexicon

#: A city of this rank counts alone after a preposition of place.
_ALONE = 3
#: The same in a story that names other countries: more likely a namesake in one of those.
_ALONE_AMONG_OTHERS = 6
#: The longest gap between a city and its state.
_COMMA = 2
_QUALIFYING = frozenset(("name", "code", "admin", "state"))
#: Codes that are pronouns too.
_PRONOUNS = frozenset(("us", "u s"))
_PLACE_CUE = 1.0
_WORD_CUE = 1.0
_CONGRUENT = 2.0
_SOURCE_CUE = 0.6


class Resolver:
    """Decides the names of one story after another; holds no state of any."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._contexts = lexicon.contexts
        self._given = lexicon.words.get("given_names", frozenset())
        self._name_like = lexicon.words.get("name_like", frozenset())

    def resolve(
        self, texts: Mapping[FieldName, Text], hits: list[Hit], source_country: str | None
    ) -> list[Hit]:
        """Return the hits that mean a country (decided) or a region, in order."""
        story = Story(texts, source_country)
        kept = self._qualified([hit for hit in hits if self._plausible(hit, story)], story)
        undecided: list[Hit] = []
        for hit in kept:
            if not hit.country and hit.meaning.outright and hit.name not in self._contexts:
                hit.country, hit.kind = hit.meaning.outright
            if hit.country:
                story.count(hit)
            elif not hit.meaning.only_region:
                undecided.append(hit)
        for hit in kept:
            if hit.meaning.city and hit.country and (story.placed or len(hit.meaning.senses) > 1):
                self._reconsider(hit, story)
        for hit in undecided:
            self._decide_by_story(hit, story)
        if not story.persons:
            return [hit for hit in kept if hit.country or hit.meaning.region]
        return [hit for hit in kept if self._stands(hit, story)]

    def _plausible(self, hit: Hit, story: Story) -> bool:
        """Say whether the words around leave the name a place at all; drops the readings that they rule out."""
        text = story.texts[hit.field]
        meaning = hit.meaning
        following = text.original[hit.end : hit.end + 1]
        # A currency ("US$") or a comparison ("Texas-shaped") is none either.
        compared = following == "-" and surroundings.compared(text.original, hit.end)
        if meaning.blocked or following == "$" or compared:
            return False
        if meaning.only_region:
            return True
        if meaning.abbreviation and not self._abbreviates(hit, text):
            meaning = hit.meaning = meaning.spelled_out
        if meaning.prefix and following != "-":
            meaning = hit.meaning = meaning.apart
        if not meaning.senses:
            return False
        if meaning.demonym:
            return not surroundings.language(hit, text.original)
        if hit.name in _PRONOUNS:
            return not (text.shouted and surroundings.pronoun(hit, text))
        return not (meaning.personal and self._person(hit, text, story))

    def _abbreviates(self, hit: Hit, text: Text) -> bool:
        """Say whether a state's abbreviation stands as one: "Macon, Ga.", "Boston, MA"."""
        original = text.original
        if text.shouted or not surroundings.after_comma(original, hit.start):
            return False
        dotted = original[hit.end : hit.end + 1] == "." or "." in original[hit.start : hit.end]
        return (
            dotted
            or (hit.end - hit.start == 2 and original[hit.start : hit.end].isupper())
            or hit.end - hit.start > 3
        )

    def _person(self, hit: Hit, text: Text, story: Story) -> bool:
        if surroundings.street(text.original, hit.end):
            return True
        if " " in hit.name:
            return False
        if surroundings.named_person(hit, text, self._given, self._name_like):
            story.persons.add(hit.name)
            return True
        return False

    def _qualified(self, hits: list[Hit], story: Story) -> list[Hit]:
        """Read "City, State" and "City, Country": the second says where the first is."""
        for before, hit in pairwise(hits):
            if before.field == hit.field and hit.start - before.end <= _COMMA:
                original = story.texts[hit.field].original
                if original[before.end : hit.start] in (", ", ",", ",\n"):
                    self._qualify(before, hit, original, story)
        return hits

    def _qualify(self, inner: Hit, outer: Hit, text: str, story: Story) -> None:
        states = [s for s in outer.meaning.senses if s.kind in ("state", "abbr") and len(s.place) > 2]
        if states and self._at_home(inner, outer, states[0].country):
            states = []
        if states and (states[0].kind == "abbr" or surroundings.closed(text, outer.end)):
            if any(s.plain != "state" for s in inner.meaning.senses) or states[0].kind == "abbr":
                self._settle(inner, states[0].country, "city")
                story.placed[inner.name] = states[0].country
            self._settle(outer, states[0].country, "state")
            return
        for sense in inner.meaning.senses:
            if sense.plain not in CITY_RANK and sense.plain != "capital":
                continue
            said = [o for o in outer.meaning.senses if o.country == sense.country and o.kind in _QUALIFYING]
            if said:
                self._settle(inner, sense.country, "city")
                self._settle(outer, sense.country, kind(said[0]))
                story.placed[inner.name] = sense.country
                return

    @staticmethod
    def _at_home(inner: Hit, outer: Hit, state_of: str) -> bool:
        """Say whether the city lies in the country of that name and not in the state's: "Tbilisi, Georgia"."""
        named = {sense.country for sense in outer.meaning.senses if sense.kind in _QUALIFYING} - {state_of}
        lies_in = {sense.country for sense in inner.meaning.senses}
        return bool(named & lies_in) and state_of not in lies_in

    def _reconsider(self, hit: Hit, story: Story) -> None:
        """Let the story's own words move a city: "London, Ont." once, or Ontario named and Britain not."""
        placed = story.placed.get(hit.name)
        if (
            placed is None
            and len(hit.meaning.senses) > 1
            and not story.supports(hit.country, without=hit.name)
        ):
            placed = next(
                (
                    s.country
                    for s in hit.meaning.senses
                    if s.place in story.states and s.country != hit.country
                ),
                None,
            )
        if placed is not None and placed != hit.country:
            story.move(hit, placed, "city")

    @staticmethod
    def _settle(hit: Hit, country: str, how: str) -> None:
        hit.country, hit.kind = country, how

    def _decide_by_story(self, hit: Hit, story: Story) -> None:
        context = self._contexts.get(hit.name)
        if context is not None:
            if hit.name not in story.read:
                story.read[hit.name] = story.placed.get(hit.name) or self._in_context(hit, context, story)
            country = story.read[hit.name]
            if country:
                kinds = [s for s in hit.meaning.senses if s.country == country]
                self._settle(hit, country, kind(kinds[0]) if kinds else "name")
            return
        if hit.meaning.region:
            self._seat(hit, story)
            return
        supported = [s for s in hit.meaning.senses if story.supports(s.country)]
        if supported:
            best = max(
                supported,
                key=lambda s: (s.place in story.states, story.supports(s.country), rank(s), s.place),
            )
            hit.country, hit.kind = best.country, kind(best)
            return
        self._lone(hit, story)

    def _seat(self, hit: Hit, story: Story) -> None:
        """Read the seat of a bloc as the city where something happens there: "in Brussels", a dateline."""
        text = story.texts[hit.field]
        if surroundings.located(hit, text) or surroundings.in_dateline(hit, text):
            sense = next(s for s in hit.meaning.senses if s.kind != "region")
            self._settle(hit, sense.country, kind(sense))

    def _lone(self, hit: Hit, story: Story) -> None:
        """Accept a city that nothing else speaks for only where it is big, unrivalled and plainly a place."""
        ranked = sorted(hit.meaning.senses, key=lambda s: (-rank(s), s.place))
        best = ranked[0]
        rivals = [s for s in ranked[1:] if s.country != best.country and rank(s) >= rank(best) - 1]
        if rivals and story.source_country in {s.country for s in hit.meaning.senses}:
            best, rivals = next(s for s in hit.meaning.senses if s.country == story.source_country), []
        if rivals or rank(best) < (_ALONE if not story.support else _ALONE_AMONG_OTHERS):
            return
        text = story.texts[hit.field]
        if not surroundings.within_name(hit, text) and surroundings.located(hit, text):
            self._settle(hit, best.country, kind(best))

    def _in_context(self, hit: Hit, context: Context, story: Story) -> str:
        scores: dict[str, float] = {}
        for reading in context.readings:
            cues = sum(_PLACE_CUE for place in reading.places if story.supports(place, without=hit.name))
            if reading.means and reading.congruent and story.supports(reading.means, without=hit.name):
                cues += _CONGRUENT
            cues += sum(_WORD_CUE for word in reading.words if story.says(word))
            if reading.means and reading.means == story.source_country:
                cues += _SOURCE_CUE
            scores[reading.means] = scores.get(reading.means, 0.0) + cues
        best = max(
            scores, key=lambda means: (scores[means], means == context.default), default=context.default
        )
        return best if scores.get(best, 0.0) > 0 else context.default

    def _stands(self, hit: Hit, story: Story) -> bool:
        """Say whether a decided hit still stands once the whole story is known."""
        if not hit.country:
            return hit.meaning.region
        if hit.name in story.persons and not story.supports(hit.country, without=hit.name):
            return surroundings.inside(hit, story.texts[hit.field])
        return True
