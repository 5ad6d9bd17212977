"""A question written out: as the command that asks the same, and as the title of its answer."""

from services.bot.conversation import notices
from services.bot.conversation.intents import Intent
from services.bot.conversation.paging import Position
from services.bot.conversation.phrases import STAR
from services.bot.conversation.texts import _, speaker
from services.bot.conversation.windows import compact


def command_of(intent: Intent, position: Position | str | None = None) -> str:
    """Return the typed command that asks the same, from a position on (or ``TOP``)."""
    if intent.words:
        parts = ["/search", intent.words, *(f"in {term}" for term in intent.topic.terms)]
    else:
        parts = ["/latest", *intent.topic.terms]
    if intent.picks:
        parts.append(STAR)
    if intent.window is not None:
        parts.append(compact(intent.window, speaker().zone))
    if position is not None:
        parts.append(str(position))
    if intent.mentions and intent.topic:
        parts.append("all")
    return " ".join(parts)


def title_of(intent: Intent) -> str:
    """Return what stands above the answer to a question: "Latest on Kazakhstan, yesterday (17 Nov 2026)"."""
    name = intent.topic.name
    if intent.words:
        parts = [_("Stories with {words}", words=notices.quote(intent.words)), name]
    else:
        parts = [_("Latest on {name}", name=name) if name else _("Latest news")]
        parts += [_("all mentions")] if intent.mentions and name else []
    parts += [_("picked out by an editor")] if intent.picks else []
    parts += [intent.window.label] if intent.window else []
    parts += [_("continued")] if intent.position else []
    return ", ".join(part for part in parts if part)
