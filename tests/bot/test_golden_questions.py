"""The tour of questions in ``tests/golden/questions.jsonl``: what is wanted, of what, with which words, when."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.bot.conversation.intents import Intent, Reader
from services.bot.conversation.suggestions import suggest
from services.bot.conversation.topics import Topic
from shared.actors import load_actors
from shared.places import load_places

GOLDEN = Path(__file__).parents[1] / "golden" / "questions.jsonl"
LINES: list[dict[str, Any]] = [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]
PLACES, ACTORS = load_places(), load_actors()
#: A Wednesday; the windows in the file are reckoned from it.
READER = Reader(PLACES, ACTORS, datetime(2026, 11, 18, 15, 30, tzinfo=UTC))


def understood(line: dict[str, Any]) -> Intent:
    """Read a question; for a mistyped one with a "guess", press the first "did you mean" button."""
    intent = READER.read(line["said"])
    if not line.get("guess") or not intent.words:
        return intent
    meant = suggest(intent.words, PLACES, ACTORS)
    if not meant:
        return intent
    topic = Topic(
        (*intent.topic.places, *meant[0].topic.places), (*intent.topic.actors, *meant[0].topic.actors)
    )
    return replace(intent, kind="search" if meant[0].rest else "latest", topic=topic, words=meant[0].rest)


def wrong(line: dict[str, Any]) -> str | None:
    """Say what was misunderstood, None when nothing was."""
    intent = understood(line)
    window = intent.window
    got = {
        "names": sorted(intent.topic.terms),
        "words": sorted(intent.words.casefold().split()),
        "since": _written(window.since if window else None),
        "until": _written(window.until if window else None),
        "picks": intent.picks,
        "mentions": intent.mentions,
        "without": sorted([*(intent.topic.without.terms if intent.topic.without else ()), *intent.unwanted]),
        "together": intent.topic.together,
    }
    wanted = {
        "names": sorted(line.get("names", [])),
        "words": sorted(line.get("words", "").split()),
        "since": _iso(line.get("since")),
        "until": _iso(line.get("until")),
        "picks": line.get("picks", False),
        "mentions": line.get("mentions", False),
        "without": sorted(line.get("without", [])),
        "together": line.get("together", False),
    }
    if got["names"] == sorted(line.get("or_names", [])):  # a name that two share may mean both
        wanted["names"] = got["names"]
    if got["words"] == sorted(line.get("or_words", "-").split()):
        wanted["words"] = got["words"]
    elif intent.kind != line["intent"]:
        return f"{line['said']!r}: {intent.kind} for {line['intent']}, {got}"
    return (
        None if got == wanted else f"{line['said']!r}: { {k: v for k, v in got.items() if v != wanted[k]} }"
    )


def _written(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M") if moment else None


def _iso(written: str | None) -> str | None:
    return _written(datetime.fromisoformat(written)) if written else None


def test_nearly_every_question_is_understood() -> None:
    misread = [said for line in LINES if (said := wrong(line))]
    right = len(LINES) - len(misread)
    assert right / len(LINES) >= 0.95, "\n".join(misread)


def test_the_tour_is_long_and_in_both_languages() -> None:
    said = [line["said"] for line in LINES]
    assert len(said) == len(set(said)) >= 60
    assert sum(any("а" <= letter <= "я" for letter in each) for each in said) >= 30


@pytest.mark.parametrize("field", ["intent", "said"])
def test_every_question_has(field: str) -> None:
    assert all(line.get(field) for line in LINES)
