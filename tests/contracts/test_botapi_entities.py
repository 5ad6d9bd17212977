"""The fake's reading of HTML is Telegram's: what it takes, and in which words it refuses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.botapi.entities import TAGS, Entity, EntityError, parse_html, utf16_units

PIECES = st.one_of(
    st.sampled_from(
        ["<", ">", "</", "/>", "&", ";", "&lt;", "&#x", "&#57311;", "=", '"', "'", " ", "<b>", "</b>"]
    ),
    st.sampled_from(sorted(TAGS)),
    st.text(max_size=3),
)


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("plain & simple; a &amp; b &lt;c&gt; &quot;d&quot;", 'plain & simple; a & b <c> "d"', []),
        ("&nbsp; &eacute; &apos; stay", "&nbsp; &eacute; &apos; stay", []),
        ("&#65;&#x42;&#0; &lt", "AB&#0; <", []),
        ("<b>bold</b> <I>italic</i>", "bold italic", [Entity("bold", 0, 4), Entity("italic", 5, 6)]),
        ("😀<b>x</b>", "😀x", [Entity("bold", 2, 1)]),
        (
            '<a href="https://e.org/?a=1&amp;b=2">x</a>',
            "x",
            [Entity("text_link", 0, 1, "https://e.org/?a=1&b=2")],
        ),
        ('<a href="javascript:alert(1)">x</a>', "x", []),
        ("<b><i>both</i></b>", "both", [Entity("bold", 0, 4), Entity("italic", 0, 4)]),
        ("<b></b>empty", "empty", []),
        ('<span class="tg-spoiler">s</span>', "s", [Entity("spoiler", 0, 1)]),
        ("<b>closed by nothing</>", "closed by nothing", [Entity("bold", 0, 17)]),
        ("5 > 3", "5 > 3", []),
        ("<blockquote>q</blockquote>", "q", [Entity("blockquote", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [Entity("expandable_blockquote", 0, 1)]),
        ("&#12345678;&Or;", "&#12345678;&Or;", []),
        ("&#x1F600;<b>x</b>", "😀x", [Entity("bold", 2, 1)]),
    ],
)
def test_what_is_taken(source: str, text: str, entities: list[Entity]) -> None:
    assert parse_html(source) == (text, entities)


@pytest.mark.parametrize(
    ("source", "refusal"),
    [
        ("a <b & 5<3", 'Expected equal sign in declaration of an attribute of the tag "b" at byte offset 2'),
        ("a <script>x</script>", 'Unsupported start tag "script" at byte offset 2'),
        ("é <x>", 'Unsupported start tag "x" at byte offset 3'),
        ("5 < 3", 'Unsupported start tag "" at byte offset 2'),
        ("<b>x", "Can't find end tag corresponding to start tag b"),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b", "Unclosed start tag at byte offset 0"),
        (
            "<a href>x</a>",
            'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0',
        ),
        ('<a href="x>y</a>', "Unclosed start tag at byte offset 0"),
        ("<a href=a/b>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<i   a  =  ", 'Unclosed start tag "i" at byte offset 0'),
        ("<i>a</i   ", "Unclosed end tag at byte offset 4"),
        ("<i>a</em   >", 'Unmatched end tag at byte offset 4, expected "</i>", found "</em>"'),
        ("&#57311; x <b>y</b>", "Text contains invalid Unicode characters after decoding HTML entities"),
        ("<a =x>y</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
    ],
)
def test_what_is_refused_and_how(source: str, refusal: str) -> None:
    with pytest.raises(EntityError) as error:
        parse_html(source)
    assert refusal in str(error.value)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_whatever_comes_is_read_or_refused(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except EntityError as error:
        assert str(error)
        return
    for entity in entities:
        assert entity.length > 0
        assert entity.offset + entity.length <= utf16_units(text)
