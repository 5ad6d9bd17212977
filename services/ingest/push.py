"""``POST /stories``: stories pushed over HTTP, one or a list, with an answer for each."""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from services.ingest.formats.items import Item, Rejection
from services.ingest.formats.rows import in_plain_words, read_row
from services.ingest.identity import Identity, identify_all, to_raw_story
from services.ingest.ports import Admit, Rejects, UnavailableError
from shared.clock import Clock
from shared.events import RawStory, Source

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_STORIES: Final = 500
DEFAULT_SOURCE = "push"

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256)]


class _SourceFields(BaseModel):
    """Who tells the story; the push endpoint itself when nothing is said."""

    model_config = ConfigDict(extra="ignore", strict=True)

    id: str = Field(default=DEFAULT_SOURCE, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")
    name: Name | None = None
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")


class _RefusedError(Exception):
    """The request as a whole is turned away with this answer."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


@dataclass(frozen=True, slots=True)
class _Pushed:
    """A valid story of the request and its place in it."""

    index: int
    source: Source
    item: Item


class PushEndpoint:
    """Answers ``POST /stories``. Without a token it refuses everything: an open endpoint is never an accident."""

    def __init__(self, admit: Admit, clock: Clock, token: str | None, rejects: Rejects | None) -> None:
        self._admit = admit
        self._rejects = rejects
        self._clock = clock
        self._token = token

    async def answer(self, request: Request) -> Response:
        """Check the sender, read and admit the stories, and answer for each in order."""
        try:
            self._authorize(request)
            _require_json(request)
            return await self._take(_stories(await _body(request)))
        except _RefusedError as refused:
            return _answer(refused.status, {"error": str(refused)}, refused.headers)
        except UnavailableError as error:
            return _answer(503, {"error": str(error)}, {"Retry-After": str(error.retry_after)})
        except ClientDisconnect:
            return Response(status_code=400)

    def _authorize(self, request: Request) -> None:
        if not self._token:
            raise _RefusedError(503, "Pushing is off: set DATELINE_PUSH_TOKEN to switch it on.")
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode(), self._token.encode())
        if scheme.lower() != "bearer" or not right:
            raise _RefusedError(
                401,
                "Send the push token in the header Authorization: Bearer <token>.",
                {"WWW-Authenticate": 'Bearer realm="dateline"'},
            )

    async def _take(self, values: Sequence[object]) -> Response:
        pushed: list[_Pushed] = []
        results: dict[int, dict[str, Any]] = {}
        for index, value in enumerate(values):
            read = _read(index, value)
            if isinstance(read, _Pushed):
                pushed.append(read)
            else:
                results[index] = {"status": "rejected", "reason": read.reason, "detail": read.detail}
        if pushed:
            stories = self._identified(pushed)
            for entry, admission in zip(pushed, await self._admit(stories), strict=True):
                results[entry.index] = {"status": admission.status, "story_id": admission.story_id}
        # Only now: what could not be admitted is sent again as a whole, and must not be counted twice.
        await self._count_rejected(results.values())
        ordered = [{"index": index, **results[index]} for index in sorted(results)]
        if not pushed:
            return _answer(422, {"error": _why_none(ordered), "results": ordered})
        fresh = any(result["status"] in {"accepted", "revised"} for result in ordered)
        return _answer(202 if fresh else 200, {"results": ordered})

    async def _count_rejected(self, results: Iterable[dict[str, Any]]) -> None:
        for result in results:
            if self._rejects is not None and result["status"] == "rejected":
                await self._rejects.reject(DEFAULT_SOURCE, result["reason"])

    def _identified(self, pushed: Sequence[_Pushed]) -> list[tuple[RawStory, str]]:
        """Identify the stories, each among those of its own source, and return them in the order of the request."""
        identities: dict[int, Identity] = {}
        for source_id in {entry.source.id for entry in pushed}:
            mine = [entry for entry in pushed if entry.source.id == source_id]
            found = identify_all(source_id, [entry.item for entry in mine])
            identities.update(zip((entry.index for entry in mine), found, strict=True))
        now = self._clock.now()
        return [
            (
                to_raw_story(entry.source, entry.item, identities[entry.index], first_seen_at=now),
                identities[entry.index].fingerprint,
            )
            for entry in pushed
        ]


def push_routes(
    admit: Admit, clock: Clock, token: str | None, *, rejects: Rejects | None = None
) -> list[Route]:
    """Return the routes to mount; ``rejects`` counts what is turned away, under the source ``push``.

    ``token`` is the bearer token that senders must show; without one, pushing is off.
    """
    return [Route("/stories", PushEndpoint(admit, clock, token, rejects).answer, methods=["POST"])]


def _require_json(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type and media_type != "application/json" and not media_type.endswith("+json"):
        raise _RefusedError(415, "Send JSON, with the header Content-Type: application/json.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise _RefusedError(415, "Send the JSON as it is, without compression.")


async def _body(request: Request) -> bytes:
    """Read no more than the limit, whatever the header Content-Length says."""
    too_large = _RefusedError(413, f"A request may hold {MAX_BYTES:,} bytes; send the stories in several.")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > MAX_BYTES:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise too_large
    return bytes(body)


def _stories(body: bytes) -> list[object]:
    """Return the stories of the request: one object, or a list."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _RefusedError(400, f"The body is not valid JSON: {error}.") from error
    stories = value if isinstance(value, list) else [value]
    if not stories:
        raise _RefusedError(422, "The list holds no story.")
    if len(stories) > MAX_STORIES:
        raise _RefusedError(413, f"A request may hold {MAX_STORIES} stories; this one has {len(stories)}.")
    return stories


def _read(index: int, value: Any) -> _Pushed | Rejection:
    item = read_row(value)
    if isinstance(item, Rejection):
        return item
    source = _source(value.get("source"))
    return source if isinstance(source, Rejection) else _Pushed(index, source, item)


def _source(given: object) -> Source | Rejection:
    """Read ``source``: an object with id, name and country, or just the id; or nothing."""
    value = {"id": given} if isinstance(given, str) else given or {}
    if not isinstance(value, dict):
        return Rejection("bad_source", "source must be an id, or an object with id, name and country")
    try:
        fields = _SourceFields.model_validate(value)
    except ValidationError as error:
        return Rejection("bad_source", f"source: {in_plain_words(error)}")
    return Source(id=fields.id, name=fields.name or fields.id, kind="push", country=fields.country)


def _why_none(results: Sequence[dict[str, Any]]) -> str:
    if len(results) == 1:
        return f"The story was rejected: {results[0]['detail']}."
    return f"None of the {len(results)} stories could be taken; each result has its reason."


def _answer(status: int, content: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, media_type="application/json")
