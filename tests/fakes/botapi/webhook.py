"""Delivery of updates to a webhook: the secret header, several at once but in order per chat, and retries.

As in ``WebhookActor.cpp`` of the real server: the first retry is immediate, then the pause doubles up to a minute or
two; a Retry-After of the receiver is kept to; after 24 hours an update is dropped. An answer may carry a method.
"""

import asyncio
import json
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from fakes.botapi.errors import ApiError, Json, bad_request

if TYPE_CHECKING:
    from fakes.botapi.world import World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
LONGEST_PAUSE = 60
LONGEST_RETRY_AFTER = 3600
READ_TIMEOUT = 60
PORTS = {443, 80, 88, 8443}
_SECRET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


@dataclass(slots=True)
class Delivery:
    """One attempt to deliver an update."""

    update_id: int
    at: float
    status: int | None
    """None when there was no answer."""
    error: str = ""


@dataclass(slots=True)
class _Queue:
    """The updates of one chat that wait for each other."""

    waiting: deque[Json] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None


class Webhook:
    """Where updates go instead of to a poll, and the work of bringing them there."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.url = self.secret = ""
        self.max_connections = 40
        self.local = True
        """Take plain HTTP and any port, as the real server does with --local; the public one takes neither."""
        self.deliveries: list[Delivery] = []
        self.last_error: tuple[int, str] | None = None
        self._queues: dict[object, _Queue] = {}
        self._taken: set[int] = set()
        self._task: asyncio.Task[None] | None = None

    def __bool__(self) -> bool:
        return bool(self.url)

    def set(self, url: str, secret: str, connections: int) -> None:
        """Send updates to an address from now on. Raises what Telegram answers to one that it does not take."""
        parts = urlsplit(url)
        if not parts.hostname or (parts.scheme and parts.scheme not in {"http", "https"}):
            raise bad_request("invalid webhook URL specified")
        if len(secret) > 256:
            raise bad_request("secret token is too long")
        if set(secret) - _SECRET:
            raise bad_request("secret token contains unallowed characters")
        if not self.local and parts.scheme != "https":
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if not self.local and (parts.port or 443) not in PORTS:
            raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        self.url, self.secret, self.max_connections = url, secret, connections
        self.last_error = None
        self.resume()

    def delete(self) -> None:
        """Deliver nothing any more; what has not arrived stays queued."""
        self.url = self.secret = ""
        self.last_error = None
        self._halt()

    def resume(self) -> None:
        """Deliver, if there is an address and nobody does so yet. Needs a running loop."""
        if self.url and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._deliver())

    def _halt(self) -> list[asyncio.Task[None]]:
        tasks = [task for task in (self._task, *(q.task for q in self._queues.values())) if task]
        for task in tasks:
            task.cancel()
        self._task = None
        self._queues.clear()
        self._taken.clear()
        return tasks

    async def stop(self) -> None:
        """End all deliveries; ``resume`` takes them up again."""
        await asyncio.gather(*self._halt(), return_exceptions=True)

    def info(self) -> Json:
        """Return what getWebhookInfo says."""
        answer: Json = {
            "url": self.url, "has_custom_certificate": False,
            "pending_update_count": len(self._world.updates),
        }  # fmt: skip
        if self.last_error:
            answer |= {"last_error_date": self.last_error[0], "last_error_message": self.last_error[1]}
        if self.url:
            answer |= {"max_connections": self.max_connections, "ip_address": "<unknown>"}
        return answer

    async def _deliver(self) -> None:
        """Hand each new update to the queue of its chat."""
        fresh, slots = asyncio.Event(), asyncio.Semaphore(self.max_connections)
        self._world.watch(fresh)
        try:
            async with httpx.AsyncClient(timeout=READ_TIMEOUT, trust_env=False, verify=False) as client:
                while True:
                    fresh.clear()
                    for update in [u for u in self._world.updates if u["update_id"] not in self._taken]:
                        self._taken.add(update["update_id"])
                        queue = self._queues.setdefault(_chat_of(update), _Queue())
                        queue.waiting.append(update)
                        if queue.task is None or queue.task.done():
                            queue.task = asyncio.create_task(self._work_off(queue, client, slots))
                    await fresh.wait()
        finally:
            self._world.unwatch(fresh)

    async def _work_off(self, queue: _Queue, client: httpx.AsyncClient, slots: asyncio.Semaphore) -> None:
        while queue.waiting:
            await self._bring(queue.waiting[0], client, slots)
            update = queue.waiting.popleft()
            self._taken.discard(update["update_id"])
            with suppress(ValueError):
                self._world.updates.remove(update)
            self._world.changed()

    async def _bring(self, update: Json, client: httpx.AsyncClient, slots: asyncio.Semaphore) -> None:
        """Try until it has arrived or is a day old."""
        from fakes.botapi.world import UPDATE_LIFETIME

        clock = self._world.clock
        begun, pause, failures = clock.now(), 1.0, 0
        while True:
            async with slots:
                asked = await self._try(update, client)
            if asked is None:
                return
            if not asked and failures:
                pause = asked = min(pause * 2, LONGEST_PAUSE)
            failures += 1
            if clock.now() + asked > begun + UPDATE_LIFETIME:
                return
            await clock.sleep(asked)

    async def _try(self, update: Json, client: httpx.AsyncClient) -> float | None:
        """Post an update once. None when it has arrived, else the seconds that the receiver asks to wait."""
        headers = {"content-type": "application/json"} | ({SECRET_HEADER: self.secret} if self.secret else {})
        delivery = Delivery(update["update_id"], self._world.clock.now(), None)
        self.deliveries.append(delivery)
        try:
            response = await client.post(self.url, content=json.dumps(update), headers=headers)
        except httpx.TimeoutException:
            delivery.error = "Read timeout expired"
        except httpx.ConnectError:
            delivery.error = "Connection refused"
        except httpx.HTTPError:
            delivery.error = "Webhook connection closed"
        else:
            delivery.status = response.status_code
            if response.is_success:
                self._answered(response)
                return None
            delivery.error = (
                f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}"
            )
            self._failed(delivery.error)
            return _retry_after(response, self._world.clock.now())
        self._failed(delivery.error)
        return 0.0

    def _failed(self, error: str) -> None:
        self.last_error = (self._world.now(), error)
        self._world.changed()

    def _answered(self, response: httpx.Response) -> None:
        """Run the method that an answer may carry; what becomes of it the bot does not hear."""
        from fakes.botapi.methods import perform

        try:
            body = response.json()
        except ValueError:
            return
        method = str(body.pop("method", "")) if isinstance(body, dict) else ""
        if method and not method.lower().startswith(
            ("get", "setwebhook", "deletewebhook", "close", "logout")
        ):
            with suppress(ApiError):
                perform(self._world, method, body)


def _chat_of(update: Json) -> object:
    """Return what keeps updates in order: their chat, or the person of an inline question."""
    kind = next(key for key in update if key != "update_id")
    told = update[kind]
    message = told.get("message", told)
    return message["chat"]["id"] if "chat" in message else told["from"]["id"]


def _retry_after(response: httpx.Response, now: float) -> float:
    value = response.headers.get("retry-after", "")
    if value.isdigit():
        return float(min(int(value), LONGEST_RETRY_AFTER))
    with suppress(ValueError, TypeError):
        return min(max(parsedate_to_datetime(value).timestamp() - now, 0.0), LONGEST_RETRY_AFTER)
    return 0.0
