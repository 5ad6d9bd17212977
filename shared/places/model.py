"""What a place is to the rest of Dateline."""

from dataclasses import dataclass
from typing import Literal

_GLOBES = {"africa": "🌍", "europe": "🌍", "americas": "🌎", "asia": "🌏"}
_REGIONAL_INDICATOR_A = 0x1F1E6


@dataclass(frozen=True, slots=True)
class Place:
    """A country (ISO 3166-1 alpha-2, and XK) or a region (an id such as ``central-asia``)."""

    id: str
    kind: Literal["country", "region"]
    name: str
    """English display name."""
    continent: str = "europe"
    """Which side of the globe to show for a region."""

    @property
    def flag(self) -> str:
        """Return the flag emoji of a country, a globe for a region."""
        if self.kind == "region":
            return _GLOBES.get(self.continent, "🌐")
        return "".join(chr(_REGIONAL_INDICATOR_A + ord(letter) - ord("A")) for letter in self.id)


@dataclass(frozen=True, slots=True)
class Found:
    """A place named in a question: ``text == question[start:end]``."""

    place: Place
    start: int
    end: int
    text: str
    kind: str
