"""What refers to the turn before: "and Uzbekistan?", "yes", "back", "the second one"; and what is no question."""

from datetime import UTC, datetime

import pytest

from fakes.reader import TalkingReader
from services.bot.conversation.messages import Reply
from shared.actors import load_actors
from shared.clock import FixedClock
from shared.places import load_places

#: A Wednesday.
NOW = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
PLACES = load_places()
ACTORS = load_actors()


@pytest.fixture
def anna() -> TalkingReader:
    return TalkingReader(FixedClock(NOW), places=PLACES, actors=ACTORS)


def asked(reply: Reply) -> tuple[list[str], str, str]:
    """What a reply took its question for: names, words, the first day."""
    data = reply.data
    named = [each["id"] for key in ("places", "actors") for each in data.get(key, [])]  # type: ignore[attr-defined]  # lists
    return named, str(data.get("query", "")), str(data.get("since", ""))[:10]


@pytest.mark.parametrize(
    ("before", "said", "meant"),
    [
        ("Kazakhstan", "what about last week", (["KZ"], "", "2026-11-09")),
        ("uranium in Kazakhstan last week", "and Uzbekistan?", (["UZ"], "uranium", "2026-11-09")),
        ("Kazakhstan yesterday", "how about gas", (["KZ"], "gas", "2026-11-17")),
        ("новости Казахстана", "а на прошлой неделе?", (["KZ"], "", "2026-11-09")),
        ("уран в Казахстане", "а в Узбекистане?", (["UZ"], "уран", "")),
        ("Kazakhstan last week", "Uzbekistan", (["UZ"], "", "")),
        ("Kazakhstan last week", "yesterday", ([], "", "2026-11-17")),
        ("thanks", "and Uzbekistan?", (["UZ"], "", "")),
    ],
)
async def test_a_question_goes_on_from_the_one_before(
    anna: TalkingReader, before: str, said: str, meant: tuple[list[str], str, str]
) -> None:
    await anna.say(before)
    assert asked(await anna.say(said)) == meant


async def test_a_trend_goes_on_as_a_trend(anna: TalkingReader) -> None:
    await anna.say("/trend Kazakhstan 30d")
    assert (await anna.say("and Uzbekistan?")).data["intent"] == "trend"


async def test_two_chats_do_not_go_on_from_each_other(anna: TalkingReader) -> None:
    await anna.say("Kazakhstan last week")
    anna.who = "telegram:2"
    assert asked(await anna.say("and Uzbekistan?")) == (["UZ"], "", "")


async def test_back_asks_the_last_question_again(anna: TalkingReader) -> None:
    await anna.say("Kazakhstan last week")
    await anna.say("help")
    assert asked(await anna.say("back")) == (["KZ"], "", "2026-11-09")


@pytest.mark.parametrize("word", ["yes", "да"])
async def test_yes_confirms_and_no_leaves_it(anna: TalkingReader, word: str) -> None:
    await anna.say("follow Kazakhstan")
    await anna.say("/forget")
    assert "nothing was changed" in (await anna.say("no")).plain
    assert (await anna.say(word)).data["intent"] == "empty"  # what was left is no longer on offer
    await anna.say("/forget")
    assert (await anna.say(word)).data["confirmed"] is True
    assert await anna.follows.following(anna.who) == []


async def test_after_being_forgotten_nothing_goes_on(anna: TalkingReader) -> None:
    await anna.say("Kazakhstan last week")
    await anna.say("/forget yes")
    assert asked(await anna.say("and Uzbekistan?")) == (["UZ"], "", "")


async def test_yes_takes_the_one_thing_that_was_meant(anna: TalkingReader) -> None:
    reply = await anna.say("follow Uzbikistan")
    assert "Did you mean Uzbekistan?" in reply.plain
    assert (await anna.say("yes")).data["followed"] == ["country:UZ"]


@pytest.mark.parametrize(
    "said", ["the second one", "open the second", "tell me more about the second", "открой вторую"]
)
async def test_a_story_can_be_named_by_its_place_in_the_list(anna: TalkingReader, said: str) -> None:
    reply = await anna.say(said)
    assert (reply.data["intent"], reply.data["query"]) == ("story", "2")


@pytest.mark.parametrize(
    "said",
    [
        "you are stupid",
        "fuck you",
        "lol",
        "who are you",
        "👍",
        "😀😀",
        "ты кто?",
        "дурак",
        "как дела",
        "пока",
    ],
)
async def test_small_talk_and_insults_are_no_questions(anna: TalkingReader, said: str) -> None:
    reply = await anna.say(said)
    assert reply.data["intent"] == "chat"
    assert reply.buttons


@pytest.mark.parametrize("said", ["tomorrow", "next week", "что будет завтра?"])
async def test_what_will_be_is_not_known(anna: TalkingReader, said: str) -> None:
    assert (await anna.say(said)).data["intent"] == "future"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("<b>Kazakhstan</b>", (["KZ"], "", "")),
        ("Kazakhstan <script>alert(1)</script>", (["KZ"], "alert(1", "")),
        ("kazakhstan -russia", (["KZ"], "kazakhstan -russia", "")),
        ("новости за 2019 год", ([], "", "2019-01-01")),
        ("06/2024", ([], "", "2024-06-01")),
        ("putin and xi", (["vladimir-putin", "xi-jinping"], "", "")),
        ("trump vs kim jong un", (["donald-trump", "kim-jong-un"], "", "")),
        ("путин и си", (["vladimir-putin", "xi-jinping"], "", "")),
        ("us news", (["US"], "", "")),
        ("Мирзиёев", (["shavkat-mirziyoyev"], "", "")),
        ("🇰🇿", (["KZ"], "", "")),
    ],
)
async def test_as_impatient_people_write(
    anna: TalkingReader, said: str, meant: tuple[list[str], str, str]
) -> None:
    assert asked(await anna.say(said)) == meant


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("quiet 22-7", "Quiet hours: 22:00–07:00"),
        ("тихие часы с 22 до 7", "Тихие часы: 22:00–07:00"),
        ("дайджест каждый день в 8", "каждый день в 08:00"),
        ("/settings zone GMT+5", "Time zone: UTC+5, now 20:30"),
        ("/language ru", "Готово. Язык: русский"),
    ],
)
async def test_settings_in_free_words_are_shown_as_they_are_said(
    anna: TalkingReader, said: str, shown: str
) -> None:
    assert shown in (await anna.say(said)).plain


async def test_nothing_found_offers_no_way_that_finds_nothing(anna: TalkingReader) -> None:
    reply = await anna.say("Chad")
    labels = [button.label for row in reply.buttons for button in row]
    assert labels == ["Follow Chad", "Latest on Sahel", "Latest news"]


async def test_words_in_russian_are_advised_to_be_tried_in_english(anna: TalkingReader) -> None:
    assert "попробуйте и по-английски" in (await anna.say("землетрясение")).plain
    assert "попробуйте и по-английски" in (await anna.say("нефть в Казахстане")).plain


async def test_everything_left_comes_back_with_one_button(anna: TalkingReader) -> None:
    for said in ("/follow KZ all", "/follow KZ +uranium", "/follow UZ"):
        await anna.say(said)
    before = {each.key: each.role for each in await anna.follows.following(anna.who)}
    left = await anna.say("unfollow everything")
    assert await anna.follows.following(anna.who) == []
    await anna.press(left, "Follow them again")
    assert {each.key: each.role for each in await anna.follows.following(anna.who)} == before
