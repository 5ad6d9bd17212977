import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shared import health


@contextmanager
def service(answers: dict[str, tuple[int, str]]) -> Iterator[int]:
    """A real HTTP server that answers as told, 404 elsewhere; yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers.get(self.path, (404, "not found"))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Keep the test output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(arguments: list[str], port: int | str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"DATELINE_HTTP_PORT": str(port)}
    command = [sys.executable, "-m", "shared.health", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)


def test_the_command_passes_for_a_ready_service_and_shows_its_answer():
    with service({"/health/ready": (200, '{"ready": true}')}) as port:
        result = run([], port)

    assert (result.returncode, result.stdout) == (0, '200 {"ready": true}\n')


def test_the_command_fails_for_a_service_that_is_alive_but_not_ready():
    answers = {"/health/live": (200, "ok"), "/health/ready": (503, "redis: connection refused")}
    with service(answers) as port:
        ready, live = run(["ready"], port), run(["live"], port)

    assert (ready.returncode, ready.stdout) == (1, "503 redis: connection refused\n")
    assert live.returncode == 0


def test_the_command_fails_when_nothing_listens():
    result = run(["ready"], unused_port())

    assert result.returncode == 1
    assert "no answer on port" in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize("arguments", [["sideways"], ["ready", "live"]])
def test_misuse_is_told_apart_from_ill_health(arguments, capsys):
    assert health.main(arguments, {}) == 2
    assert "usage:" in capsys.readouterr().err


def test_a_port_that_is_no_number_is_misuse(capsys):
    assert health.main([], {"DATELINE_HTTP_PORT": "http"}) == 2
    assert "usage:" in capsys.readouterr().err


def test_a_service_that_accepts_but_never_answers_is_unhealthy():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        healthy, line = health.probe("ready", silent.getsockname()[1], timeout=0.05)

    assert not healthy
    assert "timed out" in line


def test_a_redirect_or_another_protocol_is_unhealthy():
    with service({"/health/ready": (302, "")}) as port:
        assert health.probe("ready", port)[0] is False


def test_a_server_that_talks_something_else_is_unhealthy():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_nonsense() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1024)
                connection.sendall(b"-ERR unknown command\r\n")

        thread = threading.Thread(target=answer_nonsense)
        thread.start()
        healthy, _ = health.probe("ready", listener.getsockname()[1])
        thread.join()

    assert not healthy
