"""What people say, and what it is taken for."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.vocabulary import FakeActors, FakePlaces
from services.bot.conversation.intents import Intent, Reader
from services.bot.conversation.windows import compact, find_window

#: A Wednesday.
NOW = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
READER = Reader(FakePlaces(), FakeActors(), NOW)


def named(intent: Intent) -> tuple[str, ...]:
    return intent.topic.terms


@pytest.mark.parametrize(
    ("said", "terms"),
    [
        ("/latest KZ", ("KZ",)),
        ("/latest@DatelineBot Kazakhstan", ("KZ",)),
        ("/LATEST kazakhstan", ("KZ",)),
        ("/latest central-asia", ("central-asia",)),
        ("/latest actor:vladimir-putin", ("actor:vladimir-putin",)),
        ("/latest KZ UZ", ("KZ", "UZ")),
        ("/news Georgia", ("GE",)),
        ("latest on Kazakhstan", ("KZ",)),
        ("latest on kazakhstan?", ("KZ",)),
        ("Latest news from Kazakhstan, please", ("KZ",)),
        ("what's new in Kazakhstan?", ("KZ",)),
        ("what’s new in Kazakhstan?", ("KZ",)),
        ("whats happening in central asia", ("central-asia",)),
        ("What is going on in the Middle East right now?", ("middle-east",)),
        ("hi, any news about Georgia?", ("GE",)),
        ("tell me about Uzbekistan", ("UZ",)),
        ("show me the top stories on Russia and Uzbekistan", ("RU", "UZ")),
        ("Kazakhstan OR Uzbekistan", ("KZ", "UZ")),
        ("KZ", ("KZ",)),
        ("kz", ("KZ",)),
        ("🇰🇿", ("KZ",)),
        ("🇰🇿 news", ("KZ",)),
        ("Astana", ("KZ",)),
        ("Putin", ("actor:vladimir-putin",)),
        ("latest on Vladimir Putin", ("actor:vladimir-putin",)),
        ("новости Казахстана", ("KZ",)),
        ("Что нового в Казахстане?", ("KZ",)),
        ("последние новости о Центральной Азии", ("central-asia",)),
        ("что происходит в Грузии", ("GE",)),
        ("latest", ()),
        ("news", ()),
        ("what's new?", ()),
        ("что нового?", ()),
    ],
)
def test_asking_for_the_latest(said: str, terms: tuple[str, ...]) -> None:
    intent = READER.read(said)
    assert (intent.kind, named(intent), intent.words) == ("latest", terms, "")


@pytest.mark.parametrize(
    ("said", "kind", "terms", "words"),
    [
        ("uranium in Uzbekistan", "search", ("UZ",), "uranium"),
        ("Kazakhstan oil exports", "search", ("KZ",), "oil exports"),
        ('"gas pipeline" in Central Asia', "search", ("central-asia",), '"gas pipeline"'),
        ("find uranium in Uzbekistan", "search", ("UZ",), "uranium"),
        ("найди уран в Узбекистане", "search", ("UZ",), "уран"),
        ("/search uranium in Uzbekistan", "search", ("UZ",), "uranium"),
        ("/search gas in UZ in RU", "search", ("UZ", "RU"), "gas"),
        ("/search Tajikistan coup", "search", (), "Tajikistan coup"),
        ("/search Kazakhstan", "search", (), "Kazakhstan"),
        ("/search in Kazakhstan", "search", (), "in Kazakhstan"),
        ('/search "free trade" -tariff OR duty', "search", (), '"free trade" -tariff OR duty'),
        ("/search", "search", (), ""),
        ("uranium", "lookup", (), "uranium"),
        ("search for rare earths", "lookup", (), "rare earths"),
        ("latest on Wakanda", "lookup", (), "Wakanda"),
        ("/latest Kazahkstan", "lookup", (), "Kazahkstan"),
        ("IT exports", "lookup", (), "IT exports"),
        ("gas OR oil", "lookup", (), "gas OR oil"),
    ],
)
def test_asking_for_words(said: str, kind: str, terms: tuple[str, ...], words: str) -> None:
    intent = READER.read(said)
    assert (intent.kind, named(intent), intent.words) == (kind, terms, words)


@pytest.mark.parametrize(
    ("said", "kind", "terms", "mentions"),
    [
        ("/follow KZ", "follow", ("KZ",), False),
        ("/follow KZ all", "follow", ("KZ",), True),
        ("/start follow_KZ", "follow", ("KZ",), False),
        ("/start follow_central-asia", "follow", ("central-asia",), False),
        ("follow Georgia", "follow", ("GE",), False),
        ("please follow Georgia.", "follow", ("GE",), False),
        ("I want to follow Central Asia", "follow", ("central-asia",), False),
        ("follow everything about Georgia", "follow", ("GE",), True),
        ("follow Kazakhstan and Uzbekistan", "follow", ("KZ", "UZ"), False),
        ("keep me posted on Kazakhstan", "follow", ("KZ",), False),
        ("notify me about Putin", "follow", ("actor:vladimir-putin",), False),
        ("подпишись на Казахстан", "follow", ("KZ",), False),
        ("следить за Грузией", "follow", ("GE",), False),
        ("/follow", "follow", (), False),
        ("stop following Georgia", "unfollow", ("GE",), False),
        ("unsubscribe from Kazakhstan", "unfollow", ("KZ",), False),
        ("/unfollow KZ", "unfollow", ("KZ",), False),
        ("отпишись от Казахстана", "unfollow", ("KZ",), False),
        ("не следи за Грузией", "unfollow", ("GE",), False),
    ],
)
def test_following(said: str, kind: str, terms: tuple[str, ...], mentions: bool) -> None:
    intent = READER.read(said)
    assert (intent.kind, named(intent), intent.mentions) == (kind, terms, mentions)


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("what do I follow", "following", ""),
        ("What am I following?", "following", ""),
        ("my subscriptions", "following", ""),
        ("мои подписки", "following", ""),
        ("на что я подписан?", "following", ""),
        ("/following", "following", ""),
        ("help", "help", ""),
        ("?", "help", ""),
        ("what can you do?", "help", ""),
        ("помощь", "help", ""),
        ("/help", "help", ""),
        ("/start", "start", ""),
        ("hello", "greeting", ""),
        ("Hi there!", "greeting", ""),
        ("Привет!", "greeting", ""),
        ("thanks", "thanks", ""),
        ("Thank you very much!", "thanks", ""),
        ("спасибо большое", "thanks", ""),
        ("/forget", "forget", ""),
        ("/forget yes", "forget", "yes"),
        ("forget me", "forget", ""),
        ("delete my data", "forget", ""),
        ("удали мои данные", "forget", ""),
        ("/story 3f2a", "story", "3f2a"),
        ("/story 2", "story", "2"),
        ("open 2", "story", "2"),
        ("открой 2", "story", "2"),
        ("/why 2", "why", "2"),
        ("why 2?", "why", "2"),
        ("why?", "why", ""),
        ("почему?", "why", ""),
        ("2", "press", "2"),
        ("#2", "press", "2"),
        ("more", "more", ""),
        ("ещё", "more", ""),
        ("/more a1b2", "token", "a1b2"),
        ("", "empty", ""),
        (" \n\t ", "empty", ""),
        ("\x00\x1b\u202e", "empty", ""),
        ("no", "no", ""),
        ("ok!", "empty", ""),
        ("/", "unknown_command", ""),
        ("/folow KZ", "unknown_command", "folow"),
    ],
)
def test_everything_else(said: str, kind: str, words: str) -> None:
    intent = READER.read(said)
    assert (intent.kind, intent.words) == (kind, words)


def test_a_pasted_text_is_no_question_but_its_places_are_known() -> None:
    intent = READER.read("Kazakhstan and its neighbours. " * 200)
    assert (intent.kind, named(intent)) == ("long", ("KZ",))


def test_why_with_more_words_is_a_question() -> None:
    assert READER.read("why did Kazakhstan sign").kind == "search"


def test_flags_of_a_question() -> None:
    assert READER.read("/latest KZ all").mentions
    assert READER.read("any mention of Kazakhstan").mentions
    assert not READER.read("latest on Kazakhstan").mentions
    assert READER.read("editor's choice on Kazakhstan").picks
    assert READER.read("/search gas ★").picks


DAYS = [
    ("Astana today", "2026-11-18", "2026-11-19"),
    ("Astana yesterday", "2026-11-17", "2026-11-18"),
    ("Astana last week", "2026-11-09", "2026-11-16"),
    ("Astana this week", "2026-11-16", "2026-11-19"),
    ("Astana last month", "2026-10-01", "2026-11-01"),
    ("Astana this month", "2026-11-01", "2026-11-19"),
    ("Astana last year", "2025-01-01", "2026-01-01"),
    ("Astana 2024-06", "2024-06-01", "2024-07-01"),
    ("archive Astana June 2024", "2024-06-01", "2024-07-01"),
    ("Astana in June", "2026-06-01", "2026-07-01"),
    ("Astana in December", "2025-12-01", "2026-01-01"),
    ("Astana in May", "2026-05-01", "2026-06-01"),
    ("Astana since May", "2026-05-01", None),
    ("Astana since 3 May", "2026-05-03", None),
    ("Astana since 2024-06-12", "2024-06-12", None),
    ("Astana since yesterday", "2026-11-17", None),
    ("Astana before 2024", None, "2024-01-01"),
    ("Astana 2024", "2024-01-01", "2025-01-01"),
    ("Astana on 12 June 2024", "2024-06-12", "2024-06-13"),
    ("Astana June 12, 2024", "2024-06-12", "2024-06-13"),
    ("Astana 12.06.2024", "2024-06-12", "2024-06-13"),
    ("Astana 2024-06-12", "2024-06-12", "2024-06-13"),
    ("Astana 2024-06-12..2024-06-14", "2024-06-12", "2024-06-15"),
    ("/latest KZ 20240612-20240615", "2024-06-12", "2024-06-15"),
    ("/latest KZ 20240612-", "2024-06-12", None),
    ("Астана сегодня", "2026-11-18", "2026-11-19"),
    ("Астана вчера", "2026-11-17", "2026-11-18"),
    ("Астана на прошлой неделе", "2026-11-09", "2026-11-16"),
    ("Астана на этой неделе", "2026-11-16", "2026-11-19"),
    ("Астана в прошлом месяце", "2026-10-01", "2026-11-01"),
    ("Астана в июне 2024 года", "2024-06-01", "2024-07-01"),
    ("Астана с мая", "2026-05-01", None),
    ("Астана 12 июня", "2026-06-12", "2026-06-13"),
]


@pytest.mark.parametrize(("said", "since", "until"), DAYS)
def test_times_in_whole_days(said: str, since: str | None, until: str | None) -> None:
    intent = READER.read(said)
    assert (intent.kind, named(intent)) == ("latest", ("KZ",))
    assert intent.window is not None
    days = (
        None if moment is None else f"{moment:%Y-%m-%d}"
        for moment in (intent.window.since, intent.window.until)
    )
    assert tuple(days) == (since, until)


@pytest.mark.parametrize(
    ("said", "back"),
    [
        ("Astana last 3 days", timedelta(days=3)),
        ("Astana in the past 2 weeks", timedelta(days=14)),
        ("Astana past week", timedelta(days=7)),
        ("Astana last 24 hours", timedelta(hours=24)),
        ("Astana 30d", timedelta(days=30)),
        ("Астана за последние 3 дня", timedelta(days=3)),
        ("Астана за неделю", timedelta(days=7)),
    ],
)
def test_times_that_roll(said: str, back: timedelta) -> None:
    intent = READER.read(said)
    assert (intent.kind, named(intent)) == ("latest", ("KZ",))
    assert intent.window is not None
    assert (intent.window.since, intent.window.until) == (NOW - back, None)


@pytest.mark.parametrize(
    "said", ["Theresa May", "31 June", "2099", "2024-13", "last 0 days", "chapter 12", "маяк", "Jan Mayen"]
)
def test_what_is_no_time(said: str) -> None:
    assert find_window(said, NOW) == (None, said)


def test_days_begin_in_the_readers_zone() -> None:
    almaty = timezone(timedelta(hours=5))
    window, _ = find_window("yesterday", datetime(2026, 11, 18, 20, 0, tzinfo=UTC), almaty)
    assert window is not None
    assert window.since == datetime(2026, 11, 17, 19, 0, tzinfo=UTC)
    assert window.until == datetime(2026, 11, 18, 19, 0, tzinfo=UTC)


@pytest.mark.parametrize("said", [case[0] for case in DAYS] + ["last 5 hours", "past 3 days"])
def test_a_button_writes_the_same_window(said: str) -> None:
    window, _ = find_window(said, NOW)
    assert window is not None
    again, rest = find_window(f"/latest KZ {compact(window)}", NOW)
    assert again is not None
    assert (again.since, again.until, rest.strip()) == (window.since, window.until, "/latest KZ")


@given(st.text(max_size=600))
def test_any_text_has_an_intent(said: str) -> None:
    READER.read(said)


@given(st.sampled_from([said for said, *_ in DAYS]), st.text(max_size=30))
def test_a_time_among_noise_is_read_without_fault(said: str, noise: str) -> None:
    READER.read(f"{noise} {said} {noise}")
