"""Letting alerts rest for a while: one target (``/mute``), or everything (``/snooze``)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from services.bot.conversation import notices
from services.bot.conversation.cleaning import clean, fold, shorten
from services.bot.conversation.hours import span_at_end, until_at_end
from services.bot.conversation.intents import Intent
from services.bot.conversation.machine import Data
from services.bot.conversation.messages import Button, Incoming, Reply, block
from services.bot.conversation.naming import said_of, term
from services.bot.conversation.ports import Desk
from services.bot.conversation.search_words import meaningful
from services.bot.conversation.suggestions import suggest
from services.bot.conversation.texts import _, later, moment, speaker
from services.bot.conversation.topics import Topic, find_topic
from services.bot.preferences import EVERYTHING, FOREVER

#: How long something rests when no time is said.
MUTE = timedelta(days=1)
SNOOZE = timedelta(hours=8)

_EVERYTHING = frozenset({"", "*", "all", "everything", "все", "всё"})
_CHOICES = (
    (later("1 hour"), "1h"),
    (later("1 day"), "1d"),
    (later("1 week"), "7d"),
    (later("For good"), "forever"),
)


async def mute(desk: Desk, incoming: Incoming, intent: Intent) -> Reply:
    """Let the alerts about something rest, for a day when no time is said."""
    span, rest = _span(desk, intent.words)
    topic, left = find_topic(rest, desk.places, desk.actors, ids=True)
    if topic:
        reply = await _rest(desk, incoming, "mute", topic.targets, span or MUTE)
        left = meaningful(left)
        return reply if not left or reply.data.get("error") else _puzzled(reply, left)
    if fold(rest).strip() in _EVERYTHING - {""}:
        return await _rest(desk, incoming, "mute", (EVERYTHING,), span or MUTE)
    if not rest.strip():
        how = _(
            "Mute what, and for how long? For example: /mute Kazakhstan 1d, /mute all 8h, /mute Russia forever"
        )
        everything = [Button(_("Everything"), f"/mute all {intent.words.strip()}")] if span else []
        return notices.incomplete("mute", how, [*everything, Button(_("What I follow"), "/following")])
    return _unknown(desk, "mute", rest)


async def snooze(desk: Desk, incoming: Incoming, intent: Intent) -> Reply:
    """Let all alerts rest, for eight hours when no time is said."""
    span, rest = _span(desk, intent.words)
    if fold(rest).strip() not in _EVERYTHING:
        return await mute(desk, incoming, intent)
    return await _rest(desk, incoming, "snooze", (EVERYTHING,), span or SNOOZE)


def _puzzled(reply: Reply, left: str) -> Reply:
    """Add which words were not understood, so that nobody relies on them."""
    said = _("I did not understand “{words}”.", words=shorten(clean(left).strip(), notices.LABEL))
    return replace(reply, blocks=(*reply.blocks, block(said)))


def _span(desk: Desk, words: str) -> tuple[timedelta | None, str]:
    """Take how long something rests off the end of what was said: "for 2 hours", "until Monday"."""
    span, rest = until_at_end(words, desk.clock.now().astimezone(speaker().zone))
    return (span, rest) if span is not None else span_at_end(words)


async def unmute(desk: Desk, incoming: Incoming, intent: Intent) -> Reply:
    """Let alerts come again: those about something, all of them, or show what rests."""
    before = await desk.preferences.get(incoming.who)
    resting = {target: until for target, until in before.muted.items() if desk.clock.now() < until}
    said = fold(intent.words).strip()
    topic, _left = find_topic(intent.words, desk.places, desk.actors, ids=True)
    if not said or not resting:
        return _muted(desk, resting)
    if not topic and said not in _EVERYTHING:
        return _unknown(desk, "unmute", intent.words)
    if (refused := await notices.refusal(desk, incoming, "unmute")) is not None:
        return refused
    gone = [target for target in resting if not topic or target in topic.targets]
    left = {target: until for target, until in resting.items() if target not in gone}
    await desk.preferences.change(incoming.who, replace(before, muted=left))
    names = ", ".join(_name(desk, target) for target in gone)
    text = _("Alerts come again: {names}.", names=names) if gone else _("That was not muted.")
    return notices.notice(text, {"intent": "unmute", "unmuted": gone, "muted": _written(left)}, toast=text)


async def _rest(
    desk: Desk, incoming: Incoming, intent: str, targets: tuple[str, ...], span: timedelta
) -> Reply:
    if (refused := await notices.refusal(desk, incoming, intent)) is not None:
        return refused
    now = desk.clock.now()
    until = FOREVER if span == timedelta.max else now + span
    before = await desk.preferences.get(incoming.who)
    muted = {target: end for target, end in before.muted.items() if now < end} | dict.fromkeys(targets, until)
    await desk.preferences.change(incoming.who, replace(before, muted=muted))
    names = ", ".join(_name(desk, target) for target in targets)
    if until == FOREVER:
        text = _("Muted: {names}, until you take it back.", names=names)
    else:
        text = _("Muted: {names}, until {time}.", names=names, time=moment(until))
    text += " " + _("What you follow is kept; what comes meanwhile can be asked for.")
    written = "all" if targets == (EVERYTHING,) else term(targets[0])
    again = Button(_("Unmute"), f"/unmute {written}")
    longer = [Button(_(label), f"/mute {written} {span}") for label, span in _CHOICES]
    data: Data = {"intent": intent, "targets": list(targets), "muted": _written(muted)}
    reply = notices.notice(text, data, toast=text)
    return replace(reply, buttons=((again,), tuple(longer)))


def _muted(desk: Desk, resting: Mapping[str, datetime]) -> Reply:
    data: Data = {"intent": "unmute", "muted": _written(resting)}
    if not resting:
        return notices.notice(_("Nothing is muted."), data)
    lines = [_("Muted:")]
    for target, until in sorted(resting.items()):
        end = _("until you take it back") if until >= FOREVER else _("until {time}", time=moment(until))
        lines.append(f"{_name(desk, target)}, {end}")
    buttons = [
        notices.command_button(_("Unmute {name}", name=_name(desk, target)), f"/unmute {_term(target)}")
        for target in sorted(resting)
    ]
    return notices.notice(lines, data, buttons)


def _unknown(desk: Desk, intent: str, words: str) -> Reply:
    offers: list[tuple[Topic, str]] = [
        (each.topic, f"/{intent} {term(each.topic.targets[0])}")
        for each in suggest(words, desk.places, desk.actors)
    ]
    return notices.unknown_name(intent, words, offers)


def _name(desk: Desk, target: str) -> str:
    return _("everything") if target == EVERYTHING else said_of(desk, target)


def _term(target: str) -> str:
    return "all" if target == EVERYTHING else term(target)


def _written(muted: Mapping[str, datetime]) -> Data:
    return {target: until.isoformat() for target, until in sorted(muted.items())}
