"""The verbs of the console script that come in groups: ``dateline dead list`` and so on. No logic, as in ``cli``."""

from pathlib import Path
from typing import Annotated

import typer

from services.verbs.entry import fail, run, settings_for

Json = Annotated[bool, typer.Option("--json", help="Answer as JSON, for machines.")]

dead_app = typer.Typer(
    name="dead", help="Look at, replay or drop the stories that could not be handled.", no_args_is_help=True
)
sources_app = typer.Typer(
    name="sources", help="Check the file of sources, and see how each source is doing.", no_args_is_help=True
)
actors_app = typer.Typer(
    name="actors",
    help="Find unlisted actors, take them into the watch list, check the data.",
    no_args_is_help=True,
)
archive_app = typer.Typer(name="archive", help="Look after the archive as a whole.", no_args_is_help=True)
dev_app = typer.Typer(name="dev", help="Work on Dateline itself, from a checkout.", no_args_is_help=True)

follows_app = typer.Typer(
    name="follows",
    help="Keep a copy of what all readers follow and chose, or take one in.",
    no_args_is_help=True,
)
review_app = typer.Typer(
    name="review", help="Look at the stories that readers say are not about a place.", no_args_is_help=True
)

#: Every group, in the order that `dateline --help` lists them.
GROUPS = (dead_app, sources_app, actors_app, archive_app, follows_app, review_app, dev_app)


@archive_app.command("reindex")
def archive_reindex(as_json: Json = False) -> None:
    """Copy the Elasticsearch archive into a new index with today's mapping; it stays in use all the while."""
    from services.verbs import archive

    run(archive.reindex(settings_for(quiet=True), as_json=as_json))


@sources_app.command("check")
def sources_check(
    file: Annotated[
        Path | None, typer.Argument(help="The file; without it the one that ingest would read.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Validate a file of sources and list what it holds. 2 when it is faulty."""
    from services.verbs import operate

    run(operate.check_sources(settings_for(quiet=True), file, as_json=as_json))


@sources_app.command("list")
def sources_list(as_json: Json = False) -> None:
    """Show how each source is doing: when it was last fetched, its failures, when it is due."""
    from services.verbs import operate

    run(operate.list_sources(settings_for(quiet=True), as_json=as_json))


@dead_app.command("list")
def dead_list(
    as_json: Json = False,
    limit: Annotated[int, typer.Option(min=1, help="The most to show, the oldest first.")] = 100,
) -> None:
    """List the dead letters with their reasons."""
    from services.verbs import operate

    run(operate.list_dead(settings_for(quiet=True), as_json=as_json, limit=limit))


@dead_app.command("show")
def dead_show(letter_id: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False) -> None:
    """Show one dead letter whole, with the original body."""
    from services.verbs import operate

    run(operate.show_dead(settings_for(quiet=True), letter_id, as_json=as_json))


@dead_app.command("replay")
def dead_replay(
    letter_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every dead letter.")] = False,
    as_json: Json = False,
) -> None:
    """Put dead letters back on the stream they came from, to be tried anew."""
    from services.verbs import operate

    named = _named(letter_ids, everything)
    run(operate.move_dead(settings_for(quiet=True), named, drop=False, as_json=as_json))


@dead_app.command("drop")
def dead_drop(
    letter_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every dead letter.")] = False,
    as_json: Json = False,
) -> None:
    """Delete dead letters for good; conservation counts their stories as rejected."""
    from services.verbs import operate

    named = _named(letter_ids, everything)
    run(operate.move_dead(settings_for(quiet=True), named, drop=True, as_json=as_json))


def _named(letter_ids: list[str] | None, everything: bool) -> list[str] | None:
    """Return the letters that are meant; None for all, which has to be said."""
    if bool(letter_ids) == everything:
        fail("name dead letters by id (see `dateline dead list`), or say --all", 2)
    return letter_ids or None


@actors_app.command("candidates")
def actors_candidates(
    as_json: Json = False,
    at_least: Annotated[int, typer.Option(min=1, help="In how many stories of their own.")] = 2,
) -> None:
    """Show who is named in several of the newest 20,000 stories and listed nowhere. One event counts once."""
    from services.verbs import actors

    run(actors.candidates(settings_for(quiet=True), as_json=as_json, at_least=at_least))


@actors_app.command("approve")
def actors_approve(
    names: Annotated[list[str], typer.Argument(metavar="NAME|ID...", help="Candidates, by name or id.")],
) -> None:
    """Append candidates to the watch list (DATELINE_WATCH_LIST), all of them or, when one is faulty, none."""
    from services.verbs import actors

    run(actors.approve(settings_for(quiet=True), names))


@actors_app.command("check")
def actors_check(as_json: Json = False) -> None:
    """Tell how old the data about leaders is, and each fault of it and of the watch list; 1 when there is one."""
    from services.verbs import actors

    raise typer.Exit(actors.check(settings_for(quiet=True), as_json=as_json))


@dev_app.command("botapi")
def dev_botapi(
    port: Annotated[int, typer.Option(min=0, help="Where to listen; 0 takes any free one.")] = 8081,
    limits: Annotated[bool, typer.Option("--limits", help="Answer 429 as Telegram does.")] = False,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Run a Telegram of your own: a page to chat with the bot in a browser, and the settings that lead a bot to it."""
    from services.verbs import dev

    options = [name for name, wanted in (("--limits", limits), ("--open", open_page)) if wanted]
    dev.botapi(["--port", str(port), *options])


@follows_app.command("export")
def follows_export(
    file: Annotated[Path, typer.Argument(help="Where to write it; - for standard output.")],
    as_json: Json = False,
) -> None:
    """Write every reader's follows, settings and suspension as JSON lines, one reader a line."""
    from services.verbs import recipients

    run(recipients.export_follows(settings_for(quiet=True), file, as_json=as_json))


@follows_app.command("restore")
def follows_restore(
    file: Annotated[Path, typer.Argument(help="A file of `dateline follows export`; - for standard input.")],
    as_json: Json = False,
) -> None:
    """Take a copy in, under whatever bot runs here. What is there already stays; doing it twice changes nothing.

    Telegram lets a new bot write to nobody who has not pressed Start: such readers are suspended at the first try and
    resume with all their follows once they do.
    """
    from services.verbs import recipients

    run(recipients.restore_follows(settings_for(quiet=True), file, as_json=as_json))


@review_app.command("list")
def review_list(
    as_json: Json = False,
    resolved: Annotated[bool, typer.Option("--resolved", help="Those that are closed instead.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="The most to show, the most objected to first.")] = 100,
) -> None:
    """List the stories that readers say are not about a place, with the words that the tag rests on."""
    from services.verbs import recipients

    run(recipients.list_reviews(settings_for(quiet=True), as_json=as_json, resolved=resolved, limit=limit))


@review_app.command("resolve")
def review_resolve(
    review_ids: Annotated[list[str], typer.Argument(metavar="ID...")],
    note: Annotated[str, typer.Option(help="What was decided.")] = "",
    as_json: Json = False,
) -> None:
    """Close entries of the list."""
    from services.verbs import recipients

    run(recipients.resolve_reviews(settings_for(quiet=True), review_ids, note, as_json=as_json))
