"""What each error of the library means for a message: the one place that knows.

Whether a message has left is told by the cause: a request that never reached Telegram may be sent again, one whose
answer was lost may not be taken for either. ``BadRequest`` is a ``NetworkError`` in this library, so order matters.
"""

from datetime import timedelta

import aiohttp
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from services.bot.messengers.port import Gone, Moved, NotSent, Outcome, Refused, Sent, Uncertain
from shared.observe import redact

#: Seconds until a request that never left, or one refused for its rate without saying how long, is tried again.
SOON = 2.0
RATE_UNKNOWN = 10.0
#: Seconds until a refused token is tried again: somebody has to mend it first.
TOKEN_REFUSED = 300.0

#: Failures before the first byte of a request went out.
_NEVER_LEFT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)

_NOT_MODIFIED = "message is not modified"
_UNREACHABLE_CHAT = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "chat_write_forbidden",
    "have no rights to send",
    "not enough rights to send",
    "need administrator rights",
    "topic_closed",
    "topic_deleted",
    "message thread not found",
    "group chat was deactivated",
    "user_is_deleted",
)


def outcome_of(error: TelegramError) -> Outcome:
    """Return what became of a message whose request ended in this error."""
    reason = redact(str(error))
    outcome: Outcome = Uncertain(reason)
    match error:
        case RetryAfter():
            outcome = NotSent(retry_after(error), reason, flood=True)
        case Forbidden():
            outcome = Gone(reason)
        case ChatMigrated():
            outcome = Moved(f"telegram:{error.new_chat_id}")
        case InvalidToken():
            outcome = NotSent(TOKEN_REFUSED, reason)
        case BadRequest():
            outcome = _bad_request(reason)
        case NetworkError():
            outcome = _network(error, reason)
        case Conflict():
            outcome = NotSent(SOON, reason)
    return outcome


def retry_after(error: RetryAfter) -> float:
    """Return how many seconds Telegram wants us to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def is_bad_markup(error: TelegramError) -> bool:
    """Return whether Telegram refused the markup of a message; its plain text can still be sent."""
    return isinstance(error, BadRequest) and "can't parse entities" in str(error).lower()


def is_stale_message(error: TelegramError) -> bool:
    """Return whether the message to edit is gone or may not be edited any more."""
    text = str(error).lower()
    signs = ("to edit not found", "can't be edited", "no text in the message")
    return isinstance(error, BadRequest) and any(sign in text for sign in signs)


def _bad_request(reason: str) -> Outcome:
    text = reason.lower()
    if _NOT_MODIFIED in text:
        return Sent("")
    if any(sign in text for sign in _UNREACHABLE_CHAT):
        return Gone(reason)
    return Refused(reason)


def _network(error: NetworkError, reason: str) -> Outcome:
    if isinstance(error.__cause__, _NEVER_LEFT):
        return NotSent(SOON, reason)
    if "too many requests" in reason.lower():
        return NotSent(RATE_UNKNOWN, reason, flood=True)
    return Uncertain(reason)
