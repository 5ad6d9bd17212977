"""Everything in one process, as a newcomer runs it: piped chat, one-shot verbs, push to alert, restarts."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import httpx
import pytest

from fakes.processes import DATELINE, ServiceProcess, stopping

pytestmark = pytest.mark.timeout(180)
PARAGRAPHS = """\
Kazakhstan will double the capacity of its oil terminal at Aktau, the energy ministry in Astana said.

Doctors in Norway have asked for longer breaks between night shifts.

A court in Tbilisi has postponed the trial of two opposition leaders, Georgian television reported.
"""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    told = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    return {**told, "DATELINE_HOME": str(tmp_path / "home"), "DATELINE_PUSH_TOKEN": "push-secret"}


def dateline(*arguments: str, env: dict[str, str], said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [DATELINE, *arguments], env=env, input=said, capture_output=True, text=True, timeout=120
    )


def last_object(output: str) -> dict[str, Any]:
    return json.loads(output.splitlines()[-1])


def test_piped_questions_are_answered_and_the_process_ends_with_0(env: dict[str, str]) -> None:
    done = dateline("up", "--sample", env=env, said="latest on Kazakhstan\nlatest on Kazahkstan\n")

    assert done.returncode == 0, done.stderr
    assert "Latest on Kazakhstan" in done.stdout
    assert "Did you mean" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_second_start_keeps_everything_and_takes_nothing_in_twice(env: dict[str, str]) -> None:
    first = dateline("up", "--sample", env=env, said="latest on Tajikistan\n")
    second = dateline("up", "--sample", env=env, said="latest on Tajikistan\n")
    status = last_object(dateline("status", "--json", env=env).stdout)

    assert "0 new stories" in second.stderr
    assert first.stdout.count("Tajikistan") == second.stdout.count("Tajikistan") > 1
    assert status["balanced"]
    assert status["total"]["stored"] > 40
    assert status["total"]["duplicate"] == status["total"]["stored"]


def test_one_shot_ingest_reports_each_story_and_ask_finds_it(env: dict[str, str], tmp_path: Path) -> None:
    news, broken = tmp_path / "news.txt", tmp_path / "broken.xml"
    news.write_text(PARAGRAPHS)
    broken.write_text("this is no feed")

    first = dateline("ingest", "--json", str(news), env=env)
    again = dateline("ingest", "--json", str(news), str(broken), str(tmp_path / "missing.txt"), env=env)
    answer = json.loads(dateline("ask", "latest on Kazakhstan", "--json", env=env).stdout)

    (report,) = last_object(first.stdout)["sources"]
    assert (first.returncode, report["fetched"], report["stored"], report["dead"]) == (0, 3, 3, 0)
    reports = last_object(again.stdout)["sources"]
    assert again.returncode == 1
    assert (reports[0]["duplicate"], reports[0]["stored"]) == (3, 0)
    assert all(report["error"] for report in reports[1:])
    assert [story["countries"][0]["code"] for story in answer["stories"]] == ["KZ"]


@pytest.mark.parametrize(
    "question",
    ["", "x" * 5000, '"AND OR -( *', "<b>bold</b> & co", "latest on Atlantis", "\x1b[31mred", "/nonsense"],
)
def test_whatever_is_asked_gets_a_decent_answer(env: dict[str, str], question: str) -> None:
    done = dateline("ask", question.replace("\0", ""), env=env)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert "Traceback" not in done.stdout + done.stderr
    assert "\x1b" not in done.stdout


class Lines:
    """The lines that a program writes, as they come."""

    def __init__(self, stream: Any) -> None:
        self._lines: Queue[str] = Queue()
        threading.Thread(target=self._pump, args=(stream,), daemon=True).start()

    def _pump(self, stream: Any) -> None:
        for line in stream:
            self._lines.put(line)

    def next(self, seconds: float = 30) -> dict[str, Any]:
        return json.loads(self._lines.get(timeout=seconds))


@contextlib.contextmanager
def scripted_chat(env: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], Lines]]:
    """A chat for programs; killed in the end, so that a failing test does not wait for it."""
    chat = subprocess.Popen(
        [DATELINE, "chat", "--script"], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with chat:
        try:
            yield chat, Lines(chat.stdout)
        finally:
            chat.kill()


@pytest.fixture
def instance(env: dict[str, str], tmp_path: Path) -> Iterator[ServiceProcess]:
    process = ServiceProcess("up", "--no-console", env=env, log=tmp_path / "up.log")
    with stopping(process):
        process.start()
        yield process


def push(instance: ServiceProcess, story: object, token: str = "push-secret") -> httpx.Response:
    return httpx.post(
        f"{instance.base_url}/stories",
        json=story,
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
    )


def test_a_pushed_story_reaches_its_follower_once_and_no_other(
    instance: ServiceProcess, env: dict[str, str]
) -> None:
    with scripted_chat(env) as (chat, lines):
        assert chat.stdin is not None
        for who, country in (("anna", "Kazakhstan"), ("giorgi", "Georgia")):
            chat.stdin.write(json.dumps({"who": who, "text": f"follow {country}"}) + "\n")
            chat.stdin.flush()
            assert lines.next()["reply"]
        story = {
            "title": "Snow in Astana",
            "text": "Astana, the capital of Kazakhstan, woke up to half a metre of snow.",
        }

        answers = [push(instance, story), push(instance, story)]
        alert = lines.next()
        old = {**story, "text": "Kazakhstan held a census.", "published_at": "2020-01-01T00:00:00Z"}
        push(instance, [old, {"text": "Tbilisi, Georgia: a new tram line has opened in the capital."}])
        next_alert = lines.next()

    statuses = [answer.json()["results"][0]["status"] for answer in answers]
    assert [answer.status_code for answer in answers] == [202, 200]
    assert statuses == ["accepted", "duplicate"]
    assert (alert["who"], next_alert["who"]) == ("script:anna", "script:giorgi")
    assert "Snow in Astana" in alert["alert"]["text"]


def test_pushing_needs_the_token_and_bad_stories_get_their_reason(instance: ServiceProcess) -> None:
    wrong = push(instance, {"text": "x"}, token="guess")
    empty = push(instance, {"title": ""})
    large = push(instance, {"text": "x" * 6_000_000})

    assert (wrong.status_code, empty.status_code, large.status_code) == (401, 422, 413)
    assert "text" in empty.text


def test_a_start_while_one_runs_names_its_process(instance: ServiceProcess, env: dict[str, str]) -> None:
    second = dateline("up", "--no-console", env=env)

    assert second.returncode == 3
    assert str(instance.pid) in second.stderr


def test_verbs_use_the_running_instance_and_sigterm_ends_it_cleanly(
    instance: ServiceProcess, env: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "news.txt").write_text(PARAGRAPHS)
    dateline("ingest", str(tmp_path / "news.txt"), env=env)
    answer = dateline("ask", "latest on Georgia", env=env)
    status = last_object(dateline("status", "--json", env=env).stdout)

    assert "Tbilisi" in answer.stdout
    consumers = {name: stage["consumers"] for name, stage in status["stages"].items()}
    assert consumers == dict.fromkeys(consumers, 1) | {"answer": 0}, (
        "without a token nobody answers on Telegram"
    )
    assert instance.terminate() == 0
    assert "Tbilisi" in dateline("ask", "latest on Georgia", env=env).stdout


def test_a_killed_instance_is_followed_by_one_that_knows_everything(
    instance: ServiceProcess, env: dict[str, str], tmp_path: Path
) -> None:
    push(instance, {"text": "Kazakhstan opened a bridge over the Irtysh river near Semey."})
    instance.kill()
    following = ServiceProcess("up", "--no-console", env=env, log=tmp_path / "next.log")
    with stopping(following):
        following.start()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            status = last_object(dateline("status", "--json", env=env).stdout)
            if status["total"]["stored"]:
                break

        assert status["total"] == {**status["total"], "fetched": 1, "stored": 1, "in_flight": 0}


def test_ctrl_c_in_a_terminal_drains_and_leaves(env: dict[str, str], tmp_path: Path) -> None:
    process = ServiceProcess("up", "--no-console", env=env, log=tmp_path / "up.log")
    with stopping(process):
        process.start()
        os.kill(process.pid, signal.SIGINT)

        assert process.wait(20) == 0
