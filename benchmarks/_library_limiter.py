"""A client with nothing but python-telegram-bot and its own limiter, for ``benchmarks.alerts`` to compare with."""

import asyncio
import contextlib
import sys

from telegram import Update
from telegram.error import RetryAfter
from telegram.ext import AIORateLimiter, Application, ExtBot, MessageHandler, filters


async def library_client(url: str, token: str, first: int, count: int) -> None:
    """Send alerts, and answer whoever speaks, with nothing but the library and its limiter."""
    bot = ExtBot(token, base_url=f"{url}/bot", rate_limiter=AIORateLimiter(max_retries=20))
    application = Application.builder().bot(bot).concurrent_updates(True).build()

    async def answer(update: Update, _context: object) -> None:
        assert update.effective_chat
        await bot.send_message(update.effective_chat.id, "an answer")

    async def alert(chat: int) -> None:
        while True:
            with contextlib.suppress(RetryAfter):
                await bot.send_message(chat, "an alert")
                return

    application.add_handler(MessageHandler(filters.TEXT, answer))
    async with application:
        await application.start()
        if first == 0 and application.updater:
            await application.updater.start_polling()
        await asyncio.gather(*(alert(1000 + number) for number in range(first, first + count)))
        await asyncio.sleep(5)
        if first == 0 and application.updater:
            await application.updater.stop()
        await application.stop()


if __name__ == "__main__":
    asyncio.run(library_client(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
