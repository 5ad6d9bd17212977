"""What a question leaves out ("but not Russia"), what it wants together, and what "it" is."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fakes.reader import TalkingReader
from services.bot.conversation.articles import the
from services.bot.conversation.asking import command_of, title_of
from services.bot.conversation.intents import Intent, Reader
from services.bot.conversation.messages import Reply
from services.bot.conversation.texts import Speaker, speaking
from shared.actors import load_actors
from shared.clock import FixedClock
from shared.places import load_places

#: A Wednesday.
NOW = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
PLACES, ACTORS = load_places(), load_actors()
READER = Reader(PLACES, ACTORS, NOW)


@pytest.fixture
def anna() -> TalkingReader:
    return TalkingReader(FixedClock(NOW), places=PLACES, actors=ACTORS)


def left_out(intent: Intent) -> list[str]:
    without = intent.topic.without
    return sorted([*(without.terms if without else ()), *intent.unwanted])


@pytest.mark.parametrize(
    ("said", "names", "without", "words"),
    [
        ("kazakhstan without russia", ["KZ"], ["RU"], ""),
        ("everything except russia and china", [], ["CN", "RU"], ""),
        ("afghanistan excluding the taliban", ["AF"], ["actor:taliban"], ""),
        ("central asia but not about football or politics", ["central-asia"], ["football", "politics"], ""),
        ("gas but not turkmenistan", [], ["TM"], "gas"),
        ("uranium in kazakhstan -russia -reactor", ["KZ"], ["RU"], "uranium -reactor"),
        ('kazakhstan -"nuclear power"', ["KZ"], ["nuclear power"], ""),
        ("news except football about kazakhstan", ["KZ"], ["football"], ""),
        ("путин, но не про украину", ["actor:vladimir-putin"], ["UA"], ""),
        ("казахстан кроме спорта", ["KZ"], ["спорта"], ""),
        # the rest of what was asked for stays
        ("china without tibet", ["CN"], ["tibet"], ""),
        ("kazakhstan, not astana", ["KZ"], ["astana"], ""),
        ("news from the caucasus, no georgia", ["caucasus"], ["GE"], ""),
        ("kazakhstan, no sports please", ["KZ"], ["sports"], ""),
        ("central asia but no kazakhstan and no uzbekistan", ["central-asia"], ["KZ", "UZ"], ""),
        # a "without" and a "not" that leave nothing out
        ("tajikistan without power", ["TJ"], [], "without power"),
        ("countries that do not recognise kosovo", ["XK"], [], "recognise"),
        ("not now", [], [], ""),
        ("ok, no problem", [], [], "no problem"),
    ],
)
def test_what_is_not_wanted_is_told_from_what_is(
    said: str, names: list[str], without: list[str], words: str
) -> None:
    intent = READER.read(said)
    assert (sorted(intent.topic.terms), left_out(intent), intent.words) == (names, without, words)


@pytest.mark.parametrize(
    "said",
    [
        "kazakhstan without russia or china yesterday",
        'central asia -sport -"ice hockey"',
        "gas but not turkmenistan",
        "uranium in kazakhstan without putin -reactor",
        "putin and erdogan",
        "trade between usa and china",
        "everything but russia",
    ],
)
def test_the_command_of_a_question_asks_the_same(said: str) -> None:
    intent = READER.read(said)
    again = READER.read(command_of(intent))
    assert replace(again, kind=intent.kind, window=intent.window) == intent
    assert command_of(again) == command_of(intent)


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("central asia without afghanistan", "Latest on Central Asia without Afghanistan"),
        ("not russia or china", "Latest on everything but Russia or China"),
        ("kazakhstan except sport", "Latest on Kazakhstan, without “sport”"),
        ("putin and erdogan", "Latest on Vladimir Putin and Recep Tayyip Erdogan"),
        ("netherlands or usa", "Latest on the Netherlands or the United States"),
    ],
)
def test_a_title_says_what_is_left_out_and_what_is_wanted_together(said: str, title: str) -> None:
    assert title_of(READER.read(said)) == title


@pytest.mark.parametrize(
    ("said", "together"),
    [
        ("putin and erdogan", True),
        ("did tokayev meet xi", True),
        ("putin or erdogan", False),
        ("tokayev, putin", False),
        ("russia vs ukraine", True),
        ("armenia azerbaijan border", True),
        ("kazakhstan and uzbekistan", False),
        ("kazakhstan and uzbekistan together", True),
        ("aliyev meeting", False),
        ("borders of kazakhstan", False),
    ],
)
def test_what_is_wanted_together(said: str, together: bool) -> None:
    assert READER.read(said).topic.together == together


def asked(reply: Reply) -> tuple[object, object, object]:
    """The places, what they must not be with, and whether they are wanted together."""
    places = [each["id"] for each in reply.data.get("places", [])]  # type: ignore[attr-defined]  # a list
    without = reply.data.get("without", {})
    out = [each["id"] for each in without.get("places", [])] + without.get("words", [])  # type: ignore[attr-defined]  # a dict
    return places, out, reply.data.get("together", False)


@pytest.mark.parametrize(
    ("before", "said", "meant"),
    [
        ("kazakhstan", "but not russia", (["KZ"], ["RU"], False)),
        ("kazakhstan without russia", "and uzbekistan?", (["UZ"], [], False)),
        ("kazakhstan without russia", "without china", (["KZ"], ["RU", "CN"], False)),
        ("kazakhstan", "not about sport", (["KZ"], ["sport"], False)),
        ("казахстан", "без россии", (["KZ"], ["RU"], False)),
        ("russia and kazakhstan", "only both", (["RU", "KZ"], [], True)),
    ],
)
async def test_an_exclusion_goes_on_from_the_question_before(
    anna: TalkingReader, before: str, said: str, meant: tuple[list[str], list[str], bool]
) -> None:
    await anna.say(before)
    # where no story has both, those with either are shown
    assert (asked(await anna.say(said))[:2]) == meant[:2]


async def test_a_place_alone_asks_the_same_of_it(anna: TalkingReader) -> None:
    await anna.say("gas in Kazakhstan last week")
    reply = await anna.say("in Uzbekistan")
    assert (asked(reply)[0], reply.data["query"]) == (["UZ"], "gas")


@pytest.mark.parametrize("said", ["follow it", "follow this", "подпишись на это", "follow that country"])
async def test_it_is_what_was_asked_about(anna: TalkingReader, said: str) -> None:
    await anna.say("latest on Georgia")
    await anna.say(said)
    assert await anna.followed() == ["country:GE"]


async def test_it_is_nothing_before_the_first_question(anna: TalkingReader) -> None:
    assert (await anna.say("follow it")).data["error"] == "incomplete"


async def test_all_but_one_follow_can_be_left(anna: TalkingReader) -> None:
    for name in ("Kazakhstan", "Uzbekistan", "Putin"):
        await anna.say(f"follow {name}")
    await anna.say("unfollow everything except Wakanda")
    assert len(await anna.followed()) == 3, "a name that is not known keeps everything"
    await anna.say("unfollow everything except Kazakhstan")
    assert await anna.followed() == ["country:KZ"]


async def test_a_follow_leaves_out_what_its_words_say(anna: TalkingReader) -> None:
    await anna.say("follow Kazakhstan but not Russia")
    assert await anna.followed() == ["country:KZ -russia"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("United States", "the United States"),
        ("Netherlands", "the Netherlands"),
        ("Philippines", "the Philippines"),
        ("United Arab Emirates", "the United Arab Emirates"),
        ("Faroe Islands", "the Faroe Islands"),
        ("Baltic states", "the Baltic states"),
        ("European Union", "the European Union"),
        ("World Bank", "the World Bank"),
        ("National Bank of Kazakhstan", "the National Bank of Kazakhstan"),
        ("Democratic Party (United States)", "the Democratic Party (United States)"),
        ("President of United States", "the President of the United States"),
        ("Kazakhstan", "Kazakhstan"),
        ("NATO", "NATO"),
        ("Central Asia", "Central Asia"),
        ("al-Qaeda in the Arabian Peninsula", "al-Qaeda in the Arabian Peninsula"),
        ("Mark Brown of the Cook Islands", "Mark Brown of the Cook Islands"),
        ("Vladimir Putin", "Vladimir Putin"),
    ],
)
def test_english_names_have_their_article(name: str, said: str) -> None:
    assert the(name) == said
    with speaking(Speaker("ru")):
        assert the(name) == name
