"""Decompress an HTTP body piece by piece, never beyond a limit: a few bytes can hold gigabytes."""

import zlib


class TooLargeError(Exception):
    """The body is over the limit, as sent or decompressed."""


class UnknownEncodingError(Exception):
    """The body is compressed in a way that we did not ask for, or is broken."""


class BoundedDecoder:
    """Takes a body as sent and gives it back decompressed, at most ``limit`` bytes of either."""

    def __init__(self, encoding: str, limit: int) -> None:
        """Take ``encoding``, the value of Content-Encoding; gzip, deflate (zlib or raw) or nothing."""
        name = encoding.strip().lower()
        if name not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise UnknownEncodingError(f"the answer's Content-Encoding is {name[:50]}")
        self._limit = limit
        self._received = 0
        self._body = bytearray()
        self._deflate = name == "deflate"
        self._inflate = None if name in {"", "identity"} else zlib.decompressobj(15 if self._deflate else 31)

    def feed(self, chunk: bytes) -> None:
        """Take the next piece. Raises TooLargeError or UnknownEncodingError."""
        self._received += len(chunk)
        if self._received > self._limit:
            raise TooLargeError
        self._body += self._inflated(chunk)
        if len(self._body) > self._limit:
            raise TooLargeError

    def finish(self) -> bytes:
        """Return the whole body. Raises UnknownEncodingError when its end is missing."""
        if self._inflate is not None and self._received and not self._inflate.eof:
            raise UnknownEncodingError("the compressed answer ends too early")
        return bytes(self._body)

    def _inflated(self, chunk: bytes) -> bytes:
        if self._inflate is None:
            return chunk
        if self._inflate.eof:
            return b""
        room = self._limit - len(self._body) + 1
        try:
            return self._inflate.decompress(chunk, room)
        except zlib.error as error:
            if self._deflate and self._received == len(chunk):
                # "deflate" is a zlib stream by the book and a bare one by many servers.
                self._deflate, self._inflate = False, zlib.decompressobj(-15)
                return self._inflated(chunk)
            raise UnknownEncodingError(f"the answer cannot be decompressed: {error}") from error
