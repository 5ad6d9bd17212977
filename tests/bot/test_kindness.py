"""Whether an alert may disturb its reader now."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest

from fakes.stories import NOON, enriched_story
from services.bot.alerts.kindness import (
    Decision,
    Defaults,
    Drop,
    Fold,
    Hold,
    Send,
    decide,
    decide_digest,
    digest_due,
    local_day,
)
from services.bot.alerts.port import AlertStory, Reasons
from services.bot.preferences import EVERYTHING, DigestPlan, Preferences, QuietHours
from shared.events import CountryTag

SOON = NOON + timedelta(hours=3)
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Considered:
    """An alert as far as it is decided about."""

    story: AlertStory
    reasons: Reasons
    silent: bool = False


def alert(*countries: str, follows: tuple[str, ...] = (), silent: bool = False) -> Considered:
    codes = countries or ("KZ",)
    tags = [CountryTag(code=code, role="subject", salience=0.5) for code in codes]
    keys = follows or tuple(f"country:{code}" for code in codes)
    return Considered(AlertStory.of(enriched_story(countries=tags)), dict.fromkeys(keys, "subject"), silent)


def decided(row: Considered, preferences: Preferences, *, sent: dict[str, int] | None = None) -> Decision:
    return decide(row, preferences, sent or {}, NOON)


def test_without_preferences_an_alert_is_sent() -> None:
    assert decided(alert(), Preferences()) == Send(silent=False)
    assert decided(alert(silent=True), Preferences()) == Send(silent=True)


def test_who_has_stopped_gets_nothing() -> None:
    assert isinstance(decided(alert(), Preferences(stopped=True)), Drop)
    assert isinstance(decide_digest(Preferences(stopped=True), NOON), Drop)


@pytest.mark.parametrize(
    ("row", "muted", "dropped"),
    [
        (alert("KZ"), {"country:KZ": SOON}, True),
        (alert("KZ"), {"country:KZ": NOON}, False),  # it is over
        (alert("KZ"), {"country:UZ": SOON}, False),
        (alert("KZ", "UZ"), {"country:KZ": SOON}, False),  # the other follow still asks for it
        (alert("KZ", "UZ"), {"country:KZ": SOON, "country:UZ": FOREVER}, True),
        (alert("KZ", follows=("region:central-asia",)), {"country:KZ": SOON}, True),
        (alert("KZ", "RU", follows=("region:central-asia",)), {"country:KZ": SOON}, False),
        (alert("KZ", follows=("region:central-asia",)), {"region:central-asia": SOON}, True),
        (alert("KZ", follows=("country:KZ +uranium",)), {"country:KZ": SOON}, True),
    ],
)
def test_what_is_muted_does_not_come(row: Considered, muted: dict[str, datetime], dropped: bool) -> None:
    decision = decided(row, Preferences(muted=muted))
    assert isinstance(decision, Drop) == dropped
    assert dropped or decision == Send()


def test_while_everything_rests_it_is_gathered_for_the_digest() -> None:
    snoozed = Preferences(muted={EVERYTHING: SOON})
    assert decided(alert(), snoozed) == Fold()
    assert decide_digest(snoozed, NOON) == Hold(SOON)
    assert decide_digest(snoozed, SOON) == Send()
    assert isinstance(decide_digest(Preferences(muted={EVERYTHING: FOREVER}), NOON), Drop)


def test_who_wants_a_digest_gets_everything_in_it() -> None:
    assert decided(alert(), Preferences(digest=DigestPlan("day", time(8)))) == Fold()


@pytest.mark.parametrize(
    ("cap", "sent", "decision"),
    [
        (None, {"country:KZ": 29}, Send()),
        (None, {"country:KZ": 30}, Fold()),
        (2, {"country:KZ": 2}, Fold()),
        (2, {"country:UZ": 2}, Send()),
        (0, {}, Fold()),
    ],
)
def test_above_the_cap_of_a_follow_it_waits_for_the_digest(
    cap: int | None, sent: dict[str, int], decision: Decision
) -> None:
    assert decided(alert(), Preferences(daily_cap=cap), sent=sent) == decision


def test_an_alert_is_sent_while_any_of_its_follows_has_room() -> None:
    row = alert("KZ", "UZ")
    assert decided(row, Preferences(daily_cap=1), sent={"country:KZ": 1}) == Send()
    assert decided(row, Preferences(daily_cap=1), sent={"country:KZ": 1, "country:UZ": 1}) == Fold()


@pytest.mark.parametrize("hold", [False, True])
def test_quiet_hours_take_the_sound_or_keep_it_back(hold: bool) -> None:
    quiet = Preferences(zone="Asia/Almaty", quiet=QuietHours(time(16), time(18, 30), hold=hold))
    end = datetime(2026, 3, 1, 13, 30, tzinfo=UTC)  # noon UTC is five in the afternoon there
    assert decided(alert(), quiet) == (Hold(end) if hold else Send(silent=True))
    assert decide(alert(), quiet, {}, end) == Send()
    assert decide_digest(quiet, NOON) == (Hold(end) if hold else Send(silent=True))


def test_a_zone_that_is_not_known_counts_as_the_default_one() -> None:
    quiet = Preferences(zone="Mars/Olympus", quiet=QuietHours(time(11), time(13)))
    assert decided(alert(), quiet) == Send(silent=True)


def test_a_day_begins_where_the_reader_is() -> None:
    late = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
    assert local_day(Preferences(), late) == date(2026, 3, 1)
    assert local_day(Preferences(zone="Asia/Almaty"), late) == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("preferences", "due"),
    [
        (Preferences(), datetime(2026, 3, 2, 8, tzinfo=UTC)),
        (Preferences(zone="Asia/Almaty"), datetime(2026, 3, 2, 3, tzinfo=UTC)),
        (Preferences(digest=DigestPlan("day", time(19))), datetime(2026, 3, 1, 19, tzinfo=UTC)),
        (Preferences(digest=DigestPlan("week", time(9), weekday=3)), datetime(2026, 3, 5, 9, tzinfo=UTC)),
    ],
)
def test_a_digest_is_due_by_its_plan_else_the_next_morning(preferences: Preferences, due: datetime) -> None:
    assert digest_due(preferences, NOON) == due


def test_the_defaults_are_the_operators_to_choose() -> None:
    chosen = Defaults(daily_cap=1, digest_at=time(6))
    assert decide(alert(), Preferences(), {"country:KZ": 1}, NOON, defaults=chosen) == Fold()
    assert digest_due(Preferences(), NOON, chosen) == datetime(2026, 3, 2, 6, tzinfo=UTC)
