"""``/settings``: every change sticks, shows itself in the reader's language, and bad input explains itself."""

from datetime import UTC, datetime, time, timedelta

import pytest

from fakes.reader import TalkingReader, labels
from services.bot.conversation.settings_shown import NAMES
from services.bot.preferences import DigestPlan, Preferences, QuietHours
from shared.clock import FixedClock
from shared.places import load_places

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def anna() -> TalkingReader:
    return TalkingReader(FixedClock(NOW), places=load_places())


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("/settings language ru", Preferences(language="ru")),
        ("/settings язык русский", Preferences(language="ru")),
        ("/language en", Preferences(language="en")),
        ("/settings zone Asia/Almaty", Preferences(zone="Asia/Almaty")),
        ("/settings zone almaty", Preferences(zone="Asia/Almaty")),
        ("/settings zone Алматы", Preferences(zone="Asia/Almaty")),
        ("/settings zone Tajikistan", Preferences(zone="Asia/Dushanbe")),
        ("/settings zone UTC+5", Preferences(zone="Etc/GMT-5")),
        ("/settings quiet 22:00-07:00", Preferences(quiet=QuietHours(time(22), time(7)))),
        ("/settings quiet 23-6:30 hold", Preferences(quiet=QuietHours(time(23), time(6, 30), hold=True))),
        ("/settings digest daily 08:00", Preferences(digest=DigestPlan("day", time(8)))),
        ("/settings digest weekly mon 08:00", Preferences(digest=DigestPlan("week", time(8), 0))),
        ("/settings cap 10", Preferences(daily_cap=10)),
        ("/settings cap 0", Preferences(daily_cap=0)),
        ("/settings previews on", Preferences(previews=True)),
    ],
)
async def test_a_setting_sticks_and_can_be_taken_back(
    anna: TalkingReader, said: str, wanted: Preferences
) -> None:
    done = await anna.say(said)
    assert "error" not in done.data
    assert await anna.preferred() == wanted
    setting = said.removeprefix("/settings ").split()[0].lstrip("/").replace("язык", "language")
    await anna.say(f"/settings {setting} {'default' if setting == 'cap' else 'off'}")
    assert await anna.preferred() == Preferences()


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("/settings language tlh", "I speak these languages: English, Русский."),
        ("/settings zone Atlantis", "no time zone or city called “Atlantis”"),
        ("/settings zone UTC+20", "no time zone or city"),
        ("/settings quiet 25-7", "22:00-07:00"),
        ("/settings quiet 7-7", "22:00-07:00"),
        ("/settings quiet soon", "22:00-07:00"),
        ("/settings digest fortnightly", "weekly mon 08:00"),
        ("/settings cap many", "from 0 to 200"),
        ("/settings cap 201", "from 0 to 200"),
        ("/settings cap -1", "from 0 to 200"),
        ("/settings previews maybe", "“on” or “off”"),
    ],
)
async def test_a_value_that_cannot_be_is_explained(anna: TalkingReader, said: str, hint: str) -> None:
    reply = await anna.say(said)
    assert reply.data["error"] == "bad_value"
    assert hint in reply.plain
    assert await anna.preferred() == Preferences()


async def test_an_unknown_setting_is_named(anna: TalkingReader) -> None:
    reply = await anna.say("/settings volume 11")
    assert reply.data["error"] == "unknown_setting"
    assert "“volume”" in reply.plain
    assert "Language" in labels(reply)


async def test_a_country_with_several_zones_asks_for_the_clock(anna: TalkingReader) -> None:
    reply = await anna.say("/settings zone Russia")
    assert reply.data["error"] == "ambiguous"
    assert labels(reply)[0] == "Moscow, 15:00"
    assert "Kaliningrad, 14:00" in labels(reply)
    await anna.press(reply, "Moscow")
    assert (await anna.preferred()).zone == "Europe/Moscow"


async def test_every_setting_is_a_page_whose_buttons_work(anna: TalkingReader) -> None:
    overview = await anna.say("/settings")
    assert not overview.replaces
    for name, label in NAMES.items():
        page = await anna.press(overview, label)
        assert page.replaces
        assert page.data["setting"] == name
        for button in labels(page)[:-1]:
            assert "error" not in (await anna.press(page, button)).data, button
        await anna.say("/settings language off")
        assert (await anna.press(page, "‹")).replaces


async def test_the_answer_is_already_in_the_chosen_language_and_zone(anna: TalkingReader) -> None:
    assert "Time zone: Asia/Almaty, now 17:00" in (await anna.say("/settings zone Almaty")).plain
    reply = await anna.say("/settings language ru")
    assert reply.plain.startswith("Готово. Язык: русский")
    assert "Часовой пояс: Asia/Almaty, сейчас 17:00" in (await anna.say("/settings")).plain


async def test_settings_show_what_rests(anna: TalkingReader) -> None:
    await anna.say("/stop")
    await anna.say("/mute Kazakhstan 1h")
    shown = (await anna.say("/settings")).plain
    assert "/start lets them come again" in shown
    assert "/unmute shows which" in shown


@pytest.mark.parametrize(
    ("said", "targets", "span"),
    [
        ("/mute KZ", ["country:KZ"], timedelta(days=1)),
        ("/mute country:KZ 1h", ["country:KZ"], timedelta(hours=1)),
        ("/mute Kazakhstan for a week", ["country:KZ"], timedelta(weeks=1)),
        ("/mute Казахстан на день", ["country:KZ"], timedelta(days=1)),
        ("/mute Central Asia 30 min", ["region:central-asia"], timedelta(minutes=30)),
        ("/mute all 8h", ["*"], timedelta(hours=8)),
        ("/snooze", ["*"], timedelta(hours=8)),
        ("/snooze 2h", ["*"], timedelta(hours=2)),
        ("mute Kazakhstan for a day", ["country:KZ"], timedelta(days=1)),
    ],
)
async def test_something_rests_for_a_while(
    anna: TalkingReader, said: str, targets: list[str], span: timedelta
) -> None:
    reply = await anna.say(said)
    assert reply.data["targets"] == targets
    assert (await anna.preferred()).muted == dict.fromkeys(targets, NOW + span)
    await anna.press(reply, labels(reply)[0])
    assert (await anna.preferred()).muted == {}


async def test_for_ever_lasts_until_it_is_taken_back(anna: TalkingReader) -> None:
    await anna.say("/settings zone Asia/Almaty")
    reply = await anna.say("/mute KZ forever")
    assert "until you take it back" in reply.plain
    assert (await anna.preferred()).muted["country:KZ"] > NOW + timedelta(days=3650)
    shown = await anna.say("/unmute")
    assert "Kazakhstan, until you take it back" in shown.plain
    assert "Alerts come again: Kazakhstan" in (await anna.press(shown, "Unmute Kazakhstan")).plain
    assert "Nothing is muted" in (await anna.say("/unmute")).plain


async def test_what_is_over_is_not_kept(anna: TalkingReader) -> None:
    await anna.say("/mute KZ 1h")
    anna.clock = FixedClock(NOW + timedelta(hours=2))
    later = TalkingReader(anna.clock)
    await later.preferences.change(later.who, await anna.preferred())
    assert "Nothing is muted" in (await later.say("/unmute")).plain
    await later.say("/mute UZ")
    assert set((await later.preferred()).muted) == {"country:UZ"}


@pytest.mark.parametrize("said", ["/mute", "/mute 1d"])
async def test_muting_nothing_asks_what(anna: TalkingReader, said: str) -> None:
    assert (await anna.say(said)).data["error"] == "incomplete"


async def test_muting_an_unknown_name_suggests_one(anna: TalkingReader) -> None:
    reply = await anna.say("/mute Kazahkstan 2d")
    assert reply.data["error"] == "unknown_name"
    assert "Kazakhstan" in labels(reply)
