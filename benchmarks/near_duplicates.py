"""How well and how fast duplicates are found: our decision beside simpler ones, on the same labelled stories.

``--data`` is a folder with ``near-duplicates/`` and ``seeds/``; without it only speed, races and memory are
measured, on made-up stories. Times come from ``published_at`` or ``ts`` of the rows; ``undated`` leaves them out.
"""

import argparse
import asyncio
import itertools
import json
import math
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from benchmarks.stories import varied
from services.enrich.cluster_store import RedisClusters
from services.enrich.comparison import containment
from services.enrich.countries import PlaceTagger
from services.enrich.duplicates import MemoryClusters, likeliest, probes, story_key
from services.enrich.language import detect_language
from services.enrich.signatures import UNIT, Signature, sign
from services.enrich.similarity import compare
from shared.embedded import EmbeddedServer
from shared.events import Cluster, EnrichedStory, Source

Row = dict[str, Any]
Pairs = set[tuple[str, str]]
Score = Callable[[Signature, Signature], float]
SOURCE = Source(id="benchmark", name="Benchmark", kind="jsonl")
NOW = datetime(2025, 3, 14, 18, tzinfo=UTC)


def rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


class Stories:
    """Builds stories from rows, tagged as in service."""

    def __init__(self) -> None:
        self._tagger = PlaceTagger.load()

    def story(self, row: Row, *, dated: bool = True) -> EnrichedStory:
        """The tagged story of a row; ``dated`` False leaves out when it was published."""
        title, text, when = row.get("title") or None, row["text"], row.get("published_at", row.get("ts"))
        moment = None
        if dated and when is not None:
            moment = (
                datetime.fromtimestamp(when, UTC)
                if isinstance(when, int | float)
                else datetime.fromisoformat(when)
            )
        language = detect_language(f"{title or ''}\n{text}")
        places = self._tagger.tag(title, text, language=language, source_country=None)
        return EnrichedStory.model_construct(
            story_id=str(row["id"]), source=SOURCE, title=title, text=text, published_at=moment,
            first_seen_at=moment or NOW, headline="", language=language, countries=places.countries,
            cluster=Cluster(id=str(row["id"])),
        )  # fmt: skip


def together(homes: dict[str, str]) -> Pairs:
    groups = defaultdict(list)
    for story_id, home in homes.items():
        groups[home].append(story_id)
    return {pair for group in groups.values() for pair in itertools.combinations(sorted(group), 2)}


def rates(true: Pairs, found: Pairs) -> str:
    hits = len(true & found)
    precision, recall = hits / max(1, len(found)), hits / max(1, len(true))
    return f"P {precision:.3f} R {recall:.3f} F1 {2 * precision * recall / max(1e-9, precision + recall):.3f}"


def ours(stories: Sequence[EnrichedStory]) -> dict[str, str]:
    answers = asyncio.run(MemoryClusters().assign_many(stories))
    return {story.story_id: answer.id for story, answer in zip(stories, answers, strict=True)}


def cosine(one: Signature, other: Signature) -> float:
    return sum(weight * other.terms.get(term, 0) for term, weight in one.terms.items()) / UNIT**2


def baseline(signed: dict[str, Signature], score: Score, least: float) -> dict[str, str]:
    """Best match above a threshold among the same candidates and window, with one score."""
    postings: dict[int, list[int]] = defaultdict(list)
    names, homes = {}, {}
    for story_id, signature in signed.items():
        key = story_key(story_id)
        wanted = probes(signature, key)
        best = (least, story_id)
        for _, near in likeliest(wanted, postings, key):
            other = names[near]
            if abs(signed[other].at - signature.at) <= 72 * 3600:
                best = max(best, (score(signature, signed[other]), other))
        homes[story_id] = homes.get(best[1], story_id)
        names[key] = story_id
        for probe in wanted:
            postings[probe.bucket].insert(0, probe.entry)
    return homes


def best_baseline(signed: dict[str, Signature], score: Score, true: Pairs) -> str:
    """The figures at the threshold that suits the set best, which no deployed system can know."""
    found = {least / 20: together(baseline(signed, score, least / 20)) for least in range(4, 19, 2)}
    best = max(found, key=lambda least: len(true & found[least]) / (len(true) + len(found[least])))
    return f"{rates(true, found[best])} at its best threshold {best}"


def streams(data: Path, make: Stories) -> None:
    for name in ("stream_hard_dev", "clusters_xsum_dev", "stream_reuters_syn_dev"):
        labelled = rows(data / "near-duplicates" / f"{name}.jsonl")
        true = together({str(row["id"]): row["cluster"] for row in labelled})
        for dated in (True, False):
            stories = [make.story(row, dated=dated) for row in labelled]
            label = name if dated else f"{name}, undated"
            print(f"{label}: ours {rates(true, together(ours(stories)))}")
            if dated:
                untagged = [story.model_copy(update={"countries": ()}) for story in stories]
                print(f"  without place tags {rates(true, together(ours(untagged)))}")
                signed = {story.story_id: sign(story) for story in stories}
                print(f"  TF-IDF cosine {best_baseline(signed, cosine, true)}")
                print(f"  containment {best_baseline(signed, containment, true)}")


def russian_pairs(data: Path, make: Stories) -> None:
    labelled = rows(data / "near-duplicates" / "pairs_tg_ru_dev.jsonl")
    stories = [
        make.story({"id": f"{n}-{half}", "text": row[half]})
        for n, row in enumerate(labelled)
        for half in "ab"
    ]
    homes = ours(stories)
    true = {(f"{n}-a", f"{n}-b") for n, row in enumerate(labelled) if row["label"]}
    found = {(f"{n}-a", f"{n}-b") for n in range(len(labelled)) if homes[f"{n}-a"] == homes[f"{n}-b"]}
    print(f"pairs_tg_ru_dev: ours {rates(true, found)}")


def seeds(data: Path, make: Stories) -> None:
    (path,) = (data / "seeds").glob("000_*.txt")
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    signed = {
        f"S{n:02}": sign(make.story({"id": f"S{n:02}", "text": line})) for n, line in enumerate(lines, 1)
    }
    wanted = json.loads((data / "seeds" / "near-duplicates.json").read_text(encoding="utf-8"))
    for kind in ("same_report", "never_same"):
        for one, other in wanted[kind]:
            verdict = compare(signed[one], signed[other])
            odds = math.log(max(1e-6, verdict.score) / max(1e-6, 1 - verdict.score))
            print(
                f"seeds {kind} {one} {other}: {verdict.likeness}, log-odds {odds:+.1f}, {'; '.join(verdict.reasons)}"
            )


def numbered(count: int) -> list[EnrichedStory]:
    """Made-up stories, no two alike, an hour's worth."""
    return [
        EnrichedStory.model_construct(**dict(raw), headline="", cluster=Cluster(id=raw.story_id))
        for raw in map(varied, range(count))
    ]


def wire(data: Path, make: Stories) -> list[EnrichedStory]:
    """Real agency stories."""
    return [make.story(row) for row in rows(data / "near-duplicates" / "stream_reuters_syn_dev.jsonl")]


def speed(stories: Sequence[EnrichedStory]) -> None:
    count = len(stories)
    for story in stories[:2_000]:
        sign(story)
    start = time.process_time()
    signed = [sign(story) for story in stories]
    print(f"features: {count / (time.process_time() - start):,.0f} stories per CPU-second")
    start = time.process_time()
    asyncio.run(MemoryClusters().assign_many(stories))
    print(
        f"features, lookup and decision in memory: {count / (time.process_time() - start):,.0f} per CPU-second"
    )
    print(f"words a story: {sum(one.words for one in signed) / count:.0f}")


async def server_step(stories: Sequence[EnrichedStory], count: int, batch: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        server = EmbeddedServer(Path(home))
        await server.start()
        async with Redis.from_url(server.url) as redis:
            await measure_server(redis, stories, batch)
        await races(server.url)
        async with Redis.from_url(server.url) as redis:
            print(
                f"index of {count:,} made-up stories: {await bytes_a_story(redis, count):,.0f} bytes a story"
            )
        await server.stop()


async def measure_server(redis: Redis, stories: Sequence[EnrichedStory], batch: int) -> None:
    index, count = RedisClusters(redis), len(stories)
    start = time.process_time()
    for story in stories:
        sign(story)
    features = time.process_time() - start
    wall, cpu = time.perf_counter(), time.process_time()
    first = await in_batches(index, stories, batch)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"server step, one worker, batches of {batch}: {count / wall:,.0f} stories/s with features, "
        f"{count / max(1e-9, wall - features):,.0f} without; {count / cpu:,.0f} per CPU-second of the worker"
    )
    again = await in_batches(index, stories, batch) + await in_batches(index, stories, batch)
    print(
        f"redelivered {len(again):,}: {sum(a != b for a, b in zip(first * 2, again, strict=True))} answers changed"
    )


async def bytes_a_story(redis: Redis, count: int) -> float:
    """What one more story takes on the server, once its buckets are in use."""
    index, before = RedisClusters(redis), int((await redis.info("memory"))["used_memory"])
    await in_batches(index, numbered(count), 100)
    return (int((await redis.info("memory"))["used_memory"]) - before) / count


async def in_batches(index: RedisClusters, stories: Sequence[EnrichedStory], size: int) -> list[Cluster]:
    answers = []
    for start in range(0, len(stories), size):
        answers += await index.assign_many(stories[start : start + size])
    return answers


async def races(url: str, rounds: int = 600) -> None:
    clients = [Redis.from_url(url) for _ in range(4)]
    indexes = [RedisClusters(client) for client in clients]
    split = 0
    for number, story in enumerate(numbered(rounds)):
        copies = [story.model_copy(update={"story_id": f"race-{number}-{worker}"}) for worker in range(4)]
        answers = await asyncio.gather(
            *(index.assign(copy) for index, copy in zip(indexes, copies, strict=True))
        )
        split += len({answer.id for answer in answers}) > 1
    print(f"{rounds} times four simultaneous copies at four workers: {split} splits")
    for client in clients:
        await client.aclose()


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--stories", type=int, default=10_000, help="made-up stories for the memory")
    parser.add_argument("--batch", type=int, default=100)
    options = parser.parse_args(list(arguments) if arguments is not None else None)
    if options.data is None:
        print("quality: not measured, no --data given")
    else:
        make = Stories()
        streams(options.data, make)
        russian_pairs(options.data, make)
        seeds(options.data, make)
    stories = numbered(5_000) if options.data is None else wire(options.data, Stories())
    speed(stories)
    asyncio.run(server_step(stories, options.stories, options.batch))


if __name__ == "__main__":
    main()
