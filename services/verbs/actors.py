"""The verbs about actors: who keeps turning up unlisted, taking them into the watch list, checking the data."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from typer import echo

from services.bot.conversation.cleaning import clean
from services.enrich.candidates import Candidate, Tally, as_entry, ids_for
from services.standalone import NotConfigured
from services.verbs.operate import print_json
from shared.actors import Actors, load_actors
from shared.actors.entries import ActorDataError, Problem
from shared.actors.spelling import fold
from shared.actors.watchlist import load_watched
from shared.archive.opening import open_archive
from shared.archive.port import PAGE_LIMIT, Filter
from shared.clock import SystemClock
from shared.settings import Settings

#: So many of the newest stories are looked at: who was not in them is no news.
MOST_STORIES = 20_000


async def candidates(settings: Settings, *, as_json: bool, at_least: int) -> int:
    """Print the unlisted actors of several archived stories. 1 when the watch list is faulty."""
    try:
        known = _known(settings)
    except ActorDataError as error:
        return _refused(error)
    found = _new(await _archived(settings), known, at_least)
    if as_json:
        print_json({"candidates": [_candidate_dict(actor_id, each) for actor_id, each in found.items()]})
    elif found:
        _print_candidates(found)
    else:
        echo(f"No unlisted actor stands in {at_least} stories or more.", err=True)
    return 0


def _known(settings: Settings) -> Actors:
    """Return the actors that are listed already; a watch list that is not there yet lists none."""
    path = settings.watch_list
    return load_watched(path) if path is not None and path.exists() else load_actors()


def _refused(error: ActorDataError) -> int:
    for problem in error.problems:
        echo(f"dateline: {problem}", err=True)
    return 1


async def _archived(settings: Settings) -> Tally:
    tally, seen, cursor = Tally(), 0, None
    archive = open_archive(settings, read_only=True)
    try:
        while seen < MOST_STORIES:
            page = await archive.latest(Filter(), limit=PAGE_LIMIT, cursor=cursor, collapse=False)
            for story in page.stories:
                tally.add(story)
            seen, cursor = seen + len(page.stories), page.cursor
            if cursor is None:
                break
    finally:
        await archive.close()
    return tally


def _new(tally: Tally, known: Actors, at_least: int) -> dict[str, Candidate]:
    """Return the candidates by id, without those whom somebody listed or suppressed since they were archived."""
    blocked = {fold(phrase) for phrase in known.data.blocked}
    new = (
        each
        for each in tally.candidates(at_least)
        if fold(each.name) not in blocked and not known.resolve(each.name)
    )
    return ids_for(
        new, known.data.people.keys() | known.data.organisations.keys() | known.data.offices.keys()
    )


def _candidate_dict(actor_id: str, candidate: Candidate) -> dict[str, Any]:
    return {
        "id": actor_id,
        "name": candidate.name,
        "kind": candidate.kind,
        "count": candidate.count,
        "snippets": candidate.snippets,
    }


def _print_candidates(found: Mapping[str, Candidate]) -> None:
    """Print each with its snippets below; whole lines, so that an id can be copied."""
    for actor_id, each in found.items():
        stories = "1 story" if each.count == 1 else f"{each.count} stories"
        echo(f"{actor_id}: {clean(each.name)} ({each.kind}), {stories}")
        for snippet in each.snippets:
            echo(f"    {clean(snippet)}")


async def approve(settings: Settings, names: Sequence[str]) -> int:
    """Append candidates, named by id or name, to the watch list. 1 when one is unknown or the list is faulty.

    All of them or none: the new list is checked as a whole before it takes the old one's place.
    """
    path = settings.watch_list
    if path is None:
        raise NotConfigured("there is no watch list: set DATELINE_WATCH_LIST to the file that shall hold it")
    try:
        known = _known(settings)
        found = _new(await _archived(settings), known, 1)
        chosen = _chosen(found, names)
        if chosen is None:
            return 1
        _append(path, [as_entry(found[actor_id], actor_id) for actor_id in chosen])
    except ActorDataError as error:
        return _refused(error)
    for actor_id in chosen:
        echo(f"{actor_id}: {found[actor_id].name} is in {path} now.", err=True)
    return 0


def _chosen(found: Mapping[str, Candidate], names: Sequence[str]) -> list[str] | None:
    """Return the ids of the candidates that were named, each once; None after saying which is not sure."""
    chosen: dict[str, None] = {}
    for name in names:
        ids = (
            [name] if name in found else [key for key, each in found.items() if fold(each.name) == fold(name)]
        )
        if len(ids) != 1:
            meant = f"may be {' or '.join(ids)}; name it by id" if ids else "is no candidate"
            echo(f"dateline: {name!r} {meant}; see `dateline actors candidates --at-least 1`", err=True)
            return None
        chosen[ids[0]] = None
    return list(chosen)


def _append(path: Path, entries: Sequence[str]) -> None:
    """Put entries at the end of the watch list. Raises ActorDataError, and OSError, and then nothing has changed."""
    path = path.resolve()
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    gap = "" if not before or before.endswith("\n\n") else "\n" if before.endswith("\n") else "\n\n"
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".watch-list-") as folder:
        new = Path(folder) / path.name
        new.write_text(before + gap + "\n".join(entries), encoding="utf-8")
        if path.exists():
            shutil.copymode(path, new)
        load_watched(new)
        new.replace(path)


def check(settings: Settings, *, as_json: bool) -> int:
    """Print how old the leaders' data is, and what is wrong with the data or the watch list. 1 when anything is."""
    problems: tuple[Problem, ...] = ()
    facts: dict[str, Any] = {"watch_list": str(settings.watch_list) if settings.watch_list else None}
    try:
        listed = load_actors().data
        facts |= {
            "as_of": listed.as_of.isoformat(),
            "age_days": (SystemClock().now().date() - listed.as_of).days,
            "people": len(listed.people),
            "organisations": len(listed.organisations),
            "offices": len(listed.offices),
        }
        if settings.watch_list is not None:
            load_watched(settings.watch_list)
    except ActorDataError as error:
        problems = error.problems
    if as_json:
        print_json({**facts, "problems": [asdict(problem) for problem in problems]})
    else:
        _print_check(facts, problems)
    return 1 if problems else 0


def _print_check(facts: Mapping[str, Any], problems: Sequence[Problem]) -> None:
    if "as_of" in facts:
        echo(f"Leaders as of {facts['as_of']}, {facts['age_days']} days ago.")
        echo(f"{facts['people']} people, {facts['organisations']} organisations, {facts['offices']} offices.")
    echo(f"Watch list: {facts['watch_list'] or 'none'}.")
    for problem in problems:
        echo(str(problem), err=True)
