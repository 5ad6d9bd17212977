"""What `dateline doctor` finds, and that it changes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from services.verbs.doctor import doctor
from shared.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


async def findings(settings: Settings, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = await doctor(settings, as_json=True)
    return code, {found["check"]: found for found in json.loads(capsys.readouterr().out)}


async def test_a_fresh_laptop_has_no_fault_and_nothing_is_made(settings, capsys):
    code, found = await findings(settings, capsys)

    assert code == 0
    assert found["embedded server"]["detail"].startswith("not running")
    assert found["archive"]["state"] == "ok"
    assert found["sources"]["state"] == "warning"
    assert not settings.home.exists()


async def test_a_server_is_looked_over_and_left_as_it_is(settings, capsys, redis: Redis, redis_url: str):
    before = await redis.dbsize()

    _code, found = await findings(settings.model_copy(update={"redis_url": SecretStr(redis_url)}), capsys)

    assert found["server"]["state"] == "ok"
    assert found["clock"]["state"] == "ok"
    assert found["flow"]["detail"] == "0 stories under way, 0 dead letters"
    assert await redis.dbsize() == before


async def test_what_waits_with_nobody_to_take_it_is_a_warning(settings, capsys, redis: Redis, redis_url: str):
    await redis.xgroup_create("stories.raw", "enrich", id="0", mkstream=True)
    await redis.xadd("stories.raw", {"__data__": b"{}"})

    _code, found = await findings(settings.model_copy(update={"redis_url": SecretStr(redis_url)}), capsys)

    assert found["flow"]["state"] in {"warning", "fault"}
    assert found["flow"]["advice"]


async def test_each_fault_comes_with_advice_and_the_exit_code_tells(settings, capsys, tmp_path: Path):
    for name in ("sources.toml", "groups.toml"):
        (tmp_path / name).write_text("this is no table")
    away = {
        "redis_url": SecretStr("redis://127.0.0.1:9/0"),
        "elasticsearch_url": SecretStr("http://127.0.0.1:9"),
        "sources": tmp_path / "sources.toml",
        "groups": tmp_path / "groups.toml",
        "telegram_token": SecretStr("123:secret-part"),
        "telegram_base_url": "http://127.0.0.1:9",
    }

    code, found = await findings(settings.model_copy(update=away), capsys)

    faults = {name for name, one in found.items() if one["state"] == "fault"}
    assert code == 1
    assert faults == {"server", "archive", "sources", "groups and watch list", "telegram"}
    assert all(found[name]["advice"] for name in faults)
    assert "secret-part" not in json.dumps(found)


async def test_a_variable_that_nothing_reads_is_named(settings, capsys, monkeypatch: pytest.MonkeyPatch):
    for name, value in (("TELEGRAM_TOKN", "1"), ("PUSH_TOKEN_FILE", __file__), ("SEND_RATE", "20")):
        monkeypatch.setenv(f"DATELINE_{name}", value)

    _code, found = await findings(settings, capsys)

    assert found["environment"]["state"] == "warning"
    assert "DATELINE_TELEGRAM_TOKN" in found["environment"]["detail"]
    assert "PUSH_TOKEN" not in found["environment"]["detail"]
    assert "SEND_RATE" not in found["environment"]["detail"]


async def test_a_data_folder_that_cannot_be_one_is_a_fault(settings, capsys, tmp_path: Path):
    (tmp_path / "file").write_text("no folder")

    code, found = await findings(settings.model_copy(update={"home": tmp_path / "file"}), capsys)

    assert code == 1
    assert found["data folder"]["state"] == "fault"
    assert "DATELINE_HOME" in found["data folder"]["advice"]


async def test_where_servers_hold_everything_no_data_folder_is_asked_for(settings, capsys, tmp_path: Path):
    (tmp_path / "file").write_text("no folder")
    elsewhere = {
        "home": tmp_path / "file",
        "redis_url": SecretStr("redis://127.0.0.1:9/0"),
        "elasticsearch_url": SecretStr("http://127.0.0.1:9"),
    }

    _code, found = await findings(settings.model_copy(update=elsewhere), capsys)

    assert found["data folder"]["state"] == "ok"


async def test_a_server_that_is_nearly_full_is_a_warning(settings, capsys, redis: Redis, redis_url: str):
    await redis.config_set("maxmemory", "1mb")
    try:
        named = settings.model_copy(update={"redis_url": SecretStr(redis_url)})
        _code, found = await findings(named, capsys)
    finally:
        await redis.config_set("maxmemory", "0")

    assert found["durability"]["state"] == "warning"
    assert "maxmemory" in found["durability"]["advice"]
