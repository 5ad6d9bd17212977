import asyncio

import pytest

from shared.supervision import supervised


async def test_work_that_is_a_plain_function_returning_a_coroutine_is_awaited():
    done = []

    async def work(name: str) -> None:
        done.append(name)

    await supervised(lambda: work("poller"), name="poller")

    assert done == ["poller"]


async def test_work_that_fails_starts_again_until_it_returns(monkeypatch):
    tries = 0

    async def at_once(_seconds: float) -> None:
        """Take no time to wait."""

    async def work() -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise ConnectionError("not yet")

    monkeypatch.setattr(asyncio, "sleep", at_once)
    await supervised(work, name="flaky")

    assert tries == 3


async def test_cancelling_ends_it_and_the_work():
    started, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.create_task(supervised(lambda: work(), name="endless"))
    await started.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
