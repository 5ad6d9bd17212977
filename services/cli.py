"""The console script ``dateline``: every verb, and no logic of its own.

Standard output carries the answer alone; logs and progress go to standard error. Exit codes: 0 all went well,
1 something could not be done (the message says what), 2 the command line is wrong, 3 already running.
"""

from typing import Annotated

import typer

from services import SERVICES
from services.cli_groups import GROUPS, Json
from services.verbs.entry import fail, run, settings_for

app = typer.Typer(
    name="dateline",
    help="A news wire you can talk to. `dateline up --sample` starts everything and opens a chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for _group in GROUPS:
    app.add_typer(_group)


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


def main() -> None:
    """Run the console script."""
    app()
