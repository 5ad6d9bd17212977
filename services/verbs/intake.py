"""The verbs that take stories in: ``ingest`` into the archive, ``enrich`` as a pure filter."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Column, Table
from typer import echo

from services.ingest.admission import Door
from services.ingest.fetch import Fetcher
from services.ingest.handlers import Reception
from services.ingest.oneshot import PatientDoor, SourceReport, count_dead, take_in
from services.ingest.sources import SourceConfig
from services.standalone import Attachment, attach
from services.verbs.operate import print_json, told_reasons
from shared.actors.entries import ActorDataError
from shared.actors.watchlist import load_watched
from shared.barrier import wait_until_archived
from shared.clock import SystemClock
from shared.dead_letters import DeadLetters
from shared.places import GroupError
from shared.settings import Settings, SettingsError, read_settings


async def ingest(
    settings: Settings, targets: Sequence[str], *, as_json: bool, backfill: bool, allow_private: bool
) -> int:
    """Take targets in and print the report. 1 when a target could not be read."""
    async with attach(settings, need=("enrich", "index")) as here:
        reports = await take_and_wait(here, targets, backfill=backfill, allow_private=allow_private)
    _print_report(reports, as_json=as_json)
    return 1 if any(report.error for report in reports) else 0


async def take_and_wait(
    here: Attachment, targets: Sequence[str | SourceConfig], *, backfill: bool, allow_private: bool = False
) -> list[SourceReport]:
    """Take targets in and wait until their stories are in the archive, with progress on standard error."""
    clock = SystemClock()
    door = Door(here.redis, high_water=here.settings.high_water)
    async with Fetcher(clock) as fetcher:
        reports = await take_in(
            targets,
            fetcher=fetcher,
            reception=Reception(PatientDoor(door), door, clock),
            origin="backfill" if backfill else "live",
            allow_private=allow_private,
        )
    await _wait_with_progress(here, sum(len(r.intake.accepted) + len(r.intake.revised) for r in reports))
    await here.archive.refresh()
    await count_dead(reports, DeadLetters(here.redis))
    return reports


async def _wait_with_progress(here: Attachment, total: int) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Into the archive", total=total or None)

        def show(left: int) -> None:
            progress.update(task, completed=max(0, total - left))

        await wait_until_archived(here.redis, report=show)


def _print_report(reports: Sequence[SourceReport], *, as_json: bool) -> None:
    rows = [report.to_dict() for report in reports]
    if as_json:
        total: dict[str, Any] = {
            name: sum(row[name] for row in rows)
            for name in ("fetched", "stored", "duplicate", "revised", "dead")
        }
        total["rejected"] = {
            reason: sum(row["rejected"].get(reason, 0) for row in rows)
            for reason in sorted({reason for row in rows for reason in row["rejected"]})
        }
        print_json({"sources": rows, "total": total})
        return
    table = Table(
        Column("source", overflow="fold"),
        "fetched",
        "stored",
        "duplicate",
        "revised",
        "rejected",
        "dead",
        box=None,
    )
    for row in rows:
        if row["error"]:
            continue
        numbers = (str(row[name]) for name in ("fetched", "stored", "duplicate", "revised"))
        table.add_row(row["source"], *numbers, told_reasons(row["rejected"]), str(row["dead"]))
    if table.row_count:
        Console().print(table)
    for row in rows:
        if row["error"]:
            about = "" if row["error"].startswith(row["target"]) else f"{row['target']}: "
            echo(f"dateline: {about}{row['error']}", err=True)


def enrich(settings: Settings, source: str, *, explain: bool) -> int:
    """Tag a file of JSON lines, or standard input for ``-``.

    1 when a line was no story, 2 when the settings or the files that they name are faulty.
    """
    from services.enrich.app import build_pipeline, tagger_loader
    from services.enrich.duplicates import MemoryClusters
    from services.enrich.explain import explained
    from services.enrich.filter import Refused, enrich_lines
    from services.enrich.settings import EnrichSettings

    code = 0
    try:
        lines = _lines(source)
    except OSError as error:
        echo(f"dateline: {source}: {error.strerror}", err=True)
        return 1
    try:
        load = tagger_loader(ner=read_settings(EnrichSettings, settings).ner)
        actors = load_watched(settings.watch_list) if settings.watch_list else None
        pipeline = build_pipeline(MemoryClusters(), load(actors), settings.groups)
    except SettingsError as error:
        echo(f"dateline: {error}", err=True)
        return 2
    except ActorDataError as error:
        echo(f"dateline: the watch list is not usable: {error}", err=True)
        return 2
    except GroupError as error:
        echo(f"dateline: the file of groups is not usable: {error}", err=True)
        return 2
    for row in enrich_lines(lines, pipeline, SystemClock()):
        if isinstance(row, Refused):
            code = 1
            echo(f"dateline: line {row.number}: {row.reason}", err=True)
        elif explain:
            sys.stdout.write(f"== {row.id}\n{explained(row.story)}\n\n")
        else:
            sys.stdout.buffer.write(row.to_line())
    sys.stdout.flush()
    return code


def _lines(source: str) -> Iterator[bytes]:
    if source == "-":
        return iter(sys.stdin.buffer)
    return iter(Path(source).open("rb"))
