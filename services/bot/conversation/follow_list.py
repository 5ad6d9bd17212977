"""The list of what somebody follows, in pages, with buttons to stop and to widen or narrow each."""

import re

from services.bot.conversation import notices
from services.bot.conversation.cleaning import shorten
from services.bot.conversation.intents import Intent
from services.bot.conversation.machine import Data, iso
from services.bot.conversation.messages import Block, Button, Incoming, Reply, Span, line
from services.bot.conversation.naming import flag_of, name_of, said_of, term
from services.bot.conversation.ports import Desk
from services.bot.conversation.texts import _, plural
from services.bot.subscriptions import Follow, FollowRole

#: Follows on a page, and characters of a name on a button: two stand in a row.
PAGE = 8
NAME = 20

#: ``/following 2``: a page. ``/following 2 stop KZ +uranium``: a change, after which that page is shown again.
_ORDER = re.compile(r"(?P<page>\d{1,4})?\s*(?:(?P<change>stop|about|all)\s+(?P<term>\S.*))?$")
_ROLES: dict[str, FollowRole] = {"about": "subject", "all": "mentioned"}


def list_button() -> Button:
    """Return the button that leads to the list."""
    return Button(_("What I follow"), "/following")


async def following(desk: Desk, incoming: Incoming, intent: Intent) -> Reply:
    """Show what somebody follows, after a change where one was asked for by a button of the list."""
    order = _ORDER.match(intent.words)
    said, data = None, Data(intent="following")
    if order and order["change"]:
        if (refused := await notices.refusal(desk, incoming, "following")) is not None:
            return refused
        said, gone = await _change(desk, incoming.who, order["change"], order["term"])
        data["unfollowed"] = gone
    follows = await desk.subscriptions.following(incoming.who)
    data["following"] = [_follow_data(desk, each) for each in follows]
    replaces = incoming.pressed and bool(intent.words)
    if not follows:
        return _nothing(desk, data, said, replaces=replaces)
    pages = -(-len(follows) // PAGE)
    page = min(max(int((order and order["page"]) or 1), 1), pages)
    shown = follows[(page - 1) * PAGE : page * PAGE]
    head = _("You follow {count}:", count=plural("{count} thing", "{count} things", len(follows)))
    rows = [line(f"{flag_of(desk, each.key)}{name_of(desk, each.key)}", _role_mark(each)) for each in shown]
    blocks = [Block((line(said),))] if said else []
    blocks.append(Block((line(Span(head, bold=True)), *rows)))
    if pages > 1:
        blocks.append(Block((line(_("Page {page} of {pages}", page=page, pages=pages)),)))
    buttons = [_buttons(desk, each, page) for each in shown]
    return Reply((*blocks,), (*buttons, *_turning(page, pages)), replaces, said, data)


async def _change(desk: Desk, who: str, change: str, written: str) -> tuple[str, list[str]]:
    """Change the follow that a button wrote. Return what to say, and the keys of what is followed no more."""
    follow = next(
        (each for each in await desk.subscriptions.following(who) if term(each.key) == written), None
    )
    if follow is None:
        return _("You do not follow this any more."), []
    name = name_of(desk, follow.key)
    if change == "stop":
        await desk.subscriptions.unfollow(who, follow.target, follow.words)
        return _("You no longer follow {names}.", names=said_of(desk, follow.key)), [follow.key]
    role = _ROLES[change]
    await desk.subscriptions.follow(who, follow.target, role, desk.clock.now(), follow.words)
    if role == "mentioned":
        return _("{name}: every mention from now on.", name=name), []
    return _("{name}: only stories about it from now on.", name=name), []


def _nothing(desk: Desk, data: Data, said: str | None, *, replaces: bool) -> Reply:
    offer = _("Follow {name}", name=place.name) if (place := desk.places.get("central-asia")) else ""
    ways = [Button(offer, "/follow central-asia")] if offer else []
    lines = [*([said] if said else []), _("You follow nothing yet. Try: follow Kazakhstan.")]
    reply = notices.notice(lines, data, ways, toast=said)
    return Reply(reply.blocks, reply.buttons, replaces, said, data)


def _role_mark(follow: Follow) -> str:
    return _(" (every mention)") if follow.role == "mentioned" else ""


def _buttons(desk: Desk, follow: Follow, page: int) -> tuple[Button, ...]:
    """Return the button to stop, and the one to change the role; an actor is always what a story is about."""
    written = term(follow.key)
    name = shorten(written if follow.words else name_of(desk, follow.key), NAME)
    stop = Button(_("Stop {name}", name=name), f"/following {page} stop {written}")
    if follow.target.startswith("actor:"):
        return (stop,)
    if follow.role == "subject":
        other = Button(_("{name}: every mention", name=name), f"/following {page} all {written}")
    else:
        other = Button(_("{name}: only about it", name=name), f"/following {page} about {written}")
    return stop, other


def _turning(page: int, pages: int) -> tuple[tuple[Button, ...], ...]:
    back = [Button(_("‹ Back"), f"/following {page - 1}")] if page > 1 else []
    on = [Button(_("More ›"), f"/following {page + 1}")] if page < pages else []
    return ((*back, *on),) if back or on else ()


def _follow_data(desk: Desk, each: Follow) -> Data:
    data: Data = {
        "target": each.target,
        "name": name_of(desk, each.key),
        "role": each.role,
        "since": iso(each.since),
    }
    return {**data, "words": str(each.words)} if each.words else data
