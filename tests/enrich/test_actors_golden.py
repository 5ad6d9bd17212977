"""The golden stories: how much of who is in them the tagger finds, and how much it makes up.

Notation of tests/golden/actors/*.txt: ``== id language date`` begins a story, a line ``# ...`` after it is its
title. ``{@id:words}`` names a listed actor, ``{p:words}`` a person and ``{o:words}`` an organisation that nobody
listed; ``{p=Full Name:words}`` names again somebody named before.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from services.enrich.actors import ActorTagger
from shared.actors import load_actors
from shared.actors.spelling import fold
from shared.events import ActorTag

GOLDEN = Path(__file__).parents[1] / "golden" / "actors"
_MARK = re.compile(r"\{(?P<what>[@po])(?P<ref>[^:{}]*):(?P<words>[^{}]+)\}")


@dataclass
class Wanted:
    kind: str
    actor_id: str | None
    spellings: set[str] = field(default_factory=set)


@dataclass
class Golden:
    id: str
    language: str
    day: date
    title: str | None
    text: str
    wanted: list[Wanted]


def _wanted(marks: Iterator[re.Match[str]]) -> list[Wanted]:
    actors = load_actors()
    found: dict[str, Wanted] = {}
    for mark in marks:
        what, ref, words = mark["what"], mark["ref"], mark["words"]
        if what == "@":
            actor = actors.get(ref)
            assert actor is not None, f"no actor {ref!r} is listed"
            kind = "person" if actor.kind == "person" else "organisation"
            wanted = found.setdefault(ref, Wanted(kind, ref, {fold(actor.name)}))
        else:
            name = ref.removeprefix("=") or words
            wanted = found.setdefault(
                name, Wanted("person" if what == "p" else "organisation", None, {fold(name)})
            )
        wanted.spellings.add(fold(words))
    return list(found.values())


def _plain(marked: str) -> str:
    return _MARK.sub(lambda mark: mark["words"], marked)


@cache
def golden_stories() -> tuple[Golden, ...]:
    stories = []
    for path in sorted(GOLDEN.glob("*.txt")):
        for block in path.read_text(encoding="utf-8").split("\n== ")[1:]:
            header, *lines = block.strip().split("\n")
            story_id, language, day = header.split()
            title = lines.pop(0)[2:] if lines[0].startswith("# ") else None
            text = " ".join(lines)
            wanted = _wanted(_MARK.finditer(f"{title or ''} {text}"))
            stories.append(
                Golden(
                    story_id, language, date.fromisoformat(day), title and _plain(title), _plain(text), wanted
                )
            )
    return tuple(stories)


@cache
def tagged() -> tuple[tuple[Golden, tuple[ActorTag, ...]], ...]:
    tagger = ActorTagger.load()
    return tuple(
        (one, tagger.tag(one.title, one.text, language=one.language, at=one.day)) for one in golden_stories()
    )


def _is_kind(tag: ActorTag, kind: str) -> bool:
    return (tag.kind == "person") == (kind == "person")


def _same(wanted: Wanted, tag: ActorTag) -> bool:
    if wanted.actor_id or tag.id:
        return wanted.actor_id == tag.id
    spellings = {fold(tag.name), *(fold(one.text) for one in tag.evidence)}
    return bool(spellings & wanted.spellings)


def precision_recall(kind: str | None, *, listed: bool) -> tuple[float, float, list[str]]:
    """Count right, made-up and missed actors over all stories; also tell which ones went wrong."""
    right, wrong, missed, notes = 0, 0, 0, []
    for story, tags in tagged():
        left = [
            one for one in story.wanted if (kind is None or one.kind == kind) and (one.actor_id or not listed)
        ]
        for tag in tags:
            if (kind and not _is_kind(tag, kind)) or (listed and not tag.id):
                continue
            hit = next((one for one in left if _same(one, tag)), None)
            if hit:
                left.remove(hit)
                right += 1
            else:
                wrong += 1
                notes.append(f"{story.id} made up {tag.name} ({tag.evidence[0].kind})")
        missed += len(left)
        notes += [f"{story.id} missed {max(one.spellings, key=len)}" for one in left]
    return right / (right + wrong), right / (right + missed), notes


@pytest.mark.parametrize(
    ("kind", "listed", "precision", "recall"),
    [(None, True, 0.97, 0.95), ("person", False, 0.85, 0.70), ("organisation", False, 0.75, 0.55)],
    ids=["listed actors", "all people", "organisations"],
)
def test_golden_stories_are_tagged_well(
    kind: str | None, listed: bool, precision: float, recall: float
) -> None:
    measured_precision, measured_recall, notes = precision_recall(kind, listed=listed)
    assert measured_precision >= precision, "\n".join(notes)
    assert measured_recall >= recall, "\n".join(notes)


def test_golden_set_is_as_large_and_mixed_as_it_must_be() -> None:
    stories = golden_stories()
    assert len(stories) >= 150
    assert sum(not one.id.startswith("ca") for one in stories) >= 60
    assert len({one.id for one in stories}) == len(stories)


def test_evidence_is_what_stands_in_the_story() -> None:
    for story, tags in tagged():
        fields = {"title": story.title or "", "text": story.text}
        for tag in tags:
            assert tag.evidence
            for one in tag.evidence:
                assert fields[one.field][one.start : one.end] == one.text
