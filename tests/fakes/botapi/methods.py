"""The methods of the fake Bot API by name."""

from collections.abc import Callable
from functools import partial
from typing import Any

from fakes.botapi import inline_answers, menus, messages, updates
from fakes.botapi.errors import ApiError, Json
from fakes.botapi.world import World


def perform(world: World, method: str, params: Json) -> Any:
    """Run a method that answers at once, so any but getUpdates. Raises ``ApiError``."""
    run = METHODS.get(method.lower())
    if run is None:
        raise ApiError(404, "Not Found: method not found")
    return run(world, params)


METHODS: dict[str, Callable[[World, Json], Any]] = {
    "getme": lambda world, _params: world.me,
    "sendmessage": messages.send_message,
    "sendphoto": messages.send_photo,
    "copymessage": messages.copy_message,
    "editmessagetext": messages.edit_message_text,
    "editmessagecaption": messages.edit_message_caption,
    "editmessagemedia": messages.edit_message_media,
    "editmessagereplymarkup": messages.edit_message_reply_markup,
    "deletemessage": messages.delete_message,
    "deletemessages": messages.delete_messages,
    "answercallbackquery": messages.answer_callback_query,
    "answerinlinequery": inline_answers.answer_inline_query,
    "sendchataction": messages.send_chat_action,
    "setwebhook": updates.set_webhook,
    "deletewebhook": updates.delete_webhook,
    "getwebhookinfo": updates.get_webhook_info,
    "setmycommands": menus.set_my_commands,
    "getmycommands": menus.get_my_commands,
    "deletemycommands": menus.delete_my_commands,
    "getchat": menus.get_chat,
    "getchatmember": menus.get_chat_member,
    "getchatadministrators": menus.get_chat_administrators,
    "getchatmembercount": menus.get_chat_member_count,
    "leavechat": menus.leave_chat,
}
for _name, _field in (
    ("name", "name"),
    ("description", "description"),
    ("shortdescription", "short_description"),
):
    METHODS[f"setmy{_name}"] = partial(menus.set_profile, field=_field)
    METHODS[f"getmy{_name}"] = partial(menus.get_profile, field=_field)
