"""What readers ask and say about their alerts: why one came, what it is not about, what waits for the digest."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.bot.conversation import notices
from services.bot.conversation.articles import the
from services.bot.conversation.cards import quoted
from services.bot.conversation.cleaning import clean, shorten
from services.bot.conversation.intents import Intent
from services.bot.conversation.messages import Block, Button, Incoming, Reply, Span, block, line
from services.bot.conversation.ports import Desk
from services.bot.conversation.reading import find_story
from services.bot.conversation.texts import _, day
from services.bot.reviews import Objection
from services.bot.subscriptions import Follow
from shared.events import EnrichedStory, Evidence

#: Characters of a headline that is repeated.
HEADLINE = 160


@dataclass(frozen=True, slots=True)
class _Tag:
    """How a story speaks to a target, and the words that this rests on."""

    target: str
    subject: bool
    evidence: tuple[Evidence, ...]


async def why_me(desk: Desk, incoming: Incoming, intent: Intent) -> Reply:
    """Say which follows of the reader a story was alerted for, and which of its words they rest on."""
    story = await find_story(desk, incoming.who, intent.words)
    if story is None:
        return notices.no_such_story(intent.words, "whyme")
    follows = await desk.subscriptions.following(incoming.who)
    tags = {tag.target: tag for tag in [*_tags(story), *_offices(desk, story, follows)]}
    heard = [(follow, tag) for follow in follows if (tag := tags.get(follow.target)) and _hears(follow, tag)]
    headline = Span(shorten(clean(story.headline), HEADLINE), bold=True)
    lines = [_because(desk, story, follow, tag) for follow, tag in heard]
    if not lines:
        lines = [line(_("You do not follow anything that this story is about (any more)."))]
    buttons = [
        Button(_("📖 Story"), f"/story {story.story_id}"),
        Button(_("🔎 All its tags"), f"/why {story.story_id}"),
    ]
    reasons = [
        {"follow": follow.key, "role": "subject" if tag.subject else "mentioned"} for follow, tag in heard
    ]
    data: dict[str, object] = {"intent": "whyme", "story_id": story.story_id, "reasons": reasons}
    return Reply((Block((line(headline),)), block(*lines)), (tuple(buttons),), data=data)


async def not_about(desk: Desk, incoming: Incoming, intent: Intent) -> Reply:
    """Take down that a story is not about a place, once for each person."""
    reference, place_id = [*intent.words.split(maxsplit=1), "", ""][:2]
    if not place_id:  # of the story that is open
        reference, place_id = "", reference
    story = await find_story(desk, incoming.who, reference) if intent.words else None
    if story is None:
        return notices.no_such_story(reference, "notabout")
    place = desk.places.get(place_id) or desk.places.resolve(place_id)
    tags = {tag.target: tag for tag in _tags(story)}
    target = f"{place.kind}:{place.id}" if place else ""
    data: dict[str, object] = {"intent": "notabout", "story_id": story.story_id, "target": target}
    if place is None or target not in tags:
        how = _("This story is tagged with no place “{name}”.", name=clean(place_id))
        return notices.notice(how, {**data, "error": "not_found"})
    objection = Objection(
        story.story_id, target, shorten(clean(story.headline), HEADLINE), story.source.name, story.url,
        quoted(tags[target].evidence, kinds=True),
    )  # fmt: skip
    if await desk.reviews.object(objection, _person(incoming), desk.clock.now()):
        said = _("Thank you. An editor will see that this story is not about {name}.", name=the(place.name))
    else:
        said = _("You have said so already, thank you.")
    return notices.notice(said, data, toast=said)


async def digest(desk: Desk, incoming: Incoming, _intent: Intent) -> Reply:
    """Show what waits for the reader's digest."""
    waiting = await desk.digests.take(incoming.who, incoming.question)
    if waiting is not None:
        return waiting
    settings = [Button(_("⚙️ Settings"), "/settings")]
    return notices.notice(
        _("Nothing waits for your digest. /settings digest daily 08:00 gathers all alerts into one."),
        {"intent": "digest", "stories": []},
        settings,
    )


def _person(incoming: Incoming) -> str:
    """Return who speaks: in private the recipient, among several the author."""
    if not incoming.group or incoming.author is None:
        return incoming.who
    return f"{incoming.who.partition(':')[0]}:{incoming.author}"


def _tags(story: EnrichedStory) -> list[_Tag]:
    """Return what a story can be followed by; offices are found from the follows."""
    places = [
        *(_Tag(f"country:{tag.code}", tag.role == "subject", tag.evidence) for tag in story.countries),
        *(_Tag(f"region:{tag.id}", tag.role != "mentioned", tag.evidence) for tag in story.regions),
    ]
    return [*places, *(_Tag(f"actor:{tag.id}", True, tag.evidence) for tag in story.actors if tag.id)]


def _hears(follow: Follow, tag: _Tag) -> bool:
    return tag.subject or follow.role == "mentioned"


def _because(desk: Desk, story: EnrichedStory, follow: Follow, tag: _Tag) -> tuple[Span, ...]:
    name = the(_name(desk, follow.target))
    told = (
        _("You have followed {name} since {day}, and the story is about it", name=name, day=day(follow.since))
        if tag.subject
        else _("You have followed mentions of {name} since {day}", name=name, day=day(follow.since))
    )
    words = quoted(tag.evidence, kinds=True) or _members(desk, story, tag)
    narrowed = f" ({follow.words})" if follow.words else ""
    return line(f"{told}{narrowed}{': ' if words else ''}{words}.")


def _members(desk: Desk, story: EnrichedStory, tag: _Tag) -> str:
    """Return the countries that a region is told through, where its own name does not stand in the story."""
    kind, _sep, region = tag.target.partition(":")
    members = desk.places.members(region) if kind == "region" else frozenset()
    return ", ".join(
        f"{_name(desk, f'country:{country.code}')}, {quoted(country.evidence, kinds=True)}"
        for country in story.countries
        if country.role == "subject" and country.code in members
    )


def _name(desk: Desk, target: str) -> str:
    kind, _sep, ident = target.partition(":")
    known = desk.actors.get(ident) if kind == "actor" else desk.places.get(ident)
    return known.name if known else ident


def _offices(desk: Desk, story: EnrichedStory, follows: Sequence[Follow]) -> list[_Tag]:
    """Return the followed offices that an actor of the story held on its day."""
    dated_at, _basis = story.dated
    present = {tag.id: tag for tag in story.actors if tag.id}
    followed = [
        follow.target.removeprefix("actor:") for follow in follows if follow.target.startswith("actor:")
    ]
    return [
        _Tag(f"actor:{office}", True, present[holder].evidence)
        for office in followed
        for holder in sorted(desk.actors.expand(office, dated_at.date()) & present.keys())[:1]
    ]
