"""Follows and settings as text that can be kept and pasted back: ``/export`` and ``/import``.

Each line is an entry, written as the commands take it::

    /import
    zone Asia/Almaty
    quiet 22:00-07:00 hold
    mute country:RU 2026-12-01T00:00:00+00:00
    follow country:KZ +uranium -football
    follow region:central-asia all

A follow may also be written by hand: ``follow Kazakhstan +uranium``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import available_timezones

from services.bot.conversation import notices
from services.bot.conversation.cleaning import clean, shorten
from services.bot.conversation.follow_list import list_button
from services.bot.conversation.hours import written_digest, written_quiet
from services.bot.conversation.intents import Intent
from services.bot.conversation.machine import Data
from services.bot.conversation.messages import Block, Button, Incoming, Reply, line
from services.bot.conversation.ports import Desk
from services.bot.conversation.settings import Unreadable, read
from services.bot.conversation.texts import _, plural
from services.bot.conversation.topics import find_topic
from services.bot.keywords import Keywords, contradicting, split_words, unusable
from services.bot.preferences import EVERYTHING, Preferences
from services.bot.subscriptions import Follow, FollowRole

#: Characters of one part of an export, so that each fits into a message and can be pasted by itself.
PART = 2_500
#: Lines that could not be read which are shown.
SHOWN = 3

_TARGET = re.compile(r"(?:country|region|actor):[\w.:-]{1,80}")
_ALL = re.compile(r"\s+all(?=\s|$)")


async def export(desk: Desk, incoming: Incoming, _intent: Intent) -> Reply:
    """Show what is kept, in parts that ``/import`` takes."""
    follows = await desk.subscriptions.following(incoming.who)
    preferences = await desk.preferences.get(incoming.who)
    entries = [*_settings_written(preferences), *(written(each) for each in follows)]
    data: Data = {"intent": "export", "export": "\n".join(["/import", *entries]), "follows": len(follows)}
    if not entries:
        return notices.notice(
            _("There is nothing to export: you follow nothing and changed no setting."), data
        )
    head = Block(
        (line(_("This is all that you follow and your settings. Keep it, or send it to me again:")),)
    )
    parts = [Block(tuple(line(each) for each in ("/import", *part))) for part in _parts(entries)]
    return Reply((head, *parts), ((list_button(),),), data=data)


def _settings_written(preferences: Preferences) -> Iterator[str]:
    if preferences.language:
        yield f"language {preferences.language}"
    if preferences.zone:
        yield f"zone {preferences.zone}"
    if preferences.quiet:
        yield f"quiet {written_quiet(preferences.quiet)}"
    if preferences.digest:
        yield f"digest {written_digest(preferences.digest)}"
    if preferences.daily_cap is not None:
        yield f"cap {preferences.daily_cap}"
    if preferences.previews:
        yield "previews on"
    for target, until in sorted(preferences.muted.items()):
        yield f"mute {target} {until.isoformat()}"


def written(follow: Follow) -> str:
    """Write a follow as ``/import`` takes it."""
    every = " all" if follow.role == "mentioned" else ""
    return f"follow {follow.target}{every} {follow.words}".rstrip()


def _parts(entries: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for entry in entries:
        if parts[-1] and sum(len(each) + 1 for each in parts[-1]) + len(entry) > PART:
            parts.append([])
        parts[-1].append(entry)
    return parts


@dataclass(slots=True)
class _Import:
    """What became of the lines of an import."""

    preferences: Preferences
    added: int = 0
    known: int = 0
    settings: int = 0
    full: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


async def import_(desk: Desk, incoming: Incoming, intent: Intent) -> Reply:
    """Take over what ``/export`` wrote. What is followed already stays; lines that cannot be read are named."""
    if (refused := await notices.refusal(desk, incoming, "import")) is not None:
        return refused
    rows = [(number, row) for number, row in enumerate(_rows(intent.words), start=1) if row]
    if not rows:
        how = _("Paste what /export showed behind /import, in one message.")
        return notices.incomplete("import", how, [Button(_("Show my export"), "/export")])
    before = await desk.preferences.get(incoming.who)
    done = _Import(before)
    keys = {each.key for each in await desk.subscriptions.following(incoming.who)}
    for number, row in rows:
        if not await _take(desk, incoming.who, row, done, keys):
            done.refused.append((number, row))
    if done.preferences != before:
        await desk.preferences.change(incoming.who, done.preferences)
    return _told(desk, done)


def _rows(text: str) -> list[str]:
    return [row.strip().removeprefix("/import").strip() for row in re.split(r"[\r\n;]+", text.strip())]


async def _take(desk: Desk, who: str, row: str, done: _Import, keys: set[str]) -> bool:
    """Take one line over. False when it cannot be read."""
    word, _space, rest = row.partition(" ")
    if word == "follow":
        return await _take_follow(desk, who, rest, done, keys)
    try:
        done.preferences = _with(done.preferences, word, rest.strip(), desk.clock.now())
    except Unreadable:
        return False
    done.settings += 1
    return True


async def _take_follow(desk: Desk, who: str, rest: str, done: _Import, keys: set[str]) -> bool:
    follow = _named(desk, rest)
    if follow is None:
        return False
    if follow.key not in keys and len(keys) >= desk.follow_limit:
        done.full += 1
        return True
    new = await desk.subscriptions.follow(who, follow.target, follow.role, follow.since, follow.words)
    done.added, done.known = done.added + new, done.known + (not new)
    keys.add(follow.key)
    return True


def _named(desk: Desk, text: str) -> Follow | None:
    """Read a follow as ``/export`` writes it, or as people do: "Kazakhstan +uranium"."""
    follow = read_follow(text, desk.clock.now())
    if follow is not None:
        kind, _sep, item_id = follow.target.partition(":")
        place = None if kind == "actor" else desk.places.get(item_id)
        # an actor may leave the watch list and come back; places do not come and go
        return follow if kind == "actor" or (place is not None and place.kind == kind) else None
    words, rest = split_words(text)
    topic, left = find_topic(_ALL.sub("", rest, count=1), desk.places, desk.actors, ids=True)
    if len(topic.targets) != 1 or left.strip() or not _usable(words):
        return None
    role: FollowRole = "mentioned" if _ALL.search(rest) else "subject"
    return Follow(topic.targets[0], role, desk.clock.now(), words)


def read_follow(text: str, at: datetime) -> Follow | None:
    """Read a follow as ``/export`` writes it, None when it is none."""
    words, rest = split_words(text)
    role: FollowRole = "mentioned" if _ALL.search(rest) else "subject"
    target = _ALL.sub("", rest, count=1).strip()
    if not _TARGET.fullmatch(target) or not _usable(words):
        return None
    return Follow(target, role, at, words)


def _usable(words: Keywords) -> bool:
    return not words.too_many and unusable(words) is None and contradicting(words) is None


def _with(before: Preferences, name: str, value: str, now: datetime) -> Preferences:
    """Return preferences with one exported line taken over. Raises ``Unreadable``."""
    if name == "zone" and value in available_timezones():
        return replace(before, zone=value)
    if name == "mute":
        target, _space, written = value.partition(" ")
        until = _instant(written)
        if until is None or not (target == EVERYTHING or _TARGET.fullmatch(target)):
            raise Unreadable(value)
        return replace(before, muted={**before.muted, target: until}) if now < until else before
    if name in {"language", "quiet", "digest", "cap", "previews"}:
        return read(before, name, value)
    raise Unreadable(name)


def _instant(written: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _told(desk: Desk, done: _Import) -> Reply:
    lines = [
        plural("{count} follow added.", "{count} follows added.", done.added),
        *(
            [plural("{count} was followed already.", "{count} were followed already.", done.known)]
            if done.known
            else []
        ),
        *(
            [plural("{count} setting taken over.", "{count} settings taken over.", done.settings)]
            if done.settings
            else []
        ),
    ]
    if done.full:
        full = plural(
            "{count} follow was left out: {most} is the most here.",
            "{count} follows were left out: {most} is the most here.",
            done.full,
            most=desk.follow_limit,
        )
        lines.append(full)
    if done.refused:
        lines.append(
            plural("{count} line could not be read:", "{count} lines could not be read:", len(done.refused))
        )
        lines += [
            f"{number}: {notices.quote(shorten(clean(row), 60))}" for number, row in done.refused[:SHOWN]
        ]
        lines.append(_("A line is written like: follow Kazakhstan +uranium -football"))
    data: Data = {
        "intent": "import",
        "added": done.added,
        "already": done.known,
        "settings": done.settings,
        "left_out": done.full,
        "unreadable": [number for number, _row in done.refused],
    }
    return notices.notice(lines, data, [list_button(), Button(_("Settings"), "/settings")])
