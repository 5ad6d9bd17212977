"""What an operator does: sees a dead letter, reads it, replays or drops it, checks the sources."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from fakes.processes import DATELINE, ServiceProcess, stopping

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    told = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    return {**told, "DATELINE_HOME": str(tmp_path / "home")}


def dateline(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([DATELINE, *arguments], env=env, capture_output=True, text=True, timeout=60)


def answer(*arguments: str, env: dict[str, str]) -> Any:
    return json.loads(dateline(*arguments, "--json", env=env).stdout)


def test_dead_letters_are_listed_shown_replayed_and_dropped(env: dict[str, str], tmp_path: Path) -> None:
    instance = ServiceProcess("up", "--no-console", env=env, log=tmp_path / "up.log")
    with stopping(instance):
        instance.start()
        about = json.loads((tmp_path / "home" / "instance.json").read_text())
        with Redis.from_url(about["redis_url"]) as redis:
            for body in (b"{poison", b"\xff\xfe"):
                redis.xadd("stories.raw", {"__data__": body})
            while redis.xlen("stories.dead") < 2:
                assert instance.running
        first, second = answer("dead", "list", env=env)
        shown = answer("dead", "show", first["id"], env=env)
        replayed = dateline("dead", "replay", first["id"], env=env)
        dropped = dateline("dead", "drop", second["id"], env=env)
        missing = dateline("dead", "show", "1-1", env=env)
        nonsense = dateline("dead", "replay", "nonsense", env=env)
        nobody = answer("dead", "replay", "1-1", env=env)
        with Redis.from_url(about["redis_url"]) as redis:
            while redis.xlen("stories.dead") < 1:
                assert instance.running
        status = answer("status", env=env)

    assert (first["stage"], first["body"], second["encoding"]) == ("enrich", "{poison", "base64")
    assert "JSON" in first["reason"]
    assert shown == first
    assert (replayed.returncode, dropped.returncode, missing.returncode) == (0, 0, 1)
    assert "dead list" in missing.stderr
    assert nobody == {"replayed": [], "missing": ["1-1"]}
    assert (nonsense.returncode, "Traceback" in nonsense.stderr) == (1, False)
    assert status["dead"] == 1
    assert status["balanced"]
    assert status["sources"]["unattributed"] == {
        **status["sources"]["unattributed"],
        "fetched": 2,
        "dead": 1,
        "rejected": {"dropped": 1},
    }


def test_a_file_of_sources_is_checked_and_its_faults_are_named(env: dict[str, str], tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text('[[sources]]\nid = "wire"\nkind = "feed"\nurl = "https://news.example/rss"\n')
    bad.write_text('[[sources]]\nid = "wire"\nkind = "carrier pigeon"\nurl = "https://news.example/rss"\n')

    listed = answer("sources", "check", str(good), env=env)
    fine, faulty = (
        dateline("sources", "check", str(good), env=env),
        dateline("sources", "check", str(bad), env=env),
    )
    started = dateline("up", "--no-console", env={**env, "DATELINE_SOURCES": str(bad)})

    assert (fine.returncode, faulty.returncode, started.returncode) == (0, 2, 2)
    assert listed["sources"] == [{"id": "wire", "kind": "feed", "from": "https://news.example/rss"}]
    assert "bad.toml" in faulty.stderr
    assert "kind" in started.stderr


def test_own_groups_are_tagged_asked_for_and_checked(env: dict[str, str], tmp_path: Path) -> None:
    groups, news = tmp_path / "groups.toml", tmp_path / "news.txt"
    groups.write_text('[turkic-belt]\nname = "Turkic belt"\nmembers = ["KZ", "UZ", "TR"]\n')
    news.write_text("Uzbekistan has opened a tunnel under the Kamchik pass, the railways said.\n")
    mine = {**env, "DATELINE_GROUPS": str(groups)}

    dateline("ingest", str(news), env=mine)
    found = answer("ask", "latest on Turkic belt", env=mine)
    groups.write_text('[turkic-belt]\nname = "Turkic belt"\nmembers = ["XX"]\n')
    refused = dateline("ask", "latest on Turkic belt", env=mine)

    assert [story["countries"][0]["code"] for story in found["stories"]] == ["UZ"]
    assert refused.returncode == 2
    assert "groups.toml" in refused.stderr


def test_a_service_by_itself_says_what_it_needs(env: dict[str, str]) -> None:
    alone, unknown = dateline("run", "enrich", env=env), dateline("run", "enlighten", env=env)

    assert (alone.returncode, unknown.returncode) == (2, 2)
    assert "DATELINE_REDIS_URL" in alone.stderr
    assert "ingest" in unknown.stderr


@pytest.mark.parametrize("name", ["LOG_LEVEL", "HTTP_PORT", "ENRICH_BATCH", "INDEX_BATCH", "ALERT_POLICY"])
def test_a_setting_that_cannot_be_is_named(env: dict[str, str], name: str) -> None:
    done = dateline("up", "--no-console", env={**env, f"DATELINE_{name}": "nonsense"})

    assert done.returncode == 2
    assert f"DATELINE_{name}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"DATELINE_REDIS_URL": "localhost:6379"}, "DATELINE_REDIS_URL"),
        ({"DATELINE_REDIS_URL": "redis://127.0.0.1:1"}, "cannot be reached"),
        ({"DATELINE_ELASTICSEARCH_URL": "localhost:9200"}, "DATELINE_ELASTICSEARCH_URL"),
        ({"DATELINE_HOME": __file__}, "DATELINE_HOME"),
    ],
)
def test_what_is_wrong_is_one_sentence(env: dict[str, str], wrong: dict[str, str], told: str) -> None:
    done = dateline("status", env={**env, **wrong})

    assert done.returncode in {1, 2}
    assert done.stderr.startswith("dateline: ")
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_status_shows_whole_names_and_that_the_counts_add_up(env: dict[str, str], tmp_path: Path) -> None:
    news = tmp_path / "a-source-with-a-long-name.txt"
    news.write_text("Uzbekistan has opened a tunnel under the Kamchik pass, the railways said.\n")
    dateline("ingest", str(news), env=env)

    shown = dateline("status", env={**env, "COLUMNS": "80"}).stdout

    assert "a-source-with-a-long-name" in shown
    assert "The counts add up." in shown


def test_a_reader_who_has_seen_enough_is_no_error(env: dict[str, str]) -> None:
    script = f"{DATELINE} status --json | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, timeout=60)

    assert (done.stdout.strip(), done.stderr) == ("0", "")
