"""From words to what is wanted. Pure: the same words, vocabulary and time always give the same intent."""

import functools
import re
import string
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Literal

from services.bot.conversation import commands, orders, phrases, qualifiers
from services.bot.conversation.cleaning import clean, fold
from services.bot.conversation.exclusions import signed, split_exclusions
from services.bot.conversation.languages import is_latin, to_cyrillic
from services.bot.conversation.paging import Position, take_position
from services.bot.conversation.ports import Actors, Places
from services.bot.conversation.qualifiers import taken, without
from services.bot.conversation.search_words import meaningful, says_nothing
from services.bot.conversation.subjects import Vocabulary, unwanted_words
from services.bot.conversation.topics import NO_TOPIC, Topic, find_topic
from services.bot.conversation.windows import Window, find_window
from services.bot.keywords import NO_WORDS, Keywords, keywords, split_words
from shared.archive.query import MAX_CHARACTERS, MAX_WORDS

#: Characters. A question is short; what is longer was pasted.
LONGEST_QUESTION = 400

#: Characters of a pasted text that are looked at for what it is about.
LONGEST_READ = 1000

IntentKind = Literal[
    "empty", "long", "press", "token", "more", "unknown_command",
    "latest", "search", "lookup", "story", "why",
    "follow", "unfollow", "following", "forget",
    "help", "start", "greeting", "thanks", "yes", "no", "back", "chat", "future",
    "today", "trend", "settings", "mute", "unmute", "snooze", "privacy", "stop", "export", "import",
    "whyme", "notabout", "digest",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Intent:
    """What somebody wants.

    ``latest`` wants the newest stories of the topic (of everything when it is empty), ``search`` those with
    ``words`` in them, ``lookup`` has words that name nothing known. ``words`` also holds the reference of
    ``story`` and ``why``, the number of ``press``, and the argument of ``start``, ``forget``, ``token``,
    ``unknown_command`` and the commands of the last line.
    """

    kind: IntentKind
    topic: Topic = NO_TOPIC
    words: str = ""
    window: Window | None = None
    position: Position | None = None
    turned: bool = False
    """A page was turned, so that a pressed button's message may be replaced."""
    mentions: bool = False
    """Any mention of the countries, not only stories about them."""
    picks: bool = False
    """Only what an editor picked out."""
    best: bool = False
    """The best matches before the newest."""
    unwanted: tuple[str, ...] = ()
    """Words and phrases that the newest stories must not have. Those of a search stand in ``words``: "-football"."""
    refers: bool = False
    """What to follow or to count is what the question before was about: "follow it"."""
    goes_on: bool = False
    """Put as if it went on from the question before: "and Uzbekistan?"."""
    keywords: Keywords = NO_WORDS
    """The words that narrow a follow: ``+uranium -football "+heavy water"``."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What is needed to read a question: the vocabularies, the time, the zone that days begin in."""

    places: Places
    actors: Actors
    now: datetime
    zone: tzinfo = UTC

    @property
    def _known(self) -> Vocabulary:
        return Vocabulary(self.places, self.actors)

    def read(self, text: str) -> Intent:
        """Return what a text wants. Any text gives an intent."""
        if imported := qualifiers.IMPORT.match(text):
            return Intent("import", words=(imported["rest"] or "").strip())
        said = clean(text).strip()
        if len(said) > LONGEST_QUESTION:
            return Intent("long", topic=find_topic(said[:LONGEST_READ], self.places, self.actors)[0])
        if re.fullmatch(r"#?\d{1,2}[.)]?", said):
            return Intent("press", words=re.sub(r"\D", "", said))
        if said.startswith("/"):
            return self._command(said)
        return self._free(said) if said else Intent("empty")

    def _free(self, said: str) -> Intent:
        """Read free words; what makes little sense in Latin letters may be Russian."""
        said = qualifiers.ADDRESSED.sub("", qualifiers.MARKUP.sub(" ", said)).strip()
        if self._whole_phrase(fold(said)) is None and (greeted := phrases.GREETED.match(fold(said))):
            said = said[greeted.end() :]
        intent = self._speech(said)
        if intent.kind in {"search", "lookup"} and is_latin(said) and not says_nothing(said):
            cyrillic = to_cyrillic(said)
            russian = self._speech(cyrillic)
            return russian if _says_more(russian, intent) and _is_russian(russian, cyrillic) else intent
        return intent

    def _command(self, said: str) -> Intent:
        found = re.match(r"/(?P<name>\w+)(?:@\w+)?\s*(?P<rest>.*)$", said)
        name, rest = (found["name"].lower(), found["rest"].strip()) if found else (said[1:].strip(), "")
        name = commands.SYNONYMS.get(name, name)
        if name in commands.SETTINGS and (rest or name not in commands.ERRANDS_TOO):
            name, rest = "settings", f"{name} {rest}".strip()
        if name == "start" and (linked := commands.linked_command(rest)):
            return self._command(linked)
        intent = Intent("unknown_command", words=name)
        match name:
            case "latest":
                intent = self._question(rest, ids=True)
            case "search":
                intent = self._search(rest)
            case "follow" | "unfollow":
                intent = self._names(name, rest)
            case "trend":
                intent = replace(self._question(rest, ids=True), kind="trend")
                intent = replace(intent, refers=qualifiers.IT.match(fold(rest)) is not None)
            case (
                "story" | "why" | "following" | "forget" | "help" | "start" | "today" | "settings" | "mute"
                | "unmute" | "snooze" | "privacy" | "stop" | "export" | "import"
                | "whyme" | "notabout" | "digest"
            ):  # fmt: skip
                intent = Intent(name, words=rest)
            case "more":
                intent = Intent("token" if rest else "more", words=rest)
        return intent

    def _speech(self, said: str) -> Intent:
        if (intent := self._set_phrase(said)) is not None:
            return intent
        if _is_gesture(said):
            return Intent("chat")
        asked = _after(phrases.SEARCH, said)
        intent = self._question(said if asked is None else asked)
        if intent.kind == "lookup" and all(self.places.get(word.upper()) for word in intent.words.split()):
            intent = self._question(said, ids=True)
        folded = fold(said)
        fragment = not intent.words and intent.topic and phrases.FRAGMENT.match(folded)
        return replace(intent, goes_on=bool(fragment or phrases.FOLLOW_UP.match(folded)))

    def _set_phrase(self, said: str) -> Intent | None:
        return self._whole_phrase(fold(said)) or self._begun_phrase(said)

    def _whole_phrase(self, folded: str) -> Intent | None:
        for kind, pattern in phrases.WHOLE:
            if pattern.match(folded):
                return Intent(kind)
        for reference, pattern in phrases.REFERENCES:
            if found := pattern.match(folded):
                return Intent(reference, words=found["rest"] or "")
        for number, pattern in phrases.ORDINALS:
            if pattern.match(folded):
                return Intent("story", words=number)
        for setting, pattern in orders.CHOICES:
            if pattern.match(folded):
                return Intent("settings", words=setting)
        alone = folded.strip(" ?!.")
        return self._command(f"/{alone}") if commands.is_one(alone) else None

    def _begun_phrase(self, said: str) -> Intent | None:
        if (measured := self._errand(orders.MEASURED, said)) is not None:
            return measured
        for change, pattern in orders.CHANGES:
            if (rest := _after(pattern, said)) is not None:
                return self._names(change, rest)
        for pattern in orders.LEAVING:
            if (rest := _after(pattern, said)) is not None:
                left = self._names("unfollow", rest)
                if left.topic and not left.words:
                    return left
        return self._errand(orders.ERRANDS, said)

    def _errand(self, errands: Iterable[tuple[str, re.Pattern[str]]], said: str) -> Intent | None:
        begun = ((errand, _after(pattern, said)) for errand, pattern in errands)
        return next((self._command(f"/{errand} {rest}") for errand, rest in begun if rest is not None), None)

    def _question(self, said: str, *, ids: bool = False) -> Intent:
        position, turned, rest = take_position(said)
        picks, rest = taken(qualifiers.PICKS, rest)
        best, rest = taken(qualifiers.BEST_FIRST, rest)
        mentions, rest = taken(qualifiers.EVERY_MENTION, rest)
        window, rest = find_window(rest, self.now, self.zone)  # first, or "since May" would be Theresa May
        topic, unwanted, rest = self._known.subject(without(qualifiers.COUNTED, rest), ids=ids)
        if qualifiers.TOMORROW.match(fold(rest)):
            return Intent("future", topic)
        words = meaningful(rest)
        if len(words) > MAX_CHARACTERS or len(set(words.split()) - {"OR"}) > MAX_WORDS:
            return Intent("long", topic)
        if not words and not topic and window is None and says_nothing(said):
            words = said.strip()
        if words:
            words = " ".join([words, *signed(unwanted)])
        kind: IntentKind = "latest" if not words else "search" if topic else "lookup"
        return Intent(
            kind, topic, words, window, position, turned, mentions, picks,
            best=best and bool(words), unwanted=() if words else unwanted,
        )  # fmt: skip

    def _search(self, rest: str) -> Intent:
        """Words as typed; only "in PLACE" and a time narrow the search, so that a name can be searched for."""
        position, turned, rest = take_position(rest)
        picks, rest = _marked(qualifiers.STAR, rest)
        best, rest = _marked(qualifiers.BEST, rest)
        together, rest = _marked(qualifiers.ALL_OF, rest)
        window, rest = find_window(rest, self.now, self.zone)
        without_topic, rest = self._known.take_without(rest)
        topic, words = find_topic(rest, self.places, self.actors, ids=True, only_after_preposition=True)
        words = " ".join(words.split())
        if not words and topic:
            topic, words = NO_TOPIC, " ".join(rest.split())
        topic = replace(topic, without=without_topic, together=together)
        return Intent("search", topic, words, window, position, turned, picks=picks, best=best)

    def _names(self, kind: Literal["follow", "unfollow"], rest: str) -> Intent:
        everything, exclusions = split_exclusions(rest)
        if qualifiers.EVERYTHING.match(fold(everything).strip(" ,")):
            kept = [self._known.find(each.words, ids=True)[0] for each in exclusions]
            if not all(kept):  # whoever keeps something unknown shall see the list, and lose nothing
                return Intent("following")
            return Intent(kind, functools.reduce(Topic.leaving_out, kept, NO_TOPIC), words="all")
        before_words, rest = taken(qualifiers.EVERY_MENTION, rest)
        signed_words, rest = split_words(rest)
        behind_words, rest = taken(qualifiers.EVERY_MENTION, rest)
        rest, exclusions = split_exclusions(rest)
        if kind == "follow":
            unwanted = [word for each in exclusions for word in unwanted_words(each.words)]
            signed_words = keywords(signed_words.wanted, (*signed_words.unwanted, *unwanted))
        refers = qualifiers.IT.match(fold(rest)) is not None
        topic, rest = self._known.find(rest, ids=True)
        mentions = before_words or behind_words
        return Intent(kind, topic, meaningful(rest), mentions=mentions, keywords=signed_words, refers=refers)


def _says_more(other: Intent, intent: Intent) -> bool:
    """Say whether a second reading of a question makes sense of words of which the first makes none."""
    if other.kind not in {"search", "lookup", "latest"}:
        return True
    named, known = (len(each.topic.terms) + (each.window is not None) for each in (other, intent))
    return named >= known and len(other.words.split()) < len(intent.words.split())


def _is_russian(read: Intent, cyrillic: str) -> bool:
    """Say whether words in Latin letters were Russian: what is left of "fergana valley" is not."""
    words = set(fold(cyrillic).split())
    return not read.words or bool(words & (qualifiers.RUSSIAN_LINKS | qualifiers.RUSSIAN))


def _after(pattern: re.Pattern[str], said: str) -> str | None:
    """Match on the folded text and return the rest as it was written (folding keeps lengths or we go folded)."""
    folded = fold(said)
    found = pattern.match(folded)
    if found is None:
        return None
    start, end = found.span("rest")
    return said[start:end] if len(folded) == len(said) else found["rest"]


def _marked(mark: str, said: str) -> tuple[bool, str]:
    """Take a mark of a command off it, and say whether it was there."""
    return mark in said.split(), said.replace(mark, " ")


def _is_gesture(said: str) -> bool:
    """Say whether a text is only emoji that are no flags: a thumb up asks for nothing."""
    return not any(char.isalnum() or char in _TYPED or char in _FLAGS for char in said)


_TYPED = frozenset(string.punctuation)
_FLAGS = frozenset(chr(code) for code in range(0x1F1E6, 0x1F200))
