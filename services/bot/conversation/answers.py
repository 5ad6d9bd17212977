"""Lists of stories: from an intent to the archive and back to a reply."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from services.bot.conversation import notices
from services.bot.conversation.cards import Told, View
from services.bot.conversation.intents import Intent
from services.bot.conversation.machine import Data, intent_data
from services.bot.conversation.messages import Button, Reply
from services.bot.conversation.offices import holders_line, with_holders
from services.bot.conversation.paging import PAGE, TOP, Position, read_page
from services.bot.conversation.phrases import STAR
from services.bot.conversation.ports import Desk, Place
from services.bot.conversation.replies import Listing, story_list
from services.bot.conversation.suggestions import suggest
from services.bot.conversation.topics import NO_TOPIC, Topic
from services.bot.conversation.windows import compact
from shared.archive.port import BadQuery, Filter, Hit
from shared.events import CountryRole, EnrichedStory


def view_of(desk: Desk) -> View:
    """Return how stories are shown now."""
    return View(desk.places, desk.clock.now(), desk.zone)


def filter_of(desk: Desk, intent: Intent, role: CountryRole | None) -> Filter:
    """Return the archive's filter for an intent; whoever asks for an office asks for its holders."""
    window = intent.window
    return Filter(
        countries=[place.id for place in intent.topic.countries],
        country_role=role if intent.topic.countries else None,
        regions=[place.id for place in intent.topic.regions],
        actors=[actor.id for actor in _held(desk, intent).actors],
        highlighted=True if intent.picks else None,
        since=window.since if window else None,
        until=window.until if window else None,
    )


def _held(desk: Desk, intent: Intent) -> Topic:
    return with_holders(intent.topic, desk.actors, intent.window, desk.clock.now())


def command_of(intent: Intent, desk: Desk, position: Position | str | None = None) -> str:
    """Return the typed command that asks the same, from a position on (or ``TOP``)."""
    if intent.words:
        parts = ["/search", intent.words, *(f"in {term}" for term in intent.topic.terms)]
    else:
        parts = ["/latest", *intent.topic.terms]
    if intent.picks:
        parts.append(STAR)
    if intent.window is not None:
        parts.append(compact(intent.window, desk.zone))
    if position is not None:
        parts.append(str(position))
    if intent.mentions and intent.topic:
        parts.append("all")
    return " ".join(parts)


async def latest(desk: Desk, intent: Intent) -> Reply:
    """Answer with the newest stories of a topic: those about its countries first, then those that mention them."""
    role: CountryRole | None = None if intent.mentions or not intent.topic.countries else "subject"
    stories, following = await _newest(desk, filter_of(desk, intent, role), intent.position)
    further, beyond = ([], 0) if role is None or following else await _mentions(desk, intent, stories)
    if not stories and not further:
        return _nothing(desk, intent)
    data: Data = intent_data(intent)
    if intent.topic.countries:
        data |= {"role": role or "mentioned", "also_mentioned": beyond}
    buttons = []
    if beyond > len(further):
        every = replace(intent, mentions=True, position=None)
        buttons.append(Button(f"All mentions ({beyond})", command_of(every, desk)))
    held = _held(desk, intent)
    none_about = f"No story is about {intent.topic.name} itself." if further and not stories else None
    listing = Listing(
        title=_title(intent),
        told=await tell(desk, stories),
        topic=held,
        further=await tell(desk, further),
        notes=[
            each
            for each in (none_about, _left_over(beyond - len(further)), holders_line(intent.topic, held))
            if each
        ],
        buttons=[*buttons, *_follow_offer(intent)],
        more=command_of(intent, desk, following) if following else None,
        newest=command_of(intent, desk, TOP) if intent.position else None,
    )
    return story_list(listing, view_of(desk), data)


async def _mentions(
    desk: Desk, intent: Intent, shown: Sequence[EnrichedStory]
) -> tuple[list[EnrichedStory], int]:
    """Fill a last page with stories that only mention the countries; also count how many of them there are."""
    every, about = await asyncio.gather(
        desk.archive.total(filter_of(desk, intent, None), collapse=True),
        desk.archive.total(filter_of(desk, intent, "subject"), collapse=True),
    )
    room = PAGE - len(shown)
    if every <= about or room <= 0 or intent.position is not None:
        return [], max(0, every - about)
    known = {story.story_id for story in shown}
    page = await desk.archive.latest(filter_of(desk, intent, None), limit=2 * PAGE)
    return [story for story in page.stories if story.story_id not in known][:room], every - about


def _left_over(number: int) -> str | None:
    return f"Mentioned in {number} more." if number > 0 else None


async def search(desk: Desk, intent: Intent) -> Reply:
    """Answer with the stories that have certain words in them, newest first."""
    if not intent.words:
        how = (
            'Search for what? For example: /search uranium in Uzbekistan, or /search "gas pipeline" -Russia.'
        )
        return notices.incomplete("search", how)
    try:
        hits, following = await _hits(desk, intent)
    except BadQuery as error:
        return notices.notice(str(error), {**intent_data(intent), "error": "bad_query", "stories": []})
    if not hits:
        return _unknown(desk, intent) if intent.kind == "lookup" else _nothing(desk, intent)
    told = await tell(desk, [hit.story for hit in hits])
    listing = Listing(
        title=_title(intent),
        told=[replace(each, snippet=hit.snippet) for each, hit in zip(told, hits, strict=True)],
        topic=_held(desk, intent),
        more=command_of(intent, desk, following) if following else None,
        newest=command_of(intent, desk, TOP) if intent.position else None,
    )
    return story_list(listing, view_of(desk), intent_data(intent))


async def tell(desk: Desk, stories: Sequence[EnrichedStory]) -> list[Told]:
    """Add to each story the other tellings of its event."""
    clusters = await asyncio.gather(*(desk.archive.cluster(story.cluster.id) for story in stories))
    return [Told(story, tellings) for story, tellings in zip(stories, clusters, strict=True)]


async def _newest(
    desk: Desk, where: Filter, position: Position | None
) -> tuple[list[EnrichedStory], Position | None]:
    async def fetch(
        where: Filter, limit: int, cursor: str | None
    ) -> tuple[Sequence[EnrichedStory], str | None]:
        page = await desk.archive.latest(where, limit=limit, cursor=cursor)
        return page.stories, page.cursor

    return await read_page(fetch, where, position, lambda story: story)


async def _hits(desk: Desk, intent: Intent) -> tuple[list[Hit], Position | None]:
    async def fetch(where: Filter, limit: int, cursor: str | None) -> tuple[Sequence[Hit], str | None]:
        page = await desk.archive.search(intent.words, where, limit=limit, cursor=cursor)
        return page.hits, page.cursor

    return await read_page(fetch, filter_of(desk, intent, None), intent.position, lambda hit: hit.story)


def _title(intent: Intent) -> str:
    name = intent.topic.name
    if intent.words:
        title = f"Stories with {notices.quote(intent.words)}" + (f", {name}" if name else "")
    else:
        title = f"Latest on {name}" if name else "Latest news"
        title += ", all mentions" if intent.mentions and name else ""
    if intent.picks:
        title += ", picked out by an editor"
    if intent.window is not None:
        title += f", {intent.window.label}"
    return f"{title}, continued" if intent.position else title


def _follow_offer(intent: Intent) -> list[Button]:
    named = (*intent.topic.places, *intent.topic.actors)
    if len(named) != 1 or intent.position is not None:
        return []
    return [notices.command_button(f"Follow {named[0].name}", f"/follow {intent.topic.terms[0]}")]


def _nothing(desk: Desk, intent: Intent) -> Reply:
    if intent.position is not None:
        return notices.nothing_more()
    title = _title(replace(intent, mentions=False))
    text = f"Nothing found: {title[0].lower()}{title[1:]}."
    data: Data = {**intent_data(intent), "error": "nothing_found", "stories": [], "more": None}
    return notices.notice([text, "You could widen it:"], data, _wider(desk, intent))


def _wider(desk: Desk, intent: Intent) -> list[Button]:
    """Offer the same question with one thing less, then the region around a country."""
    wider: list[tuple[str, str]] = []
    if intent.window is not None:
        wider.append(("Any time", command_of(replace(intent, window=None), desk)))
    if intent.picks:
        wider.append(("Not only an editor's picks", command_of(replace(intent, picks=False), desk)))
    if intent.words and intent.topic:
        wider.append((f"Latest on {intent.topic.name}", command_of(replace(intent, words=""), desk)))
        everywhere = command_of(replace(intent, topic=NO_TOPIC), desk)
        wider.append((f"{notices.quote(intent.words)} anywhere", everywhere))
    around = [_closest_region(desk, country) for country in intent.topic.countries[:1]]
    wider += [(f"Latest on {region.name}", f"/latest {region.id}") for region in around if region is not None]
    wider.append(("Latest news", "/latest"))
    return [notices.command_button(label, command) for label, command in wider]


def _closest_region(desk: Desk, country: Place) -> Place | None:
    """Return the smallest region that a country belongs to."""
    regions = sorted(
        desk.places.regions_of(country.id), key=lambda each: (len(desk.places.members(each)), each)
    )
    return next((place for each in regions if (place := desk.places.get(each)) is not None), None)


def _unknown(desk: Desk, intent: Intent) -> Reply:
    """Answer words that are neither a known name nor in any story."""
    found = suggest(intent.words, desk.places, desk.actors)
    commands = [command_of(replace(intent, words=each.rest, topic=each.topic), desk) for each in found]
    ways = [] if found else [Button("Latest news", "/latest"), Button("What can I ask?", "/help")]
    offers = [(each.topic, command) for each, command in zip(found, commands, strict=True)]
    return notices.unknown_name(intent.kind, intent.words, offers, ways)
