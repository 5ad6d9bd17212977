"""``dateline ingest``: take files and addresses in once, and tell what became of every story."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.ingest.fetch import Fetched, FetchError
from services.ingest.formats import ParseError
from services.ingest.handlers import Fetches, Intake, Reception
from services.ingest.ports import UnavailableError
from services.ingest.sources import SourceConfig, SourcesError, source_for
from shared.dead_letters import DeadLetters
from shared.events import Origin


@dataclass(slots=True)
class SourceReport:
    """What became of one target. ``error`` is set when it could not be read at all."""

    source: str
    target: str
    intake: Intake = field(default_factory=Intake)
    dead: int = 0
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the report for machines: the names of conservation."""
        return {
            "source": self.source,
            "target": self.target,
            "fetched": self.intake.fetched,
            "stored": len(self.intake.accepted) + len(self.intake.revised) - self.dead - self._revised,
            "duplicate": self.intake.duplicate,
            "revised": self._revised,
            "rejected": dict(self.intake.rejected),
            "dead": self.dead,
            "error": self.error,
        }

    @property
    def _revised(self) -> int:
        return len(self.intake.revised)


async def take_in(
    targets: Sequence[str | SourceConfig], *, fetcher: Fetches, reception: Reception, origin: Origin
) -> list[SourceReport]:
    """Take in every target, one after the other; one that cannot be read does not stop the next."""
    return [await _take_one(target, fetcher, reception, origin) for target in targets]


async def _take_one(
    target: str | SourceConfig, fetcher: Fetches, reception: Reception, origin: Origin
) -> SourceReport:
    try:
        source = source_for(target) if isinstance(target, str) else target
    except SourcesError as error:
        return SourceReport(str(target), str(target), error=str(error))
    report = SourceReport(source.id, source.target)
    try:
        fetched = await fetcher.fetch(source)
        if isinstance(fetched, Fetched):
            report.intake = await reception.take(source, fetched, lambda _item: origin)
    except (FetchError, ParseError, UnavailableError) as error:
        report.error = str(error)
    return report


async def count_dead(reports: Sequence[SourceReport], letters: DeadLetters) -> None:
    """Fill in how many of the stories went to the dead letters, once the pipeline has finished with them."""
    dead = [filed.letter.story_id async for filed in letters.list() if filed.letter.story_id]
    for report in reports:
        mine = set(report.intake.accepted) | set(report.intake.revised)
        report.dead = len(mine & set(dead))
