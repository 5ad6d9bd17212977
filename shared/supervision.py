"""Keeping background work alive: a task that fails is started again, ever more slowly, and says so."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_exponential_jitter

log = structlog.get_logger(__name__)


def _worth_another_try(error: BaseException) -> bool:
    return isinstance(error, Exception) and not isinstance(error, asyncio.CancelledError)


async def supervised(work: Callable[[], Awaitable[None]], *, name: str) -> None:
    """Run ``work`` until it returns; when it raises, log it and run it again after a growing pause."""

    def note(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        log.error("task failed and starts again", task=name, attempt=state.attempt_number, exc_info=error)

    attempts = AsyncRetrying(
        retry=retry_if_exception(_worth_another_try),
        wait=wait_exponential_jitter(multiplier=0.5, max=30),
        before_sleep=note,
    )

    async def once() -> None:
        # A plain function that returns an awaitable would be called and not awaited.
        await work()

    await attempts(once)


async def until(stop: asyncio.Event, endless: Coroutine[Any, Any, None]) -> None:
    """Run work that never ends by itself until the event is set. Raises what it raises."""
    work, stopped = asyncio.create_task(endless), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            await work
    finally:
        await end(work, stopped)


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they have ended, however they end.

    Cancels again and again: Python 3.11 loses a cancellation that meets a finished ``asyncio.wait_for``, which
    the Redis client calls for every command, and a loop of commands then goes on as if nothing had been said.
    """
    while running := [task for task in tasks if not task.done()]:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=0.2)
    await asyncio.gather(*tasks, return_exceptions=True)
