"""In which language and zone a reader is answered, and under which names."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fakes.follows import MemorySubscriptions
from fakes.stories import enriched_story
from fakes.vocabulary import FakeActors, FakePlaces
from services.bot.conversation.cards import show_age, show_relative
from services.bot.conversation.commands import COMMANDS, menu
from services.bot.conversation.core import Conversation
from services.bot.conversation.intents import Reader
from services.bot.conversation.languages import language_of, to_cyrillic
from services.bot.conversation.messages import Incoming, Reply
from services.bot.conversation.naming import SpokenActors, SpokenPlaces
from services.bot.conversation.suggestions import suggest
from services.bot.conversation.texts import (
    Speaker,
    _,
    either,
    known_language,
    moment,
    plural,
    speaker,
    speaking,
    zone_name,
)
from services.bot.conversation.windows import find_window
from services.bot.preferences import Preferences
from services.bot.preferences_local import LocalPreferences
from shared.actors import load_actors
from shared.archive.sqlite import SqliteArchive
from shared.clock import FixedClock
from shared.places import load_places

#: A Wednesday.
NOW = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
RUSSIAN = Speaker("ru")


class Chat:
    """A conversation with somebody."""

    def __init__(self, archive: Any) -> None:
        self.preferences = LocalPreferences()
        self.conversation = Conversation(
            archive=archive,
            places=FakePlaces(),
            actors=FakeActors(),
            subscriptions=MemorySubscriptions(),
            clock=FixedClock(NOW),
            preferences=self.preferences,
        )

    async def say(self, text: str, *, client: str | None = None, pressed: bool = False) -> Reply:
        incoming = Incoming("script:anna", text, NOW, language=client, pressed=pressed)
        return await self.conversation.handle(incoming)


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    archive = SqliteArchive(tmp_path / "stories.db")
    await archive.setup()
    at = NOW - timedelta(hours=2)
    await archive.put([enriched_story("canal", headline="A canal", published_at=at, first_seen_at=at)])
    yield Chat(archive)
    await archive.close()


@pytest.mark.parametrize(
    ("preferred", "client", "said", "language"),
    [
        ("ru", "en", "latest on Kazakhstan", "ru"),
        ("en", "ru", "новости Казахстана", "en"),
        (None, "ru-RU", "latest on Kazakhstan", "ru"),
        (None, "en", "новости Казахстана", "en"),
        (None, "de", "новости Казахстана", "ru"),
        (None, None, "новости Казахстана", "ru"),
        (None, None, "latest on Kazakhstan", "en"),
        (None, "de", "/latest KZ", "en"),
    ],
)
async def test_the_language_is_preferred_or_the_clients_or_the_questions_own(
    chat: Chat, preferred: str | None, client: str | None, said: str, language: str
) -> None:
    await chat.preferences.change("script:anna", Preferences(language=preferred))
    reply = await chat.say(said, client=client)
    title = {"en": "Latest on Kazakhstan", "ru": "Казахстан: последние новости"}[language]
    assert reply.plain.startswith(title)
    assert reply.data["language"] == language


async def test_a_pressed_number_keeps_the_language(chat: Chat) -> None:
    await chat.say("новости Казахстана")
    assert "2 часа назад" in (await chat.say("1")).plain
    assert "2 hours ago" in (await chat.say("latest on Kazakhstan")).plain


async def test_times_are_those_of_the_readers_zone_and_so_are_days(chat: Chat) -> None:
    await chat.preferences.change("script:anna", Preferences(zone="Pacific/Auckland"))
    assert "19 Nov 2026, 02:30 NZDT" in (await chat.say("/story canal")).plain
    assert (await chat.say("Kazakhstan today")).data["since"] == "2026-11-18T11:00:00+00:00"


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("что нового", "ru"),
        ("what is new", "en"),
        ("KZ", None),
        ("2", None),
        ("/latest KZ", None),
        ("/search уран", "ru"),
        ("uranium в казахстане last week", "en"),
        ("", None),
    ],
)
def test_the_language_of_what_is_said(said: str, language: str | None) -> None:
    assert language_of(said) == language


@pytest.mark.parametrize(
    ("code", "language"), [("ru", "ru"), ("ru_RU.UTF-8", "ru"), ("EN-us", "en"), ("de", None), (None, None)]
)
def test_the_codes_of_languages(code: str | None, language: str | None) -> None:
    assert known_language(code) == language


def test_who_is_spoken_to_is_a_matter_of_the_block() -> None:
    with speaking(RUSSIAN):
        assert speaker().language == "ru"
        with speaking(Speaker("en")):
            assert _("just now") == "just now"
        assert _("just now") == "только что"
        assert either(["a", "b", "c"]) == "a, b или c"
    assert speaker() == Speaker()


def test_times_in_words() -> None:
    at = datetime(2026, 11, 9, 9, 5, tzinfo=UTC)
    assert moment(at) == "9 Nov 2026, 09:05 UTC"
    with speaking(Speaker("ru", ZoneInfo("Asia/Almaty"))):
        assert moment(at) == "9 нояб. 2026, 14:05 UTC+5"
    assert zone_name(at.astimezone(timezone(timedelta(hours=-3, minutes=-30)))) == "UTC-03:30"
    assert zone_name(at.astimezone(ZoneInfo("Asia/Kathmandu"))) == "UTC+5:45"


@pytest.mark.parametrize(
    ("back", "english", "russian"),
    [
        (timedelta(seconds=30), "just now", "только что"),
        (timedelta(minutes=5), "5 minutes ago", "5 минут назад"),
        (timedelta(hours=3), "3 hours ago", "3 часа назад"),
        (timedelta(days=3), "15 Nov, 15:30", "15 нояб., 15:30"),
        (timedelta(days=30), "19 Oct", "19 окт."),
        (timedelta(days=500), "6 Jul 2025", "6 июл. 2025"),
        (timedelta(minutes=-5), "just now", "только что"),
    ],
)
def test_the_age_on_a_card(back: timedelta, english: str, russian: str) -> None:
    assert show_age(NOW - back, NOW) == english
    with speaking(RUSSIAN):
        assert show_age(NOW - back, NOW) == russian


def test_an_age_in_full() -> None:
    assert show_relative(timedelta(days=400)) == "1 year ago"


@pytest.mark.parametrize(
    ("said", "english", "russian"),
    [
        ("yesterday", "yesterday (17 Nov 2026)", "вчера (17 нояб. 2026)"),
        ("last 3 days", "last 3 days", "за 3 дня"),
        ("past week", "the last 7 days", "за неделю"),
        ("since May", "since 1 May 2026", "с 1 мая 2026"),
        ("before 2024", "before 1 Jan 2024", "до 1 янв. 2024"),
        ("2024", "2024", "2024"),
        ("June 2024", "June 2024", "июнь 2024"),
        ("1-5 June", "1–5 Jun 2026", "1–5 июн. 2026"),
    ],
)
def test_windows_are_said_in_the_readers_language(said: str, english: str, russian: str) -> None:
    window, _rest = find_window(said, NOW)
    assert window is not None
    assert window.label == english
    with speaking(RUSSIAN):
        window, _rest = find_window(said, NOW)
    assert window is not None
    assert window.label == russian


def test_places_and_people_go_by_the_names_that_the_language_has() -> None:
    places, actors = SpokenPlaces(load_places()), SpokenActors(load_actors())
    with speaking(RUSSIAN):
        named = [places.get(each) for each in ("KZ", "central-asia", "nato")]
        assert [place.name if place else None for place in named] == ["Казахстан", "Центральная Азия", "НАТО"]
        people = [actors.get(each) for each in ("vladimir-putin", "kz-president", "marcel-ciolacu")]
        assert [each.name if each else None for each in people] == [
            "Владимир Путин",
            "Президент (Казахстан)",
            "Marcel Ciolacu",
        ]
    kazakhstan = places.get("KZ")
    assert kazakhstan is not None
    assert kazakhstan.name == "Kazakhstan"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("узбекистн", "UZ"),
        ("таджикситан граница", "TJ"),
        ("цены в казахстне", "KZ"),
        ("путн", "actor:vladimir-putin"),
        ("uzbekitsan", "UZ"),
    ],
)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_misspelt_name_is_found_in_whichever_language_one_is_spoken_to(
    typed: str, meant: str, language: str
) -> None:
    with speaking(Speaker(language)):
        found = suggest(typed, SpokenPlaces(load_places()), SpokenActors(load_actors()))
    assert found[0].topic.terms == (meant,)


@pytest.mark.parametrize("words", ["погода", "gold mining rights", "weather", "цены на хлеб"])
def test_words_that_are_no_names_resemble_none(words: str) -> None:
    assert suggest(words, load_places(), load_actors(), close=True) == []


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("novosti kazahstana", "новости казахстана"),
        ("chto proishodit v gruzii za nedelyu", "что происходит в грузии за неделю"),
        ("segodnya", "сегодня"),
        ("actor:x 2024-06 @18.abcdef", "actor:x 2024-06 @18.abcdef"),
    ],
)
def test_russian_in_latin_letters(latin: str, cyrillic: str) -> None:
    assert to_cyrillic(latin) == cyrillic


@pytest.mark.parametrize("said", ["gas prices uzbekistan", "Wakanda", "rare earths", "kazakh elections"])
def test_english_is_not_taken_for_russian_in_disguise(said: str) -> None:
    intent = Reader(load_places(), load_actors(), NOW).read(said)
    assert intent.words.isascii()


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("по-русски", "settings", "language ru"),
        ("speak english", "settings", "language en"),
        ("/language ru", "settings", "language ru"),
        ("/язык", "settings", "language"),
        ("/digest daily 08:00", "settings", "digest daily 08:00"),
        ("/digest", "digest", ""),
        ("mute kazakhstan for a day", "mute", "kazakhstan for a day"),
        ("настройки", "settings", ""),
        ("что сегодня", "today", ""),
        ("стоп", "stop", ""),
        ("privacy", "privacy", ""),
        ("/import a\nb", "import", "a\nb"),
        ("/start follow_KZ", "follow", ""),
    ],
)
def test_errands(said: str, kind: str, words: str) -> None:
    intent = Reader(load_places(), load_actors(), NOW).read(said)
    assert (intent.kind, intent.words) == (kind, words)


def test_the_menu_speaks_the_language() -> None:
    assert [name for name, _does in menu()] == [name for name, _does in COMMANDS]
    with speaking(RUSSIAN):
        assert dict(menu())["following"] == "ваши подписки"
    assert all(len(does) <= 256 for _name, does in menu())


def test_a_plural_with_a_big_number() -> None:
    with speaking(RUSSIAN):
        assert plural("+{count} source", "+{count} sources", 1_001) == "+1\xa0001 источник"


async def test_a_zone_that_is_no_longer_known_costs_no_answer(chat: Chat) -> None:
    await chat.preferences.change("script:anna", Preferences(zone="Atlantis/Capital"))
    assert "18 Nov 2026, 13:30 UTC" in (await chat.say("/story canal")).plain


@pytest.mark.parametrize(
    ("said", "offered"),
    [
        ("Georgia yesterday", "Last 30 days"),
        ("Georgia in June 2024", "2024"),
        ("Georgia 3 May 2025", "2025"),
        ("Georgia 2024", "Any time"),
        ("Georgia before 2024", "Any time"),
    ],
)
async def test_a_time_in_which_nothing_is_found_is_widened(chat: Chat, said: str, offered: str) -> None:
    reply = await chat.say(said)
    assert reply.data["error"] == "nothing_found"
    assert reply.buttons[0][0].label == offered
    wider = await chat.say(reply.buttons[0][0].action, pressed=True)
    assert wider.data["error"] == "nothing_found"
