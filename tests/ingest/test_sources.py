"""The file of sources, what it says about mistakes, and sources from the command line."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.ingest.sources import SourcesError, load_sources, source_for


def write(folder: Path, text: str) -> Path:
    path = folder / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_source_with_everything(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        [[sources]]
        id = "osh-news"
        name = "Osh News"
        kind = "heading"
        url = "https://example.com/osh"
        country = "KG"
        language = "ky"
        interval = "1h30m"
        allow_private = true
        heading = "Osh"

        [[sources]]
        id = "notes"
        path = "notes.txt"
        interval = 90
        """,
    )
    first, second = load_sources(path)
    assert (first.id, first.kind, first.country, first.heading) == ("osh-news", "heading", "KG", "Osh")
    assert first.interval == timedelta(minutes=90)
    assert first.described().name == "Osh News"
    assert second.path == tmp_path / "notes.txt"
    assert second.interval == timedelta(seconds=90)
    assert (second.kind, second.allow_private, second.described().name) == ("auto", False, "notes")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('url = "https://example.com"', ["source number 1", "id", "is missing"]),
        ('id = "a b"\nurl = "https://example.com"', ['source "a b"', "id", "letters"]),
        ('id = "a"', ['source "a"', "url or path"]),
        ('id = "a"\nurl = "https://example.com"\npath = "x"', ["not both"]),
        ('id = "a"\nurl = "ftp://example.com"', ["http or https"]),
        ('id = "a"\npath = "x"\nkind = "rss"', ["kind", "feed, heading, text"]),
        ('id = "a"\npath = "x"\ninterval = "10s"', ["interval", "60 seconds", '"10m"']),
        ('id = "a"\npath = "x"\ninterval = "often"', ["interval", '"10m"']),
        ('id = "a"\npath = "x"\ncountry = "Kazakhstan"', ["country", '"KZ"']),
        ('id = "a"\npath = "x"\nlanguage = "Kazakh"', ["language", '"kk"']),
        ('id = "a"\npath = "x"\ncolour = "red"', ["'colour'", "settings are"]),
    ],
)
def test_a_mistake_is_named_with_its_file_source_and_field(
    tmp_path: Path, row: str, words: list[str]
) -> None:
    path = write(tmp_path, f"[[sources]]\n{row}")
    with pytest.raises(SourcesError) as error:
        load_sources(path)
    assert str(path) in str(error.value)
    for word in words:
        assert word in str(error.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, '[[sources]]\nid = "a"\n[[sources]]\nid = "b"\npath = "x"\nkind = "rss"')
    with pytest.raises(SourcesError) as error:
        load_sources(path)
    assert len(str(error.value).splitlines()) == 2


@pytest.mark.parametrize("text", ["[[source]]\nid='a'", "[sources]\nid='a'", "id = ", 'x = "\udc80"'])
def test_another_shape_or_no_toml(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sources.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(SourcesError, match=r"sources\.toml"):
        load_sources(path)


def test_two_sources_with_one_id(tmp_path: Path) -> None:
    row = '[[sources]]\nid = "a"\npath = "x"\n'
    with pytest.raises(SourcesError, match="its own"):
        load_sources(write(tmp_path, row + row))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(SourcesError, match="cannot be read"):
        load_sources(tmp_path / "sources.toml")


def test_a_file_on_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "Osh news (1).jsonl"
    path.write_text("{}")
    source = source_for(str(path))
    assert (source.id, source.kind, source.path) == ("Osh-news-1", "jsonl", path)


def test_an_address_on_the_command_line() -> None:
    source = source_for("https://user:secret@www.example.com/feed?key=1")
    assert (source.id, source.kind, source.allow_private) == ("example.com", "auto", False)
    assert source.target == "https://www.example.com/feed"


@pytest.mark.parametrize("target", ["nowhere.txt", "ftp://example.com/x", "https://", "."])
def test_what_cannot_be_a_source(target: str) -> None:
    with pytest.raises(SourcesError, match="no"):
        source_for(target)
