"""How the Elasticsearch archive reads the answers of a server that is unwell, played by a scripted one."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from fakes.stories import enriched_story
from shared.archive.elasticsearch import ElasticsearchArchive
from shared.archive.port import ArchiveUnavailable


class Scripted(ThreadingHTTPServer):
    """Answers bulk requests with what a test says, for the states that a healthy server never shows."""

    def __init__(self, *answers):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.answers = list(answers)
        self.requests = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Scripted
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).splitlines()
        ids = [json.loads(line)["index"]["_id"] for line in body[::2]]
        self.server.requests.append(ids)
        self._reply(*self.server.answers.pop(0)(ids))

    def do_POST(self):
        """Look stories up, of which this server has none."""
        wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["ids"]
        self._reply(200, {"docs": [{"_id": story_id, "found": False} for story_id in wanted]})

    def _reply(self, status, answer):
        reply = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.elasticsearch+json;compatible-with=9")
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        """Say nothing."""


def items(**statuses):
    """One item each: created, unless the test names another status for the id."""

    def answer(ids):
        found = []
        for story_id in ids:
            status = statuses.get(story_id, 201)
            error = {"type": "some_exception", "reason": "for a reason"}
            found.append(
                {"index": {"_id": story_id, "status": status} | ({"error": error} if status > 299 else {})}
            )
        return 200, {"took": 1, "errors": bool(statuses), "items": found}

    return answer


def whole(status):
    """Refuse the request as a whole."""
    return lambda _: (status, {"error": {"type": "refused", "reason": "as a whole"}, "status": status})


@pytest.fixture
def scripted():
    servers = []

    def start(*answers):
        server = Scripted(*answers)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


async def put_to(server, *ids):
    archive = ElasticsearchArchive(server.url)
    try:
        return [result.status for result in await archive.put([enriched_story(name) for name in ids])]
    finally:
        await archive.close()


async def test_item_statuses(scripted):
    server = scripted(items(b=409, c=400))

    assert await put_to(server, "a", "b", "c") == ["stored", "stale", "rejected"]


@pytest.mark.parametrize("status", [401, 403, 404, 408, 429, 500, 502, 503, 504])
async def test_a_server_that_cannot_now_is_unavailable_and_asked_only_once(scripted, status):
    for answer in (items(b=status), whole(status)):
        server = scripted(answer)
        with pytest.raises(ArchiveUnavailable, match=str(status)):
            await put_to(server, "a", "b")
        assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 413])
async def test_a_request_refused_as_a_whole_is_halved_until_the_culprit_stands_alone(scripted, status):
    server = scripted(whole(status), items(), whole(status), items(), whole(status))

    assert await put_to(server, "a", "b", "c", "bad") == ["stored", "stored", "stored", "rejected"]
    assert server.requests == [["a", "b", "c", "bad"], ["a", "b"], ["c", "bad"], ["c"], ["bad"]]
