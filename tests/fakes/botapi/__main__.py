"""Run the fake Bot API by hand and chat with a bot without a token of Telegram's:

    python -m fakes.botapi --port 8081          (from the folder tests/)
    DATELINE_TELEGRAM_BASE_URL=http://127.0.0.1:8081 DATELINE_TELEGRAM_TOKEN=<as printed> dateline up --no-console

Lines typed are said to the bot; ``!Label`` presses a button; what the bot shows is printed.
"""

import argparse
import asyncio
import sys
from functools import partial

from fakes.botapi.server import FakeBotApi
from fakes.botapi.world import Call, Chat, Person, World


async def _show(world: World, chat: Chat) -> None:
    """Print each message of the bot when it appears and when it changes."""
    known: dict[int, int] = {}
    while True:
        for shown in (shown for shown in chat.screen if shown.by_bot):
            if known.get(shown.message_id) != shown.edits:
                known[shown.message_id] = shown.edits
                mark = f"{' (silent)' * shown.silent}{' (edited)' * bool(shown.edits)}"
                buttons = " ".join(f"[{label}]" for label in shown.labels)
                _print(f"\n--- message {shown.message_id}{mark}\n{shown.text}\n{buttons}")
        seen = len(world.journal)
        await world.until(partial(_longer, world.journal, seen), seconds=86400)


def _longer(journal: list[Call], seen: int) -> bool:
    return len(journal) > seen


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def _type(person: Person) -> None:
    while text := (await asyncio.to_thread(sys.stdin.readline)).rstrip("\n"):
        try:
            person.press(text[1:]) if text.startswith("!") else person.say(text)
        except AssertionError as error:
            _print(str(error))


async def _main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--port", type=int, default=8081)
    arguments.add_argument("--token", default=World().token)
    arguments.add_argument("--name", default="Anna", help="who you are in the chat")
    chosen = arguments.parse_args()
    async with FakeBotApi(World(chosen.token), port=chosen.port) as api:
        _print(f"base URL {api.url}\ntoken    {chosen.token}")
        person = api.world.person(chosen.name)
        showing = asyncio.create_task(_show(api.world, person.chat))
        await _type(person)
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(_main())
