"""Lists of stories: from an intent to the archive and back to a reply."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.bot.conversation import notices
from services.bot.conversation.asking import command_of, title_of
from services.bot.conversation.cards import Told, View
from services.bot.conversation.intents import Intent
from services.bot.conversation.machine import Data, intent_data
from services.bot.conversation.messages import Button, Reply
from services.bot.conversation.nothing_found import nothing, said_once, unknown
from services.bot.conversation.paging import PAGE, TOP, Position, read_page
from services.bot.conversation.ports import Actor, Actors, Desk
from services.bot.conversation.replies import Listing, story_list
from services.bot.conversation.texts import _, plural
from services.bot.conversation.topics import NO_TOPIC, Topic
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
    window, now = intent.window, desk.clock.now()
    without = intent.topic.without or NO_TOPIC
    held = _held(desk, intent)
    return Filter(
        countries=[place.id for place in intent.topic.countries],
        country_role=role if intent.topic.countries else None,
        regions=[place.id for place in intent.topic.regions],
        actors=[actor.id for actor in held.actors],
        highlighted=True if intent.picks else None,
        since=window.since if window else None,
        until=window.until if window else None,
        together=intent.topic.together and len(held.actors) == len(intent.topic.actors),
        without_countries=[place.id for place in without.countries],
        without_regions=[place.id for place in without.regions],
        without_actors=[actor.id for actor in _with_holders(without, desk.actors, window, now).actors],
        without_words=intent.unwanted,
    )


def _held(desk: Desk, intent: Intent) -> Topic:
    return _with_holders(intent.topic, desk.actors, intent.window, desk.clock.now())


async def latest(desk: Desk, intent: Intent, *, told_apart: bool = False) -> Reply:
    """Answer with the newest stories of a topic: those about its countries first, then those that mention them.

    ``told_apart`` says that no story has all that was named, so that these have one or the other.
    """
    role: CountryRole | None = None if intent.mentions or not intent.topic.countries else "subject"
    stories, following = await _newest(desk, filter_of(desk, intent, role), intent.position)
    further, beyond = ([], 0) if role is None or following else await _mentions(desk, intent, stories)
    if not stories and not further:
        apart = _apart(intent)
        return await (latest(desk, apart, told_apart=True) if apart else nothing(desk, intent))
    data: Data = intent_data(intent)
    if intent.topic.countries:
        data |= {"role": role or "mentioned", "also_mentioned": beyond}
    buttons = []
    if beyond > len(further):
        every = replace(intent, mentions=True, position=None)
        buttons.append(Button(_("All mentions ({number})", number=beyond), command_of(every)))
    held = _held(desk, intent)
    none_about = further and not stories
    about = _("No story is about {name} itself.", name=intent.topic.name) if none_about else None
    notes = [
        _none_together() if told_apart else None,
        about,
        _left_over(beyond - len(further)),
        _holders_line(intent.topic, held),
    ]
    listing = Listing(
        title=title_of(intent),
        told=await tell(desk, stories),
        topic=held,
        further=await tell(desk, further),
        notes=[note for note in notes if note],
        buttons=[
            *buttons,
            *([] if told_apart else _all_together(intent)),
            *_narrower(intent),
            *_follow_offer(intent),
        ],
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
    room = PAGE - len(shown)
    if every <= about or room <= 0 or intent.position is not None:
        return [], max(0, every - about)
    known = {story.cluster.id for story in shown}
    page = await desk.archive.latest(filter_of(desk, intent, None), limit=2 * PAGE)
    return [story for story in page.stories if story.cluster.id not in known][:room], every - about


def _left_over(number: int) -> str | None:
    return (
        plural("Mentioned in {count} more story.", "Mentioned in {count} more stories.", number)
        if number > 0
        else None
    )


def _apart(intent: Intent) -> Intent | None:
    """Return the question for stories with any of the names, where those with all of them were asked for."""
    if not intent.topic.together or intent.position is not None:
        return None
    return replace(intent, topic=replace(intent.topic, together=False))


def _none_together() -> str:
    return _("No story has all of them; these have one or the other.")


def _all_together(intent: Intent) -> list[Button]:
    """Offer the stories that have all of the places that were named."""
    topic = intent.topic
    several = max(len(topic.countries), len(topic.regions)) > 1
    if not several or topic.together or intent.position is not None:
        return []
    together = replace(intent, topic=replace(topic, together=True))
    return [Button(_("Only stories with all of them"), command_of(together))]


async def search(desk: Desk, intent: Intent, notes: Sequence[str] = ()) -> Reply:
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
        if apart := _apart(intent):
            return await search(desk, apart, [_none_together()])
        if (once := said_once(desk, intent)) is not None:
            return await (search(desk, once) if once.words else latest(desk, once))
        return await (unknown(desk, intent) if intent.kind == "lookup" else nothing(desk, intent))
    told = await tell(desk, [hit.story for hit in hits])
    ordered = replace(intent, best=not intent.best)
    order = Button(_("Newest first") if intent.best else _("Best matches first"), command_of(ordered))
    listing = Listing(
        title=title_of(intent),
        told=[replace(each, snippet=hit.snippet) for each, hit in zip(told, hits, strict=True)],
        topic=_held(desk, intent),
        notes=notes,
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
    async def fetch(
        before: datetime | None, limit: int, cursor: str | None
    ) -> tuple[Sequence[EnrichedStory], str | None]:
        page = await desk.archive.latest(where, limit=limit, cursor=cursor, before=before)
        return page.stories, page.cursor

    return await read_page(fetch, position, lambda story: story)


async def _hits(desk: Desk, intent: Intent) -> tuple[list[Hit], Position | None]:
    where = filter_of(desk, intent, None)
    if intent.best:  # one page only: how well stories match shifts as others arrive
        page = await desk.archive.search(intent.words, where, order="relevance", limit=PAGE)
        return list(page.hits), None

    async def fetch(
        before: datetime | None, limit: int, cursor: str | None
    ) -> tuple[Sequence[Hit], str | None]:
        page = await desk.archive.search(intent.words, where, limit=limit, cursor=cursor, before=before)
        return page.hits, page.cursor

    return await read_page(fetch, intent.position, lambda hit: hit.story)


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
    if len(named) != 1 or intent.topic.without or intent.position is not None:
        return []
    label = _("Follow {name}", name=intent.topic.name)
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
