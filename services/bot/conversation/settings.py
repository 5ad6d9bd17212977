"""``/settings``: an overview, a page for each setting with its choices as buttons, and the change itself.

Every button is a typed command: ``/settings quiet 22:00-07:00 hold``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from services.bot.conversation import notices
from services.bot.conversation.cleaning import fold
from services.bot.conversation.hours import OFF, ON, digest_plan, quiet_hours
from services.bot.conversation.intents import Intent
from services.bot.conversation.machine import Data
from services.bot.conversation.messages import Block, Button, Incoming, Reply, Span, line
from services.bot.conversation.ports import Desk
from services.bot.conversation.settings_shown import NAMES, choice, own_name, shown, summary
from services.bot.conversation.texts import LANGUAGES, Speaker, _, known_language, speaker, speaking
from services.bot.conversation.zones import zones_named
from services.bot.preferences import Preferences

#: The most alerts per follow and day that can be asked for.
HIGHEST_CAP = 200

_SYNONYMS = {
    "lang": "language", "язык": "language",
    "timezone": "zone", "tz": "zone", "time": "zone", "пояс": "zone", "зона": "zone",
    "hours": "quiet", "silence": "quiet", "тихие": "quiet", "тишина": "quiet",
    "summary": "digest", "дайджест": "digest", "сводка": "digest",
    "limit": "cap", "лимит": "cap",
    "preview": "previews", "links": "previews", "ссылки": "previews",
}  # fmt: skip
_LANGUAGE_NAMES = {"english": "en", "английский": "en", "russian": "ru", "русский": "ru", "по-русски": "ru"}


class Unreadable(ValueError):  # noqa: N818 - a state of what was typed
    """What was typed is no value of the setting. The message says what is, in the reader's words."""


async def settings(desk: Desk, incoming: Incoming, intent: Intent) -> Reply:
    """Show all settings, or one with its choices, or change it."""
    word, _rest, value = intent.words.strip().partition(" ")
    name = _SYNONYMS.get(fold(word), fold(word))
    before = await desk.preferences.get(incoming.who)
    replaces = incoming.pressed and bool(word)
    if name not in NAMES:
        unknown = bool(word) and name != "overview"
        return overview(desk, before, replaces=replaces, unknown=word if unknown else None)
    if not value.strip():
        return _page(desk, before, name, replaces=replaces)
    if (refused := await notices.refusal(desk, incoming, "settings")) is not None:
        return refused
    if name == "zone":
        return await _zone(desk, incoming, before, value)
    try:
        after = read(before, name, value)
    except Unreadable as error:
        return _page(desk, before, name, problem=str(error), replaces=replaces)
    return await _changed(desk, incoming, name, after)


def read(before: Preferences, name: str, value: str) -> Preferences:
    """Return preferences with one setting changed to what was typed. Raises ``Unreadable``."""
    return _READERS[name](before, fold(value).strip())


async def _changed(desk: Desk, incoming: Incoming, name: str, after: Preferences) -> Reply:
    """Keep a change and show all settings, already in the language and zone that were chosen."""
    await desk.preferences.change(incoming.who, after)
    now = speaker()
    zone = ZoneInfo(after.zone) if after.zone else desk.zone
    with speaking(Speaker(known_language(after.language) or now.language, zone)):
        said = _(
            "Done. {setting}: {value}", setting=_(NAMES[name]), value=shown(after, name, desk.clock.now())
        )
        return overview(desk, after, replaces=incoming.pressed, said=said)


async def _zone(desk: Desk, incoming: Incoming, before: Preferences, value: str) -> Reply:
    """Change the zone to what was named; where that leaves a choice, offer it."""
    if fold(value).strip() in {*OFF, "default"}:
        return await _changed(desk, incoming, "zone", replace(before, zone=None))
    now = desk.clock.now()
    zones = zones_named(value, desk.places, now)
    if len(zones) == 1:
        return await _changed(desk, incoming, "zone", replace(before, zone=zones[0]))
    if not zones:
        problem = _(
            "I know no time zone or city called {name}. Try the largest city near you, as in “Almaty”, or UTC+5.",
            name=notices.quote(value),
        )
        return _page(desk, before, "zone", problem=problem, replaces=incoming.pressed)
    buttons = [
        Button(
            f"{zone.rpartition('/')[2].replace('_', ' ')}, {_time_in(zone, now)}", f"/settings zone {zone}"
        )
        for zone in zones
    ]
    data: Data = {"intent": "settings", "error": "ambiguous", "zones": zones}
    ask = _("{name} has several time zones. Which clock is right where you are?", name=notices.quote(value))
    return replace(notices.notice(ask, data, buttons), replaces=incoming.pressed)


def _time_in(zone: str, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def _language(before: Preferences, value: str) -> Preferences:
    code = None if value in OFF | {"default"} else known_language(_LANGUAGE_NAMES.get(value, value))
    if code is None and value not in OFF | {"default"}:
        raise Unreadable(
            _(
                "I speak these languages: {languages}.",
                languages=", ".join(own_name(code) for code in LANGUAGES),
            )
        )
    return replace(before, language=code)


def _quiet(before: Preferences, value: str) -> Preferences:
    if value in OFF:
        return replace(before, quiet=None)
    quiet = quiet_hours(value)
    if quiet is None:
        raise Unreadable(
            _("Quiet hours are written like 22:00-07:00, with “hold” to keep alerts back until the end.")
        )
    return replace(before, quiet=quiet)


def _digest(before: Preferences, value: str) -> Preferences:
    if value in OFF:
        return replace(before, digest=None)
    plan = digest_plan(value)
    if plan is None:
        raise Unreadable(_("A digest is written like “daily 08:00” or “weekly mon 08:00”."))
    return replace(before, digest=plan)


def _cap(before: Preferences, value: str) -> Preferences:
    if value in OFF - {"0"} | {"default"}:
        return replace(before, daily_cap=None)
    if not value.isdecimal() or int(value) > HIGHEST_CAP:
        raise Unreadable(
            _("The daily limit is a number from 0 to {highest}, or “default”.", highest=HIGHEST_CAP)
        )
    return replace(before, daily_cap=int(value))


def _previews(before: Preferences, value: str) -> Preferences:
    if value not in ON | OFF:
        raise Unreadable(_("Link previews are “on” or “off”."))
    return replace(before, previews=value in ON)


_READERS: Mapping[str, Callable[[Preferences, str], Preferences]] = {
    "language": _language,
    "quiet": _quiet,
    "digest": _digest,
    "cap": _cap,
    "previews": _previews,
}


def overview(
    desk: Desk,
    preferences: Preferences,
    *,
    replaces: bool = False,
    said: str | None = None,
    unknown: str | None = None,
) -> Reply:
    """Return all settings with a button for each."""
    now = desk.clock.now()
    lines = [
        line(f"{_(label)}: ", Span(shown(preferences, name, now), bold=True)) for name, label in NAMES.items()
    ]
    blocks = [] if said is None else [Block((line(said),))]
    data: Data = {"intent": "settings", "settings": summary(preferences), "language": speaker().language}
    if unknown is not None:
        blocks.append(Block((line(_("There is no setting {name}.", name=notices.quote(unknown))),)))
        data["error"] = "unknown_setting"
    blocks.append(Block((line(Span(_("Settings"), bold=True)), *lines, *_resting(desk, preferences))))
    buttons = [Button(_(label), f"/settings {name}") for name, label in NAMES.items()]
    buttons += [Button(_("What is muted"), "/unmute")] if _muted(desk, preferences) else []
    buttons += [Button(_("Let alerts come"), "/start")] if preferences.stopped else []
    return Reply((*blocks,), _paired(buttons), replaces, said, data)


def _resting(desk: Desk, preferences: Preferences) -> list[tuple[Span, ...]]:
    """Say what keeps alerts from coming just now."""
    lines = (
        [line(_("All alerts rest since /stop; /start lets them come again."))] if preferences.stopped else []
    )
    if _muted(desk, preferences):
        lines.append(line(_("Some alerts are muted: /unmute shows which.")))
    return lines


def _muted(desk: Desk, preferences: Preferences) -> bool:
    now = desk.clock.now()
    return any(now < until for until in preferences.muted.values())


def _page(
    desk: Desk, preferences: Preferences, name: str, *, problem: str | None = None, replaces: bool = False
) -> Reply:
    """Return one setting with its choices."""
    value = shown(preferences, name, desk.clock.now())
    lines = [line(f"{_(NAMES[name])}: ", Span(value, bold=True)), line(_(choice(name).how))]
    blocks = [Block((line(problem),))] if problem else []
    blocks.append(Block(tuple(lines)))
    buttons = [Button(_(label), f"/settings {name} {value}") for label, value in choice(name).values]
    back = Button(_("‹ All settings"), "/settings overview")
    data: Data = {"intent": "settings", "setting": name, "settings": summary(preferences)}
    if problem:
        data["error"] = "bad_value"
    return Reply((*blocks,), (*_paired(buttons), (back,)), replaces, None, data)


def _paired(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
