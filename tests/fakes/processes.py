"""Services as separate processes: started, watched over HTTP, killed."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx

DATELINE = str(Path(sys.executable).with_name("dateline"))


def free_port() -> int:
    """A port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServiceProcess:
    """One process with its environment and a log that is shown when it does not come up."""

    def __init__(
        self, *arguments: str, env: Mapping[str, str], log: Path, program: str | None = None
    ) -> None:
        self.port = free_port()
        self.log = log
        self._command = (
            [program or DATELINE, *arguments] if not program else [sys.executable, program, *arguments]
        )
        self._env = {**os.environ, "DATELINE_HTTP_PORT": str(self.port), **env}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, *, wait: bool = True) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        if wait:
            self.wait_ready()

    def wait_ready(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.base_url}/health/ready", timeout=2, trust_env=False).status_code == 200:
                    return
            if self._process is not None and self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(
            f"{self._command} did not get ready:\n{self.log.read_text(errors='replace')[-4000:]}"
        )

    def kill(self) -> None:
        """SIGKILL, as the out-of-memory killer or a lost machine would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def terminate(self, seconds: float = 20) -> int:
        """SIGTERM; returns the exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(seconds)

    def wait(self, seconds: float = 60) -> int:
        assert self._process is not None
        return self._process.wait(seconds)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        if self.running:
            self.kill()


@contextlib.contextmanager
def stopping(*processes: ServiceProcess) -> Iterator[None]:
    """Leave nothing running, however the block ends."""
    try:
        yield
    finally:
        for process in processes:
            process.stop()
