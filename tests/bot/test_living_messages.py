"""One living message: what is learnt of a story after its alert changes the message, and makes no sound."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from fakes.alerts import news
from fakes.office import Office, flood
from fakes.stories import NOON
from services.bot.alerts.outbox_scripts import row_key
from services.bot.alerts.port import Alert
from services.bot.alerts.telling_store import RETOLD_KEY, TRUST
from services.bot.alerts.writing import AlertWriter
from services.bot.conversation.messages import Reply
from services.bot.messengers.inbox import InboxMessenger
from services.bot.messengers.port import Gone, Outcome, Refused, Uncertain
from services.bot.preferences import Preferences, QuietHours
from shared.events import Cluster, EnrichedStory, Relation, Source

HOUR = timedelta(hours=1)


@pytest.fixture
async def office(redis: Redis) -> AsyncIterator[Office]:
    office = Office(redis)
    await office.follow("telegram:1", "country:KZ")
    yield office


def retold(
    story_id: str, source: str, relation: Relation = "same_report", **changes: object
) -> EnrichedStory:
    told_by = Source(id=source.lower(), name=source, kind="feed")
    cluster = Cluster(id="s1", relation=relation, matched="s1")
    return news(story_id, source=told_by, cluster=cluster, **changes)


def revised(revision: int = 1, **changes: object) -> EnrichedStory:
    return news("s1", revision=revision, cluster=Cluster(id="s1", relation="revision"), **changes)


async def test_a_later_telling_changes_the_message_and_makes_no_sound(office: Office) -> None:
    await office.tell(news(), retold("s2", "Herald"))
    assert "source" not in office.screens.seen("telegram:1")[0]
    await office.later()
    (text,) = office.screens.seen("telegram:1")
    assert "+1 source: Herald · updated 1 Mar 2026, 12:00 UTC" in text
    assert office.screens.sounds == ["telegram:1"]
    assert "/whyme s1" in [button.action for button in office.screens.buttons("telegram:1")]


async def test_tellings_in_a_row_change_it_once_and_later_ones_again(office: Office) -> None:
    await office.tell(news(), retold("s2", "Herald"), retold("s3", "Post", "duplicate"))
    await office.later()
    assert office.screens.edits == [("telegram:1", "1")]
    await office.tell(retold("s4", "Courier"), retold("s4", "Courier"))
    await office.later()
    await office.later()
    assert len(office.screens.edits) == 2
    assert "+3 sources: Herald, Post, Courier" in office.screens.seen("telegram:1")[0]


@pytest.mark.parametrize("held", [timedelta(seconds=10), HOUR])
async def test_what_was_told_again_before_it_was_sent_is_in_the_message_from_the_start(
    office: Office, held: timedelta
) -> None:
    quiet = QuietHours((NOON - HOUR).time(), (NOON + held).time(), hold=True)
    await office.preferences.change("telegram:1", Preferences(quiet=quiet))
    await office.tell(news(), retold("s2", "Herald"))
    assert office.screens.seen("telegram:1") == []
    await office.later(held)
    assert "+1 source: Herald" in office.screens.seen("telegram:1")[0]
    await office.later()
    assert office.screens.edits == []


async def test_who_heard_of_it_from_the_second_telling_reads_of_the_first_source(office: Office) -> None:
    await office.tell(news())
    await office.follow("telegram:2", "country:KZ")
    await office.tell(retold("s2", "Herald"))
    await office.later()
    assert "Herald · " in office.screens.seen("telegram:2")[0]
    assert "+1 source: The Wire" in office.screens.seen("telegram:2")[0]


async def test_the_same_source_telling_it_again_is_no_other_source(office: Office) -> None:
    await office.tell(news(), retold("s2", "The Wire"))
    await office.later()
    (text,) = office.screens.seen("telegram:1")
    assert "+1 telling · updated" in text
    assert "source" not in text


async def test_a_revision_that_says_something_else_changes_the_message(office: Office) -> None:
    await office.tell(news(headline="12 hurt"), revised(headline="15 hurt"))
    await office.later()
    (text,) = office.screens.seen("telegram:1")
    assert "15 hurt" in text
    assert "other numbers now" in text
    assert office.screens.sounds == ["telegram:1"]


async def test_a_revision_in_a_comma_does_not(office: Office) -> None:
    await office.tell(news(headline="12 hurt in Almaty"), revised(headline="12 hurt, in Almaty"))
    await office.later()
    assert office.screens.edits == []


async def test_a_revision_that_comes_twice_or_late_is_told_once(office: Office) -> None:
    await office.tell(
        news(headline="12 hurt"), revised(2, headline="17 hurt"), revised(1, headline="15 hurt")
    )
    await office.later()
    await office.tell(revised(2, headline="17 hurt"))
    await office.later()
    assert len(office.screens.edits) == 1
    assert "17 hurt" in office.screens.seen("telegram:1")[0]


async def test_an_edit_that_was_lost_with_its_process_is_made_by_another(office: Office) -> None:
    await office.tell(news(), retold("s2", "Herald"))
    office.clock.advance(timedelta(seconds=30))
    assert (
        await office.tellings.claim(office.clock.now()) is not None
    )  # and nobody hears of that process again
    assert await office.change() == 0
    await office.later(TRUST)
    assert "+1 source" in office.screens.seen("telegram:1")[0]
    assert len(office.screens.edits) == 1


async def test_a_telling_that_comes_while_messages_are_changed_is_not_lost(office: Office) -> None:
    await office.tell(news(), retold("s2", "Herald"))
    office.clock.advance(timedelta(seconds=30))
    held = await office.tellings.claim(office.clock.now())
    assert held is not None
    await office.tell(retold("s3", "Post"))
    await office.tellings.finish(held, office.clock.now())
    await office.later()
    assert "+2 sources" in office.screens.seen("telegram:1")[0]


@pytest.mark.parametrize("outcome", [flood(90), Uncertain("no answer")])
async def test_what_did_not_get_through_is_tried_again(office: Office, outcome: Outcome) -> None:
    office.screens.outcomes = [outcome]
    await office.tell(news(), retold("s2", "Herald"))
    await office.later()
    assert office.screens.edits == []
    assert office.pacing.refusals == ([("telegram:1", 90)] if outcome == flood(90) else [])
    await office.later(timedelta(seconds=91))
    assert len(office.screens.edits) == 1


async def test_without_room_in_the_pace_a_change_waits_and_does_not_hold_up_others(office: Office) -> None:
    await office.follow("telegram:2", "country:KZ")
    await office.tell(news(), retold("s2", "Herald"))
    office.pacing.waits = [10_000]
    await office.later()
    assert len(office.screens.edits) == 1
    await office.later(timedelta(minutes=10))
    assert sorted(who for who, _message_id in office.screens.edits) == ["telegram:1", "telegram:2"]


async def test_who_is_gone_is_suspended_and_a_message_that_is_gone_is_left_alone(office: Office) -> None:
    await office.follow("telegram:2", "country:KZ")
    office.screens.outcomes = [Gone("blocked"), Refused("message to edit not found")]
    await office.tell(news(), retold("s2", "Herald"))
    await office.later()
    assert len(await office.suspensions.among(["telegram:1", "telegram:2"])) == 1
    await office.tell(retold("s3", "Post"))
    await office.later()
    assert len(office.screens.edits) == 1


async def test_a_message_is_changed_no_longer_than_telegram_lets_it(office: Office) -> None:
    await office.tell(news())
    office.clock.advance(47 * HOUR + timedelta(minutes=1))
    await office.tell(retold("s2", "Herald"))
    await office.later()
    assert office.screens.edits == []
    assert await office.change() == 0


async def test_of_events_that_nobody_was_alerted_of_nothing_is_kept(office: Office) -> None:
    other = Cluster(id="elsewhere", relation="same_report", matched="elsewhere")
    await office.tell(news("s9", subjects=("JO",), cluster=other))
    assert not [key async for key in office.redis.scan_iter("alerts.tellings:*")]
    assert await office.redis.exists(RETOLD_KEY) == 0


async def test_old_news_taken_in_changes_nothing(office: Office) -> None:
    await office.tell(news(), retold("s2", "Herald", origin="backfill"))
    await office.later()
    assert office.screens.edits == []


async def test_a_console_says_in_one_line_what_is_new(redis: Redis) -> None:
    office = Office(redis, InboxMessenger(redis))
    await office.follow("console:me", "country:KZ")
    await office.tell(news(headline="Dam opened"), retold("s2", "Herald"))
    await office.later()
    first, second = [fields[b"reply"] for _id, fields in await redis.xrange("inbox:console:me")]
    assert b"Dam opened" in first
    assert "↻ +1 source: Herald · updated 1 Mar 2026, 12:00 UTC: Dam opened".encode() in second
    assert b'buttons":[]' in second


async def test_a_hundred_messages_and_more_are_all_changed(office: Office) -> None:
    people = [f"telegram:{number}" for number in range(1, 251)]
    for who in people:
        await office.follow(who, "country:KZ")
    await office.tell(news(), retold("s2", "Herald"))
    await office.later()
    assert sorted(who for who, _message_id in office.screens.edits) == sorted(people)


async def test_a_change_that_cannot_be_written_is_left_and_the_next_one_is_made(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite = AlertWriter.rewrite

    def failing(writer: AlertWriter, alerts: Sequence[Alert], *rest: Any) -> Reply | None:
        if alerts[0].story.story_id == "s1":
            raise KeyError("a fault of ours")
        return rewrite(writer, alerts, *rest)

    monkeypatch.setattr(AlertWriter, "rewrite", failing)
    await office.tell(news(), retold("s2", "Herald"))
    await office.tell(news("t1"))
    again = retold("t2", "Herald").model_copy(update={"cluster": Cluster(id="t1", relation="same_report")})
    await office.tell(again)
    await office.later()
    assert office.screens.edits == [("telegram:1", "2")]
    assert await office.redis.zcard(RETOLD_KEY) == 0


# --- messages of several alerts ----------------------------------------------------------------------------------


def again(cluster: str, source: str) -> EnrichedStory:
    told = retold(f"{cluster}-{source}", source)
    return told.model_copy(update={"cluster": Cluster(id=cluster, relation="same_report", matched=cluster)})


async def burst(office: Office, *stories: EnrichedStory) -> None:
    """Let alerts come together, and be sent in one message."""
    await office.alerts(stories)
    await office.send()
    assert len(office.screens.seen("telegram:1")) == 1


@pytest.fixture
async def three(office: Office) -> Office:
    await burst(office, *(news(story_id, headline=f"Story {story_id}") for story_id in ("s1", "s2", "s3")))
    return office


async def test_a_later_telling_is_added_to_its_alert_among_several(three: Office) -> None:
    await three.tell(again("s2", "Herald"))
    await three.later()
    (text,) = three.screens.seen("telegram:1")
    cards = text.split("\n\n")
    assert [card.count("+1 source") for card in cards] == [0, 0, 1, 0, 0]
    assert cards[2].startswith("2. 🇰🇿 Story s2\n")
    assert three.screens.sounds == ["telegram:1"]
    assert "/story s3" in [button.action for button in three.screens.buttons("telegram:1")]


async def test_several_alerts_of_a_message_told_again_change_it_once(three: Office) -> None:
    await three.tell(again("s1", "Herald"), again("s3", "Post"))
    await three.later()
    (text,) = three.screens.seen("telegram:1")
    assert text.count("+1 source") == 2
    assert three.screens.edits == [("telegram:1", "1")]
    await three.tell(again("s1", "Courier"))
    await three.later()
    (text,) = three.screens.seen("telegram:1")
    assert (text.count("+2 sources"), text.count("+1 source\n")) == (1, 1)
    assert len(three.screens.edits) == 2


async def test_a_console_says_what_is_new_of_each_alert_of_a_message(redis: Redis) -> None:
    """A line tells of one alert: the others of its message are not shown with it."""
    office = Office(redis, InboxMessenger(redis))
    await office.follow("console:me", "country:KZ")
    await office.alerts([news(story_id, headline=f"Story {story_id}") for story_id in ("s1", "s2", "s3")])
    await office.send()
    await office.tell(again("s1", "Herald"), again("s3", "Post"))
    await office.later()
    burst, *lines = [fields[b"reply"] for _id, fields in await redis.xrange("inbox:console:me")]
    assert b"Story s1" in burst
    assert b"Story s3" in burst
    assert [b"Herald" in line for line in lines] == [True, False]
    assert [b"Post" in line for line in lines] == [False, True]
    await office.later()
    assert await redis.xlen("inbox:console:me") == 3


async def test_two_processes_with_two_alerts_of_one_message_lose_none_of_both(
    three: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slower one would else put back what it had read before."""
    edit = three.screens.edit

    async def slow(who: str, message_id: str, message: Reply) -> Outcome:
        monkeypatch.setattr(three.screens, "edit", edit)
        await three.tell(again("s3", "Post"))
        three.clock.advance(timedelta(seconds=30))
        assert await three.living.change_next(), "another process"
        return await edit(who, message_id, message)

    monkeypatch.setattr(three.screens, "edit", slow)
    await three.tell(again("s1", "Herald"))
    await three.later()
    await three.later()
    (text,) = three.screens.seen("telegram:1")
    assert text.count("+1 source") == 2


async def test_a_change_of_several_that_was_lost_with_its_process_is_made_by_another(three: Office) -> None:
    await three.tell(again("s2", "Herald"))
    three.clock.advance(timedelta(seconds=30))
    message = await three.records.sent_message("telegram:1", "s2")
    assert message is not None
    assert await three.tellings.claim(three.clock.now()) is not None
    async with three.tellings.alone("telegram:1", message.message_id) as alone:
        assert alone
        await three.later(TRUST + timedelta(seconds=1))
        assert three.screens.edits == [], "the lock of the dead lasts a minute"
    await three.later(timedelta(seconds=5))
    assert three.screens.edits == [("telegram:1", "1")]


async def test_a_message_of_several_is_left_when_a_part_of_it_is_gone(three: Office) -> None:
    await three.redis.delete(row_key("telegram:1", "s1"))
    await three.tell(again("s2", "Herald"))
    await three.later()
    assert three.screens.edits == []
    assert await three.redis.zcard(RETOLD_KEY) == 0
