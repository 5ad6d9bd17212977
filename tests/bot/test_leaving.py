"""Coming, stopping, being forgotten, links to the bot, and taking follows and settings along."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.reader import TalkingReader, labels
from services.bot.conversation.commands import linked_command
from services.bot.conversation.portability import read_follow
from services.bot.keywords import Keywords, keywords
from services.bot.preferences import EVERYTHING, DigestPlan, Preferences, QuietHours
from shared.clock import FixedClock

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CHOSEN = Preferences(
    language="en",
    zone="Asia/Almaty",
    quiet=QuietHours(time(22), time(7), hold=True),
    digest=DigestPlan("week", time(8), 2),
    previews=True,
    daily_cap=3,
    muted={"country:RU": NOW + timedelta(days=2), EVERYTHING: NOW + timedelta(hours=1)},
)


@pytest.fixture
def anna() -> TalkingReader:
    return TalkingReader(FixedClock(NOW))


async def test_who_stops_keeps_the_follows_and_resumes_with_start(anna: TalkingReader) -> None:
    await anna.preferences.change(anna.who, CHOSEN)
    await anna.say("/follow KZ")
    stopped = await anna.say("/stop")
    assert stopped.data["stopped"] is True
    assert (await anna.preferred()).stopped
    assert await anna.followed() == ["country:KZ"]
    back = await anna.press(stopped, "Start again")
    assert back.data["resumed"] is True
    assert "1 follow" in back.plain
    by_name = {target: until for target, until in CHOSEN.muted.items() if target != EVERYTHING}
    assert await anna.preferred() == replace(CHOSEN, muted=by_name)
    assert "resumed" not in (await anna.say("/start")).data


@pytest.mark.parametrize("said", ["/start", "turn notifications back on", "верни уведомления"])
async def test_start_also_ends_the_rest_of_everything(anna: TalkingReader, said: str) -> None:
    await anna.say("/mute KZ")
    muted = (await anna.preferred()).muted
    await anna.say("/snooze 8h")
    assert (await anna.say(said)).data["resumed"] is True
    assert (await anna.preferred()).muted == muted, "what rests by name goes on resting"


async def test_privacy_says_what_is_kept_and_leads_to_deleting(anna: TalkingReader) -> None:
    await anna.say("/follow KZ")
    reply = await anna.say("/privacy")
    assert "1 follow" in reply.plain
    assert "7 days" in reply.plain
    asked = await anna.press(reply, "Delete everything")
    assert asked.data["confirmed"] is False


async def test_forgetting_takes_follows_and_preferences(anna: TalkingReader) -> None:
    await anna.preferences.change(anna.who, CHOSEN)
    await anna.say("/follow KZ +gas")
    asked = await anna.say("/forget")
    assert await anna.preferred() == CHOSEN
    assert (await anna.press(asked, "No, keep it")).data["intent"] == "following"
    await anna.press(asked, "Yes")
    assert await anna.followed() == []
    assert await anna.preferred() == Preferences()


async def test_an_export_brings_everything_to_somebody_else(anna: TalkingReader) -> None:
    await anna.preferences.change(anna.who, CHOSEN)
    for said in (
        "/follow KZ all",
        "/follow KZ +uranium -football",
        '/follow central-asia "+heavy water" all',
    ):
        await anna.say(said)
    await anna.follows.follow(anna.who, "actor:gone-with-time", "subject", NOW)
    exported = await anna.say("/export")
    boris = TalkingReader(FixedClock(NOW), who="telegram:2")
    taken = await boris.say(str(exported.data["export"]))
    assert taken.data["unreadable"] == []
    assert await boris.preferred() == CHOSEN
    kept = {(each.key, each.role) for each in await boris.follows.following(boris.who)}
    assert kept == {(each.key, each.role) for each in await anna.follows.following(anna.who)}
    assert "4 were followed already" in (await boris.say(str(exported.data["export"]))).plain


async def test_every_part_of_a_long_export_can_be_pasted_by_itself(anna: TalkingReader) -> None:
    for number in range(90):
        words = keywords([f"word{number}", "a rather long phrase of many words"])
        await anna.follows.follow(anna.who, "country:KZ", "subject", NOW, words)
    exported = await anna.say("/export")
    parts = [
        "\n".join("".join(span.text for span in row) for row in each.lines) for each in exported.blocks[1:]
    ]
    assert len(parts) > 1
    assert all(len(part) <= 3000 for part in parts)
    boris = TalkingReader(FixedClock(NOW), who="telegram:2")
    for part in parts:
        assert (await boris.say(part)).data["unreadable"] == []
    assert sorted(await boris.followed()) == sorted(await anna.followed())


async def test_lines_that_cannot_be_read_are_named_and_the_rest_taken(anna: TalkingReader) -> None:
    rows = [
        "follow country:KZ", "follow country:XX", "follow Narnia", "follow Uzbekistan +gas",
            "follow country:UZ +u.*", "zone Atlantis", "quiet always", "cap 5",
        "mute country:RU soon", "mute country:RU 2020-01-01T00:00:00+00:00", "rm -rf", "follow country:KZ",
    ]  # fmt: skip
    reply = await anna.say("/import\n" + "\n".join(rows))
    assert reply.data["unreadable"] == [2, 3, 5, 6, 7, 9, 11]
    assert (reply.data["added"], reply.data["already"]) == (2, 1)
    assert await anna.followed() == ["country:KZ", "country:UZ +gas"]
    assert await anna.preferred() == Preferences(daily_cap=5)
    assert "7 lines could not be read:\n2: “follow country:XX”" in reply.plain
    assert "A line is written like: follow Kazakhstan" in reply.plain


async def test_an_import_keeps_to_the_limit() -> None:
    anna = TalkingReader(FixedClock(NOW), follow_limit=2)
    reply = await anna.say(
        "/import\nfollow country:KZ\nfollow country:UZ\nfollow country:TJ\nfollow country:KZ"
    )
    assert reply.data["left_out"] == 1
    assert await anna.followed() == ["country:KZ", "country:UZ"]


async def test_nothing_to_export_or_import_is_said(anna: TalkingReader) -> None:
    assert "nothing to export" in (await anna.say("/export")).plain
    reply = await anna.say("/import")
    assert reply.data["error"] == "incomplete"
    assert "Show my export" in labels(reply)


_WORD = st.from_regex(r"[\w'.&-]{1,12}( [\w'.&-]{1,12}){0,2}", fullmatch=True).filter(
    lambda word: word.strip("'.&-_ ")
)


@settings(deadline=None)
@given(
    target=st.sampled_from(["country:KZ", "region:central-asia", "actor:vladimir-putin"]),
    wanted=st.lists(_WORD, max_size=3),
    role=st.sampled_from(["subject", "mentioned"]),
)
def test_a_follow_is_read_as_it_is_written(target: str, wanted: list[str], role: str) -> None:
    words = keywords(wanted)
    every = " all" if role == "mentioned" else ""
    follow = read_follow(f"{target}{every} {words}".rstrip(), NOW)
    if follow is None:  # words that are only signs are refused, as they are when typed
        assert words != Keywords()
    else:
        assert (follow.target, follow.role, follow.words) == (target, role, words)


@pytest.mark.parametrize(
    ("payload", "command"),
    [
        ("follow_KZ", "/follow KZ"),
        ("follow_central-asia", "/follow central-asia"),
        ("follow_actor-vladimir-putin", "/follow actor:vladimir-putin"),
        ("follow_", None),
        ("follow_KZ extra", None),
        ("hello", None),
        ("", None),
    ],
)
def test_what_a_link_stands_for(payload: str, command: str | None) -> None:
    assert linked_command(payload) == command
