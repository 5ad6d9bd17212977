"""The conversation against a real (SQLite) archive: what is asked, what comes back."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.follows import MemorySubscriptions
from fakes.stories import enriched_story
from fakes.vocabulary import FakeActors, FakePlaces
from services.bot.conversation.core import Conversation
from services.bot.conversation.messages import Incoming, Reply
from shared.archive.port import ArchiveUnavailable
from shared.archive.sqlite import SqliteArchive
from shared.clock import FixedClock
from shared.events import ActorTag, Cluster, CountryTag, EnrichedStory, Evidence, RegionTag, Source

#: A Wednesday.
NOW = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
ANNA = "script:anna"


def evidence(text: str, word: str, kind: str = "name") -> Evidence:
    start = text.index(word)
    return Evidence(field="text", start=start, end=start + len(word), text=word, kind=kind)


def country(code: str, role: str, *words: Evidence) -> CountryTag:
    return CountryTag.model_validate({"code": code, "role": role, "salience": 0.5, "evidence": words})


def story(story_id: str, text: str, hours: float, **changes: Any) -> EnrichedStory:
    published = NOW - timedelta(hours=hours)
    facts = {"headline": text, "text": text, "published_at": published, "first_seen_at": published}
    return enriched_story(story_id, **{**facts, **changes})


URANIUM = "Uzbekistan sells more uranium, and Kazakhstan watches."
VISIT = "Vladimir Putin arrives in Tajikistan."
RETOLD = "Russia's president is in Dushanbe."
STORIES = [
    story(
        "uranium",
        URANIUM,
        2,
        url="https://example.org/uranium",
        highlighted=True,
        countries=[
            country("UZ", "subject", evidence(URANIUM, "Uzbekistan")),
            country("KZ", "mentioned", evidence(URANIUM, "Kazakhstan")),
        ],
        regions=[RegionTag(id="central-asia", role="derived")],
    ),
    story(
        "visit",
        VISIT,
        30,
        countries=[country("TJ", "subject", evidence(VISIT, "Tajikistan"))],
        regions=[RegionTag(id="central-asia", role="derived")],
        actors=[
            ActorTag(
                id="vladimir-putin",
                name="Vladimir Putin",
                kind="person",
                evidence=[evidence(VISIT, "Vladimir Putin")],
            )
        ],
    ),
    story(
        "retold",
        RETOLD,
        29,
        source=Source(id="other", name="The Other", kind="feed"),
        countries=[country("TJ", "subject", evidence(RETOLD, "Dushanbe", "capital"))],
        cluster=Cluster(id="visit", relation="same_report", matched="visit"),
    ),
    story("undated", "Georgia builds a bridge.", 1, subjects=("GE",), published_at=None),
    story(
        "html", "<b>Norway</b> & [bold]fish[/bold]\x1b[31m\u202e", 3, subjects=("NO",), title="<b>Norway</b>"
    ),
    *(
        story(f"kazakh{number}", f"Kazakhstan, story number {number}.", 100 + number // 3)
        for number in range(12)
    ),
]


class Chat:
    """Anna's side of a conversation."""

    def __init__(self, archive: Any, *, patience: float = 10.0) -> None:
        self.archive = archive
        self.follows = MemorySubscriptions()
        self.conversation = self.restarted(patience=patience)

    def restarted(self, *, patience: float = 10.0) -> Conversation:
        return Conversation(
            archive=self.archive,
            places=FakePlaces(),
            actors=FakeActors(),
            subscriptions=self.follows,
            clock=FixedClock(NOW),
            patience=patience,
        )

    async def say(self, text: str, *, pressed: bool = False, who: str = ANNA) -> Reply:
        return await self.conversation.handle(Incoming(who=who, text=text, at=NOW, pressed=pressed))

    async def press(self, reply: Reply, label: str) -> Reply:
        return await self.say(action(reply, label), pressed=True)


@pytest.fixture(scope="module")
def archive_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "stories.db"

    async def fill() -> None:
        archive = SqliteArchive(path)
        await archive.setup()
        await archive.put(STORIES)
        await archive.close()

    asyncio.run(fill())
    return path


@pytest.fixture
async def chat(archive_path: Path) -> AsyncIterator[Chat]:
    archive = SqliteArchive(archive_path)
    await archive.setup()
    yield Chat(archive)
    await archive.close()


def ids(reply: Reply) -> list[str]:
    stories = reply.data.get("stories")
    assert isinstance(stories, list)
    return [each["id"] for each in stories]


def labels(reply: Reply) -> list[str]:
    return [button.label for row in reply.buttons for button in row]


def action(reply: Reply, label: str) -> str:
    return next(button.action for row in reply.buttons for button in row if button.label.startswith(label))


async def test_latest_on_a_country_shows_what_is_about_it_with_the_words(chat: Chat) -> None:
    reply = await chat.say("latest on Tajikistan")
    assert ids(reply) == ["visit"]
    assert reply.plain.startswith("Latest on Tajikistan\n\n1. 🇹🇯 Vladimir Putin arrives in Tajikistan.")
    assert "17 Nov, 09:30 · The Wire · +1 source" in reply.plain
    assert "Tajikistan: “Tajikistan”" in reply.plain
    (found,) = reply.data["stories"]  # type: ignore[misc]  # data is untyped by design
    assert found["cluster"] == {"id": "visit", "size": 2}
    assert {"tag": "country:TJ", "text": "Tajikistan"}.items() <= found["evidence"][0].items()
    assert reply.data["place"] == {"id": "TJ", "name": "Tajikistan", "kind": "country"}


async def test_where_there_is_room_mentions_follow_under_their_own_heading(chat: Chat) -> None:
    reply = await chat.say("/latest KZ UZ")
    assert ids(reply)[0] == "uranium"
    assert reply.data["also_mentioned"] == 0
    reply = await chat.say("Kazakhstan last 100 hours")
    assert ids(reply) == ["kazakh2", "kazakh1", "kazakh0", "uranium"]
    assert "Mentioning Kazakhstan\n\n" in reply.plain
    assert reply.data["also_mentioned"] == 1


async def test_mentions_are_offered_after_the_last_page(chat: Chat) -> None:
    await chat.say("/latest KZ")
    await chat.say("more")
    last = await chat.say("more")
    assert "Mentioned in 1 more story." in last.plain
    assert "uranium" not in ids(last)
    assert "uranium" in ids(await chat.press(last, "All mentions (1)"))


async def test_a_country_that_is_only_mentioned_is_answered_with_a_word_about_it(chat: Chat) -> None:
    reply = await chat.say("Kazakhstan today")
    assert ids(reply) == ["uranium"]
    assert "No story is about Kazakhstan itself." in reply.plain
    assert "Kazakhstan (mentioned): “Kazakhstan”" in reply.plain


async def test_a_region_holds_what_its_members_do(chat: Chat) -> None:
    reply = await chat.say("what's new in Central Asia?")
    assert ids(reply) == ["uranium", "visit"]
    assert "Central Asia through Uzbekistan" in reply.plain
    assert "★" in reply.plain


async def test_a_person(chat: Chat) -> None:
    assert ids(await chat.say("latest on Putin")) == ["visit"]


async def test_pages_hold_every_story_once_also_after_a_restart_and_while_news_arrives(
    chat: Chat, tmp_path: Path
) -> None:
    archive = SqliteArchive(tmp_path / "other.db")
    await archive.setup()
    await archive.put(STORIES)
    chat.archive, chat.conversation = archive, Chat(archive).conversation
    first = await chat.say("/latest KZ")
    await archive.put([story("newer", "Kazakhstan, just now.", 0)])
    chat.conversation = chat.restarted()
    second = await chat.press(first, "More")
    third = await chat.press(second, "More")
    seen = ids(first) + ids(second) + ids(third)
    assert sorted(seen) == sorted(f"kazakh{number}" for number in range(12))
    assert second.replaces
    assert "More ›" not in labels(third)
    assert ids(await chat.press(third, "« Newest"))[0] == "newer"
    await archive.close()


async def test_the_next_page_of_a_time_window_stays_inside_it(chat: Chat) -> None:
    first = await chat.say("Kazakhstan last 101 hours")
    assert ids(first) == ["kazakh2", "kazakh1", "kazakh0", "kazakh5", "kazakh4"]
    assert ids(await chat.press(first, "More")) == ["kazakh3"]


async def test_numbers_open_stories_and_why_shows_the_words(chat: Chat) -> None:
    await chat.say("latest on Central Asia")
    page = await chat.say("2")
    assert ids(page) == ["visit"]
    assert "How others tell it\n• The Other, 1 hour later: Russia's president is in Dushanbe." in page.plain
    assert "About: Tajikistan" in page.plain
    why = await chat.say("why?")
    assert "Tajikistan (what it is about): “Tajikistan” (name)" in why.plain
    assert "Through the countries it is about: Central Asia" in why.plain
    marked = [span.text for block in why.blocks for line in block.lines for span in line if span.marked]
    assert marked == ["Vladimir Putin", "Tajikistan"]
    assert ids(await chat.say("/story 1")) == ["uranium"]
    assert ids(await chat.say("why 2")) == ["visit"]


async def test_a_story_by_the_beginning_of_its_id(chat: Chat) -> None:
    await chat.say("/latest UZ")
    assert ids(await chat.say("/story uran")) == ["uranium"]
    page = await chat.say("/story uranium")
    assert "https://example.org/uranium" in page.plain
    assert ids(await chat.say("/why 1")) == ["uranium"]
    assert (await chat.say("/story nosuchstory")).data["error"] == "not_found"


async def test_one_reader_never_sees_the_list_of_another(chat: Chat) -> None:
    await chat.say("/latest KZ")
    assert (await chat.say("1", who="script:ben")).data["error"] == "not_found"
    assert (await chat.say("more", who="script:ben")).data["error"] == "not_found"


async def test_an_undated_story_says_so(chat: Chat) -> None:
    reply = await chat.say("Georgia")
    assert "undated, first seen 1 hour ago" in reply.plain
    (found,) = reply.data["stories"]  # type: ignore[misc]  # data is untyped by design
    assert (found["published_at"], found["dated"]) == (None, "first_seen")


async def test_markup_and_control_characters_of_a_story_are_text_or_gone(chat: Chat) -> None:
    page = await chat.say("/latest NO")
    assert "<b>Norway</b> & [bold]fish[/bold][31m" in page.plain
    assert not {"\x1b", "\u202e"} & set(page.plain)


async def test_search_with_and_without_a_place(chat: Chat) -> None:
    found = await chat.say("uranium in Uzbekistan")
    assert ids(found) == ["uranium"]
    marked = [span.text for block in found.blocks for line in block.lines for span in line if span.marked]
    assert marked == ["uranium"]
    assert ids(await chat.say("/search uranium")) == ["uranium"]
    assert ids(await chat.say("Georgia uranium")) == []
    assert ids(await chat.say("number")) == ids(await chat.say("/search number"))
    assert ids(await chat.say("2")) == [ids(await chat.say("/search number"))[1]]


async def test_nothing_found_offers_something_wider(chat: Chat) -> None:
    reply = await chat.say("uranium in Tajikistan yesterday")
    assert reply.data["error"] == "nothing_found"
    assert labels(reply) == [
        "Last 30 days",
        "Any time",
        "Latest on Tajikistan",
        "“uranium” anywhere",
        "Latest on Central Asia",
        "Latest news",
    ]
    assert ids(await chat.press(reply, "“uranium” anywhere")) == []
    reply = await chat.say("uranium in Tajikistan")
    assert ids(await chat.press(reply, "“uranium” anywhere")) == ["uranium"]


@pytest.mark.parametrize("asked", ["latest on Kazahkstan", "/latest Kazahkstan", "Kazahkstan", "kazahkstan?"])
async def test_a_mistyped_place_gets_a_suggestion_that_works(chat: Chat, asked: str) -> None:
    reply = await chat.say(asked)
    assert reply.data["error"] == "unknown_name"
    assert "Did you mean Kazakhstan" in reply.plain
    assert "kazakh2" in ids(await chat.press(reply, "Kazakhstan"))


async def test_a_mistyped_place_beside_words(chat: Chat) -> None:
    reply = await chat.say("uranium in Uzbekstan")
    assert ids(await chat.press(reply, "Uzbekistan")) == ["uranium"]


async def test_an_unknown_place_is_never_met_with_silence(chat: Chat) -> None:
    reply = await chat.say("latest on Wakanda")
    assert "I know no place or person called “Wakanda”" in reply.plain
    assert labels(reply) == ["Latest news", "What can I ask?"]


async def test_following(chat: Chat) -> None:
    reply = await chat.say("follow Georgia")
    assert reply.data["followed"] == ["country:GE"]
    assert (await chat.say("/follow GE")).data["already"] == ["country:GE"]
    assert (
        "from now on you hear of every story that mentions Georgia"
        in (await chat.say("/follow GE all")).plain
    )
    await chat.say("follow Putin and Central Asia")
    listed = await chat.say("what do I follow?")
    assert [each["target"] for each in listed.data["following"]] == [  # type: ignore[attr-defined]  # untyped data
        "country:GE",
        "region:central-asia",
        "actor:vladimir-putin",
    ]
    assert "🇬🇪 Georgia (every mention)" in listed.plain
    rest = await chat.press(listed, "Stop Vladimir Putin")
    assert rest.replaces
    assert rest.data["unfollowed"] == ["actor:vladimir-putin"]
    assert "You did not follow Kazakhstan" in (await chat.say("stop following Kazakhstan")).plain
    await chat.say("unfollow all")
    assert (await chat.say("/following")).data["following"] == []


async def test_a_follow_whose_name_is_no_longer_known_can_be_left(chat: Chat) -> None:
    await chat.follows.follow(ANNA, "actor:gone", "subject", NOW)
    await chat.press(await chat.say("/following"), "Stop gone")
    assert await chat.follows.following(ANNA) == []


async def test_following_says_what_it_cannot_follow(chat: Chat) -> None:
    assert "I left out “Uzbekistn”" in (await chat.say("/follow KZ and Uzbekistn")).plain
    assert (await chat.say("/follow")).data["error"] == "incomplete"
    reply = await chat.say("follow Kazahkstan")
    assert (await chat.press(reply, "Kazakhstan")).data["followed"] == []


async def test_forgetting_asks_first_and_then_forgets_everything(chat: Chat) -> None:
    await chat.say("follow Georgia")
    asked = await chat.say("/forget")
    assert len(await chat.follows.following(ANNA)) == 1
    done = await chat.press(asked, "Yes")
    assert {"intent": "forget", "confirmed": True, "follows": 1}.items() <= done.data.items()
    assert await chat.follows.following(ANNA) == []
    assert (await chat.say("1")).data["error"] == "not_found"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("", "empty"),
        ("x" * 5000, "too_long"),
        ("AND OR NOT", "bad_query"),
        ('" -', "bad_query"),
        ("/search -", "bad_query"),
        ("/search", "incomplete"),
        ("/folow KZ", "unknown_command"),
        ("77", "not_found"),
        ("/more nosuchtoken", "expired"),
        ("/why", "not_found"),
        ("<script>alert(1)</script>", "unknown_name"),
    ],
)
async def test_bad_input_gets_a_decent_answer(chat: Chat, said: str, error: str) -> None:
    reply = await chat.say(said)
    assert reply.data["error"] == error
    assert reply.plain


async def test_a_long_text_offers_the_places_in_it(chat: Chat) -> None:
    reply = await chat.say("Kazakhstan and its neighbours. " * 200)
    assert "kazakh2" in ids(await chat.press(reply, "Latest on Kazakhstan"))


async def test_a_long_question_still_has_short_buttons(chat: Chat) -> None:
    question = f"number {'OR казахстанская ' * 9}in Kazakhstan since 2024"
    first = await chat.say(question)
    assert all(len(button.action.encode()) <= 64 for row in first.buttons for button in row)
    second = await chat.press(first, "Ещё")
    assert ids(first) + ids(second) == ids(await chat.say("number since 2024")) + ids(await chat.say("more"))
    chat.conversation = chat.restarted()
    assert (await chat.press(first, "Ещё")).data["error"] == "expired"


class AwayArchive:
    """An archive that does not answer."""

    def __init__(self, fault: Exception | None) -> None:
        self._fault = fault

    def __getattr__(self, _: str) -> Any:
        async def call(*_: Any, **__: Any) -> None:
            if self._fault is not None:
                raise self._fault
            await asyncio.Event().wait()

        return call


@pytest.mark.parametrize("fault", [ArchiveUnavailable("away"), None], ids=["refused", "hangs"])
async def test_an_unreachable_archive_is_said_so_and_follows_still_work(fault: Exception | None) -> None:
    chat = Chat(AwayArchive(fault), patience=0.01)
    for question in ("latest on Kazakhstan", "uranium", "/story uranium"):
        reply = await chat.say(question)
        assert reply.data["error"] == "unreachable"
        assert "The archive can't be reached right now" in reply.plain
    assert (await chat.say("follow Kazakhstan")).data["followed"] == ["country:KZ"]


async def test_a_fault_of_ours_has_a_number_that_the_log_knows(caplog: pytest.LogCaptureFixture) -> None:
    chat = Chat(AwayArchive(RuntimeError("a detail that is nobody's business")))
    with caplog.at_level(logging.ERROR):
        reply = await chat.say("latest on Kazakhstan")
    assert reply.data["error"] == "internal"
    assert f"(id {reply.data['incident']})" in reply.plain
    assert "business" not in reply.plain
    assert [f"(id {reply.data['incident']})" in record.getMessage() for record in caplog.records] == [True]


@pytest.fixture(scope="module")
def sync_chat(archive_path: Path) -> Iterator[Any]:
    with asyncio.Runner() as runner:
        archive = SqliteArchive(archive_path)
        runner.run(archive.setup())
        chat = Chat(archive)
        yield lambda said, pressed: runner.run(chat.say(said, pressed=pressed))
        runner.run(archive.close())


COMMANDS = (
    "/latest ",
    "/search ",
    "/follow ",
    "/why ",
    "/story ",
    "/unfollow ",
    "/more ",
    "2",
    "actor:",
    "★",
)
WORDS = (
    "Kazakhstan",
    "KZ",
    "Putin",
    "last week",
    "since May",
    "20240101-",
    "all",
    "uranium",
    "казах",
    "@18.abcdef",
)
NOISE = ('"', "-", "OR", "*", " ", "\x1b[0m", "\ud800")
PIECES = st.sampled_from([*COMMANDS, *WORDS, *NOISE])


@settings(max_examples=150, deadline=None)
@given(
    said=st.one_of(st.text(max_size=500), st.lists(PIECES | st.text(max_size=8)).map("".join)),
    pressed=st.booleans(),
)
def test_whatever_is_said_there_is_an_answer(sync_chat: Any, said: str, pressed: bool) -> None:
    reply = sync_chat(said, pressed)
    assert reply.plain
    assert reply.data.get("error") != "internal"
    assert all(len(button.action.encode()) <= 64 for row in reply.buttons for button in row)
    assert not {char for char in reply.plain if category(char) in {"Cc", "Cs"}} - {"\n"}


async def test_a_search_offers_the_best_matches_before_the_newest(chat: Chat) -> None:
    newest = await chat.say("number")
    assert newest.data["more"]
    best = await chat.press(newest, "Best matches first")
    assert best.plain.startswith("Stories with “number”, best matches first")
    assert (len(ids(best)), best.data["more"]) == (5, None)
    assert ids(await chat.press(best, "Newest first")) == ids(newest)
    assert ids(await chat.say("most relevant number")) == ids(best)


async def test_few_matches_need_no_order(chat: Chat) -> None:
    assert "Best matches first" not in labels(await chat.say("/search uranium"))


async def test_which_story_is_asked_with_a_button_for_each(chat: Chat) -> None:
    shown = await chat.say("Kazakhstan")
    reply = await chat.say("why")
    assert labels(reply) == ["1", "2", "3", "4", "5"]
    opened = await chat.press(reply, "2")
    assert (opened.data["intent"], ids(opened)) == ("why", [ids(shown)[1]])


async def test_the_last_one_of_a_list_can_be_opened(chat: Chat) -> None:
    shown = await chat.say("Kazakhstan")
    assert ids(await chat.say("open the last one")) == ids(shown)[-1:]


@pytest.fixture
async def retold(tmp_path: Path) -> AsyncIterator[Chat]:
    """Two events, each told twice; only the later telling names Georgia, a person and the word."""
    archive = SqliteArchive(tmp_path / "retold.db")
    await archive.setup()
    tellings = [
        story("first", "A summit begins.", 9, countries=[]),
        story("other", "A fire.", 8, countries=[]),
    ]
    for number, cluster in enumerate(("first", "other", "first")):
        text = f"Vladimir Putin dislikes khachapuri, says Georgia ({number})."
        tag = ActorTag(
            id="vladimir-putin",
            name="Vladimir Putin",
            kind="person",
            evidence=[evidence(text, "Vladimir Putin")],
        )
        tellings.append(
            story(
                f"later{number}", text, number + 1,
                cluster=Cluster(id=cluster, relation="same_report", matched=cluster),
                countries=[country("GE", "mentioned", evidence(text, "Georgia"))],
                actors=[tag],
            )
        )  # fmt: skip
    await archive.put(tellings)
    yield Chat(archive)
    await archive.close()


@pytest.mark.parametrize("said", ["Putin", "Georgia", "khachapuri", "/search khachapuri @best"])
async def test_what_only_a_later_telling_says_is_found_once_an_event(retold: Chat, said: str) -> None:
    assert ids(await retold.say(said)) == ["later1", "later2"]
