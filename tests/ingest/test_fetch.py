"""Fetching from a real server on this machine that is as rude as the web."""

import asyncio
import gzip
import ssl
import subprocess
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest

from services.ingest.addresses import Address, is_private, is_public, resolve
from services.ingest.fetch import Fetched, Fetcher, FetchError, NotModified, Validators
from services.ingest.sources import SourceConfig
from shared.clock import FixedClock

HOME = ip_address("127.0.0.1")
NOON = datetime(2025, 11, 20, 12, tzinfo=UTC)
LIMIT = 100_000

Answer = Callable[[str, dict[str, str], asyncio.StreamWriter], Awaitable[None]]


def response(status: str, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Web:
    """A server whose pages are raw bytes, and that remembers what it was asked."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.port = 0
        self.hang = asyncio.Event()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        path = head[0].split(" ")[1]
        self.asked.append((path, headers))
        writer.write(self.pages.get(path, response("404 Not Found")))
        await writer.drain()
        if path.startswith("/hang"):
            await self.hang.wait()
        writer.close()


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    web = Web()
    server = await asyncio.start_server(web.handle, "127.0.0.1", 0)
    web.port = server.sockets[0].getsockname()[1]
    yield web
    web.hang.set()
    server.close()


async def local(host: str, port: int) -> list[Address]:
    """The names of the tests: a public host (played by 127.0.0.1), and one on the same machine that is not."""
    names = {"news.example": [HOME], "inside.example": [ip_address("127.0.0.2")]}
    return names[host] if host in names else await resolve(host, port)


def fetcher(**options: object) -> Fetcher:
    settings = {"resolver": local, "allowed": lambda address: address == HOME, "max_bytes": LIMIT} | options
    return Fetcher(FixedClock(NOON), **settings)  # type: ignore[arg-type]  # a bag of options for the tests


def source(web: Web, path: str, host: str = "news.example", *, private: bool = False) -> SourceConfig:
    return SourceConfig(id="a", url=f"http://{host}:{web.port}{path}", allow_private=private)


async def failure(source: SourceConfig, **options: object) -> FetchError:
    async with fetcher(**options) as one:
        with pytest.raises(FetchError) as error:
            await one.fetch(source)
    return error.value


async def success(source: SourceConfig, validators: Validators | None = None, **options: object) -> Fetched:
    async with fetcher(**options) as one:
        fetched = await one.fetch(source, validators)
    assert isinstance(fetched, Fetched)
    return fetched


async def test_a_page_with_its_type_and_validators(web: Web) -> None:
    web.pages["/a"] = response(
        "200 OK", b"rain", Content_Type="text/plain", ETag='"1"', Last_Modified="today"
    )
    fetched = await success(source(web, "/a"))
    assert fetched.payload == b"rain"
    assert fetched.content_type == "text/plain"
    assert fetched.validators == Validators('"1"', "today")
    _, headers = web.asked[0]
    assert headers["host"] == f"news.example:{web.port}"
    assert headers["user-agent"].startswith("dateline")
    assert "if-none-match" not in headers


async def test_a_page_that_did_not_change(web: Web) -> None:
    web.pages["/a"] = response("304 Not Modified")
    async with fetcher() as one:
        assert await one.fetch(source(web, "/a"), Validators('"1"', "today")) == NotModified()
    _, headers = web.asked[0]
    assert (headers["if-none-match"], headers["if-modified-since"]) == ('"1"', "today")


async def test_a_validator_that_no_header_can_carry_back_is_left_out(web: Web) -> None:
    web.pages["/a"] = response("200 OK", b"rain")
    await success(source(web, "/a"), Validators('"дождь"', "today"))
    _, headers = web.asked[0]
    assert "if-none-match" not in headers
    assert headers["if-modified-since"] == "today"


async def test_a_304_that_nobody_asked_for_is_an_error(web: Web) -> None:
    web.pages["/a"] = response("304 Not Modified")
    assert (await failure(source(web, "/a"))).reason == "http_304"


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "500 Oops", "204 No Content"])
async def test_other_answers(web: Web, status: str) -> None:
    web.pages["/a"] = response(status)
    assert (await failure(source(web, "/a"))).reason == f"http_{status[:3]}"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Thu, 20 Nov 2025 12:01:00 GMT", 60.0),
        ("Thu, 20 Nov 2025 11:00:00 GMT", 0.0),
        ("soon", None),
    ],
)
async def test_a_wish_to_be_left_alone(web: Web, value: str, seconds: float | None) -> None:
    web.pages["/a"] = response("429 Too Many Requests", Retry_After=value)
    assert (await failure(source(web, "/a"))).retry_after == seconds


class TestSize:
    async def test_a_body_at_the_limit_and_one_over_it(self, web: Web) -> None:
        web.pages["/a"] = response("200 OK", b"x" * LIMIT)
        web.pages["/b"] = response("200 OK", b"x" * (LIMIT + 1))
        assert len((await success(source(web, "/a"))).payload) == LIMIT
        assert (await failure(source(web, "/b"))).reason == "too_large"

    async def test_a_body_without_a_length_that_goes_on(self, web: Web) -> None:
        web.pages["/hang"] = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (LIMIT + 1)
        assert (await failure(source(web, "/hang"))).reason == "too_large"

    @pytest.mark.parametrize("name", ["gzip", "deflate", "raw"])
    async def test_compressed_bodies(self, web: Web, name: str) -> None:
        raw = zlib.compressobj(wbits=-15)
        body = {
            "gzip": gzip.compress(b"rain"),
            "deflate": zlib.compress(b"rain"),
            "raw": raw.compress(b"rain") + raw.flush(),
        }
        encoding = "gzip" if name == "gzip" else "deflate"
        web.pages["/a"] = response("200 OK", body[name], Content_Encoding=encoding)
        assert (await success(source(web, "/a"))).payload == b"rain"

    async def test_a_bomb(self, web: Web) -> None:
        bomb = gzip.compress(bytes(50 * LIMIT))
        assert len(bomb) < LIMIT
        web.pages["/a"] = response("200 OK", bomb, Content_Encoding="gzip")
        assert (await failure(source(web, "/a"))).reason == "too_large"

    @pytest.mark.parametrize(
        ("body", "encoding"),
        [(b"rain", "gzip"), (b"rain", "br"), (gzip.compress(b"rain")[:-9], "gzip"), (b"rain", "gzip, gzip")],
    )
    async def test_compression_that_is_broken_or_not_asked_for(
        self, web: Web, body: bytes, encoding: str
    ) -> None:
        web.pages["/a"] = response("200 OK", body, Content_Encoding=encoding)
        assert (await failure(source(web, "/a"))).reason == "unknown_encoding"


class TestRedirects:
    async def test_five_are_followed_and_six_are_not(self, web: Web) -> None:
        for n in range(6):
            web.pages[f"/{n}"] = response("302 Found", Location=f"/{n + 1}")
        web.pages["/6"] = response("200 OK", b"rain")
        fetched = await success(source(web, "/1"))
        assert fetched.payload == b"rain"
        assert fetched.url == f"http://news.example:{web.port}/6"
        assert (await failure(source(web, "/0"))).reason == "too_many_redirects"

    @pytest.mark.parametrize(
        "host", ["inside.example", "127.0.0.2", "localhost6.invalid", "[::1]", "[::ffff:127.0.0.2]"]
    )
    async def test_a_redirect_inwards_is_refused(self, web: Web, host: str) -> None:
        web.pages["/a"] = response("302 Found", Location=f"http://{host}:{web.port}/secret")
        error = await failure(source(web, "/a"))
        assert error.reason == ("unknown_host" if "invalid" in host else "forbidden_address")
        assert [path for path, _ in web.asked] == ["/a"]

    async def test_the_default_refuses_a_redirect_to_this_machine(self, web: Web) -> None:
        web.pages["/a"] = response("302 Found", Location=f"http://127.0.0.1:{web.port}/secret")
        error = await failure(source(web, "/a"), allowed=is_public)
        assert error.reason == "forbidden_address"
        assert web.asked == []

    @pytest.mark.parametrize(
        "target",
        ["file:///etc/passwd", "ftp://news.example/", "mailto:ann@news.example", "gopher://news.example"],
    )
    async def test_only_the_web_is_followed(self, web: Web, target: str) -> None:
        web.pages["/a"] = response("302 Found", Location=target)
        assert (await failure(source(web, "/a"))).reason in {"forbidden_scheme", "protocol"}

    async def test_a_redirect_to_nowhere(self, web: Web) -> None:
        web.pages["/a"] = response("302 Found")
        assert (await failure(source(web, "/a"))).reason == "protocol"


class TestAddresses:
    async def test_this_machine_is_reached_only_where_the_source_allows_it(self, web: Web) -> None:
        web.pages["/a"] = response("200 OK", b"rain")
        for host in ("127.0.0.1", "localhost"):
            error = await failure(source(web, "/a", host), allowed=is_public)
            assert error.reason == "forbidden_address"
        fetched = await success(source(web, "/a", "127.0.0.1", private=True), allowed=is_public)
        assert fetched.payload == b"rain"

    async def test_the_connection_goes_to_the_address_that_was_checked(self, web: Web) -> None:
        answers = iter([[HOME], [ip_address("127.0.0.2")]])
        asked: list[str] = []

        async def rebinding(host: str, port: int) -> list[Address]:
            asked.append(host)
            return next(answers)

        web.pages["/a"] = response("200 OK", b"rain")
        assert (await success(source(web, "/a"), resolver=rebinding)).payload == b"rain"
        assert asked == ["news.example"]

    async def test_an_address_that_cannot_be_reached_is_passed_over(self, web: Web) -> None:
        async def two(host: str, port: int) -> list[Address]:
            return [ip_address("127.0.0.3"), HOME]

        web.pages["/a"] = response("200 OK", b"rain")
        fetched = await success(source(web, "/a"), resolver=two, allowed=lambda address: address.is_loopback)
        assert fetched.payload == b"rain"

    @pytest.mark.parametrize(
        ("address", "public", "private"),
        [
            ("93.184.215.14", True, False),
            ("2606:2800:21f:cb07::1", True, False),
            ("::ffff:93.184.215.14", True, False),
            ("64:ff9b::5db8:d70e", True, False),
            ("127.0.0.1", False, True),
            ("10.0.0.1", False, True),
            ("192.168.1.1", False, True),
            ("172.16.0.1", False, True),
            ("::1", False, True),
            ("fd00::1", False, True),
            ("::ffff:127.0.0.1", False, True),
            ("::ffff:10.0.0.1", False, True),
            ("2002:7f00:1::", False, True),
            ("64:ff9b::7f00:1", False, True),
            ("169.254.169.254", False, False),
            ("::ffff:169.254.169.254", False, False),
            ("64:ff9b::a9fe:a9fe", False, False),
            ("fe80::1", False, False),
            ("0.0.0.0", False, False),
            ("::", False, False),
            ("224.0.0.1", False, False),
            ("ff02::1", False, False),
            ("255.255.255.255", False, True),
            ("100.64.0.1", False, False),
            ("192.0.2.1", False, True),
            ("fec0::1", False, False),
        ],
    )
    def test_kinds_of_addresses(self, address: str, public: bool, private: bool) -> None:
        assert (is_public(ip_address(address)), is_private(ip_address(address))) == (public, private)


class TestFailures:
    async def test_a_body_that_never_ends(self, web: Web) -> None:
        web.pages["/hang"] = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nrain"
        assert (await failure(source(web, "/hang"), total_timeout=0.05)).reason == "timeout"
        assert (await failure(source(web, "/hang"), step_timeout=0.05)).reason == "timeout"

    async def test_a_connection_that_breaks_off(self, web: Web) -> None:
        web.pages["/a"] = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nrain"
        assert (await failure(source(web, "/a"))).reason == "protocol"

    async def test_no_http_at_all(self, web: Web) -> None:
        web.pages["/a"] = b"SSH-2.0-Rain\r\n\r\n"
        assert (await failure(source(web, "/a"))).reason == "protocol"

    async def test_nobody_listens(self, web: Web) -> None:
        closed = SourceConfig(id="a", url="http://news.example:9/")
        assert (await failure(closed)).reason == "unreachable"

    async def test_no_message_holds_a_password(self, web: Web) -> None:
        secret = SourceConfig(id="a", url=f"http://ann:hunter2@news.example:{web.port}/a?key=hunter2")
        error = await failure(secret)
        assert "hunter2" not in f"{error} {error.detail}"
        assert "authorization" in web.asked[0][1]


@pytest.fixture
async def secure_web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Web]:
    """A server with a certificate for news.example that the client trusts."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=news.example",
    ]
    command += ["-addext", "subjectAltName=DNS:news.example", "-keyout", str(key), "-out", str(certificate)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    web = Web()
    server = await asyncio.start_server(web.handle, "127.0.0.1", 0, ssl=context)
    web.port = server.sockets[0].getsockname()[1]
    yield web
    server.close()


async def test_the_certificate_is_checked_for_the_name_and_not_the_address(secure_web: Web) -> None:
    secure_web.pages["/a"] = response("200 OK", b"rain")
    good = SourceConfig(id="a", url=f"https://news.example:{secure_web.port}/a")
    assert (await success(good)).payload == b"rain"
    bad = SourceConfig(id="a", url=f"https://127.0.0.1:{secure_web.port}/a")
    assert (await failure(bad)).reason == "tls"


class TestFiles:
    async def test_a_file_and_the_same_file_again(self, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        path.write_bytes(b"rain")
        file = SourceConfig(id="a", path=path)
        fetched = await success(file)
        assert (fetched.payload, fetched.content_type, fetched.url) == (b"rain", None, None)
        async with fetcher() as one:
            assert await one.fetch(file, fetched.validators) == NotModified()
        path.write_bytes(b"rain and snow")
        assert (await success(file, fetched.validators)).payload == b"rain and snow"

    async def test_files_that_cannot_be_read(self, tmp_path: Path) -> None:
        (tmp_path / "big").write_bytes(b"x" * (LIMIT + 1))
        for name, reason in (("big", "too_large"), ("none", "not_found"), (".", "unreadable")):
            error = await failure(SourceConfig(id="a", path=tmp_path / name))
            assert error.reason in {reason, "not_a_file"}
        assert (await failure(SourceConfig(id="a", path=Path("/dev/zero")))).reason == "not_a_file"
