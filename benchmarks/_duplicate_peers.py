"""Other tools that find near-duplicates, run on the same stories from environments of their own."""

import json
import subprocess
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from shared.events import EnrichedStory

#: What to install for each tool, and the code that defines ``homes``: from texts and a threshold to the number of
#: the text that each was joined to (its own where none was like it enough). Joined is the likest of those before it.
PEERS = {
    "datasketch": (
        ["datasketch"],
        """
from datasketch import MinHash, MinHashLSH
def homes(texts, threshold):
    index, signed, found = MinHashLSH(threshold=threshold, num_perm=128), [], []
    for number, text in enumerate(texts):
        one = MinHash(num_perm=128)
        one.update_batch([run.encode() for run in runs(text)])
        near = index.query(one)
        best = max(near, key=lambda other: one.jaccard(signed[other]), default=number)
        found.append(found[best] if best != number else number)
        index.insert(number, one)
        signed.append(one)
    return found
""",
    ),
    "rensa": (
        ["rensa"],
        """
from rensa import RMinHash, RMinHashLSH
def homes(texts, threshold):
    index, signed, found = RMinHashLSH(threshold=threshold, num_perm=128, num_bands=32), [], []
    for number, text in enumerate(texts):
        one = RMinHash(num_perm=128, seed=1)
        one.update(runs(text))
        near = [(one.jaccard(signed[other]), other) for other in index.query(one)]
        best = max((other for other in near if other[0] >= threshold), default=(0, number))[1]
        found.append(found[best] if best != number else number)
        index.insert(number, one)
        signed.append(one)
    return found
""",
    ),
    "rapidfuzz": (
        ["rapidfuzz"],
        """
from rapidfuzz import fuzz, process
def homes(texts, threshold):
    found = []
    for number, text in enumerate(texts):
        best = process.extractOne(text, texts[:number], scorer=fuzz.token_set_ratio, score_cutoff=100 * threshold)
        found.append(found[best[2]] if best else number)
    return found
""",
    ),
}
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
RUNNER = """
import json, re, sys, time
{body}
def runs(text):
    words = re.findall(r"\\w+", text.lower())
    return [" ".join(words[at:at + 3]) for at in range(max(1, len(words) - 2))]
texts = json.load(open(sys.argv[1], encoding="utf-8"))
for threshold in json.loads(sys.argv[2]):
    start = time.process_time()
    found = homes(texts, threshold)
    print(json.dumps([threshold, time.process_time() - start, found]))
"""


class Run(NamedTuple):
    """One run of a tool over stories."""

    threshold: float
    seconds: float
    """CPU time of everything, from the text to the answer."""
    homes: dict[str, str]
    """Story id to the id of the story that its cluster began with."""


def install(folder: Path) -> None:
    """Make an environment for every tool that has none yet."""
    for name, (packages, _) in PEERS.items():
        if not (folder / name).exists():
            venv.create(folder / name, with_pip=True)
            subprocess.run([folder / name / "bin" / "pip", "install", "-q", *packages], check=False)


def present(folder: Path | None) -> list[str]:
    """The tools that have an environment under a folder."""
    return [name for name in PEERS if folder and (folder / name / "bin" / "python").exists()]


def run(name: str, folder: Path, stories: Sequence[EnrichedStory]) -> list[Run]:
    """Cluster stories with a tool, once for each threshold. RuntimeError when it does not run."""
    texts = folder / "texts.json"
    texts.write_text(json.dumps([f"{story.title or ''} {story.text}" for story in stories]), encoding="utf-8")
    script = RUNNER.format(body=PEERS[name][1])
    command: list[str | Path] = [
        folder / name / "bin" / "python",
        "-c",
        script,
        texts,
        json.dumps(THRESHOLDS),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{name} does not run: {done.stderr.strip().splitlines()[-1]}")
    ids = [story.story_id for story in stories]
    return [
        Run(threshold, seconds, {ids[number]: ids[home] for number, home in enumerate(found)})
        for threshold, seconds, found in map(json.loads, done.stdout.splitlines())
    ]
