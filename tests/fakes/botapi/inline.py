"""Inline mode: what people type after the bot's name in any chat, and what they choose."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fakes.botapi.chats import Chat, Shown
from fakes.botapi.errors import Json
from fakes.botapi.params import formatted, keyboard

if TYPE_CHECKING:
    from fakes.botapi.world import World


@dataclass(slots=True)
class InlineQuery:
    """A question and, once it has come, its answer."""

    id: str
    user: Json
    text: str
    offset: str
    asked_at: float
    answered: bool = False
    results: list[Json] = field(default_factory=list)
    next_offset: str = ""
    button: Json | None = None
    from_cache: bool = False

    @property
    def titles(self) -> list[str]:
        """The titles that the person sees."""
        return [str(result.get("title", "")) for result in self.results]


@dataclass(slots=True)
class _Cached:
    till: float
    query: InlineQuery


class InlineMode:
    """The open questions of a world, and the answers that Telegram keeps for the next who asks the same."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.feedback = True
        """Whether the bot hears what was chosen (a switch at BotFather's)."""
        self.open: dict[str, InlineQuery] = {}
        self.asked: dict[str, InlineQuery] = {}
        """All questions, the answered ones too."""
        self.messages: dict[str, tuple[Chat, Shown]] = {}
        """The messages with buttons that came of a choice, by inline_message_id."""
        self._cache: dict[tuple[str, str, int], _Cached] = {}

    def ask(self, user: Json, text: str, offset: str, where: str) -> InlineQuery:
        """Ask the bot, unless somebody has asked the same a moment ago."""
        assert self._world.me["supports_inline_queries"], "inline mode is off"
        query = InlineQuery(self._world.next_query_id(), user, text, offset, self._world.clock.now())
        self.asked[query.id] = query
        for whose in (0, user["id"]):
            kept = self._cache.get((text, offset, whose))
            if kept and kept.till > query.asked_at:
                query.answered = query.from_cache = True
                query.results, query.next_offset = kept.query.results, kept.query.next_offset
                query.button = kept.query.button
                return query
        self.open[query.id] = query
        asked: Json = {"id": query.id, "from": user, "query": text, "offset": offset, "chat_type": where}
        self._world.push({"inline_query": asked})
        return query

    def keep(self, query: InlineQuery, seconds: float, *, personal: bool) -> None:
        """Keep an answer for others who ask the same."""
        whose = query.user["id"] if personal else 0
        self._cache[query.text, query.offset, whose] = _Cached(self._world.clock.now() + seconds, query)

    def choose(self, user: Json, query: InlineQuery, result_id: str, chat: Chat) -> Shown:
        """Put the message of a result on a screen and tell the bot."""
        result = next((result for result in query.results if result["id"] == result_id), None)
        assert result is not None, f"no result {result_id!r}, there are {query.titles}"
        content = result["input_message_content"]
        text, entities = formatted(str(content["message_text"]), str(content.get("parse_mode", "")))
        shown = Shown(
            self._world.next_message_id(), text, entities, keyboard(result), by_bot=False, sender=user,
            at=self._world.now(),
        )  # fmt: skip
        shown.more = {"via_bot": self._world.me}
        chosen: Json = {"result_id": result_id, "from": user, "query": query.text}
        if shown.buttons:
            shown.inline_id = chosen["inline_message_id"] = f"inline-{shown.message_id}"
            self.messages[shown.inline_id] = (chat, shown)
        chat.screen.append(shown)
        if self.feedback:
            self._world.push({"chosen_inline_result": chosen})
        self._world.tell(chat, shown, "message")
        return shown
