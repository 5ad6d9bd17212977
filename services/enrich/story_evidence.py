"""What a story says beyond doubt, gathered while its names are decided."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from services.enrich.matching import FieldName, Hit, Text


@dataclass(slots=True)
class Story:
    """What is known of a story while its names are decided."""

    texts: Mapping[FieldName, Text]
    source_country: str | None
    hits: Sequence[Hit] = ()
    """The names that may be places."""
    support: dict[str, dict[str, int]] = field(default_factory=dict)
    """By which names, and how often, each country is named beyond doubt."""
    states: set[str] = field(default_factory=set)
    """The states that the story names."""
    placed: dict[str, str] = field(default_factory=dict)
    """Names that the story itself places ("London, Ont."), and where."""
    persons: set[str] = field(default_factory=set)
    """Names that a person bears in this story."""
    read: dict[str, str] = field(default_factory=dict)
    """What ambiguous names mean in this story, once worked out: it is the same for every mention."""
    _folded: str = ""

    def says(self, phrases: Iterable[str]) -> int:
        """Return how many of some phrases (folded, with a space at each end) stand in the story."""
        if not self._folded:
            self._folded = f" {'  '.join([text.folded.text for text in self.texts.values()])} "
        folded = self._folded
        return len([phrase for phrase in phrases if phrase in folded])

    def names_town_in(self, states: Set[str]) -> bool:
        """Say whether a town is named that lies in one of some states."""
        return any(not states.isdisjoint(hit.meaning.towns) for hit in self.hits)

    def count(self, hit: Hit) -> None:
        """Take a decided name as support for its country."""
        names = self.support.get(hit.country)
        if names is None:
            names = self.support[hit.country] = {}
        names[hit.name] = names.get(hit.name, 0) + 1
        if hit.kind == "state":
            self.states |= hit.meaning.states

    def move(self, hit: Hit, country: str, kind: str) -> None:
        """Take back what a name was counted for, and count it for another country."""
        self.support[hit.country][hit.name] -= 1
        hit.country, hit.kind = country, kind
        self.count(hit)

    def supports(self, country: str, without: str = "") -> int:
        """Return how often a country is named beyond doubt, a name of one's own left out."""
        names = self.support.get(country)
        return sum(names.values()) - names.get(without, 0) if names else 0
