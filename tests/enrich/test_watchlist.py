"""An operator's watch list: it adds, it suppresses, and a broken one changes nothing."""

import os
from pathlib import Path

from services.enrich.actors import ActorTagger
from services.enrich.candidates import as_entry, collect
from services.enrich.watchlist import Watched, load_watched
from shared.events import ActorTag, Cluster, EnrichedStory, Evidence, Source

GOOD = '[[organisation]]\nid = "aral-union"\nname = "Aral Union"\nkind = "organisation"\naliases = ["ARUN"]\n'
_TICK = 1_000_000_000


def write(path: Path, text: str, tick: int) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(tick * _TICK, tick * _TICK))


def test_a_watch_list_adds_and_suppresses(tmp_path: Path) -> None:
    path = tmp_path / "watch.toml"
    write(path, GOOD + '[[suppress]]\nid = "ru-fsb"\n[[suppress]]\nphrase = "Sandy Vale"\n', 1)
    tagger = ActorTagger.load(load_watched(path))
    tags = tagger.tag(None, "Russia's FSB and ARUN met. Sandy Vale said so.", language="en", at=None)
    assert [one.id for one in tags] == ["aral-union"]


def test_a_changed_file_comes_into_force(tmp_path: Path) -> None:
    path = tmp_path / "watch.toml"
    watched = Watched(path, lambda actors: actors)
    assert watched.current.get("aral-union") is None
    write(path, GOOD, 1)
    assert watched.refresh()
    assert watched.current.get("aral-union") is not None
    assert not watched.refresh()


def test_a_broken_file_is_refused_and_the_last_good_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "watch.toml"
    write(path, GOOD, 1)
    watched = Watched(path, lambda actors: actors)
    write(path, GOOD + "\n[[person]]\nid = 'x'\n", 2)
    assert not watched.refresh()
    assert [(one.file, one.line) for one in watched.problems] == [("watch.toml", 7)]
    assert watched.current.get("aral-union") is not None
    write(path, GOOD, 3)
    assert watched.refresh()
    assert watched.problems == ()


def test_a_removed_file_takes_its_actors_with_it(tmp_path: Path) -> None:
    path = tmp_path / "watch.toml"
    write(path, GOOD, 1)
    watched = Watched(path, lambda actors: actors)
    path.unlink()
    assert watched.refresh()
    assert watched.current.get("aral-union") is None


def story(number: int, text: str, name: str, cluster: str) -> EnrichedStory:
    start = text.index(name)
    evidence = Evidence(field="text", start=start, end=start + len(name), text=name, kind="title")
    return EnrichedStory(
        story_id=f"s{number}",
        source=Source(id="a", name="A", kind="feed"),
        text=text,
        first_seen_at="2024-01-01T00:00:00Z",
        headline=text,
        cluster=Cluster(id=cluster),
        actors=(ActorTag(name=name, kind="person", evidence=(evidence,)),),
    )


def test_unlisted_actors_of_several_reports_become_candidates(tmp_path: Path) -> None:
    stories = [
        story(1, "Mayor Marat Iskakov opened a bridge.", "Marat Iskakov", "c1"),
        story(2, "Mayor Marat Iskakov opened a bridge!", "Marat Iskakov", "c1"),
        story(3, "A song for Marat Iskakov.", "Marat Iskakov", "c2"),
        story(4, "Anna Petrova sang.", "Anna Petrova", "c2"),
    ]
    (candidate,) = collect(stories)
    assert (candidate.name, candidate.count) == ("Marat Iskakov", 2)
    assert candidate.snippets == ["Mayor Marat Iskakov opened a bridge.", "A song for Marat Iskakov."]
    path = tmp_path / "watch.toml"
    path.write_text(as_entry(candidate, "marat-iskakov", "KZ"), encoding="utf-8")
    assert load_watched(path).get("marat-iskakov") is not None
