"""The words that the rules for names go by, read from the data files beside this module."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from shared.actors.directory import load_common_words
from shared.actors.spelling import fold

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Word sets, all folded. The sets that map to a kind say which kind of organisation a word makes."""

    given: frozenset[str]
    surnames: frozenset[str]
    common: frozenset[str]
    titles: frozenset[str]
    kin: frozenset[str]
    speech: frozenset[str]
    particles: frozenset[str]
    suffixes: frozenset[str]
    place_heads: frozenset[str]
    before_place: frozenset[str]
    calendar: frozenset[str]
    not_names: frozenset[str]
    last: Mapping[str, str]
    first: Mapping[str, str]
    lead: Mapping[str, str]
    near: Mapping[str, str]
    not_acronyms: frozenset[str]
    not_organisations: frozenset[str]
    links: frozenset[str]
    teams: frozenset[str]
    never_alone: frozenset[str] = field(init=False)
    """Words that say something else than a name does."""

    def __post_init__(self) -> None:
        """Put together what the rules ask for most."""
        other = self.common | self.not_names | self.place_heads | self.before_place | self.calendar
        object.__setattr__(self, "never_alone", other | frozenset(self.last))


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(word) for word in text.split())


def _by_kind(table: Mapping[str, str]) -> dict[str, str]:
    return {fold(word): kind for kind, words in table.items() for word in words.split()}


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """Return the vocabulary that ships with Dateline, read once."""
    people, organisations = _toml("people.toml"), _toml("organisations.toml")
    names = {key: _words(text) for key, text in people.items()}
    return Vocabulary(
        given=_words((DATA / "given_names.txt").read_text(encoding="utf-8")),
        surnames=_words((DATA / "surnames.txt").read_text(encoding="utf-8")),
        common=load_common_words(),
        calendar=names["months_and_days"],
        last=_by_kind(organisations["last"]),
        first=_by_kind(organisations["first"]),
        lead=_by_kind(organisations["lead"]),
        near=_by_kind(organisations["near"]),
        **{
            key: names[key]
            for key in (
                "titles",
                "kin",
                "speech",
                "particles",
                "suffixes",
                "place_heads",
                "before_place",
                "not_names",
            )
        },
        **{
            key: _words(organisations["other"][key])
            for key in ("not_acronyms", "not_organisations", "links", "teams")
        },
    )
