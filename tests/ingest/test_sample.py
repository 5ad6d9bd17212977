"""The bundled stories are read whole, and show what the system is for."""

from importlib.resources import as_file, files

import pytest

from services.ingest.formats import Item, parse
from services.ingest.identity import identify_all
from services.ingest.sources import SourceConfig, load_sources

COUNTS = {
    "sample-summaries": 18,
    "sample-heading": 8,
    "sample-page": 6,
    "sample-rss": 6,
    "sample-atom": 6,
    "sample-json-feed": 6,
    "sample-lines": 11,
}


@pytest.fixture(scope="module")
def sample() -> dict[str, tuple[SourceConfig, list[Item]]]:
    stories = {}
    with as_file(files("services.ingest") / "sample" / "sources.toml") as path:
        for source in load_sources(path):
            assert source.path is not None
            parsed = parse(source, source.path.read_bytes(), None)
            assert parsed.rejected == []
            stories[source.id] = (source, parsed.items)
    return stories


def test_every_story_is_read(sample: dict[str, tuple[SourceConfig, list[Item]]]) -> None:
    assert {name: len(items) for name, (_, items) in sample.items()} == COUNTS
    identities = [one.story_id for name, (_, items) in sample.items() for one in identify_all(name, items)]
    assert len(set(identities)) == sum(COUNTS.values())


def test_summaries_have_neither_title_nor_date(sample: dict[str, tuple[SourceConfig, list[Item]]]) -> None:
    _, items = sample["sample-summaries"]
    assert not any(item.title or item.published_at or item.published_raw for item in items)


def test_the_saved_page_keeps_its_flags_and_loses_its_chrome(
    sample: dict[str, tuple[SourceConfig, list[Item]]],
) -> None:
    _, items = sample["sample-heading"]
    assert {item.heading for item in items} == {"Central Asia"}
    assert sum(item.highlighted for item in items) == 4
    assert all(item.title and item.text.endswith(".") and "\n" not in item.text for item in items)


def test_the_html_page_has_links_and_dates(sample: dict[str, tuple[SourceConfig, list[Item]]]) -> None:
    _, items = sample["sample-page"]
    assert all(item.url and item.url.startswith("https://caucasus-review.example/202") for item in items)
    assert [item.published_at is not None for item in items] == [True] * 5 + [False]


def test_the_feeds_are_dated_and_the_lines_speak_many_languages(
    sample: dict[str, tuple[SourceConfig, list[Item]]],
) -> None:
    for name in ("sample-rss", "sample-atom", "sample-json-feed"):
        assert all(item.published_at and item.url for item in sample[name][1])
    languages = {item.language for item in sample["sample-lines"][1]}
    assert {"ru", "kk", "tr", "es", "uz"} <= languages
