"""Deciding what each name of a story means, by what stands around it and by what else the story names.

A name that stays uncertain means nothing: a wrong country is worse than a missed one.
"""

from collections.abc import Mapping

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
_COMMAS = (", ", ",", ",\n")
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
        story.hits = kept = self._read(hits, story)
        undecided: list[Hit] = []
        movable: list[Hit] = []
        for hit in kept:
            meaning = hit.meaning
            if not hit.country and meaning.outright and hit.name not in self._contexts:
                hit.country, hit.kind = meaning.outright
            if hit.country:
                story.count(hit)
                if meaning.city and (story.placed or len(meaning.senses) > 1):
                    movable.append(hit)
            elif not meaning.only_region:
                undecided.append(hit)
        for hit in movable:
            self._reconsider(hit, story)
        for hit in undecided:
            self._decide_by_story(hit, story)
        if not story.persons:
            return [hit for hit in kept if hit.country or hit.meaning.region]
        return [hit for hit in kept if self._stands(hit, story)]

    def _read(self, hits: list[Hit], story: Story) -> list[Hit]:
        """Return the hits that may be places, those decided that say so together: "City, State"."""
        kept: list[Hit] = []
        before: Hit | None = None
        plausible = self._plausible
        for hit in hits:
            if plausible(hit, story):
                if before is not None and hit.start - before.end <= _COMMA and before.text is hit.text:
                    self._qualified(before, hit, story)
                kept.append(hit)
                before = hit
        return kept

    def _plausible(self, hit: Hit, story: Story) -> bool:
        """Say whether the words around leave the name a place at all; drops the readings that they rule out."""
        original, meaning = hit.text.original, hit.meaning
        following = original[hit.end : hit.end + 1]
        # A currency ("US$") or a comparison ("Texas-shaped") is none either.
        if following == "$" or (following == "-" and surroundings.compared(original, hit.end)):
            return False
        if meaning.only_region:
            return True
        if meaning.doubtful:
            if meaning.abbreviation and not self._abbreviates(hit):
                meaning = hit.meaning = meaning.spelled_out
            if meaning.prefix and following != "-":
                meaning = hit.meaning = meaning.apart
            if meaning.blocked or not meaning.senses:
                return False
        if meaning.demonym:
            return not surroundings.language(hit)
        if meaning.personal:
            return not self._person(hit, original, story)
        return not (hit.text.shouted and hit.name in _PRONOUNS and surroundings.pronoun(hit))

    @staticmethod
    def _abbreviates(hit: Hit) -> bool:
        """Say whether a state's abbreviation stands as one: "Macon, Ga.", "Boston, MA"."""
        original = hit.text.original
        if hit.text.shouted or not surroundings.after_comma(original, hit.start):
            return False
        dotted = original[hit.end : hit.end + 1] == "." or "." in original[hit.start : hit.end]
        return (
            dotted
            or (hit.end - hit.start == 2 and original[hit.start : hit.end].isupper())
            or hit.end - hit.start > 3
        )

    def _person(self, hit: Hit, original: str, story: Story) -> bool:
        if original[hit.end + 1 : hit.end + 2].isupper() and surroundings.street(original, hit.end):
            return True
        # Most names follow a common word: no given name, no title, no initial.
        if " " in hit.name or (hit.before.islower() and hit.name not in self._name_like):
            return False
        if surroundings.named_person(hit, self._given, self._name_like):
            story.persons.add(hit.name)
            return True
        return False

    def _qualified(self, before: Hit, hit: Hit, story: Story) -> None:
        """Read "City, State" and "City, Country": the second says where the first is."""
        original = hit.text.original
        if original[before.end : hit.start] in _COMMAS:
            self._qualify(before, hit, original, story)

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
            self._seat(hit)
            return
        supported = [
            (sense.place in story.states, said, size, sense.place, number)
            for number, (size, sense) in enumerate(hit.meaning.ranked)
            if (said := story.supports(sense.country))
        ]
        if supported:
            _, best = hit.meaning.ranked[max(supported)[-1]]
            self._settle(hit, best.country, kind(best))
        else:
            self._lone(hit, story)

    def _seat(self, hit: Hit) -> None:
        """Read the seat of a bloc as the city where something happens there: "in Brussels", a dateline."""
        if surroundings.located(hit) or surroundings.in_dateline(hit):
            sense = next(s for s in hit.meaning.senses if s.kind != "region")
            self._settle(hit, sense.country, kind(sense))

    def _lone(self, hit: Hit, story: Story) -> None:
        """Accept a city that nothing else speaks for only where it is big, unrivalled and plainly a place."""
        largest, best = hit.meaning.ranked[0]
        rivals = [s for size, s in hit.meaning.ranked if s.country != best.country and size >= largest - 1]
        if rivals and story.source_country in {s.country for s in hit.meaning.senses}:
            best, rivals = next(s for s in hit.meaning.senses if s.country == story.source_country), []
            largest = rank(best)
        if rivals or largest < (_ALONE if not story.support else _ALONE_AMONG_OTHERS):
            return
        if not surroundings.within_name(hit) and surroundings.located(hit):
            self._settle(hit, best.country, kind(best))

    def _in_context(self, hit: Hit, context: Context, story: Story) -> str:
        scores: dict[str, float] = {}
        for reading in context.readings:
            supporting = [place for place in reading.places if story.supports(place, without=hit.name)]
            cues = _PLACE_CUE * len(supporting) + _WORD_CUE * story.says(reading.words)
            if reading.means and reading.congruent and story.supports(reading.means, without=hit.name):
                cues += _CONGRUENT
            states = {s.place for s in hit.meaning.senses if s.country == reading.means and s.kind == "state"}
            if states and story.names_town_in(states):
                cues += _CONGRUENT
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
            return surroundings.inside(hit)
        return True
