"""The fake Bot API over real HTTP: ``/bot<token>/<method>``, keep-alive, forms, multipart and JSON.

async with FakeBotApi() as api:          # api.url is the base URL, api.world everybody who talks to the bot
    anna = api.world.person("Anna")
    anna.say("/latest KZ")
    await api.world.until(lambda: anna.chat.texts)

What does not begin with ``/bot`` is the page for people and the control of the world (control.py).
"""

import asyncio
import json
from collections.abc import Awaitable
from contextlib import aclosing, suppress
from typing import Any
from urllib.parse import urlsplit

import h11

from fakes.botapi.control import Control, Stream
from fakes.botapi.errors import ApiError, Json
from fakes.botapi.faults import Fault
from fakes.botapi.forms import parameters
from fakes.botapi.methods import perform
from fakes.botapi.updates import get_updates
from fakes.botapi.world import Call, World

Answer = tuple[int, list[tuple[str, str]], bytes]


class _HangupError(Exception):
    """Close the connection without an answer."""


class FakeBotApi:
    """A server for one or more bots, each with its world."""

    def __init__(self, *worlds: World, host: str = "127.0.0.1", port: int = 0) -> None:
        self.worlds = {world.token: world for world in worlds or (World(),)}
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._control = Control(self.world)

    @property
    def world(self) -> World:
        """The world of the first bot."""
        return next(iter(self.worlds.values()))

    @property
    def url(self) -> str:
        """The base URL; methods are at ``<it>/bot<token>/<method>``."""
        return f"http://{self._host}:{self._port}"

    async def __aenter__(self) -> "FakeBotApi":
        await self.start()
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen. The port stays the same over a stop and another start."""
        self._server = await asyncio.start_server(self._serve, self._host, self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        for world in self.worlds.values():
            world.webhook.resume()

    async def stop(self) -> None:
        """Close everything, also calls that hang."""
        if self._server:
            self._server.close()
        for world in self.worlds.values():
            await world.webhook.stop()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        connection = _Connection(h11.Connection(h11.SERVER), reader, writer)
        try:
            while await self._exchange(connection):
                connection.http.start_next_cycle()
        except (_HangupError, h11.RemoteProtocolError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            with suppress(Exception):
                writer.close()

    async def _exchange(self, connection: "_Connection") -> bool:
        """Answer one request. False when the connection is to be closed."""
        request, body = await connection.request()
        if request is None:
            return False
        target = urlsplit(request.target.decode())
        if target.path.startswith("/bot"):
            return await connection.respond(await self._answer(request, body, connection))
        kind = dict(request.headers).get(b"content-type", b"").decode()
        answer = self._control.answer(request.method.decode(), target.path, target.query, kind, body)
        if isinstance(answer, Stream):
            await connection.until_gone(connection.pour(answer))
            return False
        status, kind, payload = answer
        return await connection.respond((status, [("content-type", kind)], payload))

    async def _answer(self, request: h11.Request, body: bytes, connection: "_Connection") -> Answer:
        headers = {name.decode().lower(): value.decode() for name, value in request.headers}
        target = urlsplit(request.target.decode())
        plain = [("content-type", "application/json")]
        try:
            world, method = self._route(target.path)
            params = parameters(target.query, headers.get("content-type", ""), body)
            fault = world.faults.next_for(method, params.get("chat_id"))
            if fault and fault.kind == "page":
                page = b"<html><body><h1>Bad Gateway</h1></body></html>"
                return fault.code, [("content-type", "text/html")], page
            result = await self._run(world, method, params, fault, connection)
            return 200, plain, json.dumps({"ok": True, "result": result}).encode()
        except ApiError as error:
            answer: Json = {"ok": False, "error_code": error.code, "description": error.description}
            if error.parameters:
                answer["parameters"] = error.parameters
            if seconds := (error.parameters or {}).get("retry_after"):
                plain = [*plain, ("retry-after", str(seconds))]
            return error.code, plain, json.dumps(answer).encode()

    def _route(self, path: str) -> tuple[World, str]:
        head, _, method = path.lstrip("/").partition("/")
        token = head.removeprefix("bot")
        if ":" not in token:
            raise ApiError(404, "Not Found")
        if token not in self.worlds:
            raise ApiError(401, "Unauthorized")
        return self.worlds[token], method.removeprefix("test/")

    async def _run(
        self, world: World, method: str, params: Json, fault: Fault | None, connection: "_Connection"
    ) -> Any:
        if fault and fault.kind == "drop":
            raise _HangupError
        if fault and fault.kind in {"hang", "slow"}:
            await connection.until_gone(
                world.clock.sleep(fault.seconds) if fault.kind == "slow" else asyncio.Event().wait()
            )
        entry = Call(method, params, at=world.clock.now())
        world.journal.append(entry)
        try:
            if fault and fault.kind == "answer":
                raise ApiError(fault.code, fault.description, dict(fault.parameters))
            if method.lower() == "getupdates":
                world.changed()
                entry.result = await connection.until_gone(get_updates(world, params))
            else:
                entry.result = perform(world, method, params)
        except ApiError as error:
            entry.error, entry.code = error.description, error.code
            raise
        except _HangupError:
            raise
        except Exception as error:
            # A fault of the fake's own, or a call that no library would make: never a silent hang-up.
            entry.error, entry.code = f"Internal Server Error: {error!r}", 500
            raise ApiError(500, entry.error) from error
        finally:
            entry.answered_at = world.clock.now()
            world.changed()
        if fault and fault.kind == "drop_after":
            raise _HangupError
        if fault and fault.kind == "hang_after":
            await connection.until_gone(asyncio.Event().wait())
        return entry.result


class _Connection:
    """One client: requests in, answers out, and whether it is still there."""

    def __init__(
        self, http: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.http, self._reader, self._writer = http, reader, writer

    async def request(self) -> tuple[h11.Request | None, bytes]:
        """Read a request; None when the client has hung up."""
        request, body = None, bytearray()
        while True:
            event = self.http.next_event()
            if event is h11.NEED_DATA:
                self.http.receive_data(await self._reader.read(65536))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                return request, bytes(body)
            else:
                return None, b""

    async def respond(self, answer: Answer) -> bool:
        """Send an answer. False when the connection is to be closed."""
        status, headers, payload = answer
        headers = [*headers, ("content-length", str(len(payload)))]
        parts: list[h11.Event] = [
            h11.Response(status_code=status, headers=headers), h11.Data(data=payload), h11.EndOfMessage(),
        ]  # fmt: skip
        self._writer.write(b"".join(self.http.send(part) or b"" for part in parts))
        await self._writer.drain()
        return self.http.our_state is h11.DONE and self.http.their_state is h11.DONE

    async def pour(self, stream: Stream) -> None:
        """Send a stream of server-sent events for as long as it lasts."""
        head = h11.Response(
            status_code=200, headers=[("content-type", stream.kind), ("cache-control", "no-cache")]
        )
        self._writer.write(self.http.send(head) or b"")
        async with aclosing(stream.chunks) as chunks:
            async for chunk in chunks:
                self._writer.write(self.http.send(h11.Data(data=chunk)) or b"")
                await self._writer.drain()

    async def until_gone(self, work: Awaitable[Any]) -> Any:
        """Await something that may last. Ends it when the client hangs up meanwhile.

        No client of ours sends a second request before the first is answered.
        """
        gone, working = asyncio.create_task(self._gone()), asyncio.ensure_future(work)
        try:
            await asyncio.wait({gone, working}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise _HangupError
            return working.result()
        finally:
            for task in (gone, working):
                task.cancel()
            await asyncio.gather(gone, working, return_exceptions=True)

    async def _gone(self) -> None:
        while not self._reader.at_eof():
            if not await self._reader.read(1):
                return
