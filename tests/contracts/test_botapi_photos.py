"""Photos at the fake: how they are sent, what is refused, and how they and their captions change."""

import json
import random
import struct
import zlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from fakes.botapi.client import Client
from fakes.botapi.server import FakeBotApi


@pytest.fixture
async def bot() -> AsyncIterator[Client]:
    async with FakeBotApi() as api, httpx.AsyncClient() as client:
        yield Client(api, client)


def png(width: int, height: int, padding: bytes = b"") -> bytes:
    """The least that says it is a PNG, with any bytes behind."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + padding + b"\0\0\0\0IEND\xaeB`\x82"


#: Every kind of byte and of line end, which a careless reader of multipart would change.
PICTURE = png(800, 400, bytes(range(256)) + b"\r\n\r\n--\n\r" + random.Random(1).randbytes(50_000))
JPEG = b"\xff\xd8\xff\xe0\0\4ab\xff\xc0\0\x11\x08" + struct.pack(">HH", 30, 40) + b"\0" * 12 + b"\xff\xd9"


async def send(bot: Client, chat: int, data: bytes = PICTURE, **params: Any) -> tuple[int, Any]:
    files = {"photo": ("trend.png", data, "image/png")}
    return await bot.post("sendPhoto", data={"chat_id": str(chat)} | params, files=files)


async def test_a_photo_arrives_byte_for_byte_with_its_caption(bot: Client) -> None:
    anna = bot.world.person()
    code, message = await send(bot, anna.chat.id, caption="<b>30 days</b>", parse_mode="HTML")
    assert code == 200
    (shown,) = anna.chat.screen
    assert shown.photo is not None
    assert shown.photo.data == PICTURE
    assert (shown.text, anna.chat.rings) == ("30 days", ["30 days"])
    assert (message["caption"], message["caption_entities"][0]["type"]) == ("30 days", "bold")
    assert "text" not in message
    (size,) = message["photo"]
    assert (size["width"], size["height"], size["file_size"]) == (800, 400, len(PICTURE))
    assert bot.world.journal[-1].params["photo"].name == "trend.png"


async def test_a_photo_goes_again_by_its_id_or_by_an_address(bot: Client) -> None:
    anna = bot.world.person()
    _, message = await send(bot, anna.chat.id)
    again = await bot("sendPhoto", chat_id=anna.chat.id, photo=message["photo"][0]["file_id"])
    bot.world.web["https://example.org/a.jpg"] = JPEG
    fetched = await bot("sendPhoto", chat_id=anna.chat.id, photo="https://example.org/a.jpg")
    assert (again[0], fetched[0]) == (200, 200)
    assert [(s.photo.width, s.photo.height) for s in anna.chat.screen if s.photo] == [(800, 400)] * 2 + [
        (40, 30)
    ]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", "file must be non-empty"),
        (b"not a picture", "IMAGE_PROCESS_FAILED"),
        (b"\xff\xd8\xff\xe0\0\x40short", "IMAGE_PROCESS_FAILED"),
        (png(0, 10), "IMAGE_PROCESS_FAILED"),
        (png(9000, 1001), "PHOTO_INVALID_DIMENSIONS"),
        (png(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (
            png(10, 10, b"x" * (10 << 20)),
            "file of size 10485805 bytes is too big for a photo; the maximum size is 10485760 bytes",
        ),
    ],
)
async def test_pictures_that_telegram_refuses(bot: Client, data: bytes, refusal: str) -> None:
    anna = bot.world.person()
    assert await send(bot, anna.chat.id, data) == (400, f"Bad Request: {refusal}")
    assert anna.chat.screen == []


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({}, "there is no photo in the request"),
        ({"photo": "attach://nothing"}, "there is no photo in the request"),
        ({"photo": "https://example.org/gone.png"}, "failed to get HTTP URL content"),
        ({"photo": "photo4711"}, "wrong remote file identifier specified: Wrong padding in the string"),
    ],
)
async def test_requests_without_a_picture(bot: Client, params: dict[str, str], refusal: str) -> None:
    anna = bot.world.person()
    assert await bot("sendPhoto", chat_id=anna.chat.id, **params) == (400, f"Bad Request: {refusal}")


async def test_a_caption_is_shorter_than_a_message(bot: Client) -> None:
    anna = bot.world.person()
    assert (await send(bot, anna.chat.id, caption="x" * 1024))[0] == 200
    for caption in ("x" * 1025, "😀" * 513):
        code, description = await send(bot, anna.chat.id, caption=caption)
        assert (code, description) == (400, "Bad Request: message caption is too long")


async def test_captions_and_pictures_change_in_place(bot: Client) -> None:
    anna = bot.world.person()
    _, photo = await send(bot, anna.chat.id, caption="one")
    _, text = await bot("sendMessage", chat_id=anna.chat.id, text="plain")
    where = {"chat_id": str(anna.chat.id), "message_id": str(photo["message_id"])}
    plain = {"chat_id": str(anna.chat.id), "message_id": str(text["message_id"])}
    assert (await bot("editMessageCaption", **where, caption="two"))[0] == 200
    assert (await bot("editMessageCaption", **where, caption="two"))[1].startswith(
        "Bad Request: message is not"
    )
    assert await bot("editMessageText", **where, text="x") == (
        400,
        "Bad Request: there is no text in the message to edit",
    )
    assert await bot("editMessageCaption", **plain, caption="x") == (
        400,
        "Bad Request: there is no caption in the message to edit",
    )
    media = json.dumps({"type": "photo", "media": "attach://new", "caption": "three"})
    files = {"new": ("new.png", png(20, 10), "image/png")}
    assert (await bot.post("editMessageMedia", data=where | {"media": media}, files=files))[0] == 200
    shown = anna.chat.screen[0]
    assert shown.photo is not None
    assert (shown.text, shown.photo.width, shown.edits) == ("three", 20, 2)
    repeated = await bot.post("editMessageMedia", data=where | {"media": media}, files=files)
    assert repeated[1].startswith("Bad Request: message is not modified")
    assert anna.chat.rings == ["one", "plain"]


async def test_who_may_not_be_written_to_gets_no_photo(bot: Client) -> None:
    anna, group = bot.world.person(), bot.world.group()
    anna.block()
    group.muzzled = True
    assert (await send(bot, anna.chat.id))[0] == 403
    assert await send(bot, group.id) == (400, "Bad Request: not enough rights to send photos to the chat")
