"""The verbs that talk: a chat in the terminal or for programs, and one question."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from typer import echo

from services.bot.app import build_actors, build_conversation
from services.bot.conversation.core import Conversation
from services.bot.conversation.texts import known_language
from services.bot.messengers.console import ask as ask_console
from services.bot.messengers.console import run_console
from services.bot.messengers.console_render import hang_up
from services.bot.messengers.inbox import RedisInbox
from services.bot.messengers.script import run_script
from services.standalone import Attachment, attach
from shared.actors.watchlist import WatchedActors
from shared.clock import SystemClock
from shared.places import load_places
from shared.service import stop_on_signals
from shared.settings import Settings

#: What every talking verb runs itself where nobody else does: a story on its way gets into the archive.
_NEED: Sequence[str] = ("enrich", "index")


def conversation_of(here: Attachment) -> Conversation:
    """Return the conversation over what the verb is attached to."""
    actors = build_actors(here.settings.watch_list)
    if isinstance(actors, WatchedActors):
        actors.watched.tell()
    places = load_places(here.settings.groups)
    return build_conversation(here.redis, here.archive, SystemClock(), actors, places)


async def converse(here: Attachment, *, who: str, stop: asyncio.Event) -> None:
    """Chat on this process's terminal or pipe until the input ends."""
    await run_console(
        conversation_of(here),
        RedisInbox(here.redis),
        who=who,
        stdin=sys.stdin,
        stdout=sys.stdout,
        stderr=sys.stderr,
        stop=stop,
        history=_history(here.settings.home),
        language=_terminal_language(),
    )


def _history(home: Path) -> Path | None:
    """Return where lines are kept for the next chat; nowhere in a container without a data folder."""
    return home / "history" if os.access(home, os.W_OK) else None


def _terminal_language() -> str | None:
    """Return the language that the environment asks programs for, None when it can't be spoken."""
    asked = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return known_language(next((locale for locale in asked if locale), None))


async def chat(settings: Settings, *, who: str, script: bool) -> int:
    """Chat with the instance that runs, or over the data folder when none does."""
    with stop_on_signals() as stop:
        async with attach(settings, need=_NEED) as here:
            if script:
                inbox = RedisInbox(here.redis)
                await run_script(conversation_of(here), inbox, stdin=sys.stdin, stdout=sys.stdout, stop=stop)
            else:
                await converse(here, who=_recipient(who), stop=stop)
    return 0


async def ask(settings: Settings, question: str, *, as_json: bool, who: str) -> int:
    """Answer one question. 1 when the archive cannot be reached."""
    async with attach(settings, need=_NEED) as here:
        answer = await ask_console(conversation_of(here), question, as_json=as_json, who=_recipient(who))
        healthy = (await here.archive.health()).ok
    try:
        echo(answer)
    except BrokenPipeError:  # whoever read it has seen enough
        hang_up(sys.stdout)
    return 0 if healthy else 1


def _recipient(who: str) -> str:
    return who if ":" in who else f"console:{who}"
