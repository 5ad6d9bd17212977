"""``/trend`` and ``/today``: right numbers by the reader's days, a picture that is one, and honest emptiness."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from fakes.reader import TalkingReader, labels
from fakes.stories import enriched_story
from services.bot.conversation.trend import Column, drawing
from services.bot.conversation.trend_picture import HEIGHT, WIDTH, draw, rule_step
from shared.archive.sqlite import SqliteArchive
from shared.clock import FixedClock
from shared.events import Cluster, CountryTag, EnrichedStory, RegionTag

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def story(story_id: str, hours: float, **changes: object) -> EnrichedStory:
    regions = [RegionTag(id="central-asia", role="derived")]
    at = NOW - timedelta(hours=hours)
    facts = {"published_at": at, "first_seen_at": at, "regions": regions} | changes
    return enriched_story(story_id, **facts)  # type: ignore[arg-type]  # any fields


STORIES = [
    story("now", 1),
    story("retold", 2, cluster=Cluster(id="now", relation="same_report", matched="now")),
    story("evening", 16.5),  # 19:30 UTC the day before: already today in Almaty
    story("yesterday", 30),
    story("old", 24 * 20),
    story("older", 24 * 200),
    story("named", 1, countries=[CountryTag(code="KZ", role="mentioned", salience=0.1)], regions=[]),
    story("east", 3, subjects=(), regions=[RegionTag(id="middle-east", role="subject")], highlighted=True),
]


@pytest.fixture
async def anna(tmp_path: Path) -> AsyncIterator[TalkingReader]:
    archive = SqliteArchive(tmp_path / "stories.db")
    await archive.setup()
    await archive.put(STORIES)
    await archive.refresh()
    yield TalkingReader(FixedClock(NOW), archive)
    await archive.close()


def days(reply_data: dict[str, object]) -> dict[str, int]:
    found = reply_data["days"]
    assert isinstance(found, dict)
    return {day: count for day, count in found.items() if count}


async def test_a_trend_counts_events_about_the_country_by_day(anna: TalkingReader) -> None:
    reply = await anna.say("/trend Kazakhstan 30d")
    assert len(reply.data["days"]) == 30  # type: ignore[arg-type]  # untyped data
    assert days(reply.data) == {"2026-03-11": 1, "2026-03-30": 2, "2026-03-31": 1}
    assert reply.data["total"] == 4
    assert "Kazakhstan: stories per day" in reply.plain
    assert "4 stories in all, most on 30 Mar 2026: 2 stories." in reply.plain


async def test_days_are_the_readers(anna: TalkingReader) -> None:
    await anna.say("/settings zone Asia/Almaty")
    assert days((await anna.say("/trend KZ")).data) == {"2026-03-11": 1, "2026-03-30": 1, "2026-03-31": 2}


async def test_mentions_count_when_asked_for(anna: TalkingReader) -> None:
    assert days((await anna.say("/trend KZ 7d all")).data) == {"2026-03-30": 2, "2026-03-31": 2}


async def test_free_words_ask_for_a_trend_of_a_time(anna: TalkingReader) -> None:
    reply = await anna.say("trend of Kazakhstan last week")
    assert sorted(reply.data["days"]) == [f"2026-03-{day}" for day in range(23, 30)]  # type: ignore[call-overload]
    assert reply.data["total"] == 0
    assert reply.picture is None
    assert "No story in that time" in reply.plain


async def test_a_long_trend_is_drawn_by_weeks(anna: TalkingReader) -> None:
    reply = await anna.say("/trend KZ 365d")
    assert "stories per week" in reply.plain
    assert reply.data["total"] == 5
    assert len(reply.data["days"]) == 365  # type: ignore[arg-type]  # untyped data
    far = await anna.say("/trend KZ since 1990")
    assert len(far.data["days"]) == 366  # type: ignore[arg-type]  # untyped data


async def test_a_drawing_of_many_days_goes_by_weeks(anna: TalkingReader) -> None:
    chart = (await anna.say("/trend KZ 90d")).blocks[1]
    rows = ["".join(span.text for span in row) for row in chart.lines]
    assert rows[0] == "Stories per week"
    assert rows[-1] == f"{'█' * 24} 3 · 25 Mar"
    assert len(rows) == 14


async def test_the_picture_is_a_png_and_says_what_it_shows(anna: TalkingReader) -> None:
    reply = await anna.say("тренд Казахстан 30d")
    assert reply.picture is not None
    image = Image.open(io.BytesIO(reply.picture.png))
    assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))
    assert reply.picture.alt.startswith("Казахстан: новостей в день, 2 мар. 2026 – 31 мар. 2026.")
    assert [block.chart for block in reply.blocks] == [False, True]


async def test_a_trend_leads_on(anna: TalkingReader) -> None:
    reply = await anna.say("/trend KZ 30d")
    assert labels(reply) == ["7 days", "90 days", "Latest on Kazakhstan"]
    assert len((await anna.press(reply, "7 days")).data["days"]) == 7  # type: ignore[arg-type]  # untyped data
    assert (await anna.say("/trend")).data["total"] == 6


async def test_what_a_trend_cannot_count_is_said(anna: TalkingReader) -> None:
    assert "I left out “uranium”" in (await anna.say("/trend uranium in Kazakhstan")).plain
    assert "left out" not in (await anna.say("how many stories on Kazakhstan per day")).plain
    reply = await anna.say("/trend Kazahkstan")
    assert reply.data["error"] == "unknown_name"
    assert (await anna.press(reply, "Kazakhstan")).data["total"] == 4


async def test_what_has_words_can_be_read_where_it_cannot_be_counted(anna: TalkingReader) -> None:
    reply = await anna.say("how many stories about retold")
    assert (reply.data["intent"], len(reply.data["stories"])) == ("lookup", 1)  # type: ignore[arg-type]  # a list


def test_few_columns_are_bars_and_many_are_ticks() -> None:
    first = date(2026, 3, 1)
    few = drawing([Column(first + timedelta(days=number), number) for number in range(4)])
    assert few == ["▏ 0 · 1 Mar", f"{'█' * 8} 1 · 2 Mar", f"{'█' * 16} 2 · 3 Mar", f"{'█' * 24} 3 · 4 Mar"]
    many = drawing([Column(first + timedelta(days=number), number) for number in range(17)])
    assert many == ["·▁▁▂▂▃▃▄▄▅▅▆▆▇▇██", "1 Mar 2026 … 17 Mar 2026 · █ 16"]


@pytest.mark.parametrize(
    ("most", "step"), [(1, 1), (5, 1), (6, 2), (11, 5), (30, 10), (99, 20), (12_345, 5000)]
)
def test_rules_stand_at_round_numbers(most: int, step: int) -> None:
    assert rule_step(most) == step


def test_a_picture_shows_its_columns() -> None:
    low = Image.open(io.BytesIO(draw("A title" * 30, "days", [("1", 1), ("2", 100)]))).convert("RGB")
    colours = {low.getpixel((x, HEIGHT - 90)) for x in (WIDTH // 4, WIDTH * 3 // 4)}
    assert len(colours) == 2
    assert low.getpixel((WIDTH // 4, HEIGHT // 2)) == (255, 255, 255)
    assert low.getpixel((WIDTH * 3 // 4, HEIGHT // 2)) != (255, 255, 255)


async def test_today_goes_by_region_with_the_top_story_of_each(anna: TalkingReader) -> None:
    reply = await anna.say("/today")
    assert reply.data["total"] == 4
    assert [(each["id"], each["count"]) for each in reply.data["regions"]] == [  # type: ignore[attr-defined]
        ("central-asia", 2),
        ("middle-east", 1),
    ]
    assert [each["cluster"]["id"] for each in reply.data["stories"]] == ["now", "east"]  # type: ignore[attr-defined]
    assert "★" in reply.plain
    assert "told 2 times" in reply.plain, "by the same source, so that there is no other"
    assert (await anna.press(reply, "Central Asia")).data["intent"] == "latest"
    assert (await anna.say("2")).data["intent"] == "story"


async def test_a_day_without_news_says_so() -> None:
    reply = await TalkingReader(FixedClock(NOW)).say("/today")
    assert "No story came in" in reply.plain
    assert labels(reply) == ["Latest news"]
