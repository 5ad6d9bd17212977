"""The embedded server: kept data, a locked folder, no orphan."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis.asyncio import Redis

from shared.embedded import (
    AlreadyRunning,
    DataFolder,
    EmbeddedServer,
    Instance,
    running_instance,
    socket_path,
)


async def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    for value in (b"first", b"second"):
        server = EmbeddedServer(tmp_path)
        await server.start()
        async with Redis.from_url(server.url) as client:
            before = await client.get("kept")
            await client.set("kept", value)
        await server.stop()

    assert before == b"first"


async def test_a_second_holder_is_told_the_process_id_of_the_first(tmp_path: Path) -> None:
    first, second = DataFolder(tmp_path), DataFolder(tmp_path)
    first.acquire()

    with pytest.raises(AlreadyRunning) as refusal:
        second.acquire()

    assert refusal.value.pid == os.getpid()
    assert str(os.getpid()) in str(refusal.value)
    first.release()
    second.acquire()
    second.release()


def test_a_running_instance_can_be_found_and_a_stopped_one_cannot(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.acquire()
    folder.announce(Instance(pid=os.getpid(), redis_url="unix:///there"))

    assert running_instance(tmp_path) == Instance(pid=os.getpid(), redis_url="unix:///there")
    folder.release()
    assert running_instance(tmp_path) is None


def test_a_long_folder_name_still_gives_a_usable_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)

    assert len(os.fsencode(socket_path(deep))) <= 104
    assert socket_path(deep) != socket_path(tmp_path / ("y" * 120))


async def test_a_killed_parent_leaves_nothing_that_stops_the_next_start(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys, pathlib\n"
        "from shared.embedded import EmbeddedServer\n"
        "async def main():\n"
        "    await EmbeddedServer(pathlib.Path(sys.argv[1])).start()\n"
        "    print('up', flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child, child.stdout:
        assert child.stdout.readline() == b"up\n"
        child.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10

    server = EmbeddedServer(tmp_path)
    await server.start()
    async with Redis.from_url(server.url) as client:
        await client.ping()
    await server.stop()

    assert time.monotonic() < deadline
