"""Virtual users: what somebody with a phone can do."""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from fakes.botapi.chats import Chat, Shown
from fakes.botapi.errors import Json
from fakes.botapi.inline import InlineQuery

if TYPE_CHECKING:
    from fakes.botapi.world import World

ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Person:
    """Somebody with a Telegram account. The private chat with the bot is ``chat``."""

    def __init__(
        self, world: "World", user_id: int, name: str, language: str, *, started: bool = True
    ) -> None:
        self._world = world
        self.user: Json = {"id": user_id, "is_bot": False, "first_name": name, "language_code": language}
        self.chat = world.add_chat(user_id, "private", name)
        world.people[user_id] = self
        if not started:
            self.chat.status = "stranger"

    # --- writing ---

    def say(
        self,
        text: str,
        chat: Chat | None = None,
        *,
        reply_to: Shown | None = None,
        thread: int | None = None,
        anonymous: bool = False,
        **more: Any,
    ) -> Shown:
        """Write something, in the private chat unless another is given. ``more`` are further message fields.

        In a group the bot hears it only as far as its privacy mode lets it (``World.privacy``). ``anonymous`` writes
        in the name of the group, as an administrator can.
        """
        chat = chat or self.chat
        if chat.type == "private" and chat.status == "stranger":
            chat.status = "member"
        if anonymous:
            member = chat.members.get(self.user["id"])
            assert member and member.status in {"creator", "administrator"}, (
                "only administrators can be anonymous"
            )
            more = {"sender_chat": chat.as_json(), "author_signature": ""} | more
        return self._world.write(
            chat, text, ANONYMOUS if anonymous else self.user, reply_to=reply_to, thread=thread, more=more
        )

    def start(self, payload: str = "") -> Shown:
        """Press START, after a link that may carry a payload."""
        assert not payload or _PAYLOAD.fullmatch(payload), f"Telegram passes on no such payload: {payload!r}"
        return self.say(f"/start {payload}".strip())

    def open(self, url: str) -> Shown:
        """Follow a link to the bot, such as https://t.me/dateline_bot?start=follow_KZ."""
        parts = urlsplit(url)
        assert parts.path.strip("/").lower() == self._world.me["username"].lower(), f"{url} is not the bot's"
        return self.start(parse_qs(parts.query).get("start", [""])[0])

    def edit(self, shown: Shown, text: str, chat: Chat | None = None) -> None:
        """Edit a message of one's own."""
        chat = chat or self.chat
        assert shown in chat.screen and not shown.by_bot, "not a message that this person can edit"
        shown.text, shown.edits, shown.edited_at = text, shown.edits + 1, self._world.now()
        self._world.tell(chat, shown, "edited_message")

    # --- pressing ---

    def press(self, label: str, chat: Chat | None = None) -> str:
        """Press the newest button with this label. Return the id of the press. Fails when nobody can see one."""
        chat = chat or self.chat
        for shown in reversed(chat.screen):
            if button := shown.button(label):
                return self.press_data(button.get("callback_data"), shown, chat)
        raise AssertionError(
            f"no button {label!r} on the screen, there are {[s.labels for s in chat.screen]}"
        )

    def press_data(self, data: str | None, shown: Shown, chat: Chat | None = None) -> str:
        """Press a button with any data, as an old or a forged client can."""
        query_id = self._world.open_query(chat or self.chat)
        query: Json = {"id": query_id, "from": self.user, "chat_instance": "1"}
        if shown.inline_id:
            query["inline_message_id"] = shown.inline_id
        else:
            query["message"] = self._world.message(chat or self.chat, shown)
        self._world.push({"callback_query": query | ({"data": data} if data is not None else {})})
        return query_id

    # --- inline mode ---

    def ask_inline(self, text: str, offset: str = "", *, where: str = "sender") -> InlineQuery:
        """Type ``@bot text`` in any chat. The answer appears in what is returned."""
        return self._world.inline.ask(self.user, text, offset, where)

    def choose(self, query: InlineQuery, result_id: str, chat: Chat) -> Shown:
        """Tap a result; its message appears in a chat."""
        return self._world.inline.choose(self.user, query, result_id, chat)

    # --- coming and going ---

    def block(self) -> None:
        """Block the bot."""
        self._world.change_membership(self.chat, self.user, "kicked")

    def unblock(self) -> None:
        """Let the bot in again."""
        self._world.change_membership(self.chat, self.user, "member")

    def delete_account(self) -> None:
        """Leave Telegram. The bot hears nothing of it before it writes."""
        self.chat.status = "deactivated"

    def add_bot(self, group: Chat, status: str = "member", payload: str = "") -> None:
        """Bring the bot into a group or channel; ``payload`` is that of a ?startgroup= link."""
        self._world.change_membership(group, self.user, status)
        if group.type != "channel":
            self._world.service(group, {"new_chat_members": [self._world.me]}, by=self.user)
        if payload:
            self.say(f"/start@{self._world.me['username']} {payload}", group)

    def kick_bot(self, group: Chat) -> None:
        """Throw the bot out of a group."""
        self._world.change_membership(group, self.user, "kicked")

    def remove_bot(self, group: Chat) -> None:
        """Take the bot out of a group without banning it."""
        self._world.change_membership(group, self.user, "left")

    def leave(self, group: Chat) -> None:
        """Leave a group."""
        group.add(self, "left")
        self._world.service(group, {"left_chat_member": self.user}, by=self.user)
