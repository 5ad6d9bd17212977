"""From words to what is wanted. Pure: the same words, vocabulary and time always give the same intent."""

import re
import string
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import Literal

from services.bot.conversation import commands, phrases, qualifiers
from services.bot.conversation.cleaning import clean, fold
from services.bot.conversation.languages import is_latin, to_cyrillic
from services.bot.conversation.paging import Position, take_position
from services.bot.conversation.ports import Actors, Places
from services.bot.conversation.qualifiers import FILLERS
from services.bot.conversation.topics import NO_TOPIC, Topic, find_topic
from services.bot.conversation.windows import Window, find_window
from services.bot.keywords import NO_WORDS, Keywords, split_words

#: Characters. A question is short; what is longer was pasted.
LONGEST_QUESTION = 400

#: Characters of a pasted text that are looked at for what it is about.
LONGEST_READ = 1000

#: Letters of names that are also words: "xi", "kim".
SHORT = 3

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
        said = qualifiers.MARKUP.sub(" ", said).strip()
        intent = self._speech(said)
        if intent.kind in {"search", "lookup"} and is_latin(said):
            russian = self._speech(to_cyrillic(said))
            return russian if _says_more(russian, intent) else intent
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
        if intent.kind == "lookup" and all(self.places.get(word) for word in intent.words.split()):
            intent = self._question(said, ids=True)
        return replace(intent, goes_on=phrases.FOLLOW_UP.match(fold(said)) is not None)

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
        for language, pattern in phrases.LANGUAGES:
            if pattern.match(folded):
                return Intent("settings", words=f"language {language}")
        alone = folded.strip(" ?!.")
        return self._command(f"/{alone}") if commands.is_one(alone) else None

    def _begun_phrase(self, said: str) -> Intent | None:
        for change, pattern in phrases.CHANGES:
            if (rest := _after(pattern, said)) is not None:
                return self._names(change, rest)
        begun = ((errand, _after(pattern, said)) for errand, pattern in phrases.ERRANDS)
        return next((self._command(f"/{errand} {rest}") for errand, rest in begun if rest is not None), None)

    def _question(self, said: str, *, ids: bool = False) -> Intent:
        position, turned, rest = take_position(said)
        picks = qualifiers.PICKS.search(fold(rest)) is not None
        rest = _without(qualifiers.PICKS, rest)
        best = qualifiers.BEST_FIRST.search(fold(rest)) is not None
        rest = _without(qualifiers.BEST_FIRST, rest)
        mentions = qualifiers.EVERY_MENTION.search(fold(rest)) is not None
        rest = _without(qualifiers.EVERY_MENTION, rest)
        window, rest = find_window(rest, self.now, self.zone)  # first, or "since May" would be Theresa May
        rest = qualifiers.JOINED_ADJECTIVE.sub("ский ", rest)
        named, left_out = _left_out(rest)
        named = qualifiers.UNITED_STATES.sub("US", named)
        topic, rest = self._named_beside(named, *find_topic(named, self.places, self.actors, ids=ids))
        words = " ".join(part for part in (_meaningful(rest), left_out) if part)
        if topic and words == left_out and words:  # a search needs a word to look for: the names themselves
            words = f"{_meaningful(named)} {words}"
        if not words and not topic and window is None and _says_nothing(said):
            words = said.strip()
        kind: IntentKind = "latest" if not words else "search" if topic else "lookup"
        return Intent(
            kind, topic, words, window, position, turned, mentions, picks, best=best and bool(words)
        )

    def _named_beside(self, said: str, topic: Topic, rest: str) -> tuple[Topic, str]:
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

    def _search(self, rest: str) -> Intent:
        """Words as typed; only "in PLACE" and a time narrow the search, so that a name can be searched for."""
        position, turned, rest = take_position(rest)
        picks, rest = qualifiers.STAR in rest.split(), rest.replace(qualifiers.STAR, " ")
        best, rest = qualifiers.BEST in rest.split(), rest.replace(qualifiers.BEST, " ")
        window, rest = find_window(rest, self.now, self.zone)
        topic, words = find_topic(rest, self.places, self.actors, ids=True, only_after_preposition=True)
        words = " ".join(words.split())
        if not words and topic:
            topic, words = NO_TOPIC, " ".join(rest.split())
        return Intent("search", topic, words, window, position, turned, picks=picks, best=best)

    def _names(self, kind: Literal["follow", "unfollow"], rest: str) -> Intent:
        mentions = qualifiers.EVERY_MENTION.search(fold(rest)) is not None
        everything = qualifiers.EVERYTHING.match(fold(rest)) is not None
        if everything:
            return Intent(kind, words="all")
        keywords, rest = split_words(_without(qualifiers.EVERY_MENTION, rest))
        mentions = mentions or qualifiers.EVERY_MENTION.search(fold(rest)) is not None
        rest = _without(qualifiers.EVERY_MENTION, rest)
        topic, rest = self._named_beside(rest, *find_topic(rest, self.places, self.actors, ids=True))
        return Intent(kind, topic, _meaningful(rest), mentions=mentions, keywords=keywords)


def _says_more(other: Intent, intent: Intent) -> bool:
    """Say whether a second reading of a question makes sense of words of which the first makes none."""
    if other.kind not in {"search", "lookup", "latest"}:
        return True
    named, known = (len(each.topic.terms) + (each.window is not None) for each in (other, intent))
    return named >= known and len(other.words.split()) < len(intent.words.split())


def _after(pattern: re.Pattern[str], said: str) -> str | None:
    """Match on the folded text and return the rest as it was written (folding keeps lengths or we go folded)."""
    folded = fold(said)
    found = pattern.match(folded)
    if found is None:
        return None
    return said[found.start("rest") :] if len(folded) == len(said) else found["rest"]


def _without(pattern: re.Pattern[str], said: str) -> str:
    folded = fold(said)
    found = pattern.search(folded)
    if found is None:
        return said
    whole = said if len(folded) == len(said) else folded
    return f"{whole[: found.start()]} {whole[found.end() :]}"


def _is_gesture(said: str) -> bool:
    """Say whether a text is only emoji that are no flags: a thumb up asks for nothing."""
    return not any(char.isalnum() or char in _TYPED or char in _FLAGS for char in said)


_TYPED = frozenset(string.punctuation)
_FLAGS = frozenset(chr(code) for code in range(0x1F1E6, 0x1F200))
_LEFT_OUT = re.compile(r'(?<!\S)-(?:"[^"]+"|[^\W\d][\w-]+)')


def _left_out(said: str) -> tuple[str, str]:
    """Take the words that are not wanted ("-russia") off a question: names among them are no topic."""
    return _LEFT_OUT.sub(" ", said), " ".join(_LEFT_OUT.findall(said))


_TOKEN = re.compile(r'-?"[^"]*"|\S+')
_EDGES = "?!.,;:()[]{}«»“”„¿¡…'`"
_OR = {"or", "или"}
_OPERATORS = {"OR", "AND", "NOT", "-", "*", "&", "+", "|"}


def _meaningful(rest: str) -> str:
    """Return the words that are worth searching for, quotes and operators of the search grammar kept."""
    rest = _without(qualifiers.NOWADAYS, rest)
    kept: list[str] = []
    for token in _TOKEN.findall(rest):
        bare = token if token.startswith(('"', '-"')) else token.strip(_EDGES)
        if fold(bare) in _OR:
            kept += ["OR"] if kept and kept[-1] not in _OPERATORS else []
            continue
        if bare in _OPERATORS or (bare and not _is_filler(bare, shouted=rest.isupper())):
            kept.append(bare)
    while kept and kept[0] in _OPERATORS:
        kept.pop(0)
    while kept and kept[-1] in _OPERATORS:
        kept.pop()
    return " ".join(kept)


def _says_nothing(said: str) -> bool:
    """Say whether a text is only operators and punctuation. The search then explains what it needs."""
    words = [token.strip(_EDGES) for token in said.split()]
    return bool(words) and all(not word or word in _OPERATORS for word in words)


def _is_filler(word: str, *, shouted: bool) -> bool:
    """Say whether a word means nothing here. "IT" is no "it", unless everything is in capitals."""
    acronym = word.isupper() and len(word) > 1 and not shouted
    return not acronym and fold(word) in FILLERS
