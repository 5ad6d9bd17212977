"""Whether an alert may disturb its reader now: a pure decision from what the reader chose and has been sent today.

From the strongest to the weakest: what rests is dropped, what the reader wants in one piece goes into the digest, what
is above the day's cap too, and quiet hours keep an alert back or take its sound.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.bot.alerts.port import AlertStory, Reasons
from services.bot.alerts.wall_clock import next_time, quiet_until
from services.bot.preferences import EVERYTHING, DigestPlan, Preferences
from services.bot.subscriptions import target_of


@dataclass(frozen=True, slots=True)
class Send:
    """Send it now, with or without a sound."""

    silent: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep it back until then (UTC), and decide anew."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Fold:
    """Let it wait for the digest."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Never send it."""

    reason: str


Decision = Send | Hold | Fold | Drop


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for readers who did not choose."""

    zone: tzinfo = UTC
    daily_cap: int = 30
    """Alerts per follow and local day."""
    digest_at: time = time(8)
    """When what was folded reaches those without a digest of their own, in their local time."""


DEFAULTS = Defaults()

#: A digest is not kept back for longer: what it tells would be old.
LONGEST_HOLD = timedelta(days=2)


class Considered(Protocol):
    """What is decided about: ``Alert``."""

    @property
    def story(self) -> AlertStory:
        """Return what the alert says."""

    @property
    def reasons(self) -> Reasons:
        """Return the follows that it is sent for."""

    @property
    def silent(self) -> bool:
        """Return whether it must make no sound in any case."""


def decide(
    alert: Considered,
    preferences: Preferences,
    sent_today: Mapping[str, int],
    now: datetime,
    *,
    defaults: Defaults = DEFAULTS,
) -> Decision:
    """Decide what becomes of an alert now. ``sent_today`` counts the alerts sent per follow (key) on the ``local_day``.

    An alert that several follows ask for counts for each of them, and is sent while any of them has room.
    """
    if preferences.stopped:
        return Drop("the reader has stopped all alerts")
    if not wanted(alert.reasons, alert.story.countries, preferences, now):
        return Drop("muted")
    if preferences.digest is not None or _resting(preferences, EVERYTHING, now):
        return Fold()
    cap = defaults.daily_cap if preferences.daily_cap is None else preferences.daily_cap
    if all(sent_today.get(key, 0) >= cap for key in alert.reasons):
        return Fold()
    return _softened(preferences, now, defaults, silent=alert.silent)


def decide_digest(
    preferences: Preferences, now: datetime, *, silent: bool = False, defaults: Defaults = DEFAULTS
) -> Decision:
    """Decide what becomes of a digest that is due: never folded again, but as quiet as everything else."""
    if preferences.stopped:
        return Drop("the reader has stopped all alerts")
    until = preferences.muted.get(EVERYTHING)
    if until is not None and now < until:
        return Hold(until) if until - now <= LONGEST_HOLD else Drop("the reader has muted everything")
    return _softened(preferences, now, defaults, silent=silent)


def wanted(reasons: Reasons, countries: Iterable[str], preferences: Preferences, now: datetime) -> bool:
    """Say whether any follow asks for it that does not rest, and it is not all about countries that rest."""
    about = [f"country:{code}" for code in countries]
    rest = all(_resting(preferences, target_of(key), now) for key in reasons)
    return not rest and not (about and all(_resting(preferences, country, now) for country in about))


def _resting(preferences: Preferences, target: str, now: datetime) -> bool:
    until = preferences.muted.get(target)
    return until is not None and now < until


def _softened(preferences: Preferences, now: datetime, defaults: Defaults, *, silent: bool) -> Decision:
    until = quiet_hours_end(preferences, now, defaults)
    if until is None:
        return Send(silent)
    hold = preferences.quiet is not None and preferences.quiet.hold
    return Hold(until) if hold else Send(silent=True)


def quiet_hours_end(
    preferences: Preferences, now: datetime, defaults: Defaults = DEFAULTS
) -> datetime | None:
    """Return when the reader's quiet hours end (UTC); None outside of them."""
    quiet = preferences.quiet
    if quiet is None:
        return None
    return quiet_until(quiet.begin, quiet.end, zone_of(preferences, defaults), now)


def digest_due(preferences: Preferences, after: datetime, defaults: Defaults = DEFAULTS) -> datetime:
    """Return when the reader's next digest is due after a time (UTC): by its plan, else the next default hour."""
    plan = preferences.digest or DigestPlan("day", defaults.digest_at)
    weekday = plan.weekday if plan.every == "week" else None
    return next_time(plan.at, zone_of(preferences, defaults), after, weekday=weekday)


def local_day(preferences: Preferences, now: datetime, defaults: Defaults = DEFAULTS) -> date:
    """Return the date that the reader has."""
    return now.astimezone(zone_of(preferences, defaults)).date()


def zone_of(preferences: Preferences, defaults: Defaults = DEFAULTS) -> tzinfo:
    """Return the reader's time zone; the default for one that is not known (any more)."""
    try:
        return ZoneInfo(preferences.zone) if preferences.zone else defaults.zone
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the last for "Asia", which is a folder
        return defaults.zone
