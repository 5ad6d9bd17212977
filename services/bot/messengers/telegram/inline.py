"""Inline mode: ``@bot kazakhstan`` in any chat offers stories to share. It only ever reads."""

from collections.abc import Mapping
from typing import Any, Protocol

import structlog
from telegram import (
    Bot,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
)
from telegram.constants import ParseMode
from telegram.error import TelegramError

from services.bot.conversation.messages import Incoming, Reply, Span, block, line
from services.bot.conversation.texts import DEFAULT, Speaker, _, known_language, speaking
from services.bot.messengers.telegram.render import clean, render
from shared.clock import Clock
from shared.observe import redact

log = structlog.get_logger(__name__)

#: Telegram's limit on the cards of one answer.
MOST_CARDS = 50
#: How long Telegram may give the same answer to the same person, in seconds.
CACHE_SECONDS = 60
TITLE_LENGTH, DESCRIPTION_LENGTH, ID_BYTES = 120, 120, 64

#: Who asks inline. What is typed here is not what "2" in the private chat refers to, and nobody's to be kept.
ANYBODY = "inline:anybody"

_PREVIEW = LinkPreviewOptions(prefer_small_media=True)


class Answers(Protocol):
    """What answers: ``Conversation``."""

    async def handle(self, incoming: Incoming) -> Reply:
        """Answer."""


class InlineAnswers:
    """Answers inline queries."""

    def __init__(self, bot: Bot, conversation: Answers, clock: Clock) -> None:
        self._bot = bot
        self._conversation = conversation
        self._clock = clock

    async def answer(self, query: InlineQuery) -> None:
        """Offer the stories that a query finds; where there are none, offer a chat with the bot."""
        cards = await self._cards(query)
        language = known_language(query.from_user.language_code) or DEFAULT
        with speaking(Speaker(language)):
            button = InlineQueryResultsButton(_("Ask me in private"), start_parameter="inline")
        try:
            await self._bot.answer_inline_query(
                query.id, cards, cache_time=CACHE_SECONDS, is_personal=True, button=None if cards else button
            )
        except TelegramError as error:
            # Too old: whoever typed it has typed on since.
            log.debug("inline query not answered", error=redact(str(error)))

    async def _cards(self, query: InlineQuery) -> list[InlineQueryResultArticle]:
        asked = " ".join(query.query.split()).lstrip("/")
        # Whatever is typed is taken for a question: nobody follows or forgets anything on the way to a card.
        for text in (f"/latest {asked}".strip(), f"/search {asked}") if asked else ("/latest",):
            incoming = Incoming(ANYBODY, text, self._clock.now(), language=query.from_user.language_code)
            reply = await self._conversation.handle(incoming)
            stories = reply.data.get("stories")
            if isinstance(stories, list) and stories:
                return [card(story) for story in stories[:MOST_CARDS]]
        return []


def card(story: Mapping[str, Any]) -> InlineQueryResultArticle:
    """Return the card of a story (see ``conversation.machine``). It posts the headline, linked, and the source."""
    headline, source = clean(str(story["headline"])).strip() or "…", clean(str(story["source"]["name"]))
    flags = "".join(_flag(country["code"]) for country in story["countries"] if country["role"] == "subject")
    title = f"{flags} {headline}".strip()
    day = str(story["published_at"] or story["first_seen_at"])[:10]
    about = " · ".join(part for part in (source, day) if part)
    text, *_rest = render(
        Reply(
            (block(line(f"{flags} " if flags else "", Span(headline, bold=True, href=story["url"])), about),)
        )
    )
    content = InputTextMessageContent(text.html, parse_mode=ParseMode.HTML, link_preview_options=_PREVIEW)
    return InlineQueryResultArticle(
        str(story["id"])[:ID_BYTES],
        title[:TITLE_LENGTH],
        content,
        description=about[:DESCRIPTION_LENGTH],
        url=story["url"] if str(story["url"] or "").startswith(("https://", "http://")) else None,
    )


def _flag(code: str) -> str:
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in code if "A" <= letter <= "Z")
