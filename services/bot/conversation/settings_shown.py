"""How settings are called and shown, and the choices that their pages offer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import get_day_names

from services.bot.conversation.hours import written_digest, written_quiet, written_time
from services.bot.conversation.machine import Data
from services.bot.conversation.texts import LANGUAGES, _, later, plural, speaker, zone_name
from services.bot.preferences import DigestPlan, Preferences, QuietHours

#: The settings, in the order shown, with their labels.
NAMES: Mapping[str, str] = {
    "language": later("Language"),
    "zone": later("Time zone"),
    "quiet": later("Quiet hours"),
    "digest": later("Digest"),
    "cap": later("Daily limit"),
    "previews": later("Link previews"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be chosen for a setting: how to type it, and some values with their labels."""

    how: str
    values: tuple[tuple[str, str], ...]


_OFF = (later("Off"), "off")
_CHOICES: Mapping[str, Choice] = {
    "zone": Choice(
        later("Days begin and times are shown in your zone. Type a city: /settings zone Almaty"),
        tuple(
            (zone.rpartition("/")[2], zone)
            for zone in ("Asia/Almaty", "Asia/Tashkent", "Europe/Moscow", "UTC")
        ),
    ),
    "quiet": Choice(
        later("Alerts make no sound then, or are held back. Type your own: /settings quiet 23:00-06:30 hold"),
        (
            (later("22–7, silent"), "22:00-07:00"),
            (later("22–7, held back"), "22:00-07:00 hold"),
            (later("23–8, silent"), "23:00-08:00"),
            _OFF,
        ),
    ),
    "digest": Choice(
        later("All alerts in one message, not one by one. Type your own: /settings digest weekly fri 18:00"),
        (
            (later("Daily, 08:00"), "daily 08:00"),
            (later("Daily, 19:00"), "daily 19:00"),
            (later("Mondays, 08:00"), "weekly mon 08:00"),
            _OFF,
        ),
    ),
    "cap": Choice(
        later("The most alerts a day for each thing that you follow; more go into the digest."),
        (("3", "3"), ("10", "10"), ("30", "30"), (later("As usual"), "default")),
    ),
    "previews": Choice(
        later("Whether links in alerts show a picture of the page."), ((later("On"), "on"), _OFF)
    ),
}


def choice(name: str) -> Choice:
    """Return what can be chosen for a setting."""
    if name != "language":
        return _CHOICES[name]
    languages = ((own_name(code), code) for code in LANGUAGES)
    how = later("The language that I answer in. Ask in whichever you like.")
    return Choice(how, (*languages, (later("As my app"), "default")))


def own_name(code: str) -> str:
    """Return what a language calls itself, as it stands on a button: "Русский"."""
    name = str(Locale(code).get_display_name(code))
    return f"{name[0].upper()}{name[1:]}"


def shown(preferences: Preferences, name: str, now: datetime) -> str:
    """Return the value of a setting in the reader's language."""
    match name:
        case "language":
            code = preferences.language
            return _("as your app") if code is None else str(Locale(code).get_display_name(code))
        case "zone":
            zone = ZoneInfo(preferences.zone) if preferences.zone else speaker().zone
            name = preferences.zone or str(zone)
            if name.startswith("Etc/GMT"):  # whose names count the hours the other way round
                name = zone_name(now.astimezone(zone))
            return _("{zone}, now {time}", zone=name, time=f"{now.astimezone(zone):%H:%M}")
        case "quiet":
            return _quiet(preferences.quiet)
        case "digest":
            return _digest(preferences.digest)
        case "cap":
            cap = preferences.daily_cap
            return _("as usual") if cap is None else plural("{count} alert", "{count} alerts", cap)
        case _:
            return _("on") if preferences.previews else _("off")


def _quiet(quiet: QuietHours | None) -> str:
    if quiet is None:
        return _("off")
    hours = f"{written_time(quiet.begin)}–{written_time(quiet.end)}"
    return _("{hours}, held back", hours=hours) if quiet.hold else _("{hours}, silent", hours=hours)


def _digest(plan: DigestPlan | None) -> str:
    if plan is None:
        return _("off")
    if plan.every == "day":
        return _("every day at {time}", time=written_time(plan.at))
    day = get_day_names("abbreviated", locale=speaker().language)[plan.weekday]
    return _("weekly, {day} at {time}", day=day, time=written_time(plan.at))


def summary(preferences: Preferences) -> Data:
    """Return the machine form of the settings, each as the command takes it."""
    return {
        "language": preferences.language,
        "zone": preferences.zone,
        "quiet": written_quiet(preferences.quiet) if preferences.quiet else None,
        "digest": written_digest(preferences.digest) if preferences.digest else None,
        "cap": preferences.daily_cap,
        "previews": preferences.previews,
        "stopped": preferences.stopped,
        "muted": {target: until.isoformat() for target, until in sorted(preferences.muted.items())},
    }
