"""Who may change what a chat follows and how it is told."""

from services.bot.conversation import notices
from services.bot.conversation.messages import Incoming, Reply
from services.bot.conversation.ports import Desk
from services.bot.conversation.texts import _


async def refusal(desk: Desk, incoming: Incoming, intent: str) -> Reply | None:
    """Return what to answer to somebody who may not change anything in this chat, None to who may."""
    if await desk.permissions.may_change(incoming.who, incoming.author):
        return None
    text = _(
        "Only administrators of this chat can change what it follows and its settings. Reading is for everybody."
    )
    toast = _("Only administrators can change this")
    return notices.notice(text, {"intent": intent, "error": "not_allowed"}, toast=toast)
