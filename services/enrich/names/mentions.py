"""What the rules find before it is known who it is."""

from dataclasses import dataclass, field

from services.enrich.names.words import Words


@dataclass(slots=True)
class Mention:
    """Words ``first`` to ``end`` of a field that name somebody, found by rule ``how``."""

    words: Words
    first: int
    end: int
    how: str
    score: float = 0.0
    """How strongly the surroundings speak for it; the rules say from where on it counts."""
    kind: str = "person"
    offices: tuple[str, ...] = ()
    """The kinds of offices written before a person's name."""
    country: str | None = None
    """The country written with that office."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the words of the name as keys."""
        return tuple(self.words.keys[self.first : self.end])

    @property
    def text(self) -> str:
        """Return the name as written."""
        return self.words.span(self.first, self.end)


@dataclass(slots=True)
class Found:
    """Somebody found in a story, with every mention."""

    name: str
    kind: str
    keys: tuple[str, ...]
    mentions: list[Mention] = field(default_factory=list)
    actor_id: str | None = None
    country: str | None = None
    confidence: float = 0.0
