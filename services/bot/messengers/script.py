"""The script messenger: JSON lines in, JSON lines out, for tests and pipes.

In: ``{"who": "anna", "text": "latest on Kazakhstan"}``, or ``{"who": "anna", "action": "/latest KZ"}`` for a pressed
button. ``who`` may be left out (``script:me``); without a transport it is one of ``script:``. ``language`` is what the
client would report.
Out: ``{"who", "reply": {"text", "buttons": [[{"label", "action"}]], "replaces", "toast", "picture", "data"}}`` for each
line, in order (``picture`` says in words what a picture shows); ``{"who", "alert": {...}}`` of the same form for
everyone who has spoken; ``{"error", "line"}`` for a line that cannot be read, which ends nothing.
"""

import asyncio
import json
from typing import TextIO

from services.bot.conversation.cleaning import clean
from services.bot.conversation.core import Conversation
from services.bot.conversation.messages import Incoming, Reply
from services.bot.messengers.console_render import hang_up
from services.bot.messengers.inbox_port import Inbox
from services.bot.messengers.lines import read_lines
from shared.supervision import end


async def run_script(
    conversation: Conversation, inbox: Inbox, *, stdin: TextIO, stdout: TextIO, stop: asyncio.Event
) -> None:
    """Answer each line of ``stdin`` until it ends or ``stop`` is set; alerts come in between."""
    script = _Script(conversation, inbox, stdout)
    number = 0
    try:
        async for line in read_lines(stdin, stop):
            number += 1
            if line.strip():
                await script.take(line, number)
    except BrokenPipeError:  # whoever read the answers has seen enough
        hang_up(stdout)
    finally:
        await script.close()


def reply_data(reply: Reply) -> dict[str, object]:
    """Return a reply as plain JSON values."""
    return {
        "text": reply.plain,
        "buttons": [[{"label": each.label, "action": each.action} for each in row] for row in reply.buttons],
        "replaces": reply.replaces,
        "toast": reply.toast,
        "picture": reply.picture.alt if reply.picture else None,
        "data": reply.data,
    }


class _Script:
    def __init__(self, conversation: Conversation, inbox: Inbox, stdout: TextIO) -> None:
        self._conversation = conversation
        self._inbox = inbox
        self._stdout = stdout
        self._listening: dict[str, asyncio.Task[None]] = {}

    async def take(self, line: str, number: int) -> None:
        try:
            incoming = self._incoming(json.loads(line))
        except (ValueError, RecursionError) as error:
            self._write({"error": str(error), "line": number})
            return
        if incoming.who not in self._listening:
            self._listening[incoming.who] = asyncio.create_task(self._listen(incoming.who))
        reply = await self._conversation.handle(incoming)
        self._write({"who": incoming.who, "reply": reply_data(reply)})

    def _incoming(self, said: object) -> Incoming:
        fields = said if isinstance(said, dict) else {}
        pressed = "action" in fields
        who, text = fields.get("who", "script:me"), fields.get("action" if pressed else "text")
        if not isinstance(who, str) or not clean(who) or not isinstance(text, str):
            raise ValueError('a line is {"who": ..., "text": ...} or {"who": ..., "action": ...}')
        who = clean(who) if ":" in who else f"script:{clean(who)}"
        language = fields.get("language")
        return Incoming(
            who=who,
            text=text,
            at=self._conversation.clock.now(),
            pressed=pressed,
            language=language if isinstance(language, str) else None,
        )

    async def _listen(self, who: str) -> None:
        async for alert in self._inbox.alerts(who):
            self._write({"who": who, "alert": reply_data(alert)})

    def _write(self, message: dict[str, object]) -> None:
        self._stdout.write(json.dumps(message, ensure_ascii=False) + "\n")
        self._stdout.flush()

    async def close(self) -> None:
        """Stop listening."""
        await end(*self._listening.values())
