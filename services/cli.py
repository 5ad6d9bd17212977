"""The console script ``dateline``: every verb, and no logic of its own.

Standard output carries the answer alone; logs and progress go to standard error. Exit codes: 0 all went well,
1 something could not be done (the message says what), 2 the command line is wrong, 3 already running.
"""

from pathlib import Path
from typing import Annotated

import typer

from services import SERVICES
from services.verbs.entry import fail, run, settings_for

app = typer.Typer(
    name="dateline",
    help="A news wire you can talk to. `dateline up --sample` starts everything and opens a chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
dead_app = typer.Typer(
    help="Look at, replay or drop the stories that could not be handled.", no_args_is_help=True
)
sources_app = typer.Typer(
    help="Check the file of sources, and see how each source is doing.", no_args_is_help=True
)
actors_app = typer.Typer(
    help="Find unlisted actors, take them into the watch list, check the data.", no_args_is_help=True
)
app.add_typer(dead_app, name="dead")
app.add_typer(sources_app, name="sources")
app.add_typer(actors_app, name="actors")

Json = Annotated[bool, typer.Option("--json", help="Answer as JSON, for machines.")]


@app.command()
def up(
    sample: Annotated[
        bool, typer.Option("--sample", help="First take in the stories that come with Dateline.")
    ] = False,
    console: Annotated[
        bool,
        typer.Option("--console/--no-console", help="Open a chat here, or run as a service until SIGTERM."),
    ] = True,
) -> None:
    """Run everything in this process, on embedded parts unless the environment names servers.

    With a terminal you get a chat; piped questions are answered line by line, then everything stops.
    With DATELINE_TELEGRAM_TOKEN set the Telegram bot runs too.
    """
    from services.verbs import serve

    run(serve.up(settings_for(quiet=console), sample=sample, console=console))


@app.command("run")
def run_service(
    service: Annotated[str, typer.Argument(help="One of: " + ", ".join(SERVICES) + ".")],
) -> None:
    """Run one service as its own process, as often as you like, on the servers that the environment names."""
    from services.verbs import serve

    if service not in SERVICES:
        fail(f"there is no service {service!r}; the services are {', '.join(SERVICES)}", 2)
    run(serve.run_service(settings_for(quiet=False), service))


@app.command()
def chat(
    who: Annotated[str, typer.Option(help="Whose follows and alerts to use.")] = "me",
    script: Annotated[bool, typer.Option("--script", help="JSON lines in and out, for programs.")] = False,
) -> None:
    """Chat with the instance that runs, or with the archive alone when none does."""
    from services.verbs import converse

    run(converse.chat(settings_for(quiet=True), who=who, script=script))


@app.command()
def ask(
    question: Annotated[list[str], typer.Argument(help='For example: "latest on Kazakhstan".')],
    as_json: Json = False,
    who: Annotated[str, typer.Option(help="Whose follows to use.")] = "me",
) -> None:
    """Ask one question and print the answer."""
    from services.verbs import converse

    run(converse.ask(settings_for(quiet=True), " ".join(question), as_json=as_json, who=who))


@app.command()
def ingest(
    targets: Annotated[
        list[str], typer.Argument(help="Files or addresses: feeds, heading pages, text, JSONL.")
    ],
    as_json: Json = False,
    backfill: Annotated[
        bool, typer.Option("--backfill", help="Old news: store it and alert nobody.")
    ] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Also fetch from this machine and private networks.")
    ] = False,
) -> None:
    """Take files or addresses in once, see their stories into the archive, and tell what became of each.

    With --json the last line of standard output is one JSON object. The exit code is 1 when a target could not
    be read.
    """
    from services.verbs import intake

    settings = settings_for(quiet=True)
    run(intake.ingest(settings, targets, as_json=as_json, backfill=backfill, allow_private=allow_private))


@app.command()
def enrich(
    source: Annotated[str, typer.Argument(metavar="FILE|-", help="JSON lines; - for standard input.")],
    explain: Annotated[
        bool, typer.Option("--explain", help="Show each text with its evidence marked.")
    ] = False,
) -> None:
    """Tag stories without any server: JSON lines {id, title?, text, url?, published_at?} in, enriched lines out.

    Lines come out in the order read, with the caller's id. A line that is no story is named on standard error, and
    the exit code is then 1. DATELINE_WATCH_LIST adds and suppresses actors; a faulty one is refused.
    """
    from services.verbs import intake

    raise typer.Exit(intake.enrich(settings_for(quiet=True), source, explain=explain))


@app.command()
def status(as_json: Json = False) -> None:
    """Show each stage's lag and pending entries, the dead letters, and what became of every source's stories."""
    from services.verbs import operate

    run(operate.status(settings_for(quiet=True), as_json=as_json))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Look the installation over: servers, files, tokens, clocks; each with what to do. 1 when there is a fault."""
    from services.verbs import doctor as examination

    run(examination.doctor(settings_for(quiet=True), as_json=as_json))


@app.command()
def trace(story_id: Annotated[str, typer.Argument(metavar="STORY")], as_json: Json = False) -> None:
    """Show where a story is and has been, what it replaced, and why it stands with the other tellings it does.

    STORY is a story's id, as `ask --json`, /story and the logs tell it. The exit code is 1 when nothing is known.
    """
    from services.verbs import trace as tracing

    run(tracing.trace(settings_for(quiet=True), story_id, as_json=as_json))


@app.command()
def split(story_id: Annotated[str, typer.Argument(metavar="STORY")]) -> None:
    """Take a story out of a cluster that it does not belong to, for good. It becomes the first of its own.

    Later tellings may join it. Nobody is alerted by it. `dateline trace STORY` shows why it was joined.
    """
    from services.verbs import trace as tracing

    run(tracing.split(settings_for(quiet=True), story_id))


@app.command()
def setup() -> None:
    """Create the streams, their groups and the archive's index, and leave. May be run any number of times."""
    from services.verbs import serve

    run(serve.setup(settings_for(quiet=False)))


@sources_app.command("check")
def sources_check(
    file: Annotated[
        Path | None, typer.Argument(help="The file; without it the one that ingest would read.")
    ] = None,
) -> None:
    """Validate a file of sources and list what it holds."""
    from services.verbs import operate

    run(operate.check_sources(settings_for(quiet=True), file))


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
) -> None:
    """Put dead letters back on the stream they came from, to be tried anew."""
    from services.verbs import operate

    if bool(letter_ids) == everything:
        fail("name dead letters by id (see `dateline dead list`), or say --all", 2)
    run(operate.move_dead(settings_for(quiet=True), letter_ids or None, drop=False))


@dead_app.command("drop")
def dead_drop(
    letter_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every dead letter.")] = False,
) -> None:
    """Delete dead letters for good; conservation counts their stories as rejected."""
    from services.verbs import operate

    if bool(letter_ids) == everything:
        fail("name dead letters by id (see `dateline dead list`), or say --all", 2)
    run(operate.move_dead(settings_for(quiet=True), letter_ids or None, drop=True))


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


def main() -> None:
    """Run the console script."""
    app()
