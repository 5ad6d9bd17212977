"""Answers to questions that no story answers: what may have been meant, and what would find more."""

from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from dateutil.relativedelta import relativedelta

from services.bot.conversation import notices
from services.bot.conversation.articles import the
from services.bot.conversation.asking import command_of, title_of
from services.bot.conversation.intents import Intent
from services.bot.conversation.machine import Data, intent_data, suggestion_data
from services.bot.conversation.messages import Button, Reply
from services.bot.conversation.ports import WORLD, Desk, Place
from services.bot.conversation.spans import between, rolling
from services.bot.conversation.suggestions import MOST_WORDS, suggest
from services.bot.conversation.texts import DEFAULT, _, either, speaker
from services.bot.conversation.topics import NO_TOPIC, Topic
from services.bot.conversation.windows import Window
from shared.archive.port import BadQuery, Filter

#: Names that are offered alone where no story has all of them.
MOST_ALONE = 3

#: How far a question that found nothing in a shorter time is widened first, in days.
LONGER_DAYS = 30


async def nothing(desk: Desk, intent: Intent) -> Reply:
    """Say that nothing was found, what a misspelt word may have meant, and what would widen the question."""
    if intent.position is not None:
        return notices.nothing_more()
    title = title_of(replace(intent, mentions=False))
    lines = [_("Nothing found: {question}.", question=_within_a_sentence(title))]
    misspelt = intent.words and intent.topic and not await _stand_somewhere(desk, intent.words)
    meant = await _meant(desk, intent, close=True) if misspelt else []
    if meant:
        lines.append(_("Did you mean {names}?", names=either([each.name for each, _command in meant])))
    lines += _in_english(intent.words)
    lines.append(_("You could widen it:"))
    data: Data = {
        **intent_data(intent),
        "error": "nothing_found",
        "suggestions": suggestion_data(meant),
        "stories": [],
        "more": None,
    }
    ways = [notices.command_button(each.label, command) for each, command in meant]
    return notices.notice(lines, data, [*ways, *_wider(desk, intent)])


async def _stand_somewhere(desk: Desk, words: str) -> bool:
    """Say whether any story has the words: then no other name was meant by them."""
    try:
        return bool((await desk.archive.search(words, Filter(), limit=1)).hits)
    except BadQuery:
        return False


def said_once(desk: Desk, intent: Intent) -> Intent | None:
    """Return the question without a word that only says again, misspelt, what is named: "Baku, Azerbajan"."""
    if not intent.topic.terms or not intent.words:
        return None
    again = suggest(intent.words, desk.places, desk.actors, close=True)
    if again and set(again[0].topic.terms) <= set(intent.topic.terms):
        return replace(intent, kind="search" if again[0].rest else "latest", words=again[0].rest)
    return None


def _in_english(words: str) -> list[str]:
    """Return a hint for words that few sources write: they are looked for as they stand."""
    hint = _("I look for words as the sources write them: try them in English, too.")
    return [] if words.isascii() else [hint]


def _within_a_sentence(title: str) -> str:
    """Write a title in the middle of a sentence: only the English ones begin with no name."""
    return f"{title[0].lower()}{title[1:]}" if speaker().language == DEFAULT else title


def _wider(desk: Desk, intent: Intent) -> list[Button]:
    """Offer the same question with one thing less, a longer time first, then the region around a country."""
    wider: list[tuple[str, str]] = []
    if intent.window is not None:
        longer = _longer(desk, intent)
        wider += [(longer.window.label, command_of(longer))] if longer and longer.window else []
        wider.append((_("Any time"), command_of(replace(intent, window=None))))
    if intent.picks:
        wider.append((_("Not only an editor's picks"), command_of(replace(intent, picks=False))))
    if intent.topic.without or intent.unwanted:
        whole = replace(intent, topic=replace(intent.topic, without=None), unwanted=())
        wider.append((_("With nothing left out"), command_of(whole)))
    wider += _any_of(intent)
    if intent.words and intent.topic:
        latest_on = _("Latest on {name}", name=intent.topic.name)
        wider.append((latest_on, command_of(replace(intent, words=""))))
        everywhere = command_of(replace(intent, topic=NO_TOPIC))
        wider.append((_("{words} anywhere", words=notices.quote(intent.words)), everywhere))
    if len(intent.topic.terms) == 1 and not (intent.window or intent.words or intent.picks):
        wider.append((_("Follow {name}", name=intent.topic.name), f"/follow {intent.topic.terms[0]}"))
    elif len(intent.topic.terms) > 1 and not intent.words:
        alone = [replace(intent, topic=each) for each in intent.topic.each()[:MOST_ALONE]]
        wider += [(_("Latest on {name}", name=each.topic.name), command_of(each)) for each in alone]
    around = [_closest_region(desk, country) for country in intent.topic.countries[:1]]
    wider += [
        (_("Latest on {name}", name=the(region.name)), f"/latest {region.id}")
        for region in around
        if region is not None
    ]
    wider.append((_("Latest news"), "/latest"))
    return [notices.command_button(f"{label[0].upper()}{label[1:]}", command) for label, command in wider]


def _any_of(intent: Intent) -> list[tuple[str, str]]:
    """Offer stories with any of several words, where none has all of them."""
    words = intent.words.split()
    if len(words) < 2 or "OR" in words or not all(word.isalnum() for word in words):
        return []
    return [(_("Any of these words"), command_of(replace(intent, words=" OR ".join(words))))]


def _longer(desk: Desk, intent: Intent) -> Intent | None:
    """Return the question for a longer time: the last 30 days, or for an older time the whole year."""
    window = intent.window
    if window is None or window.since is None:
        return None
    now = desk.clock.now()
    since = now - timedelta(days=LONGER_DAYS)
    if window.since > since:
        return replace(intent, window=Window(since, None, rolling(LONGER_DAYS, "days")))
    year = _year_around(window.since, speaker().zone)
    wider = year.since is not None and (year.since < window.since or window.until != year.until)
    return replace(intent, window=year) if wider and _ends_within(window, year) else None


def _year_around(at: datetime, zone: tzinfo) -> Window:
    start = at.astimezone(zone).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    since, until, label = between(start, start + relativedelta(years=1))
    return Window(since, until, label)


def _ends_within(window: Window, year: Window) -> bool:
    return window.until is not None and year.until is not None and window.until <= year.until


def _closest_region(desk: Desk, country: Place) -> Place | None:
    """Return the part of the world that a country lies in, else the smallest group that it belongs to."""
    regions = sorted(
        desk.places.regions_of(country.id),
        key=lambda each: (each not in WORLD, len(desk.places.members(each)), each),
    )
    return next((place for each in regions if (place := desk.places.get(each)) is not None), None)


async def unknown(desk: Desk, intent: Intent) -> Reply:
    """Answer words that are neither a known name nor in any story (of the time that was asked for)."""
    narrowed = intent.window is not None or intent.picks
    offers = await _meant(desk, intent, close=narrowed)
    if narrowed and not offers:
        return await nothing(desk, intent)
    ways = [notices.command_button(label, command) for label, command in _any_of(intent)]
    ways += [] if offers else [Button(_("Latest news"), "/latest"), Button(_("What can I ask?"), "/help")]
    hint = _in_english(intent.words)
    return notices.unknown_name(intent.kind, intent.words, offers, ways, sought=not narrowed, hint=hint)


async def _meant(desk: Desk, intent: Intent, *, close: bool = False) -> list[tuple[Topic, str]]:
    """Return what a misspelt name among the words may have meant, each with its question.

    A word of several that stands in a story is spelt well: «больше» is no Poland.
    """
    words = intent.words.split()[:MOST_WORDS]
    sure = {word for word in words if len(words) > 1 and await _stand_somewhere(desk, word)}
    found = suggest(intent.words, desk.places, desk.actors, close=close, sure=sure)
    return [
        (each.topic, command_of(replace(intent, words=each.rest, topic=intent.topic.with_(each.topic))))
        for each in found
    ]
