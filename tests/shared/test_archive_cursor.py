"""Cursors: short, of one question only, and refused once anything about them was changed."""

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.archive.cursor import Position, decode_cursor, encode_cursor, question_digest
from shared.archive.document import milliseconds
from shared.archive.port import BadCursor, Filter

QUESTION = question_digest("latest", Filter(), collapse=True)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EARLIEST, LATEST = (milliseconds(moment.replace(tzinfo=UTC)) for moment in (datetime.min, datetime.max))

positions = st.builds(
    Position,
    st.integers(EARLIEST, LATEST),
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=128),
)


@given(positions)
def test_a_cursor_says_what_was_put_in(position):
    assert decode_cursor(encode_cursor(position, QUESTION), QUESTION) == position


def test_a_cursor_is_short_for_ids_of_hexadecimal_digits():
    position = Position(milliseconds(NOON), "0123456789abcdef" * 2)

    assert len(encode_cursor(position, QUESTION)) == 36
    assert decode_cursor(encode_cursor(position, QUESTION), QUESTION) == position


@given(positions, st.data())
def test_a_changed_cursor_is_refused(position, data):
    raw = bytearray(base64.urlsafe_b64decode(encode_cursor(position, QUESTION) + "=="))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises(BadCursor):
        decode_cursor(base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("="), QUESTION)


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_other_text_is_refused(text):
    with pytest.raises(BadCursor):
        decode_cursor(text, QUESTION)


@pytest.mark.parametrize(
    "other",
    [
        question_digest("search", Filter(), collapse=True),
        question_digest("latest", Filter(), collapse=False),
        question_digest("latest", Filter(), text="gas", collapse=True),
        question_digest("latest", Filter(countries=["KZ"]), collapse=True),
        question_digest("latest", Filter(regions=["KZ"]), collapse=True),
        question_digest("latest", Filter(country_role="subject"), collapse=True),
        question_digest("latest", Filter(highlighted=False), collapse=True),
        question_digest("latest", Filter(since=NOON), collapse=True),
        question_digest("latest", Filter(until=NOON), collapse=True),
    ],
)
def test_the_cursor_of_another_question_is_refused(other):
    with pytest.raises(BadCursor):
        decode_cursor(encode_cursor(Position(1, "a"), other), QUESTION)


def test_the_same_question_in_other_words_is_the_same():
    almaty = timezone(timedelta(hours=5))
    one = Filter(countries=["KZ", "UZ", "KZ"], since=NOON)
    other = Filter(countries=("UZ", "KZ"), since=NOON.astimezone(almaty))

    assert question_digest("latest", one, collapse=True) == question_digest("latest", other, collapse=True)
