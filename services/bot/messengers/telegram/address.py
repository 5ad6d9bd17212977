"""How a chat, or a topic of one, is written as a recipient: ``telegram:-100123`` and ``telegram:-100123/45``. Pure."""

from dataclasses import dataclass

_PREFIX = "telegram:"


@dataclass(frozen=True, slots=True)
class Address:
    """Where messages go. ``chat`` is an id, or a public name such as ``@channel``; ``thread`` is a topic of it."""

    chat: int | str
    thread: int | None = None


def recipient(chat: int | str, thread: int | None = None) -> str:
    """Return the recipient that a chat, or a topic of it, is."""
    return f"{_PREFIX}{chat}" if thread is None else f"{_PREFIX}{chat}/{thread}"


def address_of(who: str) -> Address:
    """Return where a recipient is."""
    chat, _, thread = who.removeprefix(_PREFIX).partition("/")
    return Address(
        int(chat) if chat.lstrip("-").isdigit() else chat, int(thread) if thread.isdigit() else None
    )
