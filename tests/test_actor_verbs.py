"""``dateline actors``, and ``dateline enrich`` with a watch list, as an operator calls them."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fakes.stories import enriched_story
from services.cli import app
from shared.actors.watchlist import load_watched
from shared.archive.sqlite import SqliteArchive
from shared.events import ActorTag, EnrichedStory, Evidence

ADDED = '[[organisation]]\nid = "aral-union"\nname = "Aral Union"\nkind = "organisation"\n'


def naming(number: int, name: str, kind: str = "person") -> EnrichedStory:
    text = f"In Aral, {name} spoke, time {number}."
    start = text.index(name)
    evidence = Evidence(field="text", start=start, end=start + len(name), text=name, kind="title")
    tag = ActorTag.model_validate({"name": name, "kind": kind, "evidence": [evidence]})
    return enriched_story(f"{kind}{number}-{name[:3]}", text=text, actors=[tag])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATELINE_HOME", str(tmp_path))
    monkeypatch.setenv("DATELINE_WATCH_LIST", str(tmp_path / "watch.toml"))

    async def fill() -> None:
        archive = SqliteArchive(tmp_path / "archive.sqlite")
        await archive.setup()
        stories = [naming(number, "Marat Iskakov") for number in (1, 2)]
        stories += [naming(number, "Anna Petrova") for number in (1, 2, 3)]
        stories += [naming(1, "Aral Club", "organisation"), naming(1, "Aral Club")]
        await archive.put(stories)
        await archive.close()

    asyncio.run(fill())
    return tmp_path


def dateline(*words: str, told: str | None = None) -> Result:
    return CliRunner().invoke(app, [*words], input=told)


def candidates(*options: str) -> list[tuple[str, int]]:
    result = dateline("actors", "candidates", "--json", *options)
    assert result.exit_code == 0, result.stderr
    return [(each["id"], each["count"]) for each in json.loads(result.stdout)["candidates"]]


def test_candidates_are_those_whom_several_stories_name(home: Path) -> None:
    assert candidates() == [("anna-petrova", 3), ("marat-iskakov", 2)]
    assert candidates("--at-least", "3") == [("anna-petrova", 3)]
    shown = dateline("actors", "candidates").stdout
    assert "In Aral, Anna Petrova spoke" in " ".join(shown.split())
    first, _ = json.loads(dateline("actors", "candidates", "--json").stdout)["candidates"]
    assert first["snippets"][0].startswith("In Aral, Anna Petrova spoke")


def test_an_approved_candidate_is_in_the_watch_list_and_no_candidate_any_more(home: Path) -> None:
    path = home / "watch.toml"
    path.write_text("# mine\n" + ADDED)
    result = dateline("actors", "approve", "Marat Iskakov", "anna-petrova")
    assert result.exit_code == 0, result.stderr
    assert path.read_text().startswith("# mine\n" + ADDED + "\n[[person]]")
    listed = load_watched(path)
    assert all(listed.get(each) for each in ("aral-union", "marat-iskakov", "anna-petrova"))
    assert candidates() == []
    assert sorted(each.name for each in home.iterdir() if "watch" in each.name) == ["watch.toml"]


def test_approving_makes_the_watch_list_where_there_is_none_yet(home: Path) -> None:
    assert dateline("actors", "approve", "marat-iskakov").exit_code == 0
    assert load_watched(home / "watch.toml").get("marat-iskakov") is not None


@pytest.mark.parametrize(
    ("name", "said"),
    [("Nobody Known", "is no candidate"), ("Aral Club", "may be aral-club or aral-club-2")],
)
def test_what_is_not_sure_is_not_approved(home: Path, name: str, said: str) -> None:
    result = dateline("actors", "approve", "marat-iskakov", name)
    assert result.exit_code == 1
    assert said in result.stderr
    assert not (home / "watch.toml").exists()


def test_a_faulty_watch_list_is_left_alone_and_named_with_its_line(home: Path) -> None:
    path = home / "watch.toml"
    path.write_text(faulty := ADDED + "\n[[person]]\nid = 'x'\n")
    for verb in (("approve", "marat-iskakov"), ("candidates",), ("check",)):
        result = dateline("actors", *verb)
        assert result.exit_code == 1
        assert "watch.toml:6: name is missing" in result.stderr
    assert path.read_text() == faulty


def test_approving_needs_a_watch_list(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATELINE_WATCH_LIST")
    result = dateline("actors", "approve", "marat-iskakov")
    assert result.exit_code == 2
    assert "DATELINE_WATCH_LIST" in result.stderr


def test_check_tells_the_age_of_the_data_and_each_fault(home: Path) -> None:
    path = home / "watch.toml"
    path.write_text(ADDED)
    result = dateline("actors", "check", "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert found["problems"] == []
    assert isinstance(found["age_days"], int)
    assert f"Leaders as of {found['as_of']}" in dateline("actors", "check").stdout
    path.write_text("[[person]\n")
    result = dateline("actors", "check", "--json")
    assert result.exit_code == 1
    assert [(each["file"], each["line"]) for each in json.loads(result.stdout)["problems"]] == [
        ("watch.toml", 1)
    ]


def test_enrich_uses_the_watch_list_and_refuses_a_faulty_one(home: Path) -> None:
    told = json.dumps({"id": "1", "text": "Members of the Aral Union met in Nukus."})
    (home / "watch.toml").write_text(ADDED)
    result = dateline("enrich", "-", told=told)
    assert result.exit_code == 0, result.stderr
    assert "aral-union" in [actor["id"] for actor in json.loads(result.stdout)["actors"]]
    (home / "watch.toml").write_text(ADDED * 2)
    result = dateline("enrich", "-", told=told)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "watch.toml:5: id 'aral-union' is used already" in result.stderr


def test_an_undated_story_may_name_those_who_left_office(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATELINE_WATCH_LIST")
    story = {"id": "1", "text": "Iranian President Raisi met officials in Tehran on Monday."}
    result = dateline("enrich", "-", told=json.dumps(story))
    assert next(actor["id"] for actor in json.loads(result.stdout)["actors"]) == "ebrahim-raisi"
