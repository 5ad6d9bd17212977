"""Run the fake Bot API by hand, with a page to chat with the bot in a browser. No token of Telegram's is needed.

python -m fakes.botapi --port 8081          (from the folder tests/; ``dateline dev botapi`` does it)
"""

import argparse
import asyncio
import signal
import sys
import time
import webbrowser
from contextlib import suppress

from fakes.botapi.limits import Limits
from fakes.botapi.server import FakeBotApi
from fakes.botapi.world import World

READY = """The page        {url}/
Start the bot against it, in another terminal:

  export DATELINE_TELEGRAM_TOKEN={token}
  export DATELINE_TELEGRAM_BASE_URL={url}
  dateline up --sample --no-console

Everything is forgotten when this ends: Ctrl-C.
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dateline dev botapi", description="A Telegram of one's own.")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--token", default=World().token)
    parser.add_argument("--limits", action="store_true", help="answer 429 as Telegram does")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")
    return parser.parse_args()


async def _main(chosen: argparse.Namespace) -> int:
    world = World(chosen.token, limits=Limits() if chosen.limits else None, first_id=int(time.time()))
    api = FakeBotApi(world, port=chosen.port)
    try:
        await api.start()
    except OSError as error:
        sys.stderr.write(
            f"cannot listen on port {chosen.port}: {error.strerror}; choose another with --port\n"
        )
        return 1
    anna, boris = world.person("Anna"), world.person("Борис", language="ru")
    world.group("Newsroom", owner=anna).add(boris)
    sys.stdout.write(READY.format(url=api.url, token=world.token))
    sys.stdout.flush()
    if chosen.open:
        await asyncio.to_thread(webbrowser.open, f"{api.url}/")
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await api.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(_main(_arguments())))
