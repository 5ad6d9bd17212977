"""``/today``: the last 24 hours at a glance, region by region."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.bot.conversation import notices
from services.bot.conversation.answers import tell, view_of
from services.bot.conversation.cards import Told, others, safe_link
from services.bot.conversation.cleaning import clean, shorten
from services.bot.conversation.intents import Intent
from services.bot.conversation.machine import Data, name_data, story_data
from services.bot.conversation.messages import Block, Button, Incoming, Reply, Span, line
from services.bot.conversation.ports import WORLD, Desk, Place
from services.bot.conversation.texts import _, moment, plural
from shared.archive.port import PAGE_LIMIT, Filter
from shared.events import EnrichedStory

SPAN = timedelta(hours=24)
#: Regions shown, those with the most stories first.
MOST_REGIONS = 8
#: More regions than there are.
MOST_COUNTED = 200
HEADLINE = 140


@dataclass(frozen=True, slots=True)
class _Region:
    place: Place
    count: int


async def today(desk: Desk, _incoming: Incoming, _intent: Intent) -> Reply:
    """Answer with the regions that have news, how much, and the top story of each."""
    now = desk.clock.now()
    since = now - SPAN
    regions = await _busiest(desk, since)
    total = await desk.archive.total(Filter(since=since), collapse=True)
    data: Data = {"intent": "today", "since": since.isoformat(), "total": total, "stories": [], "regions": []}
    head = line(Span(_("The last 24 hours"), bold=True))
    if not total:
        latest = Button(_("Latest news"), "/latest")
        return notices.notice([_("The last 24 hours"), _("No story came in.")], data, [latest])
    tops = await _tops(desk, regions, since)
    stories = plural("{count} story", "{count} stories", total)
    blocks = [Block((head, line(_("{stories} until {time}", stories=stories, time=moment(now)))))]
    blocks += [_block(desk, number, region, top) for number, (region, top) in enumerate(tops, start=1)]
    data["stories"] = [story_data(top.story, top.tellings) for _region, top in tops]
    data["regions"] = [{**name_data(region.place), "count": region.count} for region, _top in tops]
    numbers = tuple(
        Button(str(number), f"/story {top.story.story_id}") for number, (_r, top) in enumerate(tops, 1)
    )
    places = [
        notices.command_button(region.place.name, f"/latest {region.place.id}") for region, _top in tops
    ]
    rows = [tuple(places[start : start + 2]) for start in range(0, len(places), 2)]
    return Reply(tuple(blocks), (*((numbers,) if numbers else ()), *rows), data=data)


async def _busiest(desk: Desk, since: datetime) -> list[_Region]:
    """Return the regions with news, the one with the most first."""
    counts = await desk.archive.counts(Filter(since=since), "region", top=MOST_COUNTED, collapse=True)
    places = [place for each in WORLD if each in counts and (place := desk.places.get(each)) is not None]
    regions = [_Region(place, counts[place.id]) for place in places]
    return sorted(regions, key=lambda region: -region.count)[:MOST_REGIONS]


async def _tops(desk: Desk, regions: list[_Region], since: datetime) -> list[tuple[_Region, Told]]:
    """Return the top story of each region; a story that stands under one region is not repeated under another."""
    pages = await asyncio.gather(
        *(
            desk.archive.latest(
                Filter(regions=[region.place.id], since=since), limit=PAGE_LIMIT, collapse=False
            )
            for region in regions
        )
    )
    chosen: list[tuple[_Region, EnrichedStory]] = []
    shown: set[str] = set()
    for region, page in zip(regions, pages, strict=True):
        about = [story for story in page.stories if _is_about(story, region)] or list(page.stories)
        fresh = [story for story in about if story.cluster.id not in shown]
        top = top_story(fresh or about)
        shown.add(top.cluster.id)
        chosen.append((region, top))
    told = await tell(desk, [story for _region, story in chosen])
    return [(region, each) for (region, _story), each in zip(chosen, told, strict=True)]


def top_story(stories: list[EnrichedStory]) -> EnrichedStory:
    """Return the story that most tell of; among those an editor's choice, then the newest (they stand so)."""
    tellings = Counter(story.cluster.id for story in stories)
    return max(stories, key=lambda story: (tellings[story.cluster.id], story.highlighted))


def _is_about(story: EnrichedStory, region: _Region) -> bool:
    return any(tag.id == region.place.id and tag.role != "mentioned" for tag in story.regions)


def _block(desk: Desk, number: int, region: _Region, top: Told) -> Block:
    view, story = view_of(desk), top.story
    count = plural("{count} story", "{count} stories", region.count)
    flags = view.flags(story)
    mark = "★ " if story.highlighted else ""
    headline = Span(shorten(clean(story.headline), HEADLINE), href=safe_link(story.url))
    facts = " · ".join([clean(story.source.name), *others(top)])
    name = Span(f"{region.place.flag} {region.place.name}".strip(), bold=True)
    return Block(
        (
            line(name, f" · {count}"),
            line(f"{number}. {flags}{' ' if flags else ''}{mark}", headline),
            line(facts),
        )
    )
