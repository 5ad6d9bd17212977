"""A turn in the hands of a sender, with what became of its rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from services.bot.alerts.port import Result, Turn
from services.bot.messengers.port import Outcome


@dataclass(slots=True)
class Dealt:
    """A turn with what became of it, until that is written down."""

    turn: Turn
    day: date
    results: dict[str, Result] = field(default_factory=dict)
    outcome: Outcome | None = None
    late: bool = False
    """Whether the message was long on its way."""
    told: Sequence[str] = ()
    """Clusters of the rows that the digest has told."""
