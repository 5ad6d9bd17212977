"""Heading pages: every story once, with its flag, and nothing of the page around it."""

import os
from pathlib import Path

import pytest

from services.ingest.formats import Parsed, ParseError, parse
from services.ingest.sources import SourceConfig, source_for

SAVED = """
Sahel

What we report under this heading is about the Sahel – the belt of dry land south of the Sahara.

Editor's choice
Niamey reopens its central market after a long repair

Niamey reopens its central market after a long repair

Traders in Niamey moved back into the central market on Saturday. Stalls had stood empty since a fire.

The mayor said that rents would stay as they were.
Lake Chad fishermen ask for a shared calendar

Lake Chad fishermen ask for a shared calendar

Fishermen from four countries want one closed season
Editors’ Pick
Short

Short

A story with a short title, told in one sentence.

Filter archive

Publication date
Choose a year
Editor's choice
A title that the list cuts short because it is long enough to b…

A title that the list cuts short because it is long enough to be cut

14 March 2024
The lead of the last story.

Read more
1
2
Next page
© Example Press. All rights reserved.
Some words below the page.
"""


def read(payload: str, heading: str | None = None) -> Parsed:
    source = SourceConfig(id="page", kind="heading", url="https://example.com/sahel/", heading=heading)
    return parse(source, payload.encode(), None)


class TestSavedText:
    def test_every_story_once_with_its_flag(self) -> None:
        parsed = read(SAVED)
        assert parsed.rejected == []
        assert [(item.title, item.highlighted) for item in parsed.items] == [
            ("Niamey reopens its central market after a long repair", True),
            ("Lake Chad fishermen ask for a shared calendar", False),
            ("Short", True),
            ("A title that the list cuts short because it is long enough to be cut", True),
        ]

    def test_no_chrome_no_blurb_and_no_title_in_the_texts(self) -> None:
        first, second, third, fourth = (item.text for item in read(SAVED).items)
        assert first.split("\n") == [
            "Traders in Niamey moved back into the central market on Saturday. Stalls had stood empty since a fire.",
            "The mayor said that rents would stay as they were.",
        ]
        assert second == "Fishermen from four countries want one closed season"
        assert third == "A story with a short title, told in one sentence."
        assert fourth == "The lead of the last story."

    def test_the_heading_is_the_first_line(self) -> None:
        assert {item.heading for item in read(SAVED).items} == {"Sahel"}
        assert {item.heading for item in read(SAVED, heading="West Africa").items} == {"West Africa"}

    def test_a_day_is_kept_as_words(self) -> None:
        items = read(SAVED).items
        assert [item.published_raw for item in items] == [None, None, None, "14 March 2024"]
        assert all(item.published_at is None for item in items)

    def test_a_heading_that_is_printed_twice_is_no_story(self) -> None:
        page = "Home\nSahel\n\nSahel\n\nAll about the Sahel.\n\nRain at last\n\nRain at last\n\nIt rained in Gao."
        assert [item.title for item in read(page).items] == ["Rain at last"]
        assert read(page).items[0].heading == "Sahel"

    def test_a_page_without_heading_keeps_its_first_story(self) -> None:
        title = "Rain at last for the herders of the north, who had waited since May"
        page = f"{title}\n\n{title}\n\nIt rained in Gao.\n\nSnow nowhere\n\nSnow nowhere\n\nIt did not snow."
        items = read(page).items
        assert [item.title for item in items] == [title, "Snow nowhere"]
        assert items[0].heading is None

    def test_flags_alone_will_do_where_titles_are_printed_once(self) -> None:
        page = "Sahel\nEditor's choice\nRain at last\nIt rained in Gao for a day.\nMust read\nSnow\nIt never snows."
        assert [(item.title, item.text) for item in read(page).items] == [
            ("Rain at last", "It rained in Gao for a day."),
            ("Snow", "It never snows."),
        ]

    def test_other_languages(self) -> None:
        page = "Сахель\n\nВыбор редакции\nДождь в Гао\n\nДождь в Гао\n\nДождь шёл весь день.\nЧитать далее"
        (item,) = read(page).items
        assert (item.heading, item.title, item.text, item.highlighted) == (
            "Сахель",
            "Дождь в Гао",
            "Дождь шёл весь день.",
            True,
        )

    def test_no_stories(self) -> None:
        with pytest.raises(ParseError, match="no_stories"):
            read("Sahel\n\nA page of plain words, one after the other.\n")


HTML = """<!DOCTYPE html><html lang="en"><head><title>Sahel | Example</title><style>p{}</style></head><body>
<nav><ul><li><a href="/">Home</a></li><li><h3><a href="/x">Menu story</a></h3></li></ul></nav>
<main><h1>Sahel</h1><p>What we report under this heading.</p>
<section class="list">
 <article><span class="label">Editor&rsquo;s choice</span>
  <a href="/1?utm_source=home"><img alt="x"></a><h2><a href="/1?utm_source=home">Rain at last</a></h2>
  <h2>Rain at last</h2><time datetime="2024-03-14T10:00:00Z">14 March</time>
  <p class="byline">Ann Doe</p><p>It rained in <b>Gao</b>.</p><p>All day.</p><a href="/1">Read more</a></article>
 <article><h2><a href="https://example.com/2">Market &amp; fire</a></h2><div>Traders are back.</div></article>
 <div class="filter"><h3>Filter archive</h3><form><input></form></div>
 <article class="editors-choice"><h2><a href="/3">A title alone</a></h2></article>
</section></main><aside><h3><a href="/y">Popular</a></h3></aside><footer><h4>About us</h4></footer></body></html>"""


class TestHtml:
    def test_every_story_once(self) -> None:
        parsed = read(HTML)
        assert parsed.rejected == []
        assert [(item.title, item.text) for item in parsed.items] == [
            ("Rain at last", "It rained in Gao.\nAll day."),
            ("Market & fire", "Traders are back."),
            ("A title alone", "A title alone"),
        ]

    def test_links_dates_flags_and_heading(self) -> None:
        first, second, third = read(HTML).items
        assert first.url == "https://example.com/1?utm_source=home"
        assert second.url == "https://example.com/2"
        assert first.published_at is not None
        assert first.published_at.isoformat() == "2024-03-14T10:00:00+00:00"
        assert first.author == "Ann Doe"
        assert [item.highlighted for item in (first, second, third)] == [True, False, True]
        assert {item.heading for item in (first, second, third)} == {"Sahel"}
        assert (second.published_at, second.published_raw) == (None, None)

    def test_links_start_where_the_page_says(self) -> None:
        page = HTML.replace("<head>", '<head><base href="/archive/">').replace('"/3"', '"3"')
        assert read(page).items[2].url == "https://example.com/archive/3"

    def test_the_title_of_the_document_will_do_as_heading(self) -> None:
        assert read(HTML.replace("<h1>Sahel</h1>", "")).items[0].heading == "Sahel"

    def test_a_list_without_articles(self) -> None:
        page = (
            "<html><body><h1>Sahel</h1><ul><li><h3><a href='/1'>Rain</a></h3><p>It rained.</p></li>"
            "<li><h3><a href='/2'>Fire</a></h3><p>It burned.</p></li></ul></body></html>"
        )
        assert [(item.title, item.text, item.url) for item in read(page).items] == [
            ("Rain", "It rained.", "https://example.com/1"),
            ("Fire", "It burned.", "https://example.com/2"),
        ]

    def test_a_flat_page(self) -> None:
        page = (
            "<html><body><h1>Sahel</h1><p>All about it.</p>\n<p>Editor's choice</p>\n<h2><a href='/1'>Rain</a></h2>"
            "<h2>Rain</h2><p>It rained.</p><p>All day.</p><h2>Fire</h2>\n<p>It burned.</p><p>Must read</p><h2>Wind</h2>"
            "<p>It blew.</p></body></html>"
        )
        assert [(item.title, item.text, item.highlighted) for item in read(page).items] == [
            ("Rain", "It rained.\nAll day.", True),
            ("Fire", "It burned.", False),
            ("Wind", "It blew.", True),
        ]

    def test_a_page_nested_too_deep_is_refused_at_once(self) -> None:
        with pytest.raises(ParseError, match="no_stories"):
            read("<html><body>" + "<div>" * 100_000)

    def test_a_page_without_structure_is_read_as_its_text(self) -> None:
        page = (
            "<html><p>Sahel</p><p>Editor's choice<p>Rain at last</p><p>Rain at last</p><p>It rained.</html>"
        )
        (item,) = read(page).items
        assert (item.heading, item.title, item.text, item.highlighted) == (
            "Sahel",
            "Rain at last",
            "It rained.",
            True,
        )


@pytest.mark.skipif(
    "DATELINE_EVAL" not in os.environ, reason="DATELINE_EVAL names no folder with the seed files"
)
class TestSeeds:
    def parsed(self, start: str) -> Parsed:
        (path,) = (Path(os.environ["DATELINE_EVAL"]) / "seeds").glob(f"{start}*.txt")
        return parse(source_for(str(path)), path.read_bytes(), None)

    def test_the_summaries_are_fifteen_stories(self) -> None:
        parsed = self.parsed("000_")
        assert (len(parsed.items), parsed.rejected) == (15, [])
        assert not any(
            item.title or item.highlighted or item.published_at or item.published_raw for item in parsed.items
        )
        assert all(item.text.endswith(".") for item in parsed.items)

    def test_the_heading_page_is_eight_stories_all_highlighted(self) -> None:
        parsed = self.parsed("003_")
        assert (len(parsed.items), parsed.rejected) == (8, [])
        assert all(item.highlighted and item.heading == "Central Asia" for item in parsed.items)
        assert all(item.published_at is None and item.published_raw is None for item in parsed.items)
        for item in parsed.items:
            assert item.title
            assert item.title not in item.text
            for chrome in ("Filter archive", "Publication date", "choice", "Stories under"):
                assert chrome not in item.text
