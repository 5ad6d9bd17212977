"""What a bot says about itself, and what it may ask about chats and the people in them."""

import re

from fakes.botapi.chats import ADMINISTRATORS, full_chat_json
from fakes.botapi.errors import Json, bad_request
from fakes.botapi.messages import chat_of
from fakes.botapi.params import decoded, number, structure
from fakes.botapi.world import World

MOST_COMMANDS = 100
_SCOPES = frozenset(
    "default all_private_chats all_group_chats all_chat_administrators chat chat_administrators "
    "chat_member".split()
)
_PROFILE = {"name": 64, "description": 512, "short_description": 120}


def _scope(world: World, params: Json) -> str:
    """Return the key of a command menu: its scope and its language."""
    scope = structure(params, "scope") or {"type": "default"}
    kind = str(scope.get("type", ""))
    if kind not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    where = ""
    if kind in {"chat", "chat_administrators", "chat_member"}:
        chat = chat_of(world, scope)
        chat.check_alive()
        where = f":{chat.id}"
        if kind == "chat_member":
            where += f":{_user_id(scope)}"
    language = str(params.get("language_code", ""))
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("LANGUAGE_CODE_INVALID")
    return f"{kind}{where}:{language}"


def set_my_commands(world: World, params: Json) -> bool:
    """Set the command menu of a scope and language."""
    commands = decoded(params, "commands")
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not isinstance(command, dict):
            raise bad_request("can't parse BotCommand: expected an Object")
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", str(command.get("command", ""))):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    world.commands[_scope(world, params)] = [
        {"command": c["command"].removeprefix("/"), "description": c["description"]} for c in commands
    ]
    return True


def get_my_commands(world: World, params: Json) -> list[Json]:
    """Return the command menu of exactly this scope and language."""
    return world.commands.get(_scope(world, params), [])


def delete_my_commands(world: World, params: Json) -> bool:
    """Take the command menu of a scope and language away."""
    world.commands.pop(_scope(world, params), None)
    return True


def menu_for(world: World, chat_id: int, user_id: int, language: str) -> list[Json]:
    """Return the commands that somebody sees in a chat: of the narrowest scope that has any, in their language."""
    chat, member = world.chats[chat_id], world.chats[chat_id].members.get(user_id)
    scopes = [f"chat_member:{chat_id}:{user_id}", "all_private_chats", "default"]
    scopes.insert(1, f"chat:{chat_id}")
    if chat.type != "private":
        admin = bool(member and member.status in ADMINISTRATORS)
        scopes = [f"chat_member:{chat_id}:{user_id}", *([f"chat_administrators:{chat_id}"] if admin else [])]
        scopes += [
            f"chat:{chat_id}",
            *(["all_chat_administrators"] if admin else []),
            "all_group_chats",
            "default",
        ]
    for scope in scopes:
        for key in (f"{scope}:{language}", f"{scope}:"):
            if world.commands.get(key):
                return world.commands[key]
    return []


def set_profile(world: World, params: Json, field: str) -> bool:
    """Set the bot's name or a description in a language."""
    text = str(params.get(field, ""))
    if len(text) > _PROFILE[field]:
        raise bad_request(f"BOT_{'TITLE' if field == 'name' else 'INFO'}_INVALID")
    world.profile[f"{field}:{params.get('language_code', '')}"] = text
    return True


def get_profile(world: World, params: Json, field: str) -> Json:
    """Return the bot's name or a description in a language, else in none."""
    found = world.profile.get(f"{field}:{params.get('language_code', '')}")
    return {field: found or world.profile.get(f"{field}:", "")}


def _user_id(params: Json) -> int:
    user_id = max(0, number(params, "user_id"))
    if not user_id:
        raise bad_request("invalid user_id specified")
    return user_id


def get_chat(world: World, params: Json) -> Json:
    """Describe a chat."""
    chat = chat_of(world, params)
    if chat.type != "private":
        chat.check_alive()
    return full_chat_json(chat)


def get_chat_member(world: World, params: Json) -> Json:
    """Tell what somebody is in a chat."""
    user_id = _user_id(params)
    chat = chat_of(world, params)
    if chat.type != "private":
        chat.check_alive()
    member = chat.member(user_id)
    if member is None:
        raise bad_request("user not found")
    return member.as_json(chat.type)


def get_chat_administrators(world: World, params: Json) -> list[Json]:
    """List the owner and the administrators of a group or channel."""
    chat = chat_of(world, params)
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    chat.check_alive()
    members = [*chat.members.values(), chat.bot_member]
    return [member.as_json(chat.type) for member in members if member.status in ADMINISTRATORS]


def get_chat_member_count(world: World, params: Json) -> int:
    """Count who is in a chat, the bot with them."""
    chat = chat_of(world, params)
    if chat.type == "private":
        return 2
    chat.check_alive()
    return 1 + sum(member.status not in {"left", "kicked"} for member in chat.members.values())


def leave_chat(world: World, params: Json) -> bool:
    """Let the bot leave a group or channel."""
    chat = chat_of(world, params)
    if chat.type == "private":
        raise bad_request("chat member status can't be changed in private chats")
    chat.check_alive()
    world.change_membership(chat, world.me, "left")
    return True
