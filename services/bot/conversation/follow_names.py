"""What follows are called, and how commands write them."""

from services.bot.conversation.ports import Desk
from services.bot.keywords import NO_WORDS, Keywords
from services.bot.subscriptions import target_of, words_of


def name_of(desk: Desk, key: str) -> str:
    """Return the name of a follow, its words behind it; its id when the target is no longer known."""
    kind, _, item_id = target_of(key).partition(":")
    item = desk.actors.get(item_id) if kind == "actor" else desk.places.get(item_id)
    return with_words(item.name if item is not None else item_id, words_of(key))


def with_words(name: str, words: Keywords | str = NO_WORDS) -> str:
    """Return the name of a target with words behind it: "Kazakhstan +uranium"."""
    return f"{name} {words}".rstrip()


def flag_of(desk: Desk, key: str) -> str:
    """Return the flag of a follow's place with a space, "" for an actor."""
    kind, _, item_id = target_of(key).partition(":")
    place = None if kind == "actor" else desk.places.get(item_id)
    return f"{place.flag} " if place is not None else ""


def term(key: str, *, mentions: bool = False) -> str:
    """Write a follow as commands do: country codes bare, the rest whole, "all" for every mention."""
    target, words = target_of(key).removeprefix("country:"), words_of(key)
    return " ".join(part for part in (target, "all" if mentions else "", words) if part)
