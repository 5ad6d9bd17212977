"""The subject of a question: the names in it, whether a story must have all of them, and what is left out."""

import re
from dataclasses import dataclass, replace

from services.bot.conversation import qualifiers
from services.bot.conversation.cleaning import fold
from services.bot.conversation.exclusions import split_exclusions
from services.bot.conversation.ports import Actors, Places
from services.bot.conversation.qualifiers import FILLERS
from services.bot.conversation.search_words import meaningful
from services.bot.conversation.topics import NO_TOPIC, Topic, find_topic

#: Letters of names that are also words: "xi", "kim".
SHORT = 3

#: "Erdogans visit", its apostrophe left out.
_OWNING = re.compile(r"(?<!\S)(?P<name>[^\W\d_]{4,})s(?!\w)")

#: How places are named by a part of theirs: "Kazakhstan, not Astana" leaves out the word, and no country.
_TOWNS = {"capital", "state", "admin", "city4", "city3"}

#: Between things that are not wanted.
_JOINTS = re.compile(r"\s+(?:and|or|nor|и|или|ни)\s+(?:(?:no|not|не)\s+)?|[,;]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that are known."""

    places: Places
    actors: Actors

    def find(self, text: str, *, ids: bool = False) -> tuple[Topic, str]:
        """Find the names in a text; see ``find_topic``. Also short ones beside others: "putin and xi"."""
        topic, rest = find_topic(text, self.places, self.actors, ids=ids)
        owners = _OWNING.sub(lambda owner: owner["name"] if self._is_name(owner["name"]) else owner[0], rest)
        if owners != rest:
            also, rest = find_topic(owners, self.places, self.actors)
            topic = topic.with_(also)
        return self._short_beside(text, topic, rest)

    def _is_name(self, word: str) -> bool:
        """Say whether a word alone names something."""
        topic, beside = find_topic(word, self.places, self.actors)
        return bool(topic) and not beside.strip()

    def subject(self, text: str, *, ids: bool = False) -> tuple[Topic, tuple[str, ...], str]:
        """Return what a question is about, the words that are not wanted, and the rest of it."""
        said = qualifiers.JOINED_ADJECTIVE.sub("ский ", text)
        rest, exclusions = split_exclusions(said)
        named, beside = self.find(qualifiers.UNITED_STATES.sub("US", rest), ids=ids)
        without, unwanted = NO_TOPIC, list[str]()
        for each in exclusions:
            left_out, words = self._left_out(each.words, named, ids=ids)
            if each.loose and not (left_out or self.places.find(each.words)):
                named, beside = self.find(said, ids=ids)
                without, unwanted = NO_TOPIC, []
                break
            without = without.leaving_out(left_out)
            unwanted += words
        together, beside = _together(beside, named)
        return replace(named, without=without.without, together=together), tuple(unwanted), beside

    def _left_out(self, said: str, named: Topic, *, ids: bool) -> tuple[Topic, list[str]]:
        """Return the names among what is not wanted, and the words.

        A part of what is asked for is a word: who wants China without Tibet, or without Beijing, wants China.
        """
        topic, beside = find_topic(said, self.places, self.actors, ids=ids or said.isupper())
        of_towns = any(place.kind in _TOWNS for place in self.places.find(said))
        if of_towns or set(topic.terms) & set(named.terms):
            topic, beside = NO_TOPIC, said
        return topic, unwanted_words(beside)

    def _short_beside(self, said: str, topic: Topic, rest: str) -> tuple[Topic, str]:
        """Find short names that only capitals tell from words, where another person is named: "putin and xi"."""
        if not topic.actors:
            return topic, rest
        short = {
            word
            for word in rest.split()
            if len(word) <= SHORT and word.isalpha() and fold(word) not in FILLERS
        }
        told = re.sub(r"[^\W\d_]+", lambda word: word[0].title() if word[0] in short else word[0], said)
        also, left = find_topic(told, self.places, self.actors)
        return (also, left) if len(also.actors) > len(topic.actors) else (topic, rest)

    def take_without(self, said: str) -> tuple[Topic | None, str]:
        """Take "without RU" off a command of words; "without water" stays to be searched for."""
        topic = NO_TOPIC

        def take(found: re.Match[str]) -> str:
            nonlocal topic
            named, beside = find_topic(found[1], self.places, self.actors, ids=True)
            if not named or beside.strip():
                return found[0]
            topic = topic.leaving_out(named)
            return " "

        rest = re.sub(r"(?<!\S)without (\S+)", take, said)
        return topic.without, rest


def unwanted_words(said: str) -> list[str]:
    """Return each of the things that are not wanted: "football and ice hockey"."""
    return [word for part in _JOINTS.split(said) if (word := meaningful(part))]


def _together(said: str, topic: Topic) -> tuple[bool, str]:
    """Say whether a story must have all that was named: two people, or two countries and what is between them."""
    folded = fold(said)
    people = len(topic.actors) - max(0, len(topic.alike) - 1)
    several = max(len(topic.countries), len(topic.regions), people) > 1
    if not several:
        both = not topic and qualifiers.BOTH.search(folded) is not None
        return both, qualifiers.BOTH.sub(" ", said) if both else said
    if topic.alike:
        return False, qualifiers.TOGETHER.sub(" ", said)
    pair = people == 2 and not topic.places and not qualifiers.EITHER.search(folded)
    told = qualifiers.TOGETHER.search(folded) or qualifiers.SHARED.search(folded)
    return bool(told or pair), qualifiers.TOGETHER.sub(" ", said)
