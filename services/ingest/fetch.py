"""Fetch a source over HTTP or from a file, without trusting it: bounded in size, time, redirects and addresses."""

import asyncio
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx

from services.ingest.addresses import Address, Resolver, is_private, is_public, resolve
from services.ingest.decoding import BoundedDecoder, TooLargeError, UnknownEncodingError
from services.ingest.sources import SourceConfig
from shared.clock import Clock

USER_AGENT = "Dateline/0.1 (news reader; conditional requests)"
ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.8"
MAX_BYTES: Final = 10 * 1024 * 1024
MAX_REDIRECTS: Final = 5
_REDIRECTS = {301, 302, 303, 307, 308}
_MAX_ADDRESSES = 4


class FetchError(Exception):
    """A source could not be fetched. ``reason`` is a stable word for machines; ``detail`` is for people.

    Reasons: ``forbidden_address``, ``forbidden_scheme``, ``http_<status>``, ``not_a_file``, ``not_found``,
    ``protocol``, ``timeout``, ``tls``, ``too_large``, ``too_many_redirects``, ``unknown_encoding``,
    ``unknown_host``, ``unreachable``, ``unreadable``. ``retry_after`` is in seconds, when the source asked for a pause.
    """

    def __init__(self, reason: str, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Validators:
    """What a source gave us to ask "has it changed?" with next time."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """New content, decompressed. ``url`` is where it was found in the end; None for a file."""

    payload: bytes
    content_type: str | None
    validators: Validators
    url: str | None = None


@dataclass(frozen=True, slots=True)
class NotModified:
    """The source has nothing new."""


class Fetcher:
    """Fetches sources; an async context manager. Redirects are followed by hand, so that each one is checked.

    A host name is resolved once a hop, its addresses are checked, and the connection goes to a checked address
    itself: a name that answers differently a moment later (DNS rebinding) gains nothing. Connections are not kept,
    so that one host's TLS session never serves another's on the same address. Proxies of the environment are not
    used: behind one, nobody could tell where a request ends.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        resolver: Resolver = resolve,
        allowed: Callable[[Address], bool] = is_public,
        max_bytes: int = MAX_BYTES,
        step_timeout: float = 15.0,
        total_timeout: float = 60.0,
        user_agent: str = USER_AGENT,
    ) -> None:
        """Take times in seconds: for each connect or read, and for the whole fetch with its redirects."""
        self._clock = clock
        self._resolver = resolver
        self._allowed = allowed
        self._max_bytes = max_bytes
        self._total_timeout = total_timeout
        self._client = httpx.AsyncClient(
            verify=httpx.create_ssl_context(),
            trust_env=False,
            follow_redirects=False,
            timeout=step_timeout,
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"User-Agent": user_agent, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def fetch(
        self, source: SourceConfig, validators: Validators | None = None
    ) -> Fetched | NotModified:
        """Fetch the source, unless it says that nothing changed since ``validators``. Raises FetchError alone."""
        if source.path is not None:
            return await asyncio.to_thread(_read_file, source.path, validators, self._max_bytes)
        try:
            async with asyncio.timeout(self._total_timeout):
                return await self._follow(source, validators or Validators())
        except TimeoutError as error:
            raise FetchError("timeout", f"no answer within {self._total_timeout:g} s") from error

    async def _follow(self, source: SourceConfig, validators: Validators) -> Fetched | NotModified:
        url = httpx.URL(source.url or "")
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._request(source, url, validators)
            try:
                if response.status_code not in _REDIRECTS:
                    return await self._take(response, url, validators)
                url = _redirect_target(url, response)
            finally:
                await response.aclose()
        raise FetchError("too_many_redirects", f"more than {MAX_REDIRECTS}")

    async def _request(self, source: SourceConfig, url: httpx.URL, validators: Validators) -> httpx.Response:
        """Send to the first checked address that can be reached; the answer's body is not read yet."""
        addresses = await self._addresses(source, url)
        for last, address in ((address is addresses[-1], address) for address in addresses):
            request = self._client.build_request(
                "GET",
                url.copy_with(host=str(address), fragment=None),
                headers={"Host": url.netloc.decode("ascii"), **_conditions(validators)},
                extensions={"sni_hostname": url.raw_host.decode("ascii")},
            )
            try:
                return await self._client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if last:
                    raise _transport_error(error, url) from error
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise _transport_error(error, url) from error
        raise FetchError("unreachable", url.host)

    async def _addresses(self, source: SourceConfig, url: httpx.URL) -> list[Address]:
        if url.scheme not in {"http", "https"} or not url.host:
            raise FetchError("forbidden_scheme", "only http and https addresses are fetched")
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            found = await self._resolver(url.raw_host.decode("ascii").strip("[]"), port)
        except (OSError, UnicodeError) as error:
            raise FetchError("unknown_host", f"{url.host} cannot be resolved") from error
        permitted = [
            address
            for address in found
            if self._allowed(address) or (source.allow_private and is_private(address))
        ]
        if not permitted:
            private = any(is_private(address) for address in found)
            advice = "; allow_private in sources.toml, or --allow-private, lets it in" if private else ""
            raise FetchError("forbidden_address", f"{url.host} is not on the public internet{advice}")
        return permitted[:_MAX_ADDRESSES]

    async def _take(
        self, response: httpx.Response, url: httpx.URL, validators: Validators
    ) -> Fetched | NotModified:
        if response.status_code == 304 and validators != Validators():
            return NotModified()
        if response.status_code != 200:
            raise FetchError(
                f"http_{response.status_code}",
                response.reason_phrase,
                retry_after=self._retry_after(response),
            )
        payload = await self._read(response, url)
        headers = response.headers
        return Fetched(
            payload=payload,
            content_type=headers.get("content-type"),
            validators=Validators(headers.get("etag"), headers.get("last-modified")),
            url=str(url),
        )

    async def _read(self, response: httpx.Response, url: httpx.URL) -> bytes:
        """Read the body raw and decompress it here: httpx would inflate a chunk a thousandfold before we count."""
        try:
            decoder = BoundedDecoder(response.headers.get("content-encoding", ""), self._max_bytes)
            async for chunk in response.aiter_raw():
                decoder.feed(chunk)
            return decoder.finish()
        except TooLargeError as error:
            raise FetchError("too_large", f"more than {self._max_bytes:,} bytes") from error
        except UnknownEncodingError as error:
            raise FetchError("unknown_encoding", str(error)) from error
        except httpx.HTTPError as error:
            raise _transport_error(error, url) from error

    def _retry_after(self, response: httpx.Response) -> float | None:
        value = response.headers.get("retry-after", "").strip()
        if value.isdecimal():
            return float(value[:9])
        try:
            at = parsedate_to_datetime(value)
        except ValueError:
            return None
        return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - self._clock.now()).total_seconds())


def _conditions(validators: Validators) -> dict[str, str]:
    """Return the headers; a validator that no header can carry back is left out, and the source is asked anew."""
    pairs = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in pairs.items() if value and value.isascii()}


def _redirect_target(url: httpx.URL, response: httpx.Response) -> httpx.URL:
    try:
        return url.join(response.headers["location"])
    except (KeyError, httpx.InvalidURL, ValueError) as error:
        raise FetchError("protocol", "a redirect without a usable address") from error


def _transport_error(error: Exception, url: httpx.URL) -> FetchError:
    """Name the host alone: the address may hold a password."""
    if isinstance(error, httpx.TimeoutException):
        return FetchError("timeout", url.host)
    if isinstance(error, httpx.ConnectError):
        tls = "certificate" in str(error).lower() or "ssl" in str(error).lower()
        return FetchError("tls" if tls else "unreachable", url.host)
    if isinstance(error, httpx.NetworkError):
        return FetchError("unreachable", f"{url.host} broke the connection off")
    return FetchError("protocol", f"{url.host} does not speak HTTP as it should")


def _read_file(path: Path, validators: Validators | None, max_bytes: int) -> Fetched | NotModified:
    """Read a regular file. Its size and time of change serve as its ETag."""
    try:
        # Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
        with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise FetchError("not_a_file", str(path))
            etag = f"{status.st_mtime_ns:x}-{status.st_size:x}"
            if validators is not None and validators.etag == etag:
                return NotModified()
            payload = file.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise FetchError("not_found", str(path)) from error
    except OSError as error:
        raise FetchError("unreadable", f"{path}: {error.strerror}") from error
    if len(payload) > max_bytes:
        raise FetchError("too_large", f"{path} has more than {max_bytes:,} bytes")
    return Fetched(payload, None, Validators(etag=etag))
