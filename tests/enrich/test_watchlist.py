"""An operator's watch list: it adds, it suppresses, and a broken one changes nothing."""

import asyncio
import os
from pathlib import Path

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from services.enrich import app
from services.enrich.actors import ActorTagger
from services.enrich.candidates import Candidate, as_entry, collect, ids_for
from services.enrich.settings import EnrichSettings
from shared.actors import Actors
from shared.actors.entries import ActorDataError
from shared.actors.watchlist import Watched, load_watched
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


async def test_a_running_service_takes_over_a_new_file_and_tells_of_a_faulty_one(tmp_path: Path) -> None:
    path = tmp_path / "watch.toml"
    loop, built, stop = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def build(actors: Actors) -> Actors:
        loop.call_soon_threadsafe(built.set)
        return actors

    watched = Watched(path, build)
    await asyncio.sleep(0)
    built.clear()
    work = asyncio.create_task(watched.keep_fresh(stop, every=0.001))
    write(path, GOOD, 1)
    await built.wait()
    write(path, GOOD + "\n[[person]]\nid = 'x'\n", 2)
    with capture_logs() as logs:
        while not any(each["log_level"] == "error" for each in logs):
            await asyncio.sleep(0)
    stop.set()
    await work
    assert watched.current.get("aral-union") is not None
    (told,) = [each for each in logs if each["log_level"] == "error"]
    assert told["problem"] == "watch.toml:7: name is missing"


async def test_enrich_watches_the_file_that_its_settings_name(tmp_path: Path) -> None:
    path = tmp_path / "watch.toml"
    write(path, GOOD, 1)
    redis = Redis.from_url("redis://127.0.0.1:1/0")
    assert app.build(EnrichSettings(), redis=redis).work == {}
    assert list(app.build(EnrichSettings(watch_list=path), redis=redis).work) == ["watch list"]
    watched = Watched(path, ActorTagger.load)
    tagger = app.WatchedTagger(watched)
    text = "The Aral Union met in Nukus."
    assert "aral-union" in [one.id for one in tagger.tag(None, text, language="en", at=None)]
    path.unlink()
    watched.refresh()
    assert "aral-union" not in [one.id for one in tagger.tag(None, text, language="en", at=None)]
    await redis.aclose()


def test_ids_are_made_of_the_name_and_never_taken_twice() -> None:
    found = ids_for(
        [
            Candidate("Марат Искаков", "person"),
            Candidate("Zoë O'Neil", "person"),
            Candidate("Aral Club", "company"),
        ],
        taken={"aral-club"},
    )
    assert list(found) == ["marat-iskakov", "zoe-oneil", "aral-club-2"]


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


def test_a_table_that_does_not_exist_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "watch.toml"
    path.write_text('# mine\n[[actors]]\nid = "aral-fisheries-union"\nname = "Aral Fisheries Union"\n')

    with pytest.raises(ActorDataError) as refused:
        load_watched(path)

    (problem,) = refused.value.problems
    assert (problem.line, "unknown table 'actors'" in problem.message) == (2, True)
