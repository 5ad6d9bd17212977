"""One-shot ingest: waits at a shut door, tells what became of each story, asks private addresses only when told."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.ingest.fetch import Fetcher
from services.ingest.handlers import Intake, Reception
from services.ingest.oneshot import PatientDoor, SourceReport, take_in
from services.ingest.ports import Admission, UnavailableError
from shared.clock import FixedClock
from shared.events import RawStory

CLOCK = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))


class ShutDoor:
    """Opens at the n-th knock."""

    def __init__(self, opens_at: int) -> None:
        self.knocks = 0
        self._opens_at = opens_at

    async def __call__(self, stories: Sequence[tuple[RawStory, str]]) -> list[Admission]:
        self.knocks += 1
        if self.knocks < self._opens_at:
            raise UnavailableError("wait")
        return [Admission("accepted", story.story_id) for story, _ in stories]

    async def reject(self, source_id: str, reason: str) -> None:
        raise AssertionError("nothing is to be rejected here")


async def test_a_shut_door_is_waited_for_and_one_that_stays_shut_is_an_error() -> None:
    door = ShutDoor(opens_at=2)
    assert await PatientDoor(door)([]) == []
    assert door.knocks == 2
    with pytest.raises(UnavailableError):
        await PatientDoor(ShutDoor(opens_at=10**9), patience=timedelta(0))([])


async def test_private_addresses_are_refused_unless_allowed_and_stop_nothing(tmp_path: Path) -> None:
    (tmp_path / "news.txt").write_text("Snow fell in Astana.\n")
    door = ShutDoor(opens_at=0)
    targets = ["http://127.0.0.1:9/feed.xml", str(tmp_path / "news.txt"), str(tmp_path / "missing.txt")]

    async with Fetcher(CLOCK) as fetcher:
        reception = Reception(door, door, CLOCK)
        careful = await take_in(targets, fetcher=fetcher, reception=reception, origin="live")
        allowed = await take_in(
            targets, fetcher=fetcher, reception=reception, origin="live", allow_private=True
        )

    assert "forbidden_address" in (careful[0].error or "")
    assert "unreachable" in (allowed[0].error or "")
    assert [report.error is None for report in careful] == [False, True, False]
    assert len(careful[1].intake.accepted) == 1


def test_a_report_counts_every_story_once() -> None:
    intake = Intake(fetched=9, accepted=["a", "b", "c"], revised=["d", "e"], duplicate=2)
    intake.rejected["empty_text"] = 2
    report = SourceReport("wire", "wire.xml", intake, dead=1, dead_revisions=1).to_dict()

    ended = report["stored"] + report["revised"] + report["duplicate"] + report["dead"] + 2
    assert (report["stored"], report["revised"], report["dead"], ended) == (2, 1, 2, 9)
