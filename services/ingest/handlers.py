"""One source's payload to the door of the pipeline, and the report of what became of it."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.ingest.fetch import Fetched, NotModified, Validators
from services.ingest.formats import Item, parse
from services.ingest.identity import identify_all, to_raw_story
from services.ingest.ports import Admission, Admit, Rejects
from services.ingest.sources import SourceConfig
from shared.clock import Clock
from shared.events import Origin

#: How many stories go through the door at a time.
_BATCH = 200


class Fetches(Protocol):
    """Gets the bytes of a source."""

    async def fetch(
        self, source: SourceConfig, validators: Validators | None = None
    ) -> Fetched | NotModified:
        """Return new content, or that there is none. Raises ``FetchError``."""


@dataclass(slots=True)
class Intake:
    """What became of one payload. ``fetched = accepted + revised + duplicate + sum(rejected)``."""

    fetched: int = 0
    accepted: list[str] = field(default_factory=list)
    """The ids of new stories."""
    revised: list[str] = field(default_factory=list)
    duplicate: int = 0
    rejected: Counter[str] = field(default_factory=Counter)


class Reception:
    """Takes payloads in: parses, identifies, admits, counts."""

    def __init__(self, admit: Admit, rejects: Rejects, clock: Clock) -> None:
        self._admit, self._rejects, self._clock = admit, rejects, clock
        self._one = asyncio.Lock()

    async def take(
        self, source: SourceConfig, fetched: Fetched, origin_of: Callable[[Item], Origin]
    ) -> Intake:
        """Take a payload in. Raises ``ParseError`` when it is not what it should be, ``UnavailableError`` too.

        One at a time: the largest that is taken needs some 200 MB while it is read, and reading is Python's, so that
        two at once would not be faster.
        """
        async with self._one:
            return await self._take(source, fetched, origin_of)

    async def _take(
        self, source: SourceConfig, fetched: Fetched, origin_of: Callable[[Item], Origin]
    ) -> Intake:
        # In a thread: a hostile payload may take seconds to read, and nothing else shall wait for it.
        parsed = await asyncio.to_thread(parse, source, fetched.payload, fetched.content_type, fetched.url)
        intake = Intake(fetched=len(parsed.items) + len(parsed.rejected))
        about = source.described()
        now = self._clock.now()
        stories = [
            (
                to_raw_story(about, item, identity, first_seen_at=now, origin=origin_of(item)),
                identity.fingerprint,
            )
            for item, identity in zip(parsed.items, identify_all(source.id, parsed.items), strict=True)
        ]
        for start in range(0, len(stories), _BATCH):
            _note(intake, await self._admit(stories[start : start + _BATCH]))
        for rejection in parsed.rejected:
            await self._rejects.reject(source.id, rejection.reason)
            intake.rejected[rejection.reason] += 1
        return intake


def _note(intake: Intake, admissions: Sequence[Admission]) -> None:
    for admission in admissions:
        match admission.status:
            case "accepted":
                intake.accepted.append(admission.story_id)
            case "revised":
                intake.revised.append(admission.story_id)
            case "duplicate":
                intake.duplicate += 1
