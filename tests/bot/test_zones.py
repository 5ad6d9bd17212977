"""Time zones by the names that people have for them."""

from datetime import UTC, datetime

import pytest

from services.bot.conversation.zones import zones_named
from shared.places import load_places

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PLACES = load_places()


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Asia/Almaty", "Asia/Almaty"),
        ("asia/almaty", "Asia/Almaty"),
        ("america/new york", "America/New_York"),
        ("Almaty", "Asia/Almaty"),
        ("Алматы", "Asia/Almaty"),
        ("Нью-Йорк", "America/New_York"),
        ("Astana", "Asia/Almaty"),
        ("Kazakhstan", "Asia/Almaty"),
        ("Германия", "Europe/Berlin"),
        ("utc", "UTC"),
        ("UTC+5", "Etc/GMT-5"),
        ("GMT-03:00", "Etc/GMT+3"),
        ("+0", "UTC"),
        ("Kyiv", "Europe/Kyiv"),
    ],
)
def test_a_clear_name_has_one_zone(name: str, zone: str) -> None:
    assert zones_named(name, PLACES, NOW) == [zone]


@pytest.mark.parametrize(("name", "first"), [("Russia", "Europe/Moscow"), ("USA", "America/New_York")])
def test_a_wide_country_leaves_a_choice(name: str, first: str) -> None:
    zones = zones_named(name, PLACES, NOW)
    assert zones[0] == first
    assert len(zones) > 5


def test_an_odd_distance_is_that_of_some_place() -> None:
    assert "Asia/Kathmandu" in zones_named("UTC+5:45", PLACES, NOW)


@pytest.mark.parametrize(
    "name", ["", "Atlantis", "UTC+15", "+99:00", "Central Asia", "../etc/passwd", "posix/UTC"]
)
def test_other_names_have_none(name: str) -> None:
    assert zones_named(name, PLACES, NOW) == []
