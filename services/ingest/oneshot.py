"""``dateline ingest``: take files and addresses in once, and tell what became of every story."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

from services.ingest.fetch import Fetched, FetchError
from services.ingest.formats import ParseError
from services.ingest.handlers import Fetches, Intake, Reception
from services.ingest.ports import Admission, Admit, UnavailableError
from services.ingest.sources import SourceConfig, SourcesError, source_for
from shared.dead_letters import DeadLetters
from shared.events import Origin, RawStory


@dataclass(slots=True)
class SourceReport:
    """What became of one target. ``error`` is set when it could not be read at all."""

    source: str
    target: str
    intake: Intake = field(default_factory=Intake)
    dead: int = 0
    """Of the new stories, how many went to the dead letters."""
    dead_revisions: int = 0
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the report for machines: the names of conservation."""
        return {
            "source": self.source,
            "target": self.target,
            "fetched": self.intake.fetched,
            "stored": len(self.intake.accepted) - self.dead,
            "duplicate": self.intake.duplicate,
            "revised": len(self.intake.revised) - self.dead_revisions,
            "rejected": dict(self.intake.rejected),
            "dead": self.dead + self.dead_revisions,
            "error": self.error,
        }


class PatientDoor:
    """Waits before a door that is shut for the moment: a large file goes in as fast as the pipeline takes it."""

    def __init__(self, admit: Admit, *, patience: timedelta = timedelta(minutes=10)) -> None:
        self._admit = admit
        self._patience = patience.total_seconds()

    async def __call__(self, stories: Sequence[tuple[RawStory, str]]) -> list[Admission]:
        """Admit a batch. Raises ``UnavailableError`` when the door stayed shut for the whole patience."""
        attempts = AsyncRetrying(
            retry=retry_if_exception_type(UnavailableError),
            wait=wait_fixed(0.5),
            stop=stop_after_delay(self._patience),
            reraise=True,
        )
        return await attempts(self._admit, stories)


async def take_in(
    targets: Sequence[str | SourceConfig],
    *,
    fetcher: Fetches,
    reception: Reception,
    origin: Origin,
    allow_private: bool = False,
) -> list[SourceReport]:
    """Take in every target, one after the other; one that cannot be read does not stop the next.

    ``allow_private`` lets targets that are named by address be on this machine or a private network.
    """
    reports = []
    for target in targets:
        try:
            source = _source(target, allow_private=allow_private)
        except SourcesError as error:
            reports.append(SourceReport(str(target), str(target), error=str(error)))
        else:
            reports.append(await _take_one(source, fetcher, reception, origin))
    return reports


def _source(target: str | SourceConfig, *, allow_private: bool) -> SourceConfig:
    if isinstance(target, SourceConfig):
        return target
    return source_for(target).model_copy(update={"allow_private": allow_private})


async def _take_one(
    source: SourceConfig, fetcher: Fetches, reception: Reception, origin: Origin
) -> SourceReport:
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
    dead = {filed.letter.story_id async for filed in letters.list()}
    for report in reports:
        report.dead = len(dead.intersection(report.intake.accepted))
        report.dead_revisions = len(dead.intersection(report.intake.revised))
