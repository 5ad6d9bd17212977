"""Words that news uses for one thing: abducted, kidnapped, snatched, похищены.

A rewritten report keeps what happened and changes the words; counting both the word and its concept lets the
two meet halfway, also across languages. The list is general news vocabulary, kept as data and versioned.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from zlib import crc32

import Stemmer

LIST = Path(__file__).parent / "data" / "concepts.txt"


def parse(lines: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Stem to the 24-bit ids of its concepts, from lines ``name: english words | russian words``."""
    english, russian = Stemmer.Stemmer("english"), Stemmer.Stemmer("russian")
    concepts: dict[str, dict[int, None]] = {}
    for line in lines:
        name, colon, words = line.partition(":")
        if line.startswith("#") or not colon:
            continue
        concept = crc32(f"concept {name}".encode()) & 0xFFFFFF
        first, _, second = words.partition("|")
        for stemmer, listed in ((english, first), (russian, second)):
            for word in listed.split():
                concepts.setdefault(stemmer.stemWord(word), {})[concept] = None
    return {stem: tuple(found) for stem, found in concepts.items()}


@cache
def load_concepts() -> dict[str, tuple[int, ...]]:
    """The concepts that ship with this release (read once a process)."""
    return parse(LIST.read_text(encoding="utf-8").splitlines())


@cache
def concept_ids() -> frozenset[int]:
    """The ids of all concepts."""
    return frozenset(concept for found in load_concepts().values() for concept in found)
