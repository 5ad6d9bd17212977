"""Lines of an input stream, read beside a running event loop."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Iterator
from typing import TextIO

#: Lines read ahead of the one being answered.
_AHEAD = 64
_CHUNK = 65_536


async def read_lines(stream: TextIO, stop: asyncio.Event) -> AsyncIterator[str]:
    """Yield the lines of a stream without their ends until it ends or ``stop`` is set. Undecodable bytes become �.

    A blocked read cannot be cancelled, so a daemon thread reads; it holds no lock that the interpreter needs to
    exit while it waits for a terminal that stays silent.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()
    room = threading.Semaphore(_AHEAD)

    def pump() -> None:
        try:
            for line in _lines(stream):
                room.acquire()
                loop.call_soon_threadsafe(queue.put_nowait, line)
            loop.call_soon_threadsafe(queue.put_nowait, None)
        except RuntimeError:  # the loop was closed: nobody listens any more
            return

    threading.Thread(target=pump, name="read-lines", daemon=True).start()
    stopped = asyncio.ensure_future(stop.wait())
    try:
        while not stop.is_set():
            line = asyncio.ensure_future(queue.get())
            await asyncio.wait({line, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not line.done():
                line.cancel()
                return
            said = line.result()
            if said is None:
                return
            room.release()
            yield said
    finally:
        stopped.cancel()


def _lines(stream: TextIO) -> Iterator[str]:
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError, AttributeError):  # not a file, for example a string in a test
        for line in stream:
            yield line.rstrip("\r\n")
        return
    rest = b""
    try:
        while chunk := os.read(descriptor, _CHUNK):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from (_decoded(line) for line in whole)
    except OSError:  # the terminal went away
        return
    if rest:
        yield _decoded(rest)


def _decoded(line: bytes) -> str:
    return line.decode("utf-8", errors="replace").rstrip("\r")
