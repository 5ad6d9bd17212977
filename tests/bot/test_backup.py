"""A copy of what readers chose, taken in under another bot."""

import asyncio
import json
from datetime import time, timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis
from typer.testing import CliRunner, Result

from fakes.stories import NOON
from services.bot.backup import Backup, Kept
from services.bot.keywords import split_words
from services.bot.preferences import EVERYTHING, DigestPlan, Preferences, QuietHours
from services.bot.preferences_store import RedisPreferences
from services.bot.recipient_store import RedisRecipients
from services.bot.review_store import RedisReviews
from services.bot.reviews import Objection
from services.bot.subscription_store import RedisSubscriptions
from services.bot.suspension_store import RedisSuspensions
from services.cli import app

CHOSEN = Preferences(
    language="ru",
    zone="Asia/Almaty",
    quiet=QuietHours(time(22), time(7), hold=True),
    digest=DigestPlan("week", time(8), 3),
    daily_cap=5,
    muted={EVERYTHING: NOON + timedelta(hours=8)},
)


def backup(redis: Redis) -> Backup:
    return Backup(
        recipients=RedisRecipients(redis),
        subscriptions=RedisSubscriptions(redis),
        preferences=RedisPreferences(redis),
        suspensions=RedisSuspensions(redis),
    )


async def fill(redis: Redis) -> None:
    follows = RedisSubscriptions(redis)
    await follows.follow("telegram:1", "country:KZ", "subject", NOON)
    await follows.follow("telegram:1", "country:RU", "mentioned", NOON, split_words("+uranium -football")[0])
    await follows.follow("telegram:-100:7", "region:central-asia", "subject", NOON)
    await RedisPreferences(redis).change("telegram:1", CHOSEN)
    await RedisPreferences(redis).change("telegram:2", Preferences(stopped=True))
    await RedisSuspensions(redis).suspend("telegram:3", "blocked")


async def lines(redis: Redis) -> list[str]:
    return sorted([kept.model_dump_json(exclude_defaults=True) async for kept in backup(redis).lines()])


async def test_what_is_taken_in_is_what_was_written(redis: Redis) -> None:
    await fill(redis)
    written = await lines(redis)
    await redis.flushall()
    counts = [await backup(redis).restore(Kept.model_validate_json(line)) for line in written]
    assert sum(counts) == 3
    assert len(written) == 4
    assert await lines(redis) == written
    assert await RedisPreferences(redis).get("telegram:1") == CHOSEN
    (follower,), _cursor = await RedisSubscriptions(redis).followers(["region:central-asia"])
    assert follower.who == "telegram:-100:7"


async def test_doing_it_again_changes_nothing(redis: Redis) -> None:
    await fill(redis)
    written = await lines(redis)
    assert [await backup(redis).restore(Kept.model_validate_json(line)) for line in written] == [0] * 4
    assert await lines(redis) == written


async def test_what_was_chosen_since_then_stays(redis: Redis) -> None:
    await fill(redis)
    written = await lines(redis)
    await RedisPreferences(redis).change("telegram:1", Preferences(language="en"))
    await RedisSubscriptions(redis).follow("telegram:1", "country:KZ", "mentioned", NOON)
    await RedisSubscriptions(redis).follow("telegram:3", "country:UZ", "subject", NOON)
    await RedisSuspensions(redis).resume("telegram:3")
    for line in written:
        await backup(redis).restore(Kept.model_validate_json(line))
    assert await RedisPreferences(redis).get("telegram:1") == Preferences(language="en")
    follows = await RedisSubscriptions(redis).following("telegram:1")
    assert {follow.key: follow.role for follow in follows}["country:KZ"] == "mentioned"
    assert await RedisSuspensions(redis).among(["telegram:3"]) == frozenset()


def dateline(*words: str) -> Result:
    return CliRunner().invoke(app, [*words])


@pytest.fixture
def plant_env(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATELINE_HOME", str(tmp_path))
    monkeypatch.setenv("DATELINE_REDIS_URL", redis_url)
    return tmp_path


def on_server(redis_url: str, *work: object) -> None:
    async def doing() -> None:
        async with Redis.from_url(redis_url) as client:
            for each in work:
                await each(client)  # type: ignore[operator]  # coroutine functions of one client

    asyncio.run(doing())


def test_the_operator_exports_and_restores(plant_env: Path, redis_url: str) -> None:
    on_server(redis_url, fill)
    file = plant_env / "follows.jsonl"
    done = dateline("follows", "export", str(file), "--json")
    assert json.loads(done.stdout) == {"file": str(file), "recipients": 4, "follows": 3}

    on_server(redis_url, lambda client: client.flushall())
    with file.open("a") as more:
        more.write("\nnot a line\n")
    restored = dateline("follows", "restore", str(file), "--json")
    again = dateline("follows", "restore", str(file))
    assert restored.exit_code == again.exit_code == 1
    answer = json.loads(restored.stdout)
    assert (answer["recipients"], answer["new_follows"], answer["faulty_lines"]) == (4, 3, [6])
    assert "0 follows that were not there yet" in again.stderr
    assert sorted(dateline("follows", "export", "-").stdout.splitlines()) == sorted(
        line for line in file.read_text().splitlines() if line.startswith("{")
    )


def test_the_operator_reads_and_resolves_the_review_list(plant_env: Path, redis_url: str) -> None:
    objection = Objection("s1", "country:KZ", "Steppe fires", "The Wire")
    on_server(redis_url, lambda client: RedisReviews(client).object(objection, "telegram:1", NOON))
    (entry,) = json.loads(dateline("review", "list", "--json").stdout)
    assert (entry["id"], entry["target"], len(entry["votes"])) == ("s1/KZ", "country:KZ", 1)
    assert "Steppe fires" in dateline("review", "list").stdout

    done = dateline("review", "resolve", "s1/KZ", "s2/UZ", "--note", "mended", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout) == {"resolved": ["s1/KZ"], "not_open": ["s2/UZ"]}
    assert json.loads(dateline("review", "list", "--json").stdout) == []
    (closed,) = json.loads(dateline("review", "list", "--resolved", "--json").stdout)
    assert closed["note"] == "mended"
    assert "nothing to review" in dateline("review", "list").stderr
