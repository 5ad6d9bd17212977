"""What waits for a digest is told once, though it is asked for just as the digest leaves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, time, timedelta

import pytest
from redis.asyncio import Redis

from fakes.alerts import entries, news, taken
from fakes.office import DAY, Office, Screens, flood
from services.bot.alerts.outbox import RedisOutbox
from services.bot.alerts.port import ChatDue
from services.bot.conversation.messages import Reply
from services.bot.messengers.port import Outcome
from services.bot.preferences import DigestPlan, Preferences

ANNA = "telegram:1"
DAILY = Preferences(digest=DigestPlan("day", time(8)))
MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)

Meanwhile = Callable[[], Awaitable[object]]


class Watched(Screens):
    """Screens, and something that happens while the next message is on its way."""

    meanwhile: Meanwhile | None = None

    async def deliver(self, who: str, message: Reply, *, silent: bool = False, paid: bool = False) -> Outcome:
        happening, self.meanwhile = self.meanwhile, None
        if happening:
            await happening()
        return await super().deliver(who, message, silent=silent, paid=paid)


@pytest.fixture
async def office(redis: Redis) -> AsyncIterator[Office]:
    screens = Watched()
    office = Office(redis, screens)
    office.screens = screens
    await office.follow(ANNA, "country:KZ")
    await office.preferences.change(ANNA, DAILY)
    await office.tell(news())
    await office.start_digests()
    yield office


def watched(office: Office) -> Watched:
    assert isinstance(office.screens, Watched)
    return office.screens


def told(texts: Sequence[str], story_id: str = "s1") -> int:
    return sum(f"({story_id})" in text for text in texts)


async def asked(office: Office, answers: list[str], question: str = "") -> None:
    reply = await office.digest_writer.take(ANNA, question)
    answers += [reply.plain] if reply else []


async def test_what_leaves_with_a_digest_is_not_told_to_who_asks_for_it_meanwhile(office: Office) -> None:
    answers: list[str] = []
    watched(office).meanwhile = lambda: asked(office, answers)
    await office.at(MORNING)
    assert (told(office.screens.seen(ANNA)), answers) == (1, [])


async def test_what_came_to_wait_since_is_told_to_who_asks_while_a_digest_leaves(office: Office) -> None:
    answers: list[str] = []

    async def meanwhile() -> None:
        await office.alerts([news("s2", published_at=MORNING)])
        (due,) = (await entries(office.redis))[-1:]
        assert due.who == ANNA, "its turn comes when the digest has left"

    watched(office).meanwhile = meanwhile
    await office.at(MORNING)
    await asked(office, answers)
    seen = office.screens.seen(ANNA)
    assert (told(seen), told(answers), told(seen, "s2"), told(answers, "s2")) == (1, 0, 0, 1)


async def test_what_was_asked_for_before_a_digest_leaves_is_not_in_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The digest has been written already: it is written anew."""
    answers: list[str] = []
    begin = RedisOutbox.begin

    async def first_ask(outbox: RedisOutbox, *args: object) -> bool:
        if not answers:
            await asked(office, answers)
            await office.alerts([news("s2", published_at=MORNING)])
        return await begin(outbox, *args)  # type: ignore[arg-type]  # as given

    monkeypatch.setattr(RedisOutbox, "begin", first_ask)
    await office.at(MORNING + timedelta(hours=1))
    assert (told(answers), told(office.screens.seen(ANNA))) == (1, 0)
    assert await office.records.state(ANNA, "digest:2026-03-02") == "dropped", "nothing was left to tell"
    await office.at(MORNING + DAY)
    assert told(office.screens.seen(ANNA), "s2") == 1


async def test_a_digest_that_may_have_left_with_a_dead_sender_is_repeated_and_not_told_beside(
    office: Office,
) -> None:
    answers: list[str] = []
    office.clock.advance(MORNING - office.clock.now())
    await office.outbox.enqueue_digest(ANNA, MORNING.date(), office.clock.now())
    due = ChatDue(who=ANNA, turn=int(await office.redis.get("alerts.turns")))
    turn = await taken(office.outbox, due, office.clock.now())
    assert await office.outbox.begin(turn, ["digest:2026-03-02"], office.clock.now(), ["s1"])
    await asked(office, answers)
    await office.later(timedelta(minutes=1))
    await asked(office, answers)
    assert (told(office.screens.seen(ANNA)), answers, office.screens.sounds) == (1, [], [])


async def test_what_a_digest_did_not_bring_is_told_to_who_asks(office: Office) -> None:
    answers: list[str] = []

    async def refuse(*_args: object, **_more: object) -> Outcome:
        return flood(3600)

    office.screens.deliver = refuse  # type: ignore[method-assign]  # for a while
    office.clock.advance(MORNING - office.clock.now())
    await office.later()
    await asked(office, answers)
    del office.screens.deliver
    await office.at(MORNING + DAY)
    assert (told(answers), office.screens.seen(ANNA)) == (1, [])


async def test_askers_and_senders_side_by_side_tell_each_story_once(redis: Redis) -> None:
    office = Office(redis)
    people = [f"telegram:{number}" for number in range(12)]
    for who in people:
        await office.follow(who, "country:KZ")
        await office.preferences.change(who, DAILY)
    await office.tell(news(), news("s2"))
    await office.start_digests()
    office.clock.advance(MORNING - office.clock.now())
    await office.start_digests()
    answers: dict[str, list[str]] = {who: [] for who in people}

    async def ask(who: str) -> None:
        reply = await office.digest_writer.take(who)
        answers[who] += [reply.plain] if reply else []

    # The digest of one of them leaves only later, so that this one is sure to be answered.
    digests = (await entries(redis))[-len(people) : -1]
    await asyncio.gather(*(office.sender.send(due) for due in digests), *(ask(who) for who in people * 2))
    await office.later()
    both = {who: answers[who] + office.screens.seen(who) for who in people}
    assert {(told(texts), told(texts, "s2")) for texts in both.values()} == {(1, 1)}
    assert any(answers.values())
    assert any(map(office.screens.seen, people)), "else nobody raced"


async def test_a_question_whose_worker_died_gets_its_answer_from_the_next(office: Office) -> None:
    answers: list[str] = []
    for question in ("message 7", "message 7", "message 8"):
        await asked(office, answers, question)
    assert [told([text]) for text in answers] == [1, 1]
    await office.outbox.forget(ANNA)
    await asked(office, answers, "message 7")
    assert len(answers) == 2
