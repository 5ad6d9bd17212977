"""Turns on a real server: who may send what and when, whatever is delivered twice or dies half-way."""

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from fakes.alerts import (
    begun,
    clusters_of,
    entries,
    fan_out,
    finished,
    follow,
    news,
    one_due,
    taken,
)
from fakes.stories import NOON
from services.bot.alerts.alerted_clusters import CLUSTERS_KEY
from services.bot.alerts.outbox import RedisOutbox
from services.bot.alerts.outbox_records import RedisRecords
from services.bot.alerts.outbox_scripts import DELAYED_KEY, row_key
from services.bot.alerts.port import Alert, AlertStory, Left, Progress, Recipient, Result, Turn
from services.bot.subscription_store import RedisSubscriptions
from services.bot.suspension_store import RedisSuspensions
from shared.clock import SystemClock

TRUST = timedelta(seconds=45)
LATER = NOON + TRUST + timedelta(seconds=1)
SENT = Result("sent", "77")


async def state(redis: Redis, cluster: str = "s1", who: str = "telegram:1") -> str | None:
    return await RedisRecords(redis).state(who, cluster)


async def closed(outbox: RedisOutbox, redis: Redis, *, at=NOON) -> tuple[str, ...]:
    """Take the newest turn, which must have no rows; return what became of those it had."""
    turn = await outbox.claim((await entries(redis))[-1], at)
    assert isinstance(turn, Turn)
    assert turn.rows == ()
    return turn.closed


# --- once --------------------------------------------------------------------------------------------------------


async def test_a_row_is_sent_once_however_often_its_turn_is_delivered(redis: Redis) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis)
    turn = await taken(outbox, due)
    (alert,) = turn.rows
    assert isinstance(alert, Alert)
    assert (alert.attempt, alert.silent, alert.story.headline) == (1, False, "Something happened (s1)")
    assert await begun(outbox, turn)
    assert await state(redis) == "sending"
    assert await finished(outbox, turn, SENT)
    assert await outbox.claim(due, NOON) == Left("gone")
    assert await outbox.claim(due, LATER) == Left("gone")
    assert await state(redis) == "sent"
    assert len(await entries(redis)) == 1


async def test_two_senders_with_the_same_entry_one_sends(redis: Redis) -> None:
    due = await one_due(redis)
    answers = await asyncio.gather(*(RedisOutbox(redis).claim(due, NOON) for _ in range(6)))
    assert sum(isinstance(answer, Turn) for answer in answers) == 1
    assert answers.count(Left("busy")) == 5


async def test_a_claim_that_the_client_repeats_for_a_lost_answer_gets_its_first_answer(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis)
    monkeypatch.setattr("services.bot.alerts.outbox.secrets.token_hex", lambda _length: "same call")
    assert await taken(outbox, due) == await taken(outbox, due)


# --- senders that are lost ---------------------------------------------------------------------------------------


async def again(redis: Redis, outbox: RedisOutbox, at=LATER) -> Turn:
    """Let the turn of a lost sender come back, and take it."""
    assert await outbox.release_due(at) == 1
    return await taken(outbox, (await entries(redis))[-1], at)


async def test_a_turn_comes_back_when_the_trust_in_its_sender_has_ended(redis: Redis) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis, trust=TRUST)
    await taken(outbox, due)
    assert await outbox.release_due(NOON + TRUST / 2) == 0
    assert (await again(redis, outbox)).rows[0].attempt == 1


async def test_what_a_lost_sender_had_not_begun_to_send_is_no_repeat(redis: Redis) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis, trust=TRUST, policy="skip")
    await taken(outbox, due)
    assert not (await again(redis, outbox)).rows[0].silent


async def test_a_sender_lost_in_mid_send_is_repeated_once_and_silently(redis: Redis) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis, trust=TRUST)
    await begun(outbox, await taken(outbox, due))
    second = await again(redis, outbox)
    assert (second.rows[0].repeats, second.rows[0].silent) == (1, True)
    await begun(outbox, second, LATER)
    assert await outbox.release_due(LATER + 2 * TRUST) == 1
    assert await closed(outbox, redis, at=LATER + 2 * TRUST) == ("uncertain",)
    assert await outbox.release_due(LATER + 4 * TRUST) == 0


async def test_with_the_policy_skip_it_is_never_repeated(redis: Redis) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis, trust=TRUST, policy="skip")
    await begun(outbox, await taken(outbox, due))
    await outbox.release_due(LATER)
    assert await closed(outbox, redis, at=LATER) == ("uncertain",)


async def test_a_sender_that_was_taken_for_lost_can_neither_send_nor_overwrite_its_successor(
    redis: Redis,
) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis, trust=TRUST)
    slow = await taken(outbox, due)
    successor = await again(redis, outbox)
    assert not await begun(outbox, slow, LATER)
    assert not await finished(outbox, slow, Result("ready", "late", delay=1), LATER)
    assert await begun(outbox, successor, LATER)
    assert await finished(outbox, successor, SENT, LATER)
    assert await state(redis) == "sent"
    assert await outbox.release_due(LATER + 2 * TRUST) == 0


async def test_an_announced_turn_that_nobody_took_is_announced_again_and_the_old_one_is_over(
    redis: Redis,
) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis)
    late = NOON + timedelta(minutes=11)
    turn = await again(redis, outbox, late)
    assert await outbox.claim(due, late) == Left("gone")
    assert await begun(outbox, turn, late)


# --- what waits --------------------------------------------------------------------------------------------------


async def test_what_was_not_sent_waits_for_its_time_and_the_old_entry_does_nothing(redis: Redis) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis)
    await finished(outbox, await taken(outbox, due), Result("ready", "flood", delay=38))
    assert await outbox.claim(due, NOON) == Left("gone"), "the old entry is spent"
    assert await outbox.release_due(NOON + timedelta(seconds=37)) == 0
    at = NOON + timedelta(seconds=38)
    turn = await again(redis, outbox, at)
    assert await outbox.release_due(at) == 0
    assert (turn.rows[0].attempt, turn.rows[0].silent, turn.due.key != due.key) == (2, False, True)


async def test_delayed_alerts_come_back_once_with_many_processes_looking(redis: Redis) -> None:
    await follow(redis, *(f"telegram:{number}" for number in range(30)))
    await fan_out(redis).spread(news())
    outbox = RedisOutbox(redis)
    for due in await entries(redis):
        await finished(outbox, await taken(outbox, due), Result("ready", "away", delay=1))
    late = NOON + timedelta(seconds=2)
    assert sum(await asyncio.gather(*(RedisOutbox(redis).release_due(late) for _ in range(4)))) == 30
    assert len(await entries(redis)) == 60


async def test_what_is_held_back_lets_others_pass_and_comes_back_at_its_time(redis: Redis) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis)
    await finished(outbox, await taken(outbox, due), Result("held", "quiet hours", delay=9 * 3600))
    assert await state(redis) == "held"
    await fan_out(redis).spread(news("s2"))
    turn = await taken(outbox, (await entries(redis))[-1])
    assert clusters_of(turn) == ["s2"]
    await finished(outbox, turn, SENT)
    morning = NOON + timedelta(hours=9)
    assert clusters_of(await again(redis, outbox, morning)) == ["s1"], "nine hours held are no delay"


@pytest.mark.parametrize(("seconds", "answer"), [(7199, None), (7201, ("digest",))])
async def test_an_alert_that_waited_too_long_is_for_the_digest(
    redis: Redis, seconds: int, answer: tuple[str, ...] | None
) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis)
    turn = await outbox.claim(due, NOON + timedelta(seconds=seconds))
    assert isinstance(turn, Turn)
    assert (turn.closed or None, len(turn.rows)) == (answer, 0 if answer else 1)
    if answer:
        (folded,) = await RedisRecords(redis).folded("telegram:1")
        assert (folded.due.cluster, folded.queued, folded.reasons) == ("s1", NOON, {"country:KZ": "subject"})
        assert await redis.zrange("digests.due", 0, -1, withscores=True) == [(b"telegram:1", 0.0)]


# --- what is not wanted any more ---------------------------------------------------------------------------------


async def test_an_alert_for_what_is_no_longer_followed_is_dropped(redis: Redis) -> None:
    await one_due(redis)
    await RedisSubscriptions(redis).unfollow("telegram:1", "country:KZ")
    assert await closed(RedisOutbox(redis), redis) == ("dropped",)
    assert await state(redis) == "dropped"


async def test_an_alert_for_somebody_who_blocked_the_bot_meanwhile_is_dropped(redis: Redis) -> None:
    await one_due(redis)
    await RedisSuspensions(redis).suspend("telegram:1", "blocked")
    assert await closed(RedisOutbox(redis), redis) == ("dropped",)


async def test_a_row_that_is_gone_does_not_stand_in_the_way(redis: Redis) -> None:
    await one_due(redis)
    await fan_out(redis).spread(news("s2"))
    await redis.delete(row_key("telegram:1", "s1"))
    turn = await taken(RedisOutbox(redis), (await entries(redis))[0])
    assert clusters_of(turn) == ["s2"]


async def test_a_forgotten_person_has_no_rows_and_none_come_back(redis: Redis) -> None:
    outbox = RedisOutbox(redis)
    subscriptions = RedisSubscriptions(redis, also_forget=[outbox.forget])
    await follow(redis, "telegram:1", "telegram:11", "telegram:*", "telegram:1:s1")
    await fan_out(redis).spread(news())
    turn = await taken(outbox, next(due for due in await entries(redis) if due.who == "telegram:1"))
    await subscriptions.forget("telegram:1")
    assert await state(redis) is None
    assert await state(redis, who="telegram:1:s1") == "ready", "another name that begins so is another reader"
    assert not await begun(outbox, turn)
    assert not await finished(outbox, turn, Result("ready", "flood", delay=1))
    assert await outbox.claim(turn.due, NOON) == Left("gone")
    assert await fan_out(redis).spread(news("s2")) == 3
    await subscriptions.forget("telegram:*")
    assert await state(redis, who="telegram:11") == "ready", "a star in a name stands for itself"
    await subscriptions.forget("telegram:1:s1")
    assert [key for key in await redis.keys() if b"telegram:1:" in key or key.endswith(b"telegram:1")] == []


async def test_clusters_that_nobody_is_alerted_of_are_not_remembered(redis: Redis) -> None:
    await fan_out(redis).spread(news())
    assert await redis.exists(CLUSTERS_KEY) == 0
    await follow(redis, "telegram:1")
    await fan_out(redis).spread(news("s2"))
    assert await redis.zrange(CLUSTERS_KEY, 0, -1) == [b"s2"]


# --- another address ---------------------------------------------------------------------------------------------


async def test_a_moved_recipient_gets_all_that_waits_at_its_new_address_in_order_and_once(
    redis: Redis,
) -> None:
    outbox, old, new = RedisOutbox(redis), "telegram:-1", "telegram:-100"
    await follow(redis, old)
    for story_id in ("s1", "s2", "s3", "s4"):
        await fan_out(redis).spread(news(story_id))
    first = await taken(RedisOutbox(redis, together=(9, 9)), (await entries(redis))[0])
    await begun(outbox, first)
    assert await outbox.move(old, new) == 3, "what is being sent stays with its sender"
    assert await outbox.move(old, new, first.claim) == 1
    assert await outbox.move(old, new, first.claim) == 0
    await RedisSubscriptions(redis).move(old, new)
    assert not await finished(outbox, first, Result("dropped", "moved"))
    await outbox.release_due(NOON)
    turn = await taken(outbox, (await entries(redis))[-1])
    assert (turn.due.who, clusters_of(turn)) == (new, ["s1", "s2", "s3", "s4"])
    assert [row.silent for row in turn.rows] == [False] * 4


async def test_between_two_steps_of_a_move_nothing_is_taken_for_unwanted(redis: Redis) -> None:
    """Rows and follows move one after the other, and a sender may look in between."""
    outbox, old, new = RedisOutbox(redis), "telegram:-1", "telegram:-100"
    await follow(redis, old)
    await fan_out(redis).spread(news())
    await outbox.move(old, new)
    await outbox.release_due(NOON)
    assert clusters_of(await taken(outbox, (await entries(redis))[-1])) == ["s1"]
    await fan_out(redis).spread(news("s2"))
    await RedisSubscriptions(redis).move(old, new)
    await outbox.release_due(NOON)
    assert clusters_of(await taken(outbox, (await entries(redis))[-1])) == ["s2"]


async def test_what_was_sent_before_a_move_is_not_told_again_after_it(redis: Redis) -> None:
    due, outbox = await one_due(redis), RedisOutbox(redis)
    await finished(outbox, await taken(outbox, due), SENT)
    await outbox.move("telegram:1", "telegram:-100")
    await RedisSubscriptions(redis).move("telegram:1", "telegram:-100")
    assert await fan_out(redis).spread(news("s2", cluster=news().cluster)) == 0


# --- what the records tell ---------------------------------------------------------------------------------------


async def test_what_was_sent_can_be_found_again(redis: Redis) -> None:
    due, outbox, records = await one_due(redis), RedisOutbox(redis), RedisRecords(redis)
    assert await records.sent_message("telegram:1", "s1") is None
    await finished(outbox, await taken(outbox, due), SENT)
    sent = await records.sent_message("telegram:1", "s1")
    assert sent is not None
    assert (sent.message_id, sent.sent_at, sent.alerts[0].story.story_id) == ("77", NOON, "s1")
    assert [pair async for pair in records.recipients_of("s1")] == [("telegram:1", "77")]
    assert await records.sent_today("telegram:1", NOON.date()) == {"country:KZ": 1}
    assert await records.sent_today("telegram:1", LATER.date() + timedelta(days=1)) == {}


async def test_what_waits_is_counted(redis: Redis) -> None:
    outbox, records = RedisOutbox(redis, active=2), RedisRecords(redis)
    await follow(redis, *(f"telegram:{number}" for number in range(9)))
    await fan_out(redis, outbox=outbox).spread(news())
    first, second = await entries(redis)
    await finished(outbox, await taken(outbox, first), Result("held", "quiet hours", delay=60))
    await finished(outbox, await taken(outbox, second), Result("ready", "away", delay=60))
    assert await records.waiting() == {"turn": 5, "delayed": 1, "held": 1}


async def test_a_digest_is_a_row_of_its_own_that_ends_the_rows_it_tells(redis: Redis) -> None:
    outbox, records = RedisOutbox(redis), RedisRecords(redis)
    due = await one_due(redis)
    await fan_out(redis).spread(news("s2"))
    turn = await outbox.claim(due, NOON + timedelta(hours=3))
    assert isinstance(turn, Turn)
    assert turn.closed == ("digest", "digest")
    assert [row.due.cluster for row in await records.folded("telegram:1")] == ["s2", "s1"]
    assert await outbox.enqueue_digest("telegram:1", NOON.date(), NOON)
    assert not await outbox.enqueue_digest("telegram:1", NOON.date(), NOON)
    digest = await taken(outbox, (await entries(redis))[-1])
    assert [(row.due.kind, row.due.cluster) for row in digest.rows] == [("digest", "digest:2026-03-01")]
    assert await records.digested("telegram:1", ["s1"], "99", NOON) == 1
    assert await records.unfold("telegram:1", ["s2"]) == 1
    assert await finished(outbox, digest, Result("sent", "99"))
    assert (await state(redis), await state(redis, "s2")) == ("sent", "dropped")
    assert await records.folded("telegram:1") == []
    assert await records.sent_message("telegram:1", "s1") is None, "a digest is no message of alerts"


# --- clocks --------------------------------------------------------------------------------------------------------


async def test_a_process_whose_clock_is_wrong_takes_no_turn_from_the_others(redis: Redis) -> None:
    """Seen from its clock the others are long dead, and what they send would be sent again."""
    right, wrong = RedisOutbox(redis, server_time=True), RedisOutbox(redis, server_time=True)
    await follow(redis, "telegram:1")
    await fan_out(redis, outbox=right).spread(news())
    (due,) = await entries(redis)
    turn = await taken(right, due)
    assert await begun(right, turn)
    ahead = SystemClock().now() + timedelta(days=1)
    await wrong.release_due(ahead)
    assert await wrong.claim(due, ahead) == Left("busy")
    assert await finished(right, turn, SENT)
    assert len(await entries(redis)) == 1


async def test_a_process_whose_clock_is_wrong_hides_nobodys_rows(redis: Redis) -> None:
    """By the clusters lately alerted of, a person's rows are found when they are to be forgotten or moved."""
    outbox = RedisOutbox(redis, server_time=True)
    await follow(redis, "telegram:1")
    await fan_out(redis, outbox=outbox).spread(news())
    ahead = AlertStory.of(news("s2"))
    recipients = [Recipient("telegram:1", {"country:KZ": "subject"})]
    year = SystemClock().now() + timedelta(days=365)
    await outbox.enqueue(ahead, recipients, Progress(None, complete=True), year)
    await outbox.forget("telegram:1")
    assert (await state(redis), await state(redis, "s2")) == (None, None)


async def test_what_waits_by_the_clock_of_the_server_comes_back_for_everybody(redis: Redis) -> None:
    outbox = RedisOutbox(redis, server_time=True)
    await follow(redis, "telegram:1")
    await fan_out(redis, outbox=outbox).spread(news())
    (due,) = await entries(redis)
    await finished(outbox, await taken(outbox, due), Result("ready", "away", delay=60))
    await outbox.release_due(NOON + timedelta(days=1000))
    assert len(await entries(redis)) == 1
    await redis.zincrby(DELAYED_KEY, -60_001, "telegram:1")  # as if the minute were over
    await outbox.release_due(NOON)
    assert len(await entries(redis)) == 2
