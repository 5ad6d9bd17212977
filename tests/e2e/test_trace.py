"""What an operator does about a story that stands in the wrong cluster: sees why, and takes it out."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fakes.processes import DATELINE

pytestmark = pytest.mark.timeout(180)

FIRST = {
    "id": "one",
    "title": "Kazakhstan and Uzbekistan sign a water accord in Astana",
    "text": "Kazakhstan and Uzbekistan have signed an accord in Astana on sharing 4.2 cubic kilometres of water from"
    " the Syr Darya, the energy ministers of the two countries said on Tuesday.",
    "url": "https://one.example/water",
}
SECOND = {**FIRST, "id": "two", "url": "https://two.example/accord"}


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    told = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    return {**told, "DATELINE_HOME": str(tmp_path / "home")}


def dateline(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([DATELINE, *arguments], env=env, capture_output=True, text=True, timeout=90)


def traced(story_id: str, *, env: dict[str, str]) -> Any:
    return json.loads(dateline("trace", story_id, "--json", env=env).stdout)


def ingest(path: Path, *stories: dict[str, str], env: dict[str, str]) -> None:
    path.write_text("\n".join(map(json.dumps, stories)))
    assert dateline("ingest", str(path), env=env).returncode == 0


def told(env: dict[str, str]) -> list[str]:
    """The ids of the stories that a reader is shown, one a cluster."""
    answer = json.loads(dateline("ask", "--json", "latest on Kazakhstan", env=env).stdout)
    return [story["id"] for story in answer["stories"]]


def test_a_story_is_traced_and_taken_out_of_its_cluster(env: dict[str, str], tmp_path: Path) -> None:
    ingest(tmp_path / "one.jsonl", FIRST, env=env)
    ingest(tmp_path / "two.jsonl", SECOND, env=env)
    (first,) = told(env)
    (telling,) = traced(first, env=env)["tellings"]
    second = traced(telling["story_id"], env=env)
    refused = dateline("split", first, env=env)
    split = dateline("split", telling["story_id"], env=env)
    after = traced(telling["story_id"], env=env)

    assert second["cluster"]["relation"] == "duplicate"
    assert second["cluster"]["matched"] == first
    assert second["cluster"]["reasons"]
    assert {"enrich", "index"} <= set(second["done"])
    assert refused.returncode == 1
    assert telling["story_id"] in refused.stderr
    assert split.returncode == 0
    assert after["cluster"]["id"] == telling["story_id"]
    assert after["cluster"]["related"] == [first]
    assert after["tellings"] == []
    assert sorted(told(env)) == sorted([first, telling["story_id"]])
    assert dateline("split", telling["story_id"], env=env).returncode == 1


def test_a_revised_story_shows_what_it_replaced(env: dict[str, str], tmp_path: Path) -> None:
    ingest(tmp_path / "wire.jsonl", FIRST, env=env)
    ingest(tmp_path / "wire.jsonl", {**FIRST, "text": FIRST["text"] + " The accord ends in 2031."}, env=env)
    (story_id,) = told(env)

    found = traced(story_id, env=env)

    assert found["story"]["revision"] == 1
    assert [replaced["revision"] for replaced in found["history"]] == [0]
    assert "Replaced revisions" in dateline("trace", story_id, env=env).stdout


def test_a_story_that_nobody_knows_has_no_trace(env: dict[str, str], tmp_path: Path) -> None:
    ingest(tmp_path / "one.jsonl", FIRST, env=env)

    unknown = dateline("trace", "nobody", env=env)

    assert unknown.returncode == 1
    assert "no trace" in unknown.stderr
