"""Questions as people write them, read with the real vocabulary of places and actors."""

from datetime import UTC, datetime

import pytest

from services.bot.conversation.intents import Reader
from services.bot.conversation.ports import Actors, Places
from services.bot.conversation.suggestions import suggest
from shared.actors import load_actors
from shared.places import load_places

PLACES: Places = load_places()
ACTORS: Actors = load_actors()
READER = Reader(PLACES, ACTORS, datetime(2026, 11, 18, 15, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("said", "kind", "terms", "words"),
    [
        ("latest on Tajikistan", "latest", ("TJ",), ""),
        ("latest on Central Asia", "latest", ("central-asia",), ""),
        ("whats new in kazakstan", "latest", ("KZ",), ""),
        ("новости Казахстана", "latest", ("KZ",), ""),
        ("что нового в Таджикистане?", "latest", ("TJ",), ""),
        ("новости Центральной Азии", "latest", ("central-asia",), ""),
        ("события в Киргизии с мая", "latest", ("KG",), ""),
        ("KZ", "latest", ("KZ",), ""),
        ("kz", "latest", ("KZ",), ""),
        ("Astana last week", "latest", ("KZ",), ""),
        ("Kyrgyzstan since May", "latest", ("KG",), ""),
        ("archive Tajikistan 2024-06", "latest", ("TJ",), ""),
        ("Türkiye", "latest", ("TR",), ""),
        ("Қазақстан", "latest", ("KZ",), ""),
        ("latest on china and russia this week", "latest", ("CN", "RU"), ""),
        ("latest on Putin", "latest", ("actor:vladimir-putin",), ""),
        ("новости про Путина", "latest", ("actor:vladimir-putin",), ""),
        ("Erdogan in Kazakhstan", "latest", ("KZ", "actor:recep-tayyip-erdogan"), ""),
        ("uranium in Uzbekistan", "search", ("UZ",), "uranium"),
        ("rare earths", "lookup", (), "rare earths"),
        ("Abraham Accords", "lookup", (), "Abraham Accords"),
        ("follow Georgia", "follow", ("GE",), ""),
        ("подпишись на Грузию", "follow", ("GE",), ""),
        ("follow the Taliban", "follow", ("actor:taliban",), ""),
        ("stop following Turkiye", "unfollow", ("TR",), ""),
        ("/latest central-asia", "latest", ("central-asia",), ""),
        ("no", "no", (), ""),
    ],
)
def test_a_question(said: str, kind: str, terms: tuple[str, ...], words: str) -> None:
    intent = READER.read(said)
    assert (intent.kind, intent.topic.terms, intent.words) == (kind, terms, words)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Kazahkstan", "KZ"),
        ("kyrgistan", "KG"),
        ("ukriane", "UA"),
        ("uranium Uzbekstn", "UZ"),
        ("Rahmonn", "actor:emomali-rahmon"),
        ("putn", "actor:vladimir-putin"),
    ],
)
def test_what_was_meant_comes_first(typed: str, meant: str) -> None:
    assert suggest(typed, PLACES, ACTORS)[0].topic.terms == (meant,)


def test_ordinary_words_resemble_no_country() -> None:
    assert suggest("rare earths", PLACES, ACTORS) == []
