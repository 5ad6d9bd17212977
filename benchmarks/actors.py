"""Who is in the story: quality and speed of the actor step, beside capitalised sequences taken at their word.

The baseline calls two or three capitalised words in a row a person, and longer rows and capitals an organisation.
The labelled stories are no part of the repository: ``--data FOLDER`` says where they are, and where there are none
only the speed is measured, on made-up stories. Speeds are stories per second of CPU time.
"""

import argparse
import asyncio
import importlib.util
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil

from benchmarks.stories import varied
from services.enrich.app import tagger_loader
from services.ingest.admission import Door
from shared.embedded import EmbeddedServer
from shared.service import connect
from shared.topology import ENRICHED, STAGES, ensure_groups

Story = dict[str, Any]
Tagged = dict[str, list[dict[str, Any]]]

_RUN = re.compile(r"\b[A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*)*")
_PASSES = 20
#: After how many stories the process is weighed.
_LOADS = (1_000, 3_000)
MADE_UP = [
    "Mayor Marat Iskakov opened the Aral Bridge with Emmanuel Macron. Iskakov thanked the World Bank for its loan. "
    "The Committee of Roads in Tashkent said that traffic would double within a year, and Gulnara Isakova, 34, who "
    "drives a bus, hopes so too."
] * 23


def capitalised(text: str) -> list[dict[str, Any]]:
    """Tag every capitalised sequence."""
    found = {}
    for run in _RUN.findall(text):
        words = run.split()
        if len(words) > 1 or (run.isupper() and len(run) > 1):
            found[run] = {
                "name": run,
                "kind": "person" if 1 < len(words) <= 3 else "organisation",
                "evidence": [],
            }
    return list(found.values())


def measured(
    stories: list[Story], tag: Callable[[str], list[dict[str, Any]]]
) -> tuple[dict[str, Tagged], float]:
    """Return the tags by story id, and stories per CPU second after one pass to warm up."""
    results = {str(story["id"]): {"actors": tag(story["text"])} for story in stories}
    passes = max(1, _PASSES * 23 // len(stories))
    start = time.process_time()
    for _ in range(passes):
        for story in stories:
            tag(story["text"])
    return results, passes * len(stories) / (time.process_time() - start)


def ruler(folder: Path) -> ModuleType | None:
    """Load the scorer that lies with the labelled stories."""
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    if spec is None or spec.loader is None or not (folder / "score.py").exists():
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def labelled(folder: Path) -> Iterator[tuple[str, list[Story]]]:
    for name in ("seeds/labels.jsonl", "actors/wikigold.jsonl"):
        path = folder / name
        if path.exists():
            with path.open(encoding="utf-8") as lines:
                yield name, [json.loads(line) for line in lines]


def held(process: int) -> str:
    """Return what a process holds of memory: all that is resident, and how much of that is not shared."""
    said = psutil.Process(process).memory_full_info()
    return f"{said.rss / 1e6:.0f} MB resident, {said.uss / 1e6:.0f} MB its own"


async def enrich_process() -> list[str]:
    """Run enrich as its own process over stories, and return what it holds when ready and after so many of them."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder))
        await server.start()
        env = {
            **os.environ,
            "DATELINE_REDIS_URL": server.url,
            "DATELINE_HTTP_PORT": "0",
            "DATELINE_LOG_LEVEL": "ERROR",
        }
        dateline = str(Path(sys.executable).with_name("dateline"))
        async with connect(server.url) as redis:
            await ensure_groups(redis)
            enrich = subprocess.Popen([dateline, "run", "enrich"], env=env)
            stream, group = STAGES["enrich"]
            while not await redis.xinfo_consumers(stream.name, group):
                await asyncio.sleep(0.1)
            lines = [f"when ready: {held(enrich.pid)}"]
            door, done = Door(redis, high_water=10**9), 0
            for stories in _LOADS:
                told = [varied(number) for number in range(done, stories)]
                await door([(story, story.text) for story in told])
                while await redis.xlen(ENRICHED.name) < stories:
                    await asyncio.sleep(0.1)
                lines.append(f"after {stories:,} stories: {held(enrich.pid)}")
                done = stories
            enrich.terminate()
            enrich.wait()
        await server.stop()
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/eval"), help="folder of labelled stories"
    )
    parser.add_argument("--ner", action="store_true", help="with the language model of the extra ner")
    options = parser.parse_args()
    data = options.data
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    tagger = tagger_loader(ner=options.ner)(None)
    print(f"loading: {time.process_time() - start:.2f} s of CPU time, ", end="")
    print(f"{(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024:.0f} MB")
    print("the whole enrich process (at most 150 MB)")
    for line in asyncio.run(enrich_process()):
        print(f"  {line}")

    def ours(text: str) -> list[dict[str, Any]]:
        return [one.model_dump() for one in tagger.tag(None, text, language="en", at=None)]

    score = ruler(data)
    sets = list(labelled(data)) if score else []
    if not sets:
        print(f"no labelled stories under {data}: measuring speed on made-up ones", file=sys.stderr)
        sets = [("made-up", [{"id": number, "text": text} for number, text in enumerate(MADE_UP)])]
    for name, stories in sets:
        size = sum(len(story["text"]) for story in stories) // len(stories)
        print(f"\n{name}: {len(stories)} stories of {size} characters on average")
        for what, tag in (("Dateline", ours), ("baseline", capitalised)):
            results, speed = measured(stories, tag)
            print(f"  {what}: {speed:,.0f} stories per CPU second")
            if score and name != "made-up":
                score.actors(stories, [{"id": story_id, **tags} for story_id, tags in results.items()])


if __name__ == "__main__":
    main()
