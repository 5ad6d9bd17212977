"""The operator's verbs about one story: where it is, why it stands in its cluster, and taking it out of there."""

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from typer import echo

from services.enrich.cluster_store import RedisClusters
from services.standalone import attach
from services.verbs.operate import print_json
from shared.archive.opening import open_archive
from shared.archive.port import StoryArchive
from shared.events import Cluster, EnrichedStory
from shared.settings import Settings
from shared.trace import Trace
from shared.trace import trace as trace_story


async def trace(settings: Settings, story_id: str, *, as_json: bool) -> int:
    """Print all that is known of a story. 1 when nothing is."""
    async with attach(settings) as here:
        story = await here.archive.get(story_id)
        if story is None:
            found = await trace_story(here.redis, story_id)
            tellings, history = [], []
        else:
            found = await trace_story(
                here.redis, story_id, revision=story.revision, lexicon_version=story.lexicon_version
            )
            tellings = await here.archive.cluster(story.cluster.id)
            history = await here.archive.history(story_id)
    if story is None and not found:
        echo(
            f"dateline: there is no trace of a story {story_id}; `ask --json` and the logs tell ids", err=True
        )
        return 1
    told = trace_dict(story_id, story, found, tellings=tellings, history=history)
    if as_json:
        print_json(told)
    else:
        _print_trace(told)
    return 0


def trace_dict(
    story_id: str,
    story: EnrichedStory | None,
    found: Trace,
    *,
    tellings: list[EnrichedStory],
    history: list[EnrichedStory],
) -> dict[str, Any]:
    """Return a trace for machines.

    ``story`` is null when the story is not in the archive, and ``cluster`` then too. ``tellings`` are the other
    stories of its cluster, each with its own ``cluster``.
    """
    return {
        "story_id": story_id,
        "archived": story is not None,
        "story": _story_dict(story) if story else None,
        "cluster": story.cluster.model_dump(mode="json") if story else None,
        "tellings": [
            {**_story_dict(telling), "cluster": telling.cluster.model_dump(mode="json")}
            for telling in tellings
            if telling.story_id != story_id
        ],
        "history": [_story_dict(replaced) for replaced in history],
        "entries": found.entries,
        "done": list(found.done),
        "dead": [
            {"id": filed.id, "stage": filed.letter.stage, "reason": filed.letter.reason}
            for filed in found.letters
        ],
    }


def _story_dict(story: EnrichedStory) -> dict[str, Any]:
    dated_at, basis = story.dated
    return {
        "story_id": story.story_id,
        "revision": story.revision,
        "headline": story.headline,
        "source": story.source.id,
        "url": story.url,
        "origin": story.origin,
        "dated_at": dated_at.isoformat(),
        "date_basis": basis,
        "first_seen_at": story.first_seen_at.isoformat(),
        "language": story.language,
        "lexicon_version": story.lexicon_version,
        "countries": [f"{tag.code} {tag.role}" for tag in story.countries],
        "regions": [f"{tag.id} {tag.role}" for tag in story.regions],
        "actors": [tag.id or tag.name for tag in story.actors],
    }


def _print_trace(told: dict[str, Any]) -> None:
    console = Console()
    facts = Table(show_header=False, box=None)
    facts.add_column(style="bold")
    facts.add_column(overflow="fold")
    for name, value in (told["story"] or {"story_id": told["story_id"]}).items():
        facts.add_row(
            name.replace("_", " "),
            escape(", ".join(value) if isinstance(value, list) else ("" if value is None else str(value))),
        )
    facts.add_row("archived", "yes" if told["archived"] else "no")
    facts.add_row("passed", escape(", ".join(told["done"]) or "nothing that is remembered"))
    for stream, entries in told["entries"].items():
        facts.add_row(f"on {stream}", ", ".join(entries) or "not any more")
    for letter in told["dead"]:
        facts.add_row("dead letter", escape(f"{letter['id']} at {letter['stage']}: {letter['reason']}"))
    if told["cluster"]:
        facts.add_row("cluster", escape(why(told["cluster"])))
    console.print(facts)
    _print_stories(console, "Other tellings", told["tellings"])
    _print_stories(console, "Replaced revisions", told["history"])


def why(cluster: dict[str, Any]) -> str:
    """Say in a line how a story came into its cluster."""
    said = f"{cluster['id']}: {str(cluster['relation']).replace('_', ' ')}"
    if cluster["matched"]:
        said += f" of {cluster['matched']}, similarity {cluster['similarity']}"
    if cluster["reasons"]:
        said += f" ({'; '.join(cluster['reasons'])})"
    return said


def _print_stories(console: Console, title: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    console.print(f"\n[bold]{title}[/bold]")
    for row in rows:
        reason = why(row["cluster"]) if "cluster" in row else f"revision {row['revision']}"
        console.print(escape(f"  {row['story_id']}  {row['source']}  {row['dated_at'][:16]}"), soft_wrap=True)
        console.print(escape(f"    {row['headline']}\n    {reason}"), soft_wrap=True)


async def split(settings: Settings, story_id: str) -> int:
    """Take a story out of its cluster for good. 1 when that cannot be done; the message says why."""
    async with attach(settings) as here:
        story = await here.archive.get(story_id)
        if story is None:
            echo(
                f"dateline: story {story_id} is not in the archive; see `dateline trace {story_id}`", err=True
            )
            return 1
        if story.cluster.id == story_id:
            return _first_telling(story, await here.archive.cluster(story_id))
        left = story.cluster.id
        alone = await RedisClusters(here.redis).split(story_id)
        # The index remembers a few days; what is older is only moved in the archive.
        cluster = alone or Cluster(id=story_id, related=(left,))
        archive = open_archive(settings)
        try:
            await archive.setup()
            await _move(archive, story_id, cluster)
        finally:
            await archive.close()
    echo(f"{story_id} left the cluster of {left} and has one of its own. Nobody is alerted.", err=True)
    return 0


async def _move(archive: StoryArchive, story_id: str, cluster: Cluster) -> None:
    await archive.recluster(story_id, cluster)
    await archive.refresh()


def _first_telling(story: EnrichedStory, tellings: list[EnrichedStory]) -> int:
    others = [telling.story_id for telling in tellings if telling.story_id != story.story_id]
    if not others:
        echo(f"dateline: {story.story_id} is alone in its cluster already", err=True)
        return 1
    echo(
        f"dateline: {story.story_id} is the first telling of its cluster; split the one that does not belong:"
        f" {', '.join(others)}",
        err=True,
    )
    return 1
