"""The HTTP client under the Telegram library: a fraction of the processor time of the one that it comes with.

Answering is bound by the processor when many ask at once, and about a third of it went into the request.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, cast
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx
import orjson
from aiohttp.abc import AbstractStreamWriter
from telegram import Bot
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

#: Seconds to get a connection, from the pool or a new one.
CONNECT_SECONDS = 5.0
#: Seconds until an answer begins, unless the caller says otherwise.
READ_SECONDS = 15.0
#: Seconds that a request may take beside waiting for its answer: connecting, and writing a picture.
_AROUND_SECONDS = 15.0

#: Gets the name of a method when its request is about to be written, and may stop that by raising.
Leaving = Callable[[str], Awaitable[None]]
#: The fields of a request by name; what is no text is sent as JSON, and None not at all.
Fields = dict[str, Any]
#: Name, content and media type of each file by the name of its field.
Files = dict[str, tuple[str, bytes, str]]


class Form:
    """The body of a request whose fields are what Telegram takes already. It looks like the library's."""

    def __init__(self, fields: Fields, files: Files | None = None) -> None:
        self.multipart_data = files or {}
        self.contains_files = bool(files)
        self.json_parameters = {
            name: value if isinstance(value, str) else orjson.dumps(value).decode()
            for name, value in fields.items()
            if value is not None
        }


async def call(bot: Bot, method: str, fields: Fields, files: Files | None = None) -> Any:
    """Call a method and return its result as it is; raises as the library does.

    Making the library's objects of what is sent, and of its echo, costs more than everything else about a message.
    """
    # The library hands the form on to ``do_request`` and does not look into it.
    form = cast(RequestData, Form(fields, files))
    return await bot.request.post(f"{bot.base_url}/{method}", form)


class LeanRequest(BaseRequest):
    """Requests over at most so many connections, which are opened when needed and kept.

    ``leaving`` is awaited when a connection is there, by what writes the request and right before its first byte: a
    request that has no connection yet surely has not left. Time-outs that the library passes are heeded for reading
    alone.
    """

    def __init__(self, connections: int, *, leaving: Leaving | None = None) -> None:
        self._connections = connections
        self._leaving = leaving
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    @property
    def read_timeout(self) -> float:
        """The usual time until an answer begins, in seconds."""
        return READ_SECONDS

    async def initialize(self) -> None:
        """Allow requests (again)."""
        self._closed = False

    async def shutdown(self) -> None:
        """Close all connections; no request is possible until ``initialize``."""
        self._closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(  # noqa: PLR0917 - the library's signature
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - the library's signature
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - the library's signature
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - the library's signature
    ) -> tuple[int, bytes]:
        """Make a request; see ``BaseRequest``. The cause of an error is that of the HTTP client."""
        reading = read_timeout if isinstance(read_timeout, int | float) else READ_SECONDS
        timeout = aiohttp.ClientTimeout(
            total=reading + _AROUND_SECONDS, connect=CONNECT_SECONDS, sock_read=reading
        )
        body = _body(request_data)
        if body is not None and self._leaving is not None:
            body = _Leaving(body, partial(self._leaving, url.rpartition("/")[2]))
        try:
            async with self._opened(url).request(
                method, url, data=body, timeout=timeout, allow_redirects=False
            ) as answer:  # fmt: skip
                return answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientError as error:
            raise NetworkError(f"{type(error).__name__}: {error}") from error

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Decode an answer of the Bot API."""
        try:
            answer: dict[str, Any] = orjson.loads(payload)
        except orjson.JSONDecodeError:
            # The library's own error for what is no JSON at all (the page of a proxy).
            return BaseRequest.parse_json_payload(payload)
        return answer

    def _opened(self, url: str) -> aiohttp.ClientSession:
        if self._closed:
            raise NetworkError("the HTTP client is shut down")
        if self._session is None:
            secure = url.startswith("https:")
            self._session = aiohttp.ClientSession(
                # The same certificates as for every other client of ours.
                connector=aiohttp.TCPConnector(
                    limit=self._connections, ssl=httpx.create_ssl_context() if secure else True
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                proxy=_proxy(url),
                headers={"User-Agent": self.USER_AGENT},
            )
        return self._session


class _Leaving(aiohttp.Payload):
    """A body that is written once ``leave`` has returned; the head of the request waits for it too."""

    def __init__(self, body: aiohttp.Payload, leave: Callable[[], Awaitable[None]]) -> None:
        super().__init__(body, headers=body.headers)
        self._body, self._leave = body, leave

    @property
    def size(self) -> int | None:
        """Bytes of the body, None when that is not known before."""
        return self._body.size

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Return the body as text."""
        return self._body.decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write all of it."""
        await self.write_with_length(writer, None)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """Write so many bytes of it. Whatever ``leave`` raises ends the request with nothing written."""
        await self._leave()
        await self._body.write_with_length(writer, content_length)


def _body(data: RequestData | None) -> aiohttp.Payload | None:
    """Return the parameters as a form; with files, in parts."""
    if data is None:
        return None
    if not data.contains_files:
        form = urlencode(data.json_parameters).encode()
        return aiohttp.BytesPayload(form, content_type="application/x-www-form-urlencoded")
    parts = aiohttp.FormData(data.json_parameters)
    for name, (filename, content, kind) in data.multipart_data.items():
        parts.add_field(name, content, filename=filename, content_type=kind)
    return parts()


def _proxy(url: str) -> str | None:
    """Return the proxy that the environment wants for an address."""
    parts = urlsplit(url)
    proxies = getproxies()
    return None if proxy_bypass(parts.hostname or "") else proxies.get(parts.scheme) or proxies.get("all")
