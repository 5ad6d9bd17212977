"""A date is a moment only when its source left no doubt."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.formats.dates import is_date_line, read_date, surely_before

TEN = datetime(2025, 11, 20, 10, tzinfo=UTC)
FIVE = datetime(2025, 11, 20, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("Thu, 20 Nov 2025 10:00:00 GMT", TEN),
        ("Thu, 20 Nov 2025 10:00:00 +0500", FIVE),
        ("20 Nov 2025 10:00 UT", TEN),
        ("Thu, 20 Nov 2025 05:00:00 EST", TEN),
        ("2025-11-20T10:00:00Z", TEN),
        ("2025-11-20T10:00:00.000+05:00", FIVE),
        ("2025-11-20 10:00:00 +0000", TEN),
        ("November 20, 2025, 10:00 AM UTC", TEN),
        ("20 Nov 2025 13:00 GMT+3", TEN),
        ("20 Nov 2025, 0005 GMT", TEN.replace(hour=0, minute=5)),
        (1763632800, TEN),
        (1763632800000, TEN),
    ],
)
def test_a_whole_date_with_a_zone_is_a_moment(raw: str | int, moment: datetime) -> None:
    assert read_date(raw).at == moment


@pytest.mark.parametrize(
    "raw",
    [
        "20 Nov 2025",
        "2025-11-20",
        "2025-11-20T10:00:00",
        "Thu, 20 Nov 2025 10:00:00",
        "20 June",
        "10:00 GMT",
        "Thursday",
        "Nov 2025",
        "03/04/2025 10:00 GMT",  # March or April?
        "Thu, 20 Nov 2025 10:00:00 BST",  # British or Bangladeshi?
        "Thu, 31 Feb 2025 10:00:00 GMT",
        "0001-01-01T00:00:00Z",
        "Mon, 01 Jan 0001 00:00:00 GMT",
        "Jan 1, 0001 12:00 AM UTC",
        "yesterday",
        "2025",
    ],
)
def test_anything_less_is_kept_as_words_only(raw: str) -> None:
    read = read_date(raw)
    assert read.at is None
    assert read.raw == raw


def test_nothing_gives_nothing() -> None:
    assert read_date(None) == read_date("  ")
    assert read_date(None).raw is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(raw: str) -> None:
    read_date(raw)
    is_date_line(raw)


def test_a_named_day_is_old_only_when_it_is_over_everywhere() -> None:
    now = datetime(2025, 11, 21, 11, 59, tzinfo=UTC)
    assert not surely_before("20 November 2025", now)
    assert surely_before("20 November 2025", now.replace(hour=12, minute=1))
    assert not surely_before("Thursday", now)
    assert not surely_before(None, now)


def test_the_last_day_of_the_calendar_is_not_over() -> None:
    assert not surely_before("Fri, 31 Dec 9999 23:59:59 -1400", TEN)


@pytest.mark.parametrize("raw", ["0001-01-01T00:00:00Z", "Mon, 01 Jan 0001 00:00:00 GMT"])
def test_the_first_year_stands_for_no_date(raw: str) -> None:
    assert not surely_before(raw, TEN)
