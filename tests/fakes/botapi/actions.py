"""What the page, or a test in another process, can make people do: each action takes a JSON object."""

from collections.abc import Callable

from fakes.botapi.chats import Chat, Shown
from fakes.botapi.errors import Json
from fakes.botapi.faults import Fault
from fakes.botapi.limits import Limits
from fakes.botapi.people import Person
from fakes.botapi.world import World


def _person(world: World, asked: Json) -> Person:
    person = world.people.get(int(asked["person"]))
    assert person, f"there is no person {asked['person']}"
    return person


def _chat(world: World, asked: Json) -> Chat:
    """Return the chat that is named, else the private chat of the person."""
    if asked.get("chat") is None:
        return _person(world, asked).chat
    chat = world.chats.get(int(asked["chat"]))
    assert chat, f"there is no chat {asked['chat']}"
    return chat


def _shown(world: World, asked: Json) -> Shown:
    shown = _chat(world, asked).find(asked["message"])
    assert shown, f"there is no message {asked['message']}"
    return shown


def say(world: World, asked: Json) -> Json:
    """{person, text, chat?, reply_to?, thread?, anonymous?}: write something."""
    chat = _chat(world, asked)
    replied = chat.find(asked["reply_to"]) if asked.get("reply_to") else None
    thread, anonymous = asked.get("thread"), bool(asked.get("anonymous"))
    shown = _person(world, asked).say(
        str(asked["text"]), chat, reply_to=replied, thread=thread, anonymous=anonymous
    )
    return {"message": shown.message_id}


def edit(world: World, asked: Json) -> None:
    """{person, chat?, message, text}: edit a message of one's own."""
    _person(world, asked).edit(_shown(world, asked), str(asked["text"]), _chat(world, asked))


def press(world: World, asked: Json) -> Json:
    """{person, chat?, label} or {person, chat?, message, row, column}: press a button."""
    person, chat = _person(world, asked), _chat(world, asked)
    if "label" in asked:
        return {"query": person.press(str(asked["label"]), chat)}
    shown = _shown(world, asked)
    button = shown.buttons[int(asked["row"])][int(asked["column"])]
    return {"query": person.press_data(button.get("callback_data"), shown, chat)}


def person(world: World, asked: Json) -> Json:
    """{name?, language?, started?}: let somebody new come."""
    new = world.person(
        str(asked.get("name") or "Anna"),
        language=str(asked.get("language") or "en"),
        started=bool(asked.get("started", True)),
    )
    return {"person": new.user["id"]}


def group(world: World, asked: Json) -> Json:
    """{person, title?, kind?, forum?, topics?}: make a group of everybody, owned by a person, with the bot in it."""
    owner = _person(world, asked)
    new = world.group(
        str(asked.get("title") or "Newsroom"), kind=str(asked.get("kind") or "supergroup"),
        forum=bool(asked.get("forum")), owner=owner,
    )  # fmt: skip
    for member in world.people.values():
        if member is not owner:
            new.add(member)
    owner.add_bot(new)
    return {"chat": new.id, "topics": [new.topic(str(name)) for name in asked.get("topics", [])]}


def membership(world: World, asked: Json) -> None:
    """{person, chat?, do}: block, unblock, kick_bot, add_bot, leave, join, promote, demote."""
    who, chat, what = _person(world, asked), _chat(world, asked), str(asked["do"])
    if what in {"block", "unblock", "delete_account"}:
        getattr(who, what)()
    elif what in {"kick_bot", "add_bot", "remove_bot", "leave"}:
        getattr(who, what)(chat)
    else:
        chat.add(who, {"join": "member", "promote": "administrator", "demote": "member"}[what])


def migrate(world: World, asked: Json) -> Json:
    """{chat}: make a supergroup of a group."""
    return {"chat": world.migrate(_chat(world, asked)).id}


def inline(world: World, asked: Json) -> Json:
    """{person, text, offset?}: ask in inline mode; the answer appears under ``inline`` of the world."""
    return {"query": _person(world, asked).ask_inline(str(asked["text"]), str(asked.get("offset", ""))).id}


def choose(world: World, asked: Json) -> Json:
    """{person, query, result, chat?}: tap a result of an inline question."""
    query = world.inline.asked.get(str(asked["query"]))
    assert query, f"there is no question {asked['query']}"
    shown = _person(world, asked).choose(query, str(asked["result"]), _chat(world, asked))
    return {"message": shown.message_id}


def faults(world: World, asked: Json) -> None:
    """{clear?} or the fields of a ``Fault``: {method, kind, code?, description?, parameters?, chat?, times?, skip?}."""
    if asked.pop("clear", False):
        world.faults.clear()
    if asked:
        world.faults.add(Fault(**asked))


def limits(world: World, asked: Json) -> None:
    """{on}: keep flood limits, or none; {ban, chat?}: answer 429 for so many seconds."""
    if "on" in asked:
        world.flood.enforce(Limits() if asked["on"] else None)
    if "ban" in asked:
        world.flood.ban(float(asked["ban"]), int(asked["chat"]) if asked.get("chat") else None)


def clock(world: World, asked: Json) -> Json:
    """{advance?, rate?}: set the clock forward by seconds, or let it run faster."""
    if "rate" in asked:
        world.clock.rate = float(asked["rate"])
    world.clock.advance(float(asked.get("advance", 0)))
    return {"now": world.clock.now()}


ACTIONS: dict[str, Callable[[World, Json], Json | None]] = {
    action.__name__: action
    for action in (
        say,
        edit,
        press,
        person,
        group,
        membership,
        migrate,
        inline,
        choose,
        faults,
        limits,
        clock,
    )
}
