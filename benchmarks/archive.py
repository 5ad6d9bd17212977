"""What the archives cost: storing, against the bare store on the same disk or server, and the reads of the bot.

The bare SQLite is a table of JSON without any index beside the id, the bare Elasticsearch the same index written by
plain HTTP. Elasticsearch takes part when DATELINE_TEST_ELASTICSEARCH names a server. Bare and ours take turns, so
that a warming server or a busy machine is as kind to one as to the other; the ratio is what counts.
"""

import argparse
import asyncio
import contextlib
import http.client
import os
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from benchmarks.stories import varied
from shared.archive.document import Document
from shared.archive.elasticsearch import ElasticsearchArchive
from shared.archive.port import Filter, StoryArchive
from shared.archive.sqlite import SqliteArchive
from shared.events import Cluster, CountryTag, EnrichedStory

BATCH = 500
CODES = ("KZ", "NO", "PE", "KE", "JP", "BR", "PL", "VN", "EG", "CA", "GE")
#: Of so many stories one tells again what the one before the last told, with another country.
RETOLD = 4
Batch = Sequence[EnrichedStory]


def stories(first: int, count: int) -> list[EnrichedStory]:
    """Return enriched stories, a minute apart, a quarter of them later tellings."""
    made = []
    for number in range(first, first + count):
        raw = varied(number)
        cluster = Cluster(id=raw.story_id)
        if number % RETOLD == RETOLD - 1:
            cluster = Cluster(id=varied(number - 2).story_id, relation="same_report")
        tags = [CountryTag(code=CODES[number % len(CODES)], role="subject", salience=1.0)]
        facts = raw.model_dump() | {"first_seen_at": raw.first_seen_at + timedelta(minutes=number)}
        facts |= {
            "headline": raw.title,
            "countries": tags,
            "cluster": cluster,
            "language": "en",
        }
        made.append(EnrichedStory.model_validate(facts))
    return made


async def storing(
    name: str,
    batches: Sequence[Batch],
    bare: Callable[[Batch], float],
    put: Callable[[Batch], Awaitable[object]],
) -> None:
    """Print how fast batches are stored by the bare store (which says its own seconds) and through the archive."""
    alone = through = 0.0
    for batch in batches:
        alone += bare(batch)
        began = time.perf_counter()
        await put(batch)
        through += time.perf_counter() - began
    count = sum(map(len, batches))
    print(
        f"{name:14} put  {count / through:8.0f} stories/s   bare {count / alone:8.0f} /s   {alone / through:5.0%}"
    )


async def reading(name: str, archive: StoryArchive, repeats: int = 30) -> None:
    """Print the median time of the reads that the bot asks for."""
    country = Filter(countries=["KZ"])
    asked: dict[str, Callable[[], Awaitable[object]]] = {
        "get": lambda: archive.get("story-00000007"),
        "latest": lambda: archive.latest(Filter()),
        "latest on a country": lambda: archive.latest(country),
        "latest on ten": lambda: archive.latest(Filter(countries=CODES[:10])),
        "a page, collapsed": lambda: archive.latest(country, limit=50),
        "search, two words": lambda: archive.search("navy suspended", Filter()),
        "search, a rare word": lambda: archive.search("bakila*", Filter()),
        "search in a country": lambda: archive.search("navy", country),
        "search by relevance": lambda: archive.search("navy suspended", Filter(), order="relevance"),
        "total on a country": lambda: archive.total(country, collapse=True),
        "counts by day": lambda: archive.counts(country, "day"),
        "counts by country": lambda: archive.counts(Filter(), "country"),
        "counts of ten": lambda: archive.counts(Filter(countries=CODES[:10]), "country"),
    }
    for what, ask in asked.items():
        times = []
        for _ in range(repeats):
            began = time.perf_counter()
            await ask()
            times.append(time.perf_counter() - began)
        print(f"{name:14} {what:22} {statistics.median(times) * 1000:8.2f} ms")


async def measure_sqlite(batches: Sequence[Batch], folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE story(id TEXT PRIMARY KEY, body TEXT)")

        def bare(batch: Batch) -> float:
            rows = [(story.story_id, story.model_dump_json()) for story in batch]
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO story VALUES (?, ?)", rows)
            connection.execute("COMMIT")
            return time.perf_counter() - began

        archive = SqliteArchive(folder / "archive.db")
        await archive.setup()
        try:
            await storing("sqlite", batches, bare, archive.put)
            await reading("sqlite", archive)
        finally:
            await archive.close()


async def measure_elasticsearch(batches: Sequence[Batch], url: str) -> None:
    alias, place = f"bench-{uuid.uuid4().hex[:8]}", urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "127.0.0.1", place.port or 9200)
    archive, other = ElasticsearchArchive(url, alias=alias), ElasticsearchArchive(url, alias=f"{alias}-bare")
    await archive.setup()
    await other.setup()

    def bare(batch: Batch) -> float:
        lines = []
        for story in batch:
            document = Document.of(story)
            rest = orjson.Fragment(document.rest)
            fields = {"story_id": story.story_id, "dated_at": document.dated_at, "cluster": document.cluster}
            fields |= {
                "title": story.title,
                "text": story.text,
                "rest": rest,
                "country": [story.countries[0].code],
            }
            lines += [orjson.dumps({"index": {"_id": story.story_id}}), orjson.dumps(fields)]
        body = b"\n".join(lines) + b"\n"
        began = time.perf_counter()
        connection.request("POST", f"/{alias}-bare/_bulk", body, {"Content-Type": "application/x-ndjson"})
        reply = orjson.loads(connection.getresponse().read())
        took = time.perf_counter() - began
        if reply.get("errors", True):
            raise SystemExit(f"the bare bulk request failed: {str(reply)[:300]}")
        return took

    try:
        await storing("elasticsearch", batches, bare, archive.put)
        await archive.refresh()
        await reading("elasticsearch", archive)
    finally:
        await archive.close()
        await other.close()
        indices = ",".join(f"{name}-v1" for name in (alias, f"{alias}-history", f"{alias}-bare"))
        connection.request("DELETE", f"/{indices},{alias}-bare-history-v1?ignore_unavailable=true")
        connection.getresponse().read()
        connection.close()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=10_000)
    count = parser.parse_args().stories
    batches = [stories(first, min(BATCH, count - first)) for first in range(0, count, BATCH)]
    print(f"{count} stories of about 1 kB, batches of {BATCH}; reads are medians over 30")
    with tempfile.TemporaryDirectory() as folder:
        await measure_sqlite(batches, Path(folder))
    if url := os.environ.get("DATELINE_TEST_ELASTICSEARCH"):
        await measure_elasticsearch(batches, url)
    else:
        print("elasticsearch  not measured: DATELINE_TEST_ELASTICSEARCH is not set")


if __name__ == "__main__":
    asyncio.run(main())
