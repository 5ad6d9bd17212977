"""Which lines of a heading page are flags and chrome, by the words in ``heading_phrases.toml``."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"})
_AROUND = " \t*•·|:–—-[](){}★☆✓#"
# Buttons, page numbers and labels are shorter than this; the shortest lead sentences end with a full stop.
_CHROME_UNTIL = 50
_SENTENCE_ENDS = '.!?…。։؟”"»’)'


@dataclass(frozen=True, slots=True)
class Phrases:
    """The folded phrases."""

    highlight: frozenset[str]
    chrome: frozenset[str]
    footer: tuple[str, ...]

    def is_highlight(self, line: str) -> bool:
        """Whether the line says that an editor picked the story below it."""
        return fold(line) in self.highlight

    def is_chrome(self, line: str) -> bool:
        """Whether the line is a known part of the page around the stories."""
        return fold(line) in self.chrome or not any(map(str.isalpha, line))

    def is_footer(self, line: str) -> bool:
        """Whether the stories end here."""
        return fold(line).startswith(self.footer)


def fold(line: str) -> str:
    """Return the line as it is compared: no case, straight apostrophes, single spaces, nothing decorative around it."""
    return " ".join(line.translate(_APOSTROPHES).casefold().split()).strip(_AROUND)


def looks_like_chrome(line: str) -> bool:
    """Whether a line of unknown words has the shape of a label: short, and no sentence."""
    return len(line) < _CHROME_UNTIL and not line.rstrip().endswith(tuple(_SENTENCE_ENDS))


@cache
def load_phrases() -> Phrases:
    """Return the phrases that ship with the code."""
    table = tomllib.loads(files(__package__).joinpath("heading_phrases.toml").read_text(encoding="utf-8"))
    return Phrases(
        highlight=frozenset(map(fold, table["highlight"])),
        chrome=frozenset(map(fold, table["chrome"])),
        footer=tuple(map(fold, table["footer"])),
    )
