"""The operator's verbs: status, dead letters, sources."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table
from typer import echo

from services.ingest.schedule import SourceState
from services.ingest.settings import IngestSettings
from services.ingest.source_store import RedisSourceStates
from services.ingest.sources import SourceConfig, load_sources
from services.standalone import NotConfigured, attach
from shared.conservation import Counts
from shared.dead_letters import DeadLetters, FiledLetter
from shared.settings import Settings, read_settings
from shared.status import Status, read_status

#: What became of a source's stories, beside the rejected ones, which have reasons.
_NUMBERS = ("fetched", "stored", "duplicate", "revised", "dead", "in_flight")


def print_json(value: Any) -> None:
    """Print one JSON object on one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def told_reasons(rejected: Mapping[str, int]) -> str:
    """Say in a cell of a table how many stories were rejected, by reason."""
    return ", ".join(f"{number} {reason}" for reason, number in rejected.items()) or "0"


def _counts_dict(counts: Counts) -> dict[str, Any]:
    return {**asdict(counts), "rejected": dict(counts.rejected), "in_flight": counts.in_flight}


def status_dict(status: Status) -> dict[str, Any]:
    """Return the status for machines: ``stages``, ``streams``, ``dead``, ``sources``, ``total``, ``balanced``."""
    counts = [_counts_dict(row) for row in status.sources.values()]
    total: dict[str, Any] = {name: sum(row[name] for row in counts) for name in _NUMBERS}
    total["rejected"] = sum(sum(row["rejected"].values()) for row in counts)
    return {
        "stages": {
            stage.stage: {
                "stream": stage.stream,
                "group": stage.group,
                "lag": stage.lag,
                "pending": stage.pending,
                "consumers": stage.consumers,
            }
            for stage in status.stages
        },
        "streams": dict(status.lengths),
        "dead": status.dead,
        "sources": {source: _counts_dict(row) for source, row in status.sources.items()},
        "total": total,
        "in_streams": status.in_flight,
        "balanced": status.balanced,
    }


async def status(settings: Settings, *, as_json: bool) -> int:
    """Print the status. 1 when the counts do not add up.

    ``http`` is the address of the instance that runs on the data folder, null where none does.
    """
    async with attach(settings) as here:
        found = await read_status(here.redis)
        archive = await here.archive.health()
    if as_json:
        served = {"http": here.http_url, "archive": {"ok": archive.ok, "detail": archive.detail}}
        print_json({**status_dict(found), **served})
    else:
        _print_status(found, archive.detail)
    return 0 if found.balanced else 1


def _print_status(found: Status, archive: str) -> None:
    console = Console()
    stages = Table("stage", "reads", "lag", "pending", "consumers", box=None)
    for stage in found.stages:
        lag = "?" if stage.lag is None else str(stage.lag)
        stages.add_row(stage.stage, stage.stream, lag, str(stage.pending), str(stage.consumers))
    console.print(stages)
    console.print()
    console.print(_sources_table(found))
    console.print()
    console.print(f"dead letters: {found.dead}   archive: {escape(archive)}", soft_wrap=True)
    console.print(f"The counts {'add' if found.balanced else 'do not add'} up.")


def _sources_table(found: Status) -> Table:
    """Return what became of every source's stories, and the sums below."""
    numbers = (Column(name.replace("_", "\n"), justify="right", no_wrap=True) for name in _NUMBERS)
    table = Table(
        Column("source", overflow="fold"),
        *numbers,
        Column("rejected", overflow="fold"),
        box=None,
        padding=(0, 1, 0, 0),
    )
    for source, counts in found.sources.items():
        row = _counts_dict(counts)
        table.add_row(
            escape(source), *(str(row[name]) for name in _NUMBERS), escape(told_reasons(row["rejected"]))
        )
    total = status_dict(found)["total"]
    table.add_row("all", *(str(total[name]) for name in _NUMBERS), str(total["rejected"]), style="bold")
    return table


def _letter_dict(filed: FiledLetter) -> dict[str, Any]:
    return {"id": filed.id, **filed.letter.model_dump(mode="json")}


async def list_dead(settings: Settings, *, as_json: bool, limit: int) -> int:
    """Print the dead letters, the oldest first."""
    async with attach(settings) as here:
        letters = DeadLetters(here.redis)
        found = []
        async for filed in letters.list():
            found.append(filed)
            if len(found) == limit:
                break
        number = await letters.count()
    if as_json:
        print_json([_letter_dict(filed) for filed in found])
    elif found:
        table = Table("id", "stage", Column("story", overflow="fold"), "tries", "reason", box=None)
        for filed in found:
            letter = filed.letter
            table.add_row(
                filed.id, letter.stage, letter.story_id or "?", str(letter.deliveries), escape(letter.reason)
            )
        Console().print(table)
        if number > len(found):
            echo(f"The oldest {len(found)} of {number}; --limit shows more.", err=True)
    else:
        echo("There are no dead letters.", err=True)
    return 0


async def show_dead(settings: Settings, letter_id: str, *, as_json: bool) -> int:
    """Print one dead letter whole. 1 when there is none of that id."""
    async with attach(settings) as here:
        filed = await DeadLetters(here.redis).get(letter_id)
    if filed is None:
        return _no_such(letter_id)
    if as_json:
        print_json(_letter_dict(filed))
        return 0
    for name, value in _letter_dict(filed).items():
        echo(f"{name}: {value}")
    return 0


def _no_such(letter_id: str) -> int:
    echo(f"dateline: there is no dead letter {letter_id}; see `dateline dead list`", err=True)
    return 1


async def move_dead(
    settings: Settings, letter_ids: Sequence[str] | None, *, drop: bool, as_json: bool
) -> int:
    """Replay or drop dead letters, all of them without ids. 1 when one was not there."""
    moved: list[str] = []
    async with attach(settings) as here:
        letters = DeadLetters(here.redis)
        if letter_ids is None:
            # All that are there now: a replayed one that dies again is a new one.
            letter_ids = [filed.id async for filed in letters.list()]
        for letter_id in letter_ids:
            filed = await letters.get(letter_id)
            if filed and await (letters.drop(filed) if drop else letters.replay(filed)):
                moved.append(letter_id)
    there = set(moved)
    missing = [letter_id for letter_id in letter_ids if letter_id not in there]
    done = "dropped" if drop else "replayed"
    if as_json:
        print_json({done: moved, "missing": missing})
    else:
        echo(f"{done.capitalize()} {len(moved)}.", err=True)
    for letter_id in missing:
        _no_such(letter_id)
    return 1 if missing else 0


def _sources(settings: Settings, file: Path | None) -> tuple[Path, tuple[SourceConfig, ...]]:
    named = file or read_settings(IngestSettings, settings).sources_file
    if named is None:
        raise NotConfigured(
            f"there is no file of sources: write {settings.home / 'sources.toml'}, or set DATELINE_SOURCES"
        )
    return named, load_sources(named)


async def check_sources(settings: Settings, file: Path | None, *, as_json: bool) -> int:
    """Validate a file of sources."""
    named, found = _sources(settings, file)
    if as_json:
        sources = [{"id": each.id, "kind": each.kind, "from": each.target} for each in found]
        print_json({"file": str(named), "sources": sources})
        return 0
    table = Table(Column("id", overflow="fold"), "kind", "every", Column("from", overflow="fold"), box=None)
    for source in found:
        table.add_row(source.id, source.kind, str(source.interval), escape(source.target))
    Console().print(table)
    echo(f"{named}: {len(found)} sources, no fault.", err=True)
    return 0


async def list_sources(settings: Settings, *, as_json: bool) -> int:
    """Print how each source is doing."""
    _named, found = _sources(settings, None)
    async with attach(settings) as here:
        states = await RedisSourceStates(here.redis).read([source.id for source in found])
    if as_json:
        print_json({source.id: states.get(source.id, SourceState()).to_dict() for source in found})
    else:
        _print_sources(found, states)
    return 0


def _print_sources(found: Sequence[SourceConfig], states: Mapping[str, SourceState]) -> None:
    times = (Column(name, no_wrap=True) for name in ("last read (UTC)", "due (UTC)"))
    table = Table(Column("id", overflow="fold"), *times, "failed", Column("why", overflow="fold"), box=None)
    for source in found:
        state = states.get(source.id, SourceState())
        table.add_row(
            source.id,
            f"{state.last_ok_at:%Y-%m-%d %H:%M}" if state.last_ok_at else "never",
            f"{state.next_due:%Y-%m-%d %H:%M}" if state.next_due else "now",
            f"{state.failures}×" if state.failures else "",
            escape(state.last_error or ""),
        )
    Console().print(table)
