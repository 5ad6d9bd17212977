"""The way of a payload to the door."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from services.ingest.fetch import Fetched, Validators
from services.ingest.handlers import Reception
from services.ingest.ports import Admission
from services.ingest.sources import SourceConfig
from shared.clock import FixedClock
from shared.events import RawStory


class SlowDoor:
    """Admits everything, and counts how many payloads stand before it at once."""

    def __init__(self) -> None:
        self.at_once = self.most_at_once = 0

    async def __call__(self, stories: Sequence[tuple[RawStory, str]]) -> list[Admission]:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        for _ in range(50):
            await asyncio.sleep(0)
        self.at_once -= 1
        return [Admission("accepted", story.story_id) for story, _ in stories]

    async def reject(self, source_id: str, reason: str) -> None:
        raise AssertionError(f"{source_id}: {reason}")


async def test_payloads_are_held_in_memory_one_at_a_time() -> None:
    door = SlowDoor()
    reception = Reception(door, door, FixedClock(datetime(2026, 3, 1, tzinfo=UTC)))
    source = SourceConfig(id="wire", kind="text", url="https://news.example/")
    payloads = [Fetched(f"Rain in Osh, day {day}.".encode(), None, Validators()) for day in range(8)]

    intakes = await asyncio.gather(*(reception.take(source, each, lambda _: "live") for each in payloads))

    assert [len(intake.accepted) for intake in intakes] == [1] * 8
    assert door.most_at_once == 1
