"""People and offices in the conversation, with the actors and places that ship with Dateline."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from fakes.follows import MemorySubscriptions
from fakes.stories import enriched_story
from services.bot.alert_wiring import offices_held
from services.bot.app import build, build_actors
from services.bot.conversation.core import Conversation
from services.bot.conversation.messages import Incoming, Reply
from services.bot.settings import BotSettings
from shared.actors import Actors, load_actors
from shared.actors.watchlist import WatchedActors
from shared.archive.sqlite import SqliteArchive
from shared.clock import FixedClock
from shared.events import ActorTag, EnrichedStory
from shared.observe import Metrics
from shared.places import load_places

NOW = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
ANNA = "script:anna"
ACTORS = load_actors()


def about(story_id: str, *actor_ids: str, at: datetime = NOW, **changes: Any) -> EnrichedStory:
    tags = []
    for actor_id in actor_ids:
        actor = ACTORS.get(actor_id)
        assert actor is not None
        tags.append(ActorTag(id=actor.id, name=actor.name, kind=actor.kind, country=actor.country))
    tags.append(ActorTag(name="Nobody Listed", kind="person"))
    facts = {"published_at": at, "first_seen_at": at, "actors": tags} | changes
    return enriched_story(story_id, subjects=(), **facts)


class Chat:
    def __init__(self, archive: SqliteArchive, actors: Actors | WatchedActors = ACTORS) -> None:
        self.follows = MemorySubscriptions()
        self.conversation = Conversation(
            archive=archive,
            places=load_places(),
            actors=actors,
            subscriptions=self.follows,
            clock=FixedClock(NOW),
        )

    async def say(self, text: str) -> Reply:
        return await self.conversation.handle(Incoming(who=ANNA, text=text, at=NOW))

    async def followed(self) -> list[str]:
        return [each.target for each in await self.follows.following(ANNA)]


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    archive = SqliteArchive(tmp_path / "stories.db")
    await archive.setup()
    many = ("emomali-rahmon", "vladimir-putin", "ilham-aliyev", "un", "ru-fsb")
    await archive.put(
        [
            about("tokayev", "kassym-jomart-tokayev", at=NOW - timedelta(hours=1)),
            about("summit", *many, at=NOW - timedelta(hours=2)),
            about("nazarbayev", "nursultan-nazarbayev", at=datetime(2018, 5, 1, tzinfo=UTC)),
            about("retired", "nursultan-nazarbayev", at=NOW - timedelta(hours=3)),
        ]
    )
    yield Chat(archive)
    await archive.close()


def ids(reply: Reply) -> list[str]:
    stories = reply.data.get("stories")
    assert isinstance(stories, list)
    return [each["id"] for each in stories]


def buttons(reply: Reply) -> dict[str, str]:
    return {button.label: button.action for row in reply.buttons for button in row}


@pytest.mark.parametrize(
    "name", ["Tokayev", "Tokaev", "Токаев", "Kassym-Jomart Tokayev", "Kazakh president Tokayev"]
)
async def test_a_person_is_followed_under_any_spelling(chat: Chat, name: str) -> None:
    await chat.say(f"/follow {name}")
    assert await chat.followed() == ["actor:kassym-jomart-tokayev"]
    assert ids(await chat.say(f"/latest {name}")) == ["tokayev"]


async def test_a_shared_name_asks_whom_it_means_and_follows_nobody_before(chat: Chat) -> None:
    reply = await chat.say("/follow Sharif all")
    assert reply.data["error"] == "ambiguous"
    assert "Do you mean Shehbaz Sharif or Nawaz Sharif?" in reply.plain
    assert await chat.followed() == []
    await chat.say(buttons(reply)["Nawaz Sharif"])
    assert [(each.target, each.role) for each in await chat.follows.following(ANNA)] == [
        ("actor:nawaz-sharif", "mentioned")
    ]


async def test_what_is_sure_beside_a_shared_name_is_followed_at_once(chat: Chat) -> None:
    reply = await chat.say("follow Georgia and Sharif")
    assert await chat.followed() == ["country:GE"]
    assert reply.data["followed"] == ["country:GE"]
    assert {"Shehbaz Sharif", "Nawaz Sharif"} <= buttons(reply).keys()


@pytest.mark.parametrize(
    ("office", "shown"),
    [
        ("president of Kazakhstan", "President of Kazakhstan"),
        ("the president of Kazakhstan", "President of Kazakhstan"),
        ("Kazakh president", "President of Kazakhstan"),
        ("президент Казахстана", "Президент (Казахстан)"),
    ],
)
async def test_an_office_is_followed_as_an_office(chat: Chat, office: str, shown: str) -> None:
    reply = await chat.say(f"follow {office}")
    assert await chat.followed() == ["actor:kz-president"]
    assert shown in reply.plain
    assert shown in (await chat.say("/following")).plain
    await chat.say(f"/unfollow {office}")
    assert await chat.followed() == []


async def test_an_office_is_asked_for_under_its_holders_of_the_time(chat: Chat) -> None:
    now = await chat.say("/latest president of Kazakhstan")
    assert ids(now) == ["tokayev"]
    assert now.plain.startswith("Latest on the President of Kazakhstan\n")
    assert "In office: Kassym-Jomart Tokayev." in now.plain
    assert buttons(now)["Follow the President of Kazakhstan"] == "/follow actor:kz-president"
    then = await chat.say("/latest president of Kazakhstan 2018-05")
    assert ids(then) == ["nazarbayev"]
    assert "In office: Nursultan Nazarbayev." in then.plain


async def test_an_office_that_nobody_is_known_to_have_held_finds_nothing(chat: Chat) -> None:
    assert ids(await chat.say("/latest president of Kazakhstan 1950")) == []


async def test_the_page_of_a_story_has_a_button_for_each_of_its_first_actors(chat: Chat) -> None:
    page = await chat.say("/story summit")
    assert "Nobody Listed" in page.plain
    found = {label: action for label, action in buttons(page).items() if action.startswith("/latest actor:")}
    assert list(found.values()) == [
        "/latest actor:emomali-rahmon",
        "/latest actor:vladimir-putin",
        "/latest actor:ilham-aliyev",
        "/latest actor:un",
        "/latest actor:ru-fsb",
    ]
    assert all(len(row) <= 2 for row in page.buttons)
    assert all(len(action.encode()) <= 64 for action in buttons(page).values())
    assert ids(await chat.say(found["Emomali Rahmon"])) == ["summit"]


async def test_an_actor_of_the_watch_list_can_be_followed_as_soon_as_it_is_in_force(tmp_path: Path) -> None:
    path = tmp_path / "watch.toml"
    actors = build_actors(path)
    assert isinstance(actors, WatchedActors)
    chat = Chat(SqliteArchive(tmp_path / "none.db"), actors)
    await chat.say("/follow Aral Union")
    assert await chat.followed() == []
    path.write_text('[[organisation]]\nid = "aral-union"\nname = "Aral Union"\nkind = "organisation"\n')
    actors.watched.refresh()
    await chat.say("/follow Aral Union")
    await chat.say("/follow president of Kazakhstan")
    assert await chat.followed() == ["actor:aral-union", "actor:kz-president"]
    assert "Aral Union" in (await chat.say("/following")).plain


async def test_the_bot_watches_the_file_that_its_settings_name(tmp_path: Path) -> None:
    redis = Redis.from_url("redis://127.0.0.1:1/0")
    archive = SqliteArchive(tmp_path / "none.db")
    settings = BotSettings(watch_list=tmp_path / "watch.toml")
    watching = build(settings, redis=redis, archive=archive, metrics=Metrics())
    plain = build(BotSettings(), redis=redis, archive=archive, metrics=Metrics())
    assert watching.work.keys() - plain.work.keys() == {"watch list"}
    await redis.aclose()


def test_the_offices_of_a_person_are_those_of_the_day() -> None:
    offices_of = offices_held(ACTORS)
    assert list(offices_of("nursultan-nazarbayev", datetime(2018, 5, 1).date())) == ["kz-president"]
    assert list(offices_of("nursultan-nazarbayev", NOW.date())) == []
    assert list(offices_of("nobody-at-all", NOW.date())) == []


async def test_those_who_share_a_name_can_be_asked_for_alone(chat: Chat) -> None:
    shared = await chat.say("/latest Aliyev")
    assert ids(shared) == ["summit"]
    only = {label: action for label, action in buttons(shared).items() if label.startswith("Only ")}
    assert only == {
        "Only Ilham Aliyev": "/latest actor:ilham-aliyev",
        "Only Heydar Aliyev": "/latest actor:heydar-aliyev",
    }
    assert (await chat.say(only["Only Heydar Aliyev"])).data["error"] == "nothing_found"
