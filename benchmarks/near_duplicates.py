"""How well and how fast duplicates are found: our decision beside simpler ones, on the same labelled stories.

``--data`` is a folder with ``near-duplicates/`` and ``seeds/``; without it only speed, races and memory are
measured, on made-up stories. Times come from ``published_at`` or ``ts`` of the rows; ``undated`` leaves them out.
Other tools are run from environments of their own under ``--peers FOLDER``; ``--install`` makes those that are missing.
Their threshold is the one that suits the set best, which nobody knows beforehand; ours is the same everywhere.
"""

import argparse
import asyncio
import gc
import itertools
import json
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks._duplicate_index import numbered, server_step
from benchmarks._duplicate_peers import PEERS, install, present, run
from services.enrich.actors import ActorTagger
from services.enrich.comparison import containment, cosine
from services.enrich.countries import PlaceTagger
from services.enrich.duplicates import MemoryClusters
from services.enrich.language import detect_language
from services.enrich.postings import likeliest, posted, probes, story_key
from services.enrich.signatures import Signature, sign
from services.enrich.similarity import compare, evidence
from shared.events import Cluster, EnrichedStory, Source

Row = dict[str, Any]
Pairs = set[tuple[str, str]]
Score = Callable[[Signature, Signature], float]
SOURCE = Source(id="benchmark", name="Benchmark", kind="jsonl")
#: Some of the other tools compare every story with every one before it.
PEER_STORIES = 1_000
NOW = datetime(2025, 3, 14, 18, tzinfo=UTC)


def rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


class Stories:
    """Builds stories from rows, tagged as in service."""

    def __init__(self) -> None:
        self._tagger = PlaceTagger.load()
        self._actors = ActorTagger.load()

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
        day = moment.date() if moment is not None else None
        actors = self._actors.tag(title, text, language=language, at=day)
        return EnrichedStory.model_construct(
            story_id=str(row["id"]), source=SOURCE, title=title, text=text, published_at=moment,
            first_seen_at=moment or NOW, headline="", language=language, countries=places.countries,
            actors=actors, cluster=Cluster(id=str(row["id"])),
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


def f1(true: Pairs, found: Pairs) -> float:
    return 2 * len(true & found) / max(1, len(true) + len(found))


def ours(stories: Sequence[EnrichedStory]) -> dict[str, str]:
    answers = asyncio.run(MemoryClusters().assign_many(stories))
    return {story.story_id: answer.id for story, answer in zip(stories, answers, strict=True)}


def baseline(signed: dict[str, Signature], score: Score, least: float) -> dict[str, str]:
    """Best match above a threshold among the same candidates and window, with one score."""
    postings: dict[int, bytes] = {}
    names: dict[bytes, str] = {}
    homes: dict[str, str] = {}
    for story_id, signature in signed.items():
        key = story_key(story_id)
        wanted = probes(signature)
        best = (least, story_id)
        for _, near in likeliest(wanted, postings, key):
            other = names[near]
            if abs(signed[other].at - signature.at) <= 72 * 3600:
                best = max(best, (score(signature, signed[other]), other))
        homes[story_id] = homes.get(best[1], story_id)
        names[key] = story_id
        for probe in wanted:
            postings[probe.bucket] = posted(probe.tag + key, postings.get(probe.bucket))
    return homes


def best_baseline(signed: dict[str, Signature], score: Score, true: Pairs) -> str:
    """The figures at the threshold that suits the set best, which no deployed system can know."""
    found = {least / 20: together(baseline(signed, score, least / 20)) for least in range(4, 19, 2)}
    best = max(found, key=lambda least: f1(true, found[least]))
    return f"{rates(true, found[best])} at its best threshold {best}"


def beside(folder: Path, stories: Sequence[EnrichedStory], true: Pairs) -> None:
    """Ours and the other tools on the same stories: quality, and the CPU time of everything but tagging."""
    stories = stories[:PEER_STORIES]
    here = {story.story_id for story in stories}
    true = {pair for pair in true if here.issuperset(pair)}
    start = time.process_time()
    homes = ours(stories)
    speed = len(stories) / (time.process_time() - start)
    print(
        f"  of {len(stories)}: Dateline   {rates(true, together(homes))}, {speed:,.0f} stories per CPU-second"
    )
    for name in PEERS:
        if name not in present(folder):
            print(f"  {name}: absent")
            continue
        runs = run(name, folder, stories)
        best = max(runs, key=lambda one: f1(true, together(one.homes)))
        print(
            f"  of {len(stories)}: {name:10} {rates(true, together(best.homes))}, "
            f"{len(stories) / best.seconds:,.0f} stories per CPU-second, threshold {best.threshold}"
        )


def streams(data: Path, make: Stories, peers: Path | None) -> None:
    for name in ("stream_hard_dev", "clusters_xsum_dev", "stream_reuters_syn_dev"):
        labelled = rows(data / "near-duplicates" / f"{name}.jsonl")
        true = together({str(row["id"]): row["cluster"] for row in labelled})
        for dated in (True, False):
            stories = [make.story(row, dated=dated) for row in labelled]
            label = name if dated else f"{name}, undated"
            print(f"{label}: ours {rates(true, together(ours(stories)))}")
            if dated:
                untagged = [story.model_copy(update={"countries": (), "actors": ()}) for story in stories]
                print(f"  without tags {rates(true, together(ours(untagged)))}")
                signed = {story.story_id: sign(story) for story in stories}
                print(f"  TF-IDF cosine {best_baseline(signed, cosine, true)}")
                print(f"  containment {best_baseline(signed, containment, true)}")
                if peers is not None:
                    beside(peers, stories, true)


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
            why = "; ".join(evidence(signed[one], signed[other]))
            print(f"seeds {kind} {one} {other}: {verdict.likeness}, log-odds {odds:+.1f}, {why}")


def wire(data: Path, make: Stories) -> list[EnrichedStory]:
    """Real agency stories."""
    return [make.story(row) for row in rows(data / "near-duplicates" / "stream_reuters_syn_dev.jsonl")]


def speed(stories: Sequence[EnrichedStory]) -> None:
    count = len(stories)
    words = sum(sign(story).words for story in stories)
    start = time.process_time()
    for story in stories:
        sign(story)
    print(f"features: {count / (time.process_time() - start):,.0f} stories per CPU-second")
    start = time.process_time()
    asyncio.run(MemoryClusters().assign_many(stories))
    print(
        f"features, lookup and decision in memory: {count / (time.process_time() - start):,.0f} per CPU-second"
    )
    print(f"words a story: {words / count:.0f}")


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--peers", type=Path, help="folder of the other tools' environments")
    parser.add_argument("--install", action="store_true", help="make the environments that are missing")
    parser.add_argument("--stories", type=int, default=100_000, help="made-up stories for the memory")
    parser.add_argument("--batch", type=int, default=100)
    options = parser.parse_args(list(arguments) if arguments is not None else None)
    if options.install and options.peers:
        install(options.peers)
    if options.data is None:
        print("quality: not measured, no --data given")
    else:
        make = Stories()
        streams(options.data, make, options.peers)
        russian_pairs(options.data, make)
        seeds(options.data, make)
    stories = numbered(0, 5_000) if options.data is None else wire(options.data, Stories())
    # As the services do once they are ready: what is loaded for good is no work for the garbage collector.
    gc.collect()
    gc.freeze()
    speed(stories)
    asyncio.run(server_step(stories, options.stories, options.batch))


if __name__ == "__main__":
    main()
