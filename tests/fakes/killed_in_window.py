"""Runs the console script with a consumer that kills its own process beside the settling script.

``python killed_in_window.py before|after N verb...``: at the N-th settlement the process dies by SIGKILL, just before
the script is sent or just after the server has run it and before the consumer has heard so.
"""

import os
import signal
import sys
from typing import Any

from redis.asyncio import Redis

from services.cli import app
from shared import delivery
from shared.delivery_scripts import settle_script

WHEN, COUNT = sys.argv[1], int(sys.argv[2])


class KillingScript:
    def __init__(self, redis: Redis) -> None:
        self._script = settle_script(redis)
        self._calls = 0

    async def __call__(self, **arguments: Any) -> Any:
        self._calls += 1
        if WHEN == "before" and self._calls == COUNT:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = await self._script(**arguments)
        if WHEN == "after" and self._calls == COUNT:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer


if __name__ == "__main__":
    delivery.settle_script = KillingScript  # type: ignore[assignment]
    app(sys.argv[3:])
