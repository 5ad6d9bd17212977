"""Feeds, text and JSON lines become items; what is broken is told, and harms nothing beside it."""

import json
from datetime import UTC, datetime

import pytest

from services.ingest.formats import Parsed, ParseError, guess_format, parse
from services.ingest.formats.items import MAX_TEXT, MAX_TITLE
from services.ingest.sources import Kind, SourceConfig

NOON = datetime(2025, 11, 20, 12, tzinfo=UTC)


def read(kind: Kind, payload: str | bytes, content_type: str | None = None) -> Parsed:
    source = SourceConfig(id="wire", kind=kind, url="https://example.com/section/feed")
    return parse(source, payload.encode() if isinstance(payload, str) else payload, content_type)


def rss(items: str, head: str = "") -> str:
    return (
        f"<?xml version='1.0'?>{head}<rss version='2.0'><channel><title>Wire</title>{items}</channel></rss>"
    )


class TestFeed:
    def test_rss(self) -> None:
        feed = rss(
            "<language>en-gb</language><item><title>Rain &amp;amp; snow</title><guid isPermaLink='false'>7</guid>"
            "<link>/news/7?a=1&amp;b=2</link><pubDate>Thu, 20 Nov 2025 12:00:00 GMT</pubDate>"
            "<description>&lt;p&gt;It &lt;b&gt;r&lt;/b&gt;ains.&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;"
            "&lt;p&gt;And snows&amp;nbsp;too.&lt;/p&gt;</description><author>ann@example.com (Ann)</author></item>"
        )
        (item,) = read("feed", feed).items
        assert item.title == "Rain & snow"
        assert item.text == "It rains.\nAnd snows too."
        assert item.url == "https://example.com/news/7?a=1&b=2"
        assert (item.external_id, item.published_at, item.language) == ("7", NOON, "en")
        assert item.author is not None
        assert "Ann" in item.author

    def test_atom(self) -> None:
        feed = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="kk"><title>W</title><id>w</id>
        <entry><id>urn:1</id><title type="html">A &lt;i&gt;title&lt;/i&gt;</title>
        <link rel="alternate" href="https://example.com/1"/><summary>Short.</summary>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One.</p><p>Two, longer.</p></div></content>
        <published>2025-11-20T12:00:00Z</published><updated>2025-11-21T12:00:00Z</updated></entry></feed>"""
        (item,) = read("feed", feed).items
        assert (item.title, item.text) == ("A title", "One.\nTwo, longer.")
        assert (item.external_id, item.url, item.published_at) == ("urn:1", "https://example.com/1", NOON)

    def test_a_title_alone_is_a_story(self) -> None:
        (item,) = read("feed", rss("<item><title>Rain in Osh</title></item>")).items
        assert (item.title, item.text) == ("Rain in Osh", "Rain in Osh")

    def test_an_empty_entry_is_rejected_and_its_neighbour_taken(self) -> None:
        parsed = read(
            "feed", rss("<item><link>https://example.com/</link></item><item><title>Rain</title></item>")
        )
        assert [entry.reason for entry in parsed.rejected] == ["empty_text"]
        assert "entry 1" in parsed.rejected[0].detail
        assert len(parsed.items) == 1

    @pytest.mark.parametrize("raw", ["20 Nov 2025", "Thu, 20 Nov 2025 12:00", "2025-11-20", "yesterday"])
    def test_no_date_is_invented(self, raw: str) -> None:
        (item,) = read("feed", rss(f"<item><title>Rain</title><pubDate>{raw}</pubDate></item>")).items
        assert (item.published_at, item.published_raw) == (None, raw)

    def test_a_broken_feed_is_read_as_far_as_it_goes(self) -> None:
        feed = rss("<item><title>One</title></item><item><title>Two & three <b></title></item>").removesuffix(
            "</rss>"
        )
        assert read("feed", feed).items[0].title == "One"

    def test_an_entity_bomb_stays_small(self) -> None:
        bomb = "<!DOCTYPE lolz [<!ENTITY a 'ha'>" + "".join(
            f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
        )
        feed = rss("<item><title>Rain &j;</title></item>", bomb + "]>")
        parsed = read("feed", feed)
        assert sum(len(item.text) for item in parsed.items) < 200

    def test_external_entities_are_not_read(self) -> None:
        doctype = "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
        parsed = read("feed", rss("<item><title>Rain &f;</title></item>", doctype))
        assert all("root:" not in item.text for item in parsed.items)

    @pytest.mark.parametrize("payload", ["", "hello", "<html><body><p>No feed</p></body></html>", "{}"])
    def test_no_feed_at_all(self, payload: str) -> None:
        with pytest.raises(ParseError) as error:
            read("feed", payload)
        assert error.value.reason == "not_a_feed"

    @pytest.mark.parametrize(
        ("charset", "content_type"),
        [
            ("windows-1251", "application/rss+xml; charset=utf-8"),
            ("utf-8", "application/rss+xml; charset=iso-8859-1"),
            ("utf-16", "application/xml"),
        ],
    )
    def test_a_wrong_charset_is_seen_through(self, charset: str, content_type: str) -> None:
        title, text = (
            "Новости: мост открыт",
            "В Астане открыли новый мост через реку Ишим, сообщили власти города.",
        )
        payload = rss(f"<item><title>{title}</title><description>{text}</description></item>").encode(charset)
        (item,) = read("auto", payload, content_type).items
        assert (item.title, item.text) == (title, text)

    @pytest.mark.parametrize(
        ("label", "charset", "title"),
        [
            ("gb2312", "gbk", "朱镕基在阿斯塔纳"),
            ("gbk", "gb18030", "哈萨克斯坦总统㐂抵达"),
            ("big5", "big5hkscs", "總統抵達阿斯塔納啫"),
            ("shift_jis", "cp932", "①大統領がアスタナに到着㈱"),
            ("iso-2022-jp", "iso2022_jp", "大統領がアスタナに到着"),
            ("euc-kr", "cp949", "대통령이 도착했다 똠"),
            ("tis-620", "cp874", "ประธานาธิบดี…"),
            ("utf-16", "utf-16-le", "Дождь в Оше"),
            ("utf-16", "utf-16-be", "Rain in Osh"),
        ],
    )
    def test_charsets_as_browsers_read_them(self, label: str, charset: str, title: str) -> None:
        feed = f"<?xml version='1.0' encoding='{label}'?>" + rss(f"<item><title>{title}</title></item>")[21:]
        (item,) = read("auto", feed.encode(charset)).items
        assert item.title == title

    @pytest.mark.parametrize(
        ("label", "broken", "text"),
        [
            ("windows-1251", b"\x98", "Президент Казахстана прибыл в Астану"),
            ("gb2312", b"\xb9", "哈萨克斯坦总统抵达阿斯塔纳进行国事访问并会见了政府总理和议会代表"),
            ("shift_jis", b"\x83", "カザフスタン大統領がアスタナに到着"),
            ("euc-kr", b"\xb9", "카자흐스탄 대통령이 아스타나에 도착했다 그리고 총리를 만났다"),
        ],
    )
    def test_a_character_cut_in_two_does_not_change_the_charset(
        self, label: str, broken: bytes, text: str
    ) -> None:
        item = f"<item><title>{text}</title><description>{text}#</description></item>"
        feed = f"<?xml version='1.0' encoding='{label}'?>" + rss(item)[21:]
        (read_item,) = read("feed", feed.encode(label).replace(b"#", broken)).items
        assert read_item.title == text

    def test_endless_nesting_is_refused(self) -> None:
        with pytest.raises(ParseError, match="too_many_tags"):
            read("feed", "<rss><channel>" + "<a>" * 700_000)

    def test_an_empty_feed_is_a_feed(self) -> None:
        assert read("feed", rss("")) == Parsed()

    def test_links_that_are_no_web_addresses_are_dropped(self) -> None:
        (item,) = read("feed", rss("<item><title>Rain</title><link>javascript:alert(1)</link></item>")).items
        assert item.url is None

    def test_a_declared_charset(self) -> None:
        feed = "<?xml version='1.0' encoding='windows-1251'?>" + rss("<item><title>Дождь</title></item>")[21:]
        (item,) = read("feed", feed.encode("cp1251"), "text/xml").items
        assert item.title == "Дождь"


class TestJsonFeed:
    def feed(self, *items: object) -> str:
        return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "W", "items": items})

    def test_items(self) -> None:
        payload = self.feed(
            {
                "id": 7,
                "url": "/7",
                "content_html": "<p>It&nbsp;rains.",
                "date_published": "2025-11-20T12:00:00Z",
            },
            {
                "id": "8",
                "content_text": "a < b",
                "authors": [{"name": "Ann"}, {"name": "Bo"}],
                "language": "en-GB",
            },
        )
        first, second = read("feed", payload, "application/feed+json").items
        assert (first.external_id, first.url, first.text) == ("7", "https://example.com/7", "It rains.")
        assert first.published_at == NOON
        assert (second.text, second.author, second.language) == ("a < b", "Ann, Bo", "en")

    def test_half_an_emoji_is_dropped_and_the_rest_is_read(self) -> None:
        payload = (
            '{"version": "https://jsonfeed.org/version/1.1", "items": '
            '[{"id": "1", "title": "Rain \\ud83c", "content_text": "It rains \\udf27."}, {"id": "2", "title": "Snow"}]}'
        )
        assert [(item.title, item.text) for item in read("auto", payload).items] == [
            ("Rain", "It rains ."),
            ("Snow", "Snow"),
        ]

    def test_a_bad_item_harms_no_other(self) -> None:
        parsed = read("feed", self.feed({"title": ["no"]}, "no", {"title": "Rain"}))
        assert [entry.reason for entry in parsed.rejected] == ["bad_item", "bad_item"]
        assert [item.text for item in parsed.items] == ["Rain"]


class TestText:
    def test_a_line_is_a_story_where_there_are_no_blank_lines(self) -> None:
        assert [item.text for item in read("text", "One.\r\n  Two. \nThree.\n").items] == [
            "One.",
            "Two.",
            "Three.",
        ]

    def test_a_paragraph_is_one_where_there_are(self) -> None:
        assert [item.text for item in read("text", "\nOne,\nstill one.\n \n\n\nTwo.\n").items] == [
            "One, still one.",
            "Two.",
        ]

    def test_nothing_is_made_up(self) -> None:
        (item,) = read("text", "Rain fell on 3 May 2019.").items
        assert (item.title, item.published_at, item.published_raw, item.url) == (None, None, None, None)

    def test_lines_without_a_word_are_rejected(self) -> None:
        parsed = read("text", "One.\n---\nTwo.")
        assert len(parsed.items) == 2
        assert [entry.reason for entry in parsed.rejected] == ["empty_text"]

    @pytest.mark.parametrize(
        ("payload", "content_type"),
        [
            ("Дождь в Оше и снег в Нарыне.".encode("utf-8-sig"), None),
            ("Дождь в Оше и снег в Нарыне.".encode("utf-16"), None),
            ("Дождь в Оше и снег в Нарыне.".encode("koi8-r"), "text/plain; charset=koi8-r"),
            ("Дождь в Оше и снег в Нарыне.".encode("cp1251"), "text/plain; charset=no-such"),
            ("Дождь в Оше и снег в Нарыне.".encode(), "text/plain; charset=iso-8859-1"),
        ],
    )
    def test_charsets(self, payload: bytes, content_type: str | None) -> None:
        (item,) = read("text", payload, content_type).items
        assert item.text == "Дождь в Оше и снег в Нарыне."

    def test_one_broken_byte_does_not_change_the_charset(self) -> None:
        (item,) = read("text", "Дождь в Оше и снег в Нарыне. ".encode() * 3 + b"\xd0").items
        assert item.text.startswith("Дождь в Оше и снег в Нарыне.")

    def test_a_charset_that_shows_late(self) -> None:
        items = read(
            "text", b"Rain in Osh.\n" * 5_000 + "Дождь в Оше и снег в Нарыне.".encode("cp1251")
        ).items
        assert items[-1].text == "Дождь в Оше и снег в Нарыне."

    def test_control_characters_go_and_letters_are_composed(self) -> None:
        (item,) = read("text", "Ra\x00in\x07 in Mu\u0308nchen\u200b.").items
        assert item.text == "Rain in München."

    def test_a_text_that_is_too_long_is_rejected(self) -> None:
        parsed = read("text", "a" * (MAX_TEXT + 1) + "\nshort")
        assert [entry.reason for entry in parsed.rejected] == ["too_long"]
        assert len(parsed.items) == 1


class TestJsonl:
    def test_rows(self) -> None:
        lines = [
            {
                "id": 1,
                "title": "T",
                "text": "Rain.",
                "published_at": "2025-11-20T12:00:00Z",
                "language": "kk",
            },
            {"external_id": "2", "body": "Snow.", "link": "https://example.com/2", "highlighted": True},
            {"title": "Only a title", "published_at": "soon", "more": {}},
        ]
        one, two, three = read("jsonl", "\n\n".join(map(json.dumps, lines))).items
        assert (one.external_id, one.title, one.published_at, one.language) == ("1", "T", NOON, "kk")
        assert (two.text, two.url, two.highlighted) == ("Snow.", "https://example.com/2", True)
        assert (three.text, three.published_at, three.published_raw) == ("Only a title", None, "soon")

    def test_bad_lines_are_rejected_with_their_number(self) -> None:
        parsed = read(
            "jsonl", '{"text": "Rain."}\n{"text": \n[1]\n{"text": 5}\n{"text": " "}\n{"text": "Snow."}'
        )
        assert [item.text for item in parsed.items] == ["Rain.", "Snow."]
        assert [entry.reason for entry in parsed.rejected] == [
            "bad_json",
            "not_an_object",
            "bad_field",
            "empty_text",
        ]
        assert "line 2" in parsed.rejected[0].detail
        assert "text must be text" in parsed.rejected[2].detail

    def test_an_array_will_do(self) -> None:
        assert len(read("jsonl", '[{"text": "Rain."}, {"text": "Snow."}]').items) == 2

    def test_no_json_at_all(self) -> None:
        with pytest.raises(ParseError, match="not_jsonl"):
            read("jsonl", "Rain in Osh.\nSnow in Naryn.")

    def test_a_long_title_is_cut_at_a_word(self) -> None:
        (item,) = read("jsonl", json.dumps({"title": "rain " * 500, "text": "Rain."})).items
        assert item.title is not None
        assert len(item.title) <= MAX_TITLE
        assert item.title.endswith("rain…")


@pytest.mark.parametrize(
    ("payload", "content_type", "kind"),
    [
        (rss(""), "text/html", "feed"),
        ('<a:feed xmlns:a="http://www.w3.org/2005/Atom"></a:feed>', None, "feed"),
        ("<?xml version='1.0'?><!-- " + "x" * 5_000 + rss("")[21:], "text/plain", "feed"),
        ("<?xml version='1.0'?><NewsML></NewsML>", "text/xml", "feed"),
        ("<?xml version='1.0'?><html><body></body></html>", None, "heading"),
        ('{"version": "https://jsonfeed.org/version/1", "items": []}', None, "feed"),
        ('{"text": "Rain."}\n{"text": "Snow."}', "text/plain", "jsonl"),
        ('{"text": "Rain."}', None, "jsonl"),
        ('{"text": "broken', None, "jsonl"),
        ("[[[", "application/json", "jsonl"),
        ("[Update] Rain in Osh.\nSnow in Naryn.", None, "text"),
        ("<!DOCTYPE html><html><body></body></html>", None, "heading"),
        (
            "Osh\n\nRain in Osh\n\nRain in Osh\nIt rained.\n\nSnow in Osh\n\nSnow in Osh\nIt snowed.",
            None,
            "heading",
        ),
        ("Osh\nEditor's choice\nRain in Osh\nRain in Osh\nIt rained all day.", None, "heading"),
        ("It rained in Osh.\n\nIt snowed in Naryn.", None, "text"),
        ("", None, "text"),
    ],
)
def test_the_content_tells_the_format(payload: str, content_type: str | None, kind: str) -> None:
    assert guess_format(payload, content_type) == kind


@pytest.mark.parametrize("kind", ["feed", "heading", "text", "jsonl", "auto"])
@pytest.mark.parametrize(
    "payload",
    [b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, b"%PDF-1.7\n1 0 obj\nRain in Osh\n", b"\x00" * 100],
)
def test_what_is_no_text_becomes_no_story(kind: Kind, payload: bytes) -> None:
    with pytest.raises(ParseError, match="not_text"):
        read(kind, payload, "application/rss+xml")


def test_a_charset_that_hides_text_is_not_used() -> None:
    page = b"\\u0420\\ud800 \xff\xfe\xfd rain"
    assert "\\u0420" in read("text", page, "text/plain; charset=unicode_escape").items[0].text


@pytest.mark.parametrize("kind", ["feed", "heading", "text", "jsonl", "auto"])
@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x00" * 100,
        b"\xff\xfe\xff",
        b"<" * 5_000,
        b"[" * 5_000,
        b"<div>" * 5_000,
        b"&" * 5_000,
        b"\n" * 5_000,
    ],
)
def test_rubbish_is_refused_or_empty_but_never_an_accident(kind: Kind, payload: bytes) -> None:
    try:
        parsed = read(kind, payload)
    except ParseError as error:
        assert error.reason
    else:
        assert all(item.text for item in parsed.items)
