"""Chats and what is in them: messages on a screen, sounds, members with their rights, topics."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fakes.botapi.entities import Entity
from fakes.botapi.errors import ApiError, Json, bad_request, forbidden

if TYPE_CHECKING:
    from fakes.botapi.people import Person
    from fakes.botapi.world import World

GENERAL_TOPIC = 1
ADMINISTRATORS = {"creator", "administrator"}
_RIGHTS = (
    "can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members can_promote_members "
    "can_change_info can_invite_users can_post_stories can_edit_stories can_delete_stories can_pin_messages"
).split()


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture as it was uploaded, with its size in pixels."""

    file_id: str
    data: bytes = field(repr=False)
    kind: str
    width: int
    height: int

    def as_json(self) -> Json:
        """Return the one size that the fake keeps."""
        return {
            "file_id": self.file_id, "file_unique_id": f"u{self.file_id}", "width": self.width,
            "height": self.height, "file_size": len(self.data),
        }  # fmt: skip


@dataclass(slots=True)
class Shown:
    """A message on a screen. ``text`` is the caption when there is a photo."""

    message_id: int
    text: str
    entities: list[Entity]
    buttons: list[list[Json]]
    by_bot: bool
    sender: Json
    silent: bool = False
    edits: int = 0
    reply_to: int | None = None
    thread: int | None = None
    photo: Photo | None = None
    preview: bool = False
    """Whether a link in it shows a preview."""
    at: int = 0
    edited_at: int | None = None
    inline_id: str | None = None
    """Of a message that came through inline mode and has buttons."""
    more: Json = field(default_factory=dict)
    """Further fields, as of service messages."""

    @property
    def labels(self) -> list[str]:
        """The labels of the buttons, row by row."""
        return [button["text"] for row in self.buttons for button in row]

    def button(self, label: str) -> Json | None:
        """Return the button with a label."""
        return next((button for row in self.buttons for button in row if button["text"] == label), None)


@dataclass(frozen=True, slots=True)
class Notification:
    """What a phone did when a message of the bot came: ring, or show it silently. Edits do neither."""

    message_id: int
    silent: bool
    at: float
    text: str


@dataclass(slots=True)
class Topic:
    """A topic of a forum."""

    id: int
    name: str
    closed: bool = False


@dataclass(slots=True)
class Member:
    """Somebody in a group; status creator, administrator, member, left, kicked, restricted."""

    user: Json
    status: str = "member"
    anonymous: bool = False

    def as_json(self, kind: str) -> Json:
        """Return the member as the Bot API writes it, in a chat of some kind."""
        answer: Json = {"user": self.user, "status": self.status}
        if self.status == "creator":
            answer["is_anonymous"] = self.anonymous
        elif self.status == "administrator":
            answer |= dict.fromkeys(_RIGHTS, True)
            answer |= {"can_be_edited": False, "is_anonymous": self.anonymous, "can_manage_voice_chats": True}
            if kind == "channel":
                answer |= {"can_post_messages": True, "can_edit_messages": True}
            else:
                answer["can_manage_topics"] = True
        elif self.status == "kicked":
            answer["until_date"] = 0
        return answer


@dataclass(slots=True)
class Chat:
    """A chat, and what the people in it can do."""

    world: "World"
    id: int
    type: str
    title: str
    status: str = "member"
    """What the bot is here: member, administrator, kicked (blocked, in a private chat), left, and in a private chat
    also deactivated and stranger (who has never started the bot)."""
    moved_to: int | None = None
    username: str | None = None
    is_forum: bool = False
    muzzled: bool = False
    """Whether the bot may write here no longer."""
    members: dict[int, Member] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    screen: list[Shown] = field(default_factory=list)
    log: list[Notification] = field(default_factory=list)
    toasts: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    """Those of the toasts that had to be clicked away."""
    actions: list[str] = field(default_factory=list)
    """What the bot was seen doing: typing, upload_photo."""
    acted_at: float = 0.0

    @property
    def texts(self) -> list[str]:
        """The texts of the bot's messages as they are now."""
        return [shown.text for shown in self.screen if shown.by_bot]

    @property
    def notifications(self) -> list[bool]:
        """For each message of the bot whether it came silently."""
        return [notification.silent for notification in self.log]

    @property
    def rings(self) -> list[str]:
        """The texts, as they came, of the messages that made a sound."""
        return [notification.text for notification in self.log if not notification.silent]

    def find(self, message_id: object) -> Shown | None:
        """Return a message of the screen."""
        return next((shown for shown in self.screen if str(shown.message_id) == str(message_id)), None)

    def as_json(self) -> Json:
        """Return the chat as the Bot API writes it."""
        answer: Json = {"id": self.id, "type": self.type}
        answer |= {"first_name": self.title} if self.type == "private" else {"title": self.title}
        if self.username:
            answer["username"] = self.username
        return answer | ({"is_forum": True} if self.is_forum else {})

    # --- who is in it ---

    def add(self, person: "Person", status: str = "member", *, anonymous: bool = False) -> None:
        """Let somebody in, or change what somebody is: creator, administrator, member, left, kicked."""
        self.members[person.user["id"]] = Member(person.user, status, anonymous)

    def promote(self, person: "Person", *, anonymous: bool = False) -> None:
        """Make somebody an administrator."""
        self.add(person, "administrator", anonymous=anonymous)

    def demote(self, person: "Person") -> None:
        """Make somebody an ordinary member again."""
        self.add(person)

    def member(self, user_id: int) -> Member | None:
        """Return what somebody is here; None for an id that nobody has."""
        if user_id == self.world.me["id"]:
            return self.bot_member
        if found := self.members.get(user_id):
            return found
        person = self.world.people.get(user_id)
        return Member(person.user, "member" if self.id == user_id else "left") if person else None

    @property
    def bot_member(self) -> Member:
        """What the bot is here."""
        return Member(self.world.me, self.status)

    # --- topics ---

    def topic(self, name: str) -> int:
        """Open a topic in a forum; return its thread id."""
        assert self.is_forum, "only a forum has topics"
        shown = self.world.service(self, {"forum_topic_created": {"name": name, "icon_color": 7322096}})
        shown.thread = shown.message_id
        self.topics[shown.message_id] = Topic(shown.message_id, name)
        return shown.message_id

    def close_topic(self, thread: int) -> None:
        """Close a topic: only administrators can write in it. GENERAL_TOPIC is the general one."""
        self.topics.setdefault(thread, Topic(thread, "General")).closed = True
        self.world.service(self, {"forum_topic_closed": {}}, thread=thread)

    def reopen_topic(self, thread: int) -> None:
        """Open a closed topic again."""
        self.topics[thread].closed = False
        self.world.service(self, {"forum_topic_reopened": {}}, thread=thread)

    def delete_topic(self, thread: int) -> None:
        """Delete a topic with everything in it."""
        del self.topics[thread]
        self.screen[:] = [shown for shown in self.screen if shown.thread != thread]

    # --- what the bot may do ---

    def check_alive(self) -> None:
        """Raise what Telegram answers when the bot can no longer reach this chat."""
        if self.moved_to is not None:
            text = "Bad Request: group chat was upgraded to a supergroup chat"
            raise ApiError(400, text, {"migrate_to_chat_id": self.moved_to})
        if self.type == "private":
            if self.status in {"kicked", "left"}:
                raise forbidden("bot was blocked by the user")
            if self.status == "deactivated":
                raise forbidden("user is deactivated")
            if self.status == "stranger":
                raise forbidden("bot can't initiate conversation with a user")
        elif self.status in {"kicked", "left"}:
            verb = "was kicked from" if self.status == "kicked" else "is not a member of"
            raise forbidden(f"bot {verb} the {self.type} chat")

    def check_writable(self, thread: int | None, what: str) -> int | None:
        """Raise when the bot may not write here. Return the topic in which a message will stand."""
        self.check_alive()
        if self.type == "channel" and self.status not in ADMINISTRATORS:
            raise bad_request("need administrator rights in the channel chat")
        if self.muzzled:
            raise bad_request(f"not enough rights to send {what} to the chat")
        if not self.is_forum:
            return None
        if thread == GENERAL_TOPIC or (thread and thread not in self.topics):
            raise bad_request("message thread not found")
        topic = self.topics.get(thread or GENERAL_TOPIC)
        if topic and topic.closed and self.status not in ADMINISTRATORS:
            raise bad_request("TOPIC_CLOSED")
        return thread or None


def full_chat_json(chat: Chat) -> Json:
    """Return a chat with everything that getChat tells."""
    gifts = "unlimited_gifts limited_gifts unique_gifts premium_subscription gifts_from_channels".split()
    more: Json = {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }
    return chat.as_json() | more
