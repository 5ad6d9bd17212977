"""The operator's verb about the archive as a whole."""

from rich.console import Console
from typer import echo

from services.verbs.operate import print_json
from shared.archive.opening import open_archive
from shared.settings import Settings


async def reindex(settings: Settings, *, as_json: bool) -> int:
    """Copy the archive into a new index with today's mapping. The SQLite archive keeps itself up to date."""
    archive = open_archive(settings)
    try:
        from shared.archive.elasticsearch import ElasticsearchArchive

        if not isinstance(archive, ElasticsearchArchive):
            echo("The SQLite archive brings itself up to date; there is nothing to do.", err=True)
            return 0
        await archive.setup()
        with Console(stderr=True).status("Copying; the archive stays in use meanwhile"):
            stories = await archive.reindex()
    finally:
        await archive.close()
    if as_json:
        print_json({"stories": stories})
    else:
        echo(f"The new index holds {stories} stories and is in use. The old one stays until you delete it.")
    return 0
