"""The fake Bot API over real HTTP: ``/bot<token>/<method>``, keep-alive, forms, multipart and JSON.

async with FakeBotApi() as api:          # api.url is the base URL, api.world everybody who talks to the bot
    anna = api.world.person("Anna")
    anna.say("/latest KZ")
    await api.world.until(lambda: anna.chat.texts)
"""

import asyncio
import json
from contextlib import suppress
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import h11

from fakes.botapi.faults import Fault
from fakes.botapi.methods import call
from fakes.botapi.world import ApiError, Call, Json, World

CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = "Conflict: can't use getUpdates method while webhook is active"
WEBHOOK_ACTIVE += "; use deleteWebhook to delete the webhook first"
LONGEST_POLL = 50


class _HangupError(Exception):
    """Close the connection without an answer."""


class FakeBotApi:
    """A server for one or more bots, each with its world."""

    def __init__(self, *worlds: World, host: str = "127.0.0.1", port: int = 0) -> None:
        self.worlds = {world.token: world for world in worlds or (World(),)}
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

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

    async def stop(self) -> None:
        """Close everything, also calls that hang."""
        if self._server:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        connection = h11.Connection(h11.SERVER)
        try:
            while await self._exchange(connection, reader, writer):
                connection.start_next_cycle()
        except (_HangupError, h11.RemoteProtocolError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            with suppress(Exception):
                writer.close()

    async def _exchange(
        self, connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request. False when the connection is to be closed."""
        request, body = await _request(connection, reader)
        if request is None:
            return False
        gone = asyncio.create_task(_gone(reader))
        answering = asyncio.create_task(self._answer(request, body))
        try:
            await asyncio.wait({gone, answering}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                raise _HangupError
            status, kind, payload = answering.result()
        finally:
            for task in (gone, answering):
                task.cancel()
            await asyncio.gather(gone, answering, return_exceptions=True)
        headers = [("content-type", kind), ("content-length", str(len(payload)))]
        writer.write(connection.send(h11.Response(status_code=status, headers=headers)) or b"")
        writer.write(
            (connection.send(h11.Data(data=payload)) or b"") + (connection.send(h11.EndOfMessage()) or b"")
        )
        await writer.drain()
        return connection.our_state is h11.DONE and connection.their_state is h11.DONE

    async def _answer(self, request: h11.Request, body: bytes) -> tuple[int, str, bytes]:
        target = urlsplit(request.target.decode())
        kind = next((value.decode() for name, value in request.headers if name == b"content-type"), "")
        try:
            params = dict(parse_qsl(target.query)) | _params(kind, body)
            world, method = self._route(target.path)
            fault = world.faults.next_for(method, params.get("chat_id"))
            if fault and fault.kind == "page":
                return fault.code, "text/html", b"<html><body><h1>Bad Gateway</h1></body></html>"
            result = await self._run(world, method, params, fault)
            return 200, "application/json", json.dumps({"ok": True, "result": result}).encode()
        except ApiError as error:
            answer: Json = {"ok": False, "error_code": error.code, "description": error.description}
            if error.parameters:
                answer["parameters"] = error.parameters
            return error.code, "application/json", json.dumps(answer).encode()

    def _route(self, path: str) -> tuple[World, str]:
        head, _, method = path.lstrip("/").partition("/")
        token = head.removeprefix("bot")
        if not head.startswith("bot") or ":" not in token:
            raise ApiError(404, "Not Found")
        if token not in self.worlds:
            raise ApiError(401, "Unauthorized")
        return self.worlds[token], method

    async def _run(self, world: World, method: str, params: Json, fault: Fault | None) -> Any:
        if fault and fault.kind == "drop":
            raise _HangupError
        entry = Call(method, params)
        world.journal.append(entry)
        world.changed()
        try:
            if fault and fault.kind == "answer":
                raise ApiError(fault.code, fault.description, dict(fault.parameters))
            entry.result = (
                await _updates(world, params)
                if method.lower() == "getupdates"
                else call(world, method, params)
            )
        except ApiError as error:
            entry.error = error.description
            raise
        finally:
            world.changed()
        if fault and fault.kind == "drop_after":
            raise _HangupError
        if fault and fault.kind == "hang_after":
            await asyncio.Event().wait()
        return entry.result


async def _request(
    connection: h11.Connection, reader: asyncio.StreamReader
) -> tuple[h11.Request | None, bytes]:
    request, body = None, bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            return request, bytes(body)
        else:
            return None, b""


async def _gone(reader: asyncio.StreamReader) -> None:
    """Return when the client has hung up. No client of ours sends a second request before the first is answered."""
    while not reader.at_eof():
        if not await reader.read(1):
            return


def _params(kind: str, body: bytes) -> Json:
    if kind.startswith("application/json"):
        try:
            decoded = json.loads(body or b"{}")
        except ValueError:
            raise ApiError(400, "Bad Request: can't parse JSON object") from None
        return decoded if isinstance(decoded, dict) else {}
    if kind.startswith("multipart/form-data"):
        message = BytesParser().parsebytes(b"content-type: " + kind.encode() + b"\r\n\r\n" + body)
        return {
            str(part.get_param("name", header="content-disposition")): _part_text(
                part.get_payload(decode=True)
            )
            for part in message.walk()
            if not part.is_multipart()
        }
    return dict(parse_qsl(body.decode("utf-8", "surrogateescape"), keep_blank_values=True))


def _part_text(payload: Any) -> str:
    return bytes(payload).decode("utf-8", "replace")


async def _updates(world: World, params: Json) -> list[Json]:
    """Long polling: the offset confirms, and a newer poll ends the one that waits."""
    if world.webhook:
        raise ApiError(409, WEBHOOK_ACTIVE)
    offset, limit = int(params.get("offset") or 0), min(100, max(1, int(params.get("limit") or 100)))
    timeout = min(LONGEST_POLL, max(0, int(params.get("timeout") or 0)))
    if world.poll and not world.poll.done():
        world.poll.set_exception(ApiError(409, CONFLICT))
    poll = world.poll = asyncio.get_running_loop().create_future()
    if offset < 0:
        del world.updates[:offset]
    elif offset > 0:
        world.updates[:] = [update for update in world.updates if update["update_id"] >= offset]
    try:
        if not world.updates and timeout:
            await _something(world, poll, timeout)
        if poll.done():
            poll.result()
    finally:
        poll.cancel()
    kinds = json.loads(params["allowed_updates"]) if isinstance(params.get("allowed_updates"), str) else None
    wanted = [update for update in world.updates if not kinds or set(update) & set(kinds)]
    return wanted[:limit]


async def _something(world: World, poll: asyncio.Future[None], seconds: float) -> None:
    """Wait for an update, for a rival poll, or for the end of the time."""
    waiting = asyncio.create_task(world.until(lambda: world.updates, seconds=seconds))
    try:
        await asyncio.wait({waiting, poll}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
