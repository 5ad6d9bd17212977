"""A question written out: as the command that asks the same, and as the title of its answer; and what follows it."""

from dataclasses import replace

from services.bot.conversation import notices
from services.bot.conversation.exclusions import signed
from services.bot.conversation.intents import Intent, IntentKind
from services.bot.conversation.paging import Position
from services.bot.conversation.qualifiers import BEST, STAR
from services.bot.conversation.texts import _, either, speaker
from services.bot.conversation.topics import NO_TOPIC, Topic
from services.bot.conversation.windows import compact


def command_of(intent: Intent, position: Position | str | None = None) -> str:
    """Return the typed command that asks the same, from a position on (or ``TOP``)."""
    if intent.words:
        named = len(intent.topic.terms)
        terms = [f"in {term}" for term in intent.topic.terms]
        parts = ["/search", intent.words, *terms, *intent.topic.written[named:]]
    else:
        parts = ["/trend" if intent.kind == "trend" else "/latest", *intent.topic.written]
        parts += signed(intent.unwanted)
    if intent.best:
        parts.append(BEST)
    if intent.picks:
        parts.append(STAR)
    if intent.window is not None:
        parts.append(compact(intent.window, speaker().zone))
    if position is not None:
        parts.append(str(position))
    if intent.mentions and intent.topic:
        parts.append("all")
    return " ".join(parts)


def title_of(intent: Intent) -> str:
    """Return what stands above the answer to a question: "Latest on Kazakhstan, yesterday (17 Nov 2026)"."""
    name = intent.topic.name
    if intent.words:
        parts = [_("Stories with {words}", words=notices.quote(intent.words)), name]
    else:
        parts = [_("Latest on {name}", name=name) if name else _("Latest news")]
        unwanted = either([notices.quote(each) for each in intent.unwanted])
        parts += [_("without {words}", words=unwanted)] if unwanted else []
        parts += [_("all mentions")] if intent.mentions and name else []
    parts += [_("best matches first")] if intent.best else []
    parts += [_("picked out by an editor")] if intent.picks else []
    parts += [intent.window.label] if intent.window else []
    parts += [_("continued")] if intent.position else []
    return ", ".join(part for part in parts if part)


def continued(before: Intent, intent: Intent) -> Intent:
    """Return what "and Uzbekistan?" or "what about last week?" ask for: the question before, with what is new in it."""
    return replace(
        before,
        kind=_kind(before, intent),
        topic=_topic(before.topic, intent.topic),
        words=_words(before, intent),
        unwanted=intent.unwanted or before.unwanted,
        window=intent.window or before.window,
        position=None,
        mentions=intent.mentions or (before.mentions and not intent.topic),
        picks=intent.picks or before.picks,
        best=intent.best or (before.best and not intent.words),
    )


def _topic(before: Topic, topic: Topic) -> Topic:
    """Return the new names, else those before, with what is left out of them now."""
    if topic.together and not topic:
        return replace(before, together=True)
    if topic.terms or not topic:
        return topic or before
    return before.leaving_out(topic.without or NO_TOPIC)


def _words(before: Intent, intent: Intent) -> str:
    """Return the new words, else those before; what is not wanted now comes on top of them."""
    if intent.words or not (before.words and intent.unwanted):
        return intent.words or before.words
    return " ".join([before.words, *signed(intent.unwanted)])


def _kind(before: Intent, intent: Intent) -> IntentKind:
    if before.kind == "trend":
        return "trend"
    return "search" if intent.words or before.words else "latest"
