"""The console and script messengers: the same conversation as transcripts, in a pipe and on a terminal."""

import asyncio
import io
import json
import os
import pty
import re
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.follows import MemorySubscriptions
from fakes.stories import enriched_story
from fakes.vocabulary import FakeActors, FakePlaces
from services.bot.conversation.core import Conversation
from services.bot.conversation.messages import Block, Button, Picture, Reply, Span, block
from services.bot.messengers.console import ask, run_console
from services.bot.messengers.console_render import Letters, show, terminal
from services.bot.messengers.script import run_script
from shared.archive.sqlite import SqliteArchive
from shared.clock import FixedClock

NOW = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
ALERT = Reply(
    blocks=(block("Kazakhstan builds a bridge"),),
    buttons=((Button("Story", "/story bridge"), Button("Unfollow Kazakhstan", "/unfollow KZ")),),
    data={"alert": {"story_id": "bridge"}},
)


class QueueInbox:
    """Alerts that a test puts in."""

    def __init__(self, *alerts: Reply) -> None:
        self._queue: asyncio.Queue[Reply] = asyncio.Queue()
        for alert in alerts:
            self._queue.put_nowait(alert)
        self.asked: list[str] = []

    async def alerts(self, who: str) -> AsyncIterator[Reply]:
        self.asked.append(who)
        while True:
            yield await self._queue.get()


class TalkingInput(io.TextIOBase):
    """Lines that come only once something was printed, as a person would type them."""

    def __init__(self, script: list[tuple[str, str]], printed: Callable[[], str]) -> None:
        self._script = script
        self._printed = printed
        self.ready = threading.Event()

    def isatty(self) -> bool:
        return False

    def __iter__(self) -> Any:
        for awaited, line in self._script:
            while awaited not in self._printed():
                self.ready.wait()
                self.ready.clear()
            yield line + "\n"


class WatchedOutput(io.StringIO):
    """Output that tells the input when it grew."""

    source: TalkingInput | None = None

    def flush(self) -> None:
        super().flush()
        if self.source is not None:
            self.source.ready.set()


@pytest.fixture
async def conversation(tmp_path: Path) -> AsyncIterator[Conversation]:
    archive = SqliteArchive(tmp_path / "stories.db")
    await archive.setup()
    await archive.put(
        [
            enriched_story(
                "bridge",
                headline="Kazakhstan builds a [bold]bridge[/bold]",
                published_at=NOW,
                first_seen_at=NOW,
            ),
            enriched_story("canal", headline="A canal", url="https://example.org/canal", first_seen_at=NOW),
        ]
    )
    yield Conversation(
        archive=archive,
        places=FakePlaces(),
        actors=FakeActors(),
        subscriptions=MemorySubscriptions(),
        clock=FixedClock(NOW),
    )
    await archive.close()


async def chat(conversation: Conversation, typed: str, *alerts: Reply) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    await run_console(
        conversation,
        QueueInbox(*alerts),
        who="console:me",
        stdin=io.StringIO(typed),
        stdout=out,
        stderr=err,
        stop=asyncio.Event(),
    )
    return out.getvalue(), err.getvalue()


async def test_a_piped_chat(conversation: Conversation) -> None:
    out, err = await chat(conversation, "latest on Kazakhstan\n1\nfollow Kazakhstan\n")
    assert out.startswith(
        "Latest on Kazakhstan\n"
        "\n"
        "1. 🇰🇿 A canal\n"
        "   https://example.org/canal\n"
        "undated, first seen just now · The Wire\n"
        "Kazakhstan\n"
        "\n"
        "2. 🇰🇿 Kazakhstan builds a [bold]bridge[/bold]\n"
        "just now · The Wire\n"
        "Kazakhstan\n"
        "\n"
        "[1-2] open  [3] Follow Kazakhstan\n"
        "\n"
        "🇰🇿 A canal\n"
    )
    assert "You now follow Kazakhstan" in out
    assert "latest on Kazakhstan" in err
    assert "\x1b" not in out + err


async def test_every_piped_line_is_answered_also_an_empty_one_and_the_last_without_an_end(
    conversation: Conversation,
) -> None:
    out, _ = await chat(conversation, "\nthanks\n\x00\nthanks")
    assert out.count("You are welcome.") == 2
    assert out.count("Ask for news") == 2


async def test_leaving(conversation: Conversation) -> None:
    out, _ = await chat(conversation, "quit\nthanks\n")
    assert out == ""


async def test_input_from_a_real_pipe_with_bytes_that_are_no_text(conversation: Conversation) -> None:
    read, write = os.pipe()
    os.write(write, b"\xff\xfe Kazakhstan\nlatest on Kazakhstan\r\nthanks")
    os.close(write)
    out = io.StringIO()
    with os.fdopen(read) as stdin:
        await run_console(
            conversation,
            QueueInbox(),
            who="console:me",
            stdin=stdin,
            stdout=out,
            stderr=io.StringIO(),
            stop=asyncio.Event(),
        )
    assert "Latest on Kazakhstan" in out.getvalue()
    assert out.getvalue().endswith("You are welcome.\n\n")


async def test_stop_ends_a_chat_whose_input_stays_silent(conversation: Conversation) -> None:
    read, write = os.pipe()
    stop = asyncio.Event()
    with os.fdopen(read) as stdin, os.fdopen(write, "w"):
        running = asyncio.create_task(
            run_console(
                conversation,
                QueueInbox(),
                who="console:me",
                stdin=stdin,
                stdout=io.StringIO(),
                stderr=io.StringIO(),
                stop=stop,
            )
        )
        await asyncio.sleep(0)
        stop.set()
        await asyncio.wait_for(running, 5)


async def talk(conversation: Conversation, alert: Reply, said: list[tuple[str, str]]) -> str:
    """Type each line once what stands before it is shown, while an alert comes in; return all that was shown."""
    out = WatchedOutput()
    typed = TalkingInput(said, out.getvalue)
    out.source = typed
    await run_console(
        conversation,
        QueueInbox(alert),
        who="console:me",
        stdin=typed,  # type: ignore[arg-type]  # has all of TextIO that is used
        stdout=out,
        stderr=io.StringIO(),
        stop=asyncio.Event(),
    )
    return out.getvalue()


async def test_alerts_come_in_between_and_a_letter_presses_their_buttons(conversation: Conversation) -> None:
    shown = await talk(conversation, ALERT, [("[a1] Story", "a1"), ("just now", "latest on Georgia")])
    assert shown.startswith(
        "Kazakhstan builds a bridge\n\n[a1] Story  [a2] Unfollow Kazakhstan\n\n🇰🇿 Kazakhstan builds"
    )


async def test_ask_in_text_and_in_json(conversation: Conversation) -> None:
    text = await ask(conversation, "latest on Kazakhstan", as_json=False)
    assert text.startswith("Latest on Kazakhstan\n\n1. 🇰🇿 A canal")
    assert "[1" not in text
    answer = json.loads(await ask(conversation, "latest on Kazakhstan", as_json=True))
    assert (answer["question"], answer["intent"]) == ("latest on Kazakhstan", "latest")
    assert [story["id"] for story in answer["stories"]] == ["canal", "bridge"]
    assert answer["buttons"][0] == {"label": "1", "action": "/story canal"}
    assert "unreachable" not in json.loads(await ask(conversation, "\udcff", as_json=True))


async def script(conversation: Conversation, lines: str, inbox: QueueInbox) -> list[dict[str, Any]]:
    out = io.StringIO()
    await run_script(conversation, inbox, stdin=io.StringIO(lines), stdout=out, stop=asyncio.Event())
    return [json.loads(line) for line in out.getvalue().splitlines()]


async def test_the_script_messenger(conversation: Conversation) -> None:
    inbox = QueueInbox(ALERT)
    said = [
        {"who": "anna", "text": "latest on Kazakhstan"},
        {"who": "telegram:5", "action": "/follow KZ"},
        {"text": "thanks"},
    ]
    typed = "\n".join(json.dumps(each) for each in said)
    answers = [each for each in await script(conversation, typed, inbox) if "reply" in each]
    assert [each["who"] for each in answers] == ["script:anna", "telegram:5", "script:me"]
    assert [story["id"] for story in answers[0]["reply"]["data"]["stories"]] == ["canal", "bridge"]
    assert answers[1]["reply"]["toast"] == "Following Kazakhstan"
    assert answers[1]["reply"]["buttons"][0] == [{"label": "Undo: Kazakhstan", "action": "/unfollow KZ"}]


async def test_the_script_messenger_hands_on_alerts(conversation: Conversation) -> None:
    out = WatchedOutput()
    typed = TalkingInput(
        [("", '{"who": "anna", "text": "hi"}'), ('"alert"', '{"text": "thanks"}')], out.getvalue
    )
    out.source = typed
    inbox = QueueInbox(ALERT)
    await run_script(conversation, inbox, stdin=typed, stdout=out, stop=asyncio.Event())  # type: ignore[arg-type]  # as above
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    (alert,) = (line for line in lines if "alert" in line)
    assert alert["who"] == "script:anna"
    assert alert["alert"]["data"] == {"alert": {"story_id": "bridge"}}


@pytest.mark.parametrize(
    "line", ["no json", "[]", '{"who": 5, "text": "hi"}', '{"who": "anna"}', "[" * 100_000]
)
async def test_a_line_that_cannot_be_read_ends_nothing(conversation: Conversation, line: str) -> None:
    refused, answered = await script(conversation, f'{line}\n{{"text": "thanks"}}\n', QueueInbox())
    assert refused["line"] == 1
    assert refused["error"]
    assert answered["reply"]["text"] == "You are welcome."


@given(st.text(max_size=80), st.booleans())
def test_whatever_a_story_says_a_pipe_gets_text(text: str, marked: bool) -> None:
    out = io.StringIO()
    show(terminal(out), Reply(blocks=(Block(((Span(text, marked=marked, href=text or None),),)),)))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", out.getvalue())


def test_on_a_terminal_a_story_cannot_send_escape_sequences_but_evidence_is_highlighted() -> None:
    out = io.StringIO()
    out.isatty = lambda: True  # type: ignore[method-assign]  # a terminal for the test
    reply = Reply(
        blocks=(Block(((Span("x\x1b]0;title\x07\x1b[2J "), Span("Astana", marked=True), Span("[red]y")),)),)
    )
    show(terminal(out), reply)
    assert re.sub(r"\x1b\[[\d;]*m", "", out.getvalue()).strip() == "x]0;title[2J Astana[red]y"


async def test_a_reader_of_the_pipe_that_has_seen_enough_ends_the_chat_quietly(
    conversation: Conversation,
) -> None:
    """As ``head`` does; what was not written is not tried again when the interpreter ends."""
    for run in (run_console, run_script):
        reading, writing = os.pipe()
        os.close(reading)
        out = os.fdopen(writing, "w")
        more: dict[str, Any] = {"who": "console:me", "stderr": io.StringIO()} if run is run_console else {}
        typed = io.StringIO('{"text": "latest"}\n' * 3)
        await run(conversation, QueueInbox(), stdin=typed, stdout=out, stop=asyncio.Event(), **more)
        out.close()


async def test_a_russian_terminal_is_spoken_to_in_russian(conversation: Conversation) -> None:
    out, err = io.StringIO(), io.StringIO()
    await run_console(
        conversation,
        QueueInbox(),
        who="console:me",
        stdin=io.StringIO("latest on Kazakhstan\n"),
        stdout=out,
        stderr=err,
        stop=asyncio.Event(),
        language="ru",
    )
    assert err.getvalue().startswith("Dateline. Спросите о новостях")
    assert "[1-2] открыть  [3] Следить: Казахстан" in out.getvalue()


async def test_what_a_picture_shows_is_drawn_in_characters() -> None:
    out = io.StringIO()
    blocks = (block("Stories per day"), Block(block("▁▃█ 7").lines, chart=True))
    show(terminal(out), Reply(blocks, picture=Picture(b"png", "stories per day")))
    assert out.getvalue() == "Stories per day\n\n▁▃█ 7\n\n"


def _read_until(master: int, awaited: bytes, seen: bytearray) -> None:
    while awaited not in seen:
        seen += os.read(master, 4096)


async def test_a_terminal_chat_with_editing_and_an_alert_above_the_prompt(
    conversation: Conversation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    master, slave = pty.openpty()
    monkeypatch.setenv("TERM", "xterm-256color")
    seen = bytearray()
    with os.fdopen(os.dup(slave)) as stdin, os.fdopen(slave, "w") as stdout:
        monkeypatch.setattr("sys.stdin", stdin)
        monkeypatch.setattr("sys.stdout", stdout)
        running = asyncio.create_task(
            run_console(
                conversation,
                QueueInbox(ALERT),
                who="console:me",
                stdin=stdin,
                stdout=stdout,
                stderr=io.StringIO(),
                stop=asyncio.Event(),
                history=tmp_path / "history",
            )
        )
        await asyncio.to_thread(_read_until, master, b"Unfollow Kazakhstan", seen)
        os.write(master, b"thankx\x7fs\r")
        await asyncio.to_thread(_read_until, master, b"You are welcome.", seen)
        os.write(master, b"\x04")
        drain = asyncio.create_task(asyncio.to_thread(_drain, master, seen))
        await asyncio.wait_for(running, 10)
    await drain
    os.close(master)
    assert "+thanks" in (tmp_path / "history").read_text()


def _drain(master: int, seen: bytearray) -> None:
    try:
        while chunk := os.read(master, 4096):
            seen += chunk
    except OSError:
        return


def test_every_button_of_26_alerts_can_be_reached() -> None:
    letters = Letters()
    alerts = [
        Reply(buttons=((Button("Story", f"/story {n}"), Button("Why", f"/whyme {n}")),)) for n in range(27)
    ]
    given = [letters.give(alert) for alert in alerts]
    assert (given[0], given[25], given[26]) == ("a", "z", "a")
    assert letters.action("b2") == "/whyme 1"
    assert letters.action("A1") == "/story 26"  # the newest alert takes the letter of the oldest
    assert [letters.action(said) for said in ("b", "b3", "b0", "1", "", "aa1")] == [None] * 6
    assert letters.alert("b") == alerts[1]


async def test_an_alert_names_its_first_buttons_and_its_letter_shows_the_rest(
    conversation: Conversation,
) -> None:
    rows = tuple((Button(f"📖 {number}", f"/story {number}"),) for number in range(1, 4))
    more = tuple((Button(label, f"/{label}"),) for label in ("help", "today", "settings", "following"))
    alert = replace(ALERT, buttons=rows + more, data={"language": "ru"})
    shown = await talk(conversation, alert, [("[a] ещё", "a"), ("[a7] following", "a5")])
    assert "[a1-a3] открыть  [a4] help  [a5] today  [a] ещё\n" in shown
    assert "[a1-a3] открыть  [a4] help  [a5] today  [a6] settings  [a7] following\n" in shown
    assert "The last 24 hours" in shown
