"""Which archive the environment asks for: Elasticsearch where one is named, else SQLite in the data folder."""

from shared.archive.port import StoryArchive
from shared.settings import Settings, reveal


def open_archive(settings: Settings, *, read_only: bool = False) -> StoryArchive:
    """Return the archive, not yet set up. ``read_only`` is for every process but the one that runs index."""
    # The adapters are imported here, so that an embedded process does not load the Elasticsearch client.
    if url := reveal(settings.elasticsearch_url):
        from shared.archive.elasticsearch import ElasticsearchArchive

        return ElasticsearchArchive(url, api_key=reveal(settings.elasticsearch_api_key))
    from shared.archive.sqlite import SqliteArchive

    settings.home.mkdir(parents=True, exist_ok=True)
    return SqliteArchive(settings.home / "archive.sqlite", read_only=read_only)
