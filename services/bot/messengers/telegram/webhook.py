"""Updates by webhook: the endpoint only keeps them, and answers at once. Any number of processes may serve it."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import structlog
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from services.bot.messengers.telegram.poller import TokenRefused, pause
from services.bot.messengers.telegram.queue import QueueFull
from services.bot.messengers.telegram.updates import KINDS
from shared.observe import redact

log = structlog.get_logger(__name__)

#: Telegram's own updates are far smaller.
LARGEST_BYTES = 1 << 20
#: How often it is made sure that updates still come here, in seconds.
CHECK_SECONDS = 300.0

Keep = Callable[[Sequence[dict[str, Any]]], Awaitable[object]]


def secret_for(token: str, secret: str | None) -> str:
    """Return what Telegram shall send along, so that nobody else can: the one set, or one that the token implies."""
    return secret or hmac.new(token.encode(), b"dateline webhook", hashlib.sha256).hexdigest()


def webhook_route(url: str, secret: str, keep: Keep) -> Route:
    """Return the endpoint, at the path of the public ``url``.

    403 without the right secret, 400 for what is no update, 503 while the store is away or too much waits in it: then
    Telegram sends it again.
    """

    async def receive(request: Request) -> Response:
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            return Response(status_code=403)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BYTES:
                return Response(status_code=413)
        try:
            update = json.loads(body)
        except ValueError:
            update = None
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return Response(status_code=400)
        try:
            await keep([update])
        except (RedisError, QueueFull) as error:
            log.warning("update not kept", error=str(error))
            return Response(status_code=503)
        return Response(status_code=200)

    return Route(urlsplit(url).path or "/", receive, methods=["POST"])


class Webhook:
    """Tells Telegram where updates go, and goes on making sure of it."""

    def __init__(self, bot: Bot, url: str, secret: str) -> None:
        self._bot = bot
        self._url = url
        self._secret = secret
        self._set = False
        self.trouble = ""
        """Why updates do not come at the moment; empty while they do."""

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the webhook set until stopped, and set then: another process may serve it. Raises ``TokenRefused``."""
        while not stop.is_set():
            try:
                await self._ensure()
                self.trouble, wait = "", CHECK_SECONDS
            except InvalidToken:
                raise TokenRefused from None
            except TelegramError as error:
                self.trouble, wait = f"the webhook is not set: {redact(str(error))}", 10.0
                log.warning("webhook not set", error=redact(str(error)))
            await pause(stop, wait)

    async def _ensure(self) -> None:
        # Telegram tells the address that it holds and not the secret, so each process sets it once: setting the same
        # again changes nothing.
        now = await self._bot.get_webhook_info()
        if now.url != self._url or not self._set:
            await self._bot.set_webhook(self._url, secret_token=self._secret, allowed_updates=KINDS)
            self._set = True
            log.info("webhook set")
        elif now.last_error_message:
            log.warning("Telegram cannot deliver", error=redact(now.last_error_message))


async def end_webhook(bot: Bot) -> None:
    """Take back a webhook that was set before, so that polling works. What waits there is kept."""
    if (await bot.get_webhook_info()).url:
        await bot.delete_webhook(drop_pending_updates=False)
        log.info("webhook taken back")
