"""Any text renders: what is made here is taken by a server as strict as Telegram's, within its limits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.botapi.entities import parse_html
from fakes.botapi.messages import send_message
from fakes.botapi.world import ApiError, World
from services.bot.conversation.messages import Block, Button, Reply, Span, block
from services.bot.messengers.telegram.render import UNITS_LIMIT, clean, keyboard, render, utf16_units

FILLERS = "\u115f\u1160\u3164\uffa0"
AWKWARD = st.sampled_from(
    [
        *('<b & "x">', "</b>", "&amp;", "&#0;", "a < b", "<<b>&", " ", "\n", "\r\n", "x" * 900),
        *("🇰🇿", "👩🏽‍🚀", "é̂", "‮עברית", "😀" * 300),
        *("\x00", "\ud800", "\u200b", "\u3164", "\ue000"),
    ]
)
TEXTS = st.one_of(st.text(max_size=40), AWKWARD, st.lists(AWKWARD, max_size=20).map("".join))
HREFS = st.one_of(
    st.none(), TEXTS, st.sampled_from(["https://e.org/?a=1&b='2\"", "http://[", "javascript:x", "tg://x"])
)
SPANS = st.builds(Span, TEXTS, st.booleans(), st.booleans(), st.booleans(), HREFS)
BLOCKS = st.builds(Block, st.lists(st.lists(SPANS, max_size=4).map(tuple), max_size=5).map(tuple))
REPLIES = st.builds(Reply, st.lists(BLOCKS, max_size=6).map(tuple))


def accepted(reply: Reply) -> list[str]:
    """Send a reply to the fake server; fails where it refuses. Return what is on the screen."""
    world = World()
    person = world.person()
    for text in render(reply):
        for mode, source in (("HTML", text.html), ("", text.plain)):
            try:
                send_message(world, {"chat_id": person.chat.id, "text": source, "parse_mode": mode})
            except ApiError as error:
                raise AssertionError(f"{error.description}: {source[:200]!r}") from None
    return person.chat.texts[::2]


def letters(text: str) -> str:
    """What surely can be seen: fillers count as letters in Unicode and show nothing."""
    return "".join(character for character in text if character.isalnum() and character not in FILLERS)


@settings(max_examples=150, deadline=None)
@given(REPLIES)
def test_any_reply_is_taken_and_nothing_visible_is_lost(reply: Reply) -> None:
    shown = "".join("".join(text.split()) for text in accepted(reply))
    wanted = "".join(clean(reply.plain).split())
    assert letters(shown) == letters(wanted)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.builds(Span, AWKWARD, st.booleans(), st.booleans(), st.booleans()), min_size=40, max_size=120)
)
def test_one_endless_line_is_split_within_all_limits(spans: list[Span]) -> None:
    accepted(Reply((Block((tuple(spans),)),)))


def test_markup_and_links_are_written_and_the_rest_is_escaped() -> None:
    reply = Reply(
        (
            Block(
                (
                    (
                        Span("<T&>", bold=True, href="https://e.org/?a=1&b=2"),
                        Span(" & "),
                        Span("why", marked=True),
                    ),
                )
            ),
        )
    )
    (text,) = render(reply)
    assert text.html == '<a href="https://e.org/?a=1&amp;b=2"><b>&lt;T&amp;&gt;</b></a> &amp; <u>why</u>'
    assert text.plain == "<T&> & why"


def test_long_messages_are_split_between_blocks() -> None:
    blocks = tuple(block(f"{number} " + "word " * 200) for number in range(12))
    texts = accepted(Reply(blocks))
    assert len(texts) == 3
    assert all(text.lstrip()[0].isdigit() for text in texts)


def test_a_flag_an_emoji_and_a_letter_with_accents_stay_whole() -> None:
    for symbol in ("🇰🇿", "👩🏽‍🚀", "é̂̃"):
        for shift in range(4):
            texts = accepted(Reply((block("x" * shift + symbol * 2000),)))
            pieces = "".join(texts)[shift:]
            assert pieces == symbol * 2000
            assert all(
                (len(text) - (shift if n == 0 else 0)) % len(symbol) == 0 for n, text in enumerate(texts)
            )


def test_hundreds_of_bold_words_do_not_exceed_what_telegram_honours() -> None:
    texts = render(Reply((Block((tuple(Span(f"w{n} ", bold=True) for n in range(250)),)),)))
    assert [len(parse_html(text.html)[1]) for text in texts] == [100, 100, 50]


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u2060", "\u3164", "\x00\x01"])
def test_nothing_to_see_is_nothing_to_send(text: str) -> None:
    assert render(Reply((block(text),))) == []


def test_units_are_counted_as_telegram_does() -> None:
    (exact,) = render(Reply((block("😀" * 2048),)))
    assert utf16_units(exact.plain) == UNITS_LIMIT
    assert len(render(Reply((block("😀" * 2049),)))) == 2


def test_buttons_that_telegram_would_refuse_are_left_out() -> None:
    rows = ((Button("ok", "/a"), Button("long", "я" * 33), Button(" \x00", "/b")), (Button("none", ""),))
    assert keyboard(Reply(buttons=rows)) == [[Button("ok", "/a")]]
