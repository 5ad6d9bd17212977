"""How rare a word is in the news: the inverse document frequencies that similarity is weighted with.

The table is a small versioned file, not a count of what this process happened to read, so every worker
weighs a story alike and a signature computed today still compares with one computed yesterday.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "data" / "document_frequency.txt"

#: Rarity of a stem that the table does not hold: mostly names, and words that few stories use.
UNKNOWN = 11.5


@dataclass(frozen=True, slots=True)
class DocumentFrequencies:
    """Rarity of stems, by script: ``-ln`` of the share of stories of 120 words that hold the stem."""

    version: int
    stems: dict[str, float]

    def rarity(self, stem: str) -> float:
        """Natural-log inverse document frequency, 0 (in every story) to ``UNKNOWN``."""
        return self.stems.get(stem, UNKNOWN)

    def knows(self, stem: str) -> bool:
        """Whether the stem is an ordinary word of English or Russian (or a very common name)."""
        return stem in self.stems


def parse(lines: list[str]) -> DocumentFrequencies:
    """Read the table: a version line, then ``rarity stem stem …`` lines under language headings.

    English and Russian share no letters, so one dictionary holds both. ValueError when it is malformed.
    """
    heading, _, version = lines[0].rpartition(" ")
    if not heading.startswith("# document rarity"):
        raise ValueError("not a document-frequency table")
    stems: dict[str, float] = {}
    for line in lines[1:]:
        if not line or line[0] in "#[":
            continue
        rarity, *members = line.split(" ")
        weight = float(rarity)
        for stem in members:
            stems[stem] = min(weight, stems.get(stem, weight))
    return DocumentFrequencies(int(version), stems)


@cache
def load_document_frequencies() -> DocumentFrequencies:
    """The table that ships with this release (read once a process)."""
    return parse(TABLE.read_text(encoding="utf-8").splitlines())
