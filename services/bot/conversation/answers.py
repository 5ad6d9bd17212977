"""Lists of stories: from an intent to the archive and back to a reply."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from services.bot.conversation import notices
from services.bot.conversation.asking import command_of, title_of
from services.bot.conversation.cards import Told, View
from services.bot.conversation.intents import Intent
from services.bot.conversation.machine import Data, intent_data
from services.bot.conversation.messages import Button, Reply
from services.bot.conversation.nothing_found import nothing, unknown
from services.bot.conversation.paging import PAGE, TOP, Item, Position, read_page
from services.bot.conversation.ports import Actor, Actors, Desk
from services.bot.conversation.replies import Listing, story_list
from services.bot.conversation.texts import _, plural
from services.bot.conversation.topics import Topic
from services.bot.conversation.windows import Window
from shared.archive.port import BadQuery, Filter, Hit
from shared.events import CountryRole, EnrichedStory

#: Buttons for those who share a name.
MOST_ALIKE = 4


def view_of(desk: Desk) -> View:
    """Return how stories are shown now."""
    return View(desk.places, desk.actors, desk.clock.now())


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
    return _with_holders(intent.topic, desk.actors, intent.window, desk.clock.now())


async def latest(desk: Desk, intent: Intent) -> Reply:
    """Answer with the newest stories of a topic: those about its countries first, then those that mention them."""
    role: CountryRole | None = None if intent.mentions or not intent.topic.countries else "subject"
    stories, following = await _newest(desk, filter_of(desk, intent, role), intent.position)
    further, beyond = ([], 0) if role is None or following else await _mentions(desk, intent, stories)
    if not stories and not further:
        return await nothing(desk, intent)
    data: Data = intent_data(intent)
    if intent.topic.countries:
        data |= {"role": role or "mentioned", "also_mentioned": beyond}
    buttons = []
    if beyond > len(further):
        every = replace(intent, mentions=True, position=None)
        buttons.append(Button(_("All mentions ({number})", number=beyond), command_of(every)))
    held = _held(desk, intent)
    none_about = (
        _("No story is about {name} itself.", name=intent.topic.name) if further and not stories else None
    )
    listing = Listing(
        title=title_of(intent),
        told=await tell(desk, stories),
        topic=held,
        further=await tell(desk, further),
        notes=[
            each
            for each in (none_about, _left_over(beyond - len(further)), _holders_line(intent.topic, held))
            if each
        ],
        buttons=[*buttons, *_narrower(intent), *_follow_offer(intent)],
        more=command_of(intent, following) if following else None,
        newest=command_of(intent, TOP) if intent.position else None,
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
    if not shown and not every:
        further, _following = await _newest(desk, filter_of(desk, intent, None), intent.position)
        return further, len(further)
    room = PAGE - len(shown)
    if every <= about or room <= 0 or intent.position is not None:
        return [], max(0, every - about)
    known = {story.story_id for story in shown}
    page = await desk.archive.latest(filter_of(desk, intent, None), limit=2 * PAGE)
    return [story for story in page.stories if story.story_id not in known][:room], every - about


def _left_over(number: int) -> str | None:
    return (
        plural("Mentioned in {count} more story.", "Mentioned in {count} more stories.", number)
        if number > 0
        else None
    )


async def search(desk: Desk, intent: Intent) -> Reply:
    """Answer with the stories that have certain words in them, newest first."""
    if not intent.words:
        how = _(
            'Search for what? For example: /search uranium in Uzbekistan, or /search "gas pipeline" -Russia.'
        )
        return notices.incomplete("search", how)
    try:
        hits, following = await _hits(desk, intent)
    except BadQuery as error:
        return notices.notice(_(str(error)), {**intent_data(intent), "error": "bad_query", "stories": []})
    if not hits:
        return await (unknown(desk, intent) if intent.kind == "lookup" else nothing(desk, intent))
    told = await tell(desk, [hit.story for hit in hits])
    ordered = replace(intent, best=not intent.best)
    order = Button(_("Newest first") if intent.best else _("Best matches first"), command_of(ordered))
    listing = Listing(
        title=title_of(intent),
        told=[replace(each, snippet=hit.snippet) for each, hit in zip(told, hits, strict=True)],
        topic=_held(desk, intent),
        buttons=[order] if intent.best or (following and not intent.position) else [],
        more=command_of(intent, following) if following else None,
        newest=command_of(intent, TOP) if intent.position else None,
    )
    return story_list(listing, view_of(desk), intent_data(intent))


async def tell(desk: Desk, stories: Sequence[EnrichedStory]) -> list[Told]:
    """Add to each story the other tellings of its event."""
    tellings = await desk.archive.clusters([story.cluster.id for story in stories]) if stories else {}
    return [Told(story, tellings[story.cluster.id]) for story in stories]


async def _newest(
    desk: Desk, where: Filter, position: Position | None
) -> tuple[list[EnrichedStory], Position | None]:
    async def read(*, collapse: bool) -> tuple[list[EnrichedStory], Position | None]:
        async def fetch(
            where: Filter, limit: int, cursor: str | None
        ) -> tuple[Sequence[EnrichedStory], str | None]:
            page = await desk.archive.latest(where, limit=limit, cursor=cursor, collapse=collapse)
            return page.stories, page.cursor

        return await read_page(fetch, where, position, lambda story: story)

    found, following = await read(collapse=True)
    if found:
        return found, following
    found, following = await read(
        collapse=False
    )  # only a later telling of an event may say what is asked for
    return _once_each(found, lambda story: story), following


async def _hits(desk: Desk, intent: Intent) -> tuple[list[Hit], Position | None]:
    where = filter_of(desk, intent, None)
    if intent.best:  # one page only: how well stories match shifts as others arrive
        page = await desk.archive.search(intent.words, where, order="relevance", limit=PAGE)
        if page.hits:
            return list(page.hits), None

    async def read(*, collapse: bool) -> tuple[list[Hit], Position | None]:
        async def fetch(where: Filter, limit: int, cursor: str | None) -> tuple[Sequence[Hit], str | None]:
            page = await desk.archive.search(
                intent.words, where, limit=limit, cursor=cursor, collapse=collapse
            )
            return page.hits, page.cursor

        return await read_page(fetch, where, intent.position, lambda hit: hit.story)

    found, following = await read(collapse=True)
    if found:
        return found, following
    found, following = await read(collapse=False)  # as above
    return _once_each(found, lambda hit: hit.story), following


def _once_each(found: Sequence[Item], story_of: Callable[[Item], EnrichedStory]) -> list[Item]:
    """Return the first telling of each event, in order."""
    once: dict[str, Item] = {}
    for item in found:
        once.setdefault(story_of(item).cluster.id, item)
    return list(once.values())


def _narrower(intent: Intent) -> list[Button]:
    """Offer each of those who share the name that was asked for, alone."""
    alike = [actor for actor in intent.topic.actors if actor.id in intent.topic.alike]
    if intent.position is not None or len(alike) < 2:
        return []
    alone = [(actor, replace(intent, topic=Topic(intent.topic.places, (actor,)))) for actor in alike]
    return [
        notices.command_button(_("Only {name}", name=actor.name), command_of(question))
        for actor, question in alone[:MOST_ALIKE]
    ]


def _follow_offer(intent: Intent) -> list[Button]:
    named = (*intent.topic.places, *intent.topic.actors)
    if len(named) != 1 or intent.position is not None:
        return []
    label = _("Follow {name}", name=named[0].name)
    return [notices.command_button(label, f"/follow {intent.topic.terms[0]}")]


def _with_holders(topic: Topic, actors: Actors, window: Window | None, now: datetime) -> Topic:
    """Return a topic with each office replaced by those who held it when the window began and when it ended.

    Without a window it is who holds it now. An office of whose holders nothing is known stays: no story has it.
    """
    moments = ((window.since, window.until) if window else ()) or (now,)
    days = {min(moment or now, now).date() for moment in moments}
    meant: dict[str, Actor] = {}
    for actor in topic.actors:
        ids = sorted({held for day in days for held in actors.expand(actor.id, day)})
        held = [each for actor_id in ids if (each := actors.get(actor_id)) is not None]
        meant |= {each.id: each for each in held or [actor]}
    return replace(topic, actors=tuple(meant.values()))


def _holders_line(topic: Topic, held: Topic) -> str | None:
    """Say who stands for the offices of a topic, None when there is no office in it."""
    asked = {actor.id for actor in topic.actors}
    names = [actor.name for actor in held.actors if actor.id not in asked]
    return _("In office: {names}.", names=", ".join(names)) if names else None
