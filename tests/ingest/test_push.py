"""``POST /stories``: every story gets its answer, every mistake its sentence."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from services.ingest.ports import Admission, UnavailableError
from services.ingest.push import MAX_BYTES, MAX_STORIES, push_routes
from shared.clock import FixedClock
from shared.events import RawStory

NOON = datetime(2025, 11, 20, 12, tzinfo=UTC)
TOKEN = "a-token-of-the-tests"


class Door:
    """Admits into memory."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.stories: list[RawStory] = []
        self.closed: Exception | None = None

    async def __call__(self, stories: Sequence[tuple[RawStory, str]]) -> list[Admission]:
        if self.closed:
            raise self.closed
        return [self._admit(*story) for story in stories]

    def _admit(self, story: RawStory, fingerprint: str) -> Admission:
        before = self.known.get(story.story_id)
        self.known[story.story_id] = fingerprint
        if before == fingerprint:
            return Admission("duplicate", story.story_id)
        self.stories.append(story)
        return Admission("revised" if before else "accepted", story.story_id)


@pytest.fixture
def door() -> Door:
    return Door()


async def post(
    door: Door, body: Any, *, token: str | None = TOKEN, expected: str | None = TOKEN, **headers: str
) -> httpx.Response:
    app = Starlette(routes=push_routes(door, FixedClock(NOON), expected))
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Content-Type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://dateline") as client:
        return await client.post("/stories", content=content, headers=sent)


async def test_one_story(door: Door) -> None:
    answer = await post(
        door,
        {
            "id": "7",
            "title": "Rain in Osh",
            "text": "It rained.",
            "url": "https://example.com/7",
            "published_at": "2025-11-20T10:00:00Z",
            "author": "Ann",
            "language": "en",
            "highlighted": True,
            "source": {"id": "desk", "name": "Our desk"},
            "data": "ignored",
        },
    )
    assert answer.status_code == 202
    (story,) = door.stories
    assert answer.json() == {"results": [{"index": 0, "status": "accepted", "story_id": story.story_id}]}
    assert (story.source.id, story.source.name, story.source.kind) == ("desk", "Our desk", "push")
    assert (story.title, story.author, story.highlighted, story.origin) == (
        "Rain in Osh",
        "Ann",
        True,
        "live",
    )
    assert story.published_at == datetime(2025, 11, 20, 10, tzinfo=UTC)
    assert story.first_seen_at == NOON
    assert "data" not in story.model_dump()


async def test_a_text_is_enough(door: Door) -> None:
    assert (await post(door, {"text": "It rained."})).status_code == 202
    (story,) = door.stories
    assert (story.source.id, story.source.name, story.title, story.published_at) == (
        "push",
        "push",
        None,
        None,
    )


async def test_answers_stand_in_the_order_of_the_request(door: Door) -> None:
    first = {"id": 1, "text": "It rained.", "source": "a"}
    await post(door, first)
    answer = await post(
        door,
        [first, {"text": " "}, {"id": 1, "text": "Rain.", "source": "b"}, {**first, "text": "It poured."}, 5],
    )
    results = answer.json()["results"]
    assert [result["index"] for result in results] == [0, 1, 2, 3, 4]
    assert [result["status"] for result in results[1:3]] == ["rejected", "accepted"]
    assert results[1]["reason"] == "empty_text"
    assert results[4]["reason"] == "not_an_object"
    assert answer.status_code == 202


async def test_the_same_again_and_a_revision(door: Door) -> None:
    story = {"id": "1", "text": "It rained.", "url": "https://example.com/1"}
    await post(door, story)
    again = await post(door, {**story, "text": "It  rained."})
    assert (again.status_code, again.json()["results"][0]["status"]) == (200, "duplicate")
    revised = await post(door, {**story, "text": "It poured."})
    assert (revised.status_code, revised.json()["results"][0]["status"]) == (202, "revised")


@pytest.mark.parametrize("token", [None, "", "wrong", "ä"])
async def test_without_the_token_nothing_is_taken(door: Door, token: str | None) -> None:
    headers = {} if token is None else {b"Authorization": f"Bearer {token}".encode()}
    app = Starlette(routes=push_routes(door, FixedClock(NOON), TOKEN))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://dateline") as client:
        answer = await client.post("/stories", json={"text": "It rained."}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert door.stories == []


async def test_another_scheme_is_no_token(door: Door) -> None:
    assert (await post(door, {"text": "x"}, token=None, Authorization=f"Basic {TOKEN}")).status_code == 401


@pytest.mark.parametrize("expected", [None, ""])
async def test_pushing_is_off_until_a_token_is_set(door: Door, expected: str | None) -> None:
    answer = await post(door, {"text": "It rained."}, token="", expected=expected)
    assert answer.status_code == 503
    assert "DATELINE_PUSH_TOKEN" in answer.json()["error"]


async def test_what_is_no_json(door: Door) -> None:
    assert (await post(door, b"rain", Content_Type="text/plain")).status_code == 415
    assert (await post(door, b"rain", Content_Encoding="gzip")).status_code == 415
    for body in (b"rain", b"", b'{"text": "\xff"}', b"[" * 10_000, b'{"text": NaN}'):
        answer = await post(door, body)
        assert (answer.status_code, "JSON" in answer.json()["error"]) == (400, True)


@pytest.mark.parametrize(
    ("story", "words"),
    [
        ({}, "neither a text nor a title"),
        ("rain", "JSON object"),
        ({"text": 5}, "text must be text"),
        ({"text": "Rain.", "highlighted": "yes"}, "highlighted must be true or false"),
        ({"text": "a" * 200_001}, "at most 200,000"),
        ({"text": "Rain.", "source": {"id": "a b"}}, "id"),
        ({"text": "Rain.", "source": 5}, "source must be an id"),
    ],
)
async def test_a_story_that_cannot_be_taken(door: Door, story: Any, words: str) -> None:
    answer = await post(door, story)
    assert answer.status_code == 422
    assert words in answer.json()["error"]
    assert answer.json()["results"][0]["status"] == "rejected"
    assert door.stories == []


async def test_lists_that_are_empty_or_all_wrong(door: Door) -> None:
    assert (await post(door, [])).status_code == 422
    answer = await post(door, [{"text": ""}, 5])
    assert answer.status_code == 422
    assert len(answer.json()["results"]) == 2


async def test_too_many_stories(door: Door) -> None:
    answer = await post(door, [{"text": "Rain."}] * (MAX_STORIES + 1))
    assert (answer.status_code, str(MAX_STORIES) in answer.json()["error"]) == (413, True)


async def test_too_many_bytes_are_not_even_read(door: Door) -> None:
    read = 0

    async def endless() -> Any:
        nonlocal read
        while True:
            read += 65_536
            yield b" " * 65_536

    app = Starlette(routes=push_routes(door, FixedClock(NOON), TOKEN))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://dateline") as client:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        answer = await client.post("/stories", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert read <= MAX_BYTES + 2 * 65_536
    told = await post(door, b"{}", Content_Length=str(MAX_BYTES + 1))
    assert told.status_code == 413


@pytest.mark.parametrize(
    ("closed", "seconds"),
    [
        (UnavailableError("The stream is full.", retry_after=7), "7"),
        (UnavailableError("The stream is away."), "30"),
    ],
)
async def test_when_nothing_can_be_admitted(door: Door, closed: Exception, seconds: str) -> None:
    door.closed = closed
    answer = await post(door, {"text": "It rained."})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == seconds
    assert "stream" in answer.json()["error"]


async def test_what_is_turned_away_is_counted_once_the_rest_is_in(door: Door) -> None:
    class Counts(Counter[tuple[str, str]]):
        async def reject(self, source_id: str, reason: str) -> None:
            self[source_id, reason] += 1

    counts = Counts()
    app = Starlette(routes=push_routes(door, FixedClock(NOON), TOKEN, rejects=counts))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://dateline") as client:
        door.closed = UnavailableError("The stream is away.")
        await client.post("/stories", json=[{"text": "Rain."}, {"text": ""}, 5], headers=headers)
        assert counts == {}
        door.closed = None
        await client.post("/stories", json=[{"text": "Rain."}, {"text": ""}, 5], headers=headers)
    assert counts == {("push", "empty_text"): 1, ("push", "not_an_object"): 1}


async def test_only_post(door: Door) -> None:
    app = Starlette(routes=push_routes(door, FixedClock(NOON), TOKEN))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://dateline") as client:
        assert (await client.get("/stories")).status_code == 405
