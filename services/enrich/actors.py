"""Who is in the story: listed actors by their names, other people and organisations by rules."""

from collections.abc import Callable
from datetime import date

from services.enrich.names.known import KnownNames
from services.enrich.names.linking import Linker
from services.enrich.names.listed import ListedStep
from services.enrich.names.organisation_step import OrganisationStep
from services.enrich.names.organisations import OrganisationRules
from services.enrich.names.people import PeopleRules
from services.enrich.names.people_step import PeopleStep
from services.enrich.names.shapes import ShapeRules
from services.enrich.names.story import Story
from services.enrich.names.vocabulary import Vocabulary, load_vocabulary
from services.enrich.names.words import Words
from shared.actors import Actors, load_actors
from shared.events import ActorTag
from shared.places.lexicon import Lexicon, load_lexicon

#: Stories longer than this are read up to here, so that one of them cannot hold up the stream.
LONGEST_TEXT = 200_000


class ActorTagger:
    """Tags people and organisations; immutable once built, one for a process.

    An actor's country is the actor's: it never tags the story.
    """

    def __init__(
        self, actors: Actors, vocabulary: Vocabulary, is_place: Callable[[str], bool] = lambda _name: False
    ) -> None:
        """``is_place`` tells places' names from people's, as far as somebody knows them."""
        titles = vocabulary.titles | frozenset(title.replace("-", " ") for title in vocabulary.titles)
        self._known = KnownNames(actors.data, titles)
        self._people = PeopleRules(vocabulary, is_place)
        self._organisations = OrganisationRules(vocabulary, is_place)
        self._shapes = ShapeRules(vocabulary, is_place)
        self._linker = Linker(
            actors.data, vocabulary.common | vocabulary.given | vocabulary.not_names | vocabulary.suffixes
        )
        self._vocabulary = vocabulary
        self._data = actors.data

    @classmethod
    def load(cls, actors: Actors | None = None) -> "ActorTagger":
        """Return a tagger with the data that ships with Dateline, or with other ``actors``, such as a watch list's."""
        return cls(actors or load_actors(), load_vocabulary(), knows_places(load_lexicon()))

    def tag(self, title: str | None, text: str, *, language: str, at: date | None) -> tuple[ActorTag, ...]:
        """Return the actors of a story, the most prominent first.

        ``at`` is the story's day, which decides who held an office; None for a story that nobody dated. Rules for
        unlisted names work in languages that write only names with a capital; listed names work in all.
        """
        fields = [Words("title", title[:LONGEST_TEXT])] if title else []
        fields.append(Words("text", text[:LONGEST_TEXT]))
        story = Story(
            [self._known.read(words) for words in fields], self._data, self._vocabulary, self._linker, at
        )
        ListedStep(story).read()
        if language not in _CAPITALISES_NOUNS:
            OrganisationStep(story).read(self._organisations, self._shapes)
            PeopleStep(story).read(self._people)
        return story.register.tags()


def knows_places(lexicon: Lexicon) -> Callable[[str], bool]:
    """Return whether a name in folded words is one that the places' vocabulary knows as a place."""

    def is_place(name: str) -> bool:
        return any(sense.plain.startswith(_PLACES) for sense in lexicon.names.get(name, ()))

    return is_place


_PLACES = ("city", "capital", "admin", "state", "name", "region", "abbr")
_CAPITALISES_NOUNS = frozenset(("de", "lb"))
