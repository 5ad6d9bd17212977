"""Long polling: updates are kept in the queue first and only then confirmed to Telegram, so that a kill loses none.

The library's own ``Updater`` confirms them while they lie in its memory, and cannot be taken off the air between two
updates when the lease is lost; its HTTP client is used, its loop is not. Updates stay JSON here: who answers them
reads them.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlencode

import structlog
from redis.exceptions import RedisError
from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import BaseRequest

from services.bot.messengers.poller_lease import RETRY_SECONDS, PollerLease
from services.bot.messengers.telegram.errors import retry_after
from services.bot.messengers.telegram.queue import QueueFull
from services.bot.messengers.telegram.request import LeanRequest
from services.bot.messengers.telegram.updates import KINDS
from shared.observe import redact
from shared.supervision import end

log = structlog.get_logger(__name__)

#: How long Telegram holds a poll that finds nothing, in seconds.
POLL_SECONDS = 25
#: A poll without any answer for so long is given up, in seconds.
POLL_LIMIT = POLL_SECONDS + 15
LONGEST_PAUSE = 30.0
_CONNECTIONS = 4

Json = dict[str, Any]
_Result = TypeVar("_Result")


class TokenRefused(Exception):  # noqa: N818 - a state of the world
    """Telegram does not know the token. Nothing helps but another token."""

    def __init__(self) -> None:
        super().__init__("Telegram refuses the bot token; check DATELINE_TELEGRAM_TOKEN")


class Poller:
    """Polls for one bot while it holds the lease. ``keep`` gets each batch of updates, in order."""

    def __init__(
        self, bot: Bot, lease: PollerLease, keep: Callable[[Sequence[Json]], Awaitable[object]]
    ) -> None:
        self._bot = bot
        self._lease = lease
        self._keep = keep
        # Connections of its own: one wedged poll must not stop the sends.
        self._request: BaseRequest = LeanRequest(_CONNECTIONS)
        self.trouble = ""
        """Why polling does not work at the moment; empty while it does, or while another process polls."""
        self.polling = False
        """Whether this process holds the lease."""

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until stopped, waiting in reserve while another process does. Raises ``TokenRefused``."""
        async with self._request:
            while not stop.is_set():
                try:
                    if await self._lease.take():
                        await self._poll_while_held(stop)
                except RedisError as error:
                    self._note(f"the store does not answer: {error}")
                await pause(stop, RETRY_SECONDS)

    async def _poll_while_held(self, stop: asyncio.Event) -> None:
        log.info("polling Telegram")
        ended = asyncio.Event()
        watchers = [asyncio.create_task(self._lease.keep()), asyncio.create_task(stop.wait())]
        for watcher in watchers:
            watcher.add_done_callback(lambda _task: ended.set())
        self.polling = True
        try:
            await self._poll(ended)
        finally:
            self.polling = False
            await end(*watchers)
            with suppress(RedisError):
                await self._lease.give_up()

    async def _poll(self, ended: asyncio.Event) -> None:
        offset, failures = None, 0
        while not ended.is_set():
            try:
                updates = await unless(ended, self._updates(offset))
                if updates:
                    await self._keep(updates)
                    offset = updates[-1]["update_id"] + 1
                failures, self.trouble = 0, ""
            except InvalidToken:
                raise TokenRefused from None
            except (TelegramError, TimeoutError, RedisError, QueueFull, ValueError) as error:
                failures += 1
                self._note(_trouble(error))
                await pause(ended, _wait(error, failures))

    async def _updates(self, offset: int | None) -> list[Json]:
        wanted = {"timeout": POLL_SECONDS, "allowed_updates": json.dumps(KINDS)}
        query = urlencode(wanted if offset is None else wanted | {"offset": offset})
        async with asyncio.timeout(POLL_LIMIT):
            answer = await self._request.retrieve(
                f"{self._bot.base_url}/getUpdates?{query}", read_timeout=POLL_SECONDS + 5
            )
        updates: list[Json] = json.loads(answer)["result"]
        return updates

    def _note(self, trouble: str) -> None:
        if trouble != self.trouble:
            log.warning("cannot poll Telegram", trouble=trouble)
        self.trouble = trouble


async def pause(ended: asyncio.Event, seconds: float) -> None:
    """Wait, but not longer than until the event."""
    with suppress(TimeoutError):
        await asyncio.wait_for(ended.wait(), seconds)


async def unless(ended: asyncio.Event, work: Coroutine[Any, Any, _Result]) -> _Result | None:
    """Run some work until it is done, or abandon it at the event and return None."""
    task, waiting = asyncio.create_task(work), asyncio.create_task(ended.wait())
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        await end(task, waiting)


def _trouble(error: Exception) -> str:
    if isinstance(error, Conflict):
        return "another program polls with the same token: only one may (409 Conflict)"
    return redact(str(error)) or type(error).__name__


def _wait(error: Exception, failures: int) -> float:
    if isinstance(error, RetryAfter):
        return retry_after(error)
    return min(LONGEST_PAUSE, 0.5 * 2.0 ** min(failures, 10))
