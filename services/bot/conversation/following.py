"""Following and what belongs to it: follow, unfollow, the list, and being forgotten."""

import re
from dataclasses import replace

from services.bot.conversation import notices
from services.bot.conversation.intents import Intent
from services.bot.conversation.machine import Data, iso, topic_data
from services.bot.conversation.messages import Block, Button, Reply, Span, line
from services.bot.conversation.ports import Desk
from services.bot.conversation.suggestions import suggest
from services.bot.conversation.topics import Topic
from services.bot.subscriptions import Follow, FollowRole

_TARGET = re.compile(r"(?:country|region|actor):\S+")
_YES = {"yes", "да"}
_LIST = Button("What I follow", "/following")


async def follow(desk: Desk, who: str, intent: Intent) -> Reply:
    """Follow what was named; say so when it was followed already. A name of several asks whom it means."""
    if not intent.topic:
        return _follow_what(desk, intent)
    if intent.topic.alike:
        return await _follow_whom(desk, who, intent)
    role: FollowRole = "mentioned" if intent.mentions else "subject"
    before = {each.target: each.role for each in await desk.subscriptions.following(who)}
    data: Data = {"intent": "follow", **topic_data(intent.topic), "role": role}
    followed: list[str] = []
    already: list[str] = []
    lines: list[str] = []
    buttons: list[Button] = []
    for topic, target in zip(intent.topic.each(), intent.topic.targets, strict=True):
        new = await desk.subscriptions.follow(who, target, role, desk.clock.now())
        (followed if new else already).append(target)
        lines.append(_followed_line(topic, role, new, before.get(target)))
        buttons += _after_follow(topic, role, new)
    if intent.words:
        lines.append(f"I left out {notices.quote(intent.words)}: only places and people can be followed.")
    toast = f"Following {intent.topic.name}" if followed else f"{intent.topic.name}: followed already"
    return notices.notice(
        lines, {**data, "followed": followed, "already": already}, [*buttons, _LIST], toast=toast
    )


async def _follow_whom(desk: Desk, who: str, intent: Intent) -> Reply:
    """Follow what is sure, and let the reader choose among those who share a name."""
    topic, every = intent.topic, " all" if intent.mentions else ""
    offers = [
        (each, f"/follow {each.terms[0]}{every}")
        for each in topic.each()
        if each.actors and each.actors[0].id in topic.alike
    ]
    sure = tuple(actor for actor in topic.actors if actor.id not in topic.alike)
    rest = replace(intent, topic=Topic(topic.places, sure))
    choice = notices.which_one(offers)
    if not rest.topic:
        return choice
    done = await follow(desk, who, rest)
    return Reply(
        (*done.blocks, *choice.blocks),
        (*choice.buttons, *done.buttons),
        toast=done.toast,
        data={**choice.data, **done.data},
    )


def _followed_line(topic: Topic, role: FollowRole, new: bool, before: FollowRole | None) -> str:
    what = f"{'every story that mentions' if role == 'mentioned' else 'new stories about'} {topic.name}"
    if new:
        return f"You now follow {topic.name}: {what} will come here, each event once."
    if before not in (None, role):
        return f"You follow {topic.name} already; from now on you hear of {what}."
    return f"You follow {topic.name} already: {what} come here."


def _after_follow(topic: Topic, role: FollowRole, new: bool) -> list[Button]:
    term = topic.terms[0]
    buttons = [
        notices.command_button(f"Undo: {topic.name}" if new else f"Stop: {topic.name}", f"/unfollow {term}")
    ]
    if role == "subject":
        buttons.append(notices.command_button(f"Every mention of {topic.name}", f"/follow {term} all"))
    return buttons


def _follow_what(desk: Desk, intent: Intent) -> Reply:
    if not intent.words or intent.words == "all":
        how = [
            "Follow what? Name a country, a region or a person: /follow Kazakhstan, /follow Central Asia.",
            "You then hear of each new story about it, once. Add “all” to hear of every mention too.",
        ]
        return notices.incomplete("follow", how, [_LIST])
    return _unknown(desk, intent)


def _unknown(desk: Desk, intent: Intent) -> Reply:
    found = [each.topic for each in suggest(intent.words, desk.places, desk.actors)]
    every = " all" if intent.mentions else ""
    commands = [f"/{intent.kind} {topic.terms[0]}{every}" for topic in found]
    ways = (
        []
        if intent.kind == "unfollow"
        else [notices.command_button("Search for it", f"/search {intent.words}")]
    )
    return notices.unknown_name(intent.kind, intent.words, list(zip(found, commands, strict=True)), ways)


async def unfollow(desk: Desk, who: str, intent: Intent, *, pressed: bool = False) -> Reply:
    """Stop following what was named, everything for "all"; without a name show the list to choose from."""
    if not intent.topic and not intent.words:
        return await following(desk, who)
    known = [each.target for each in await desk.subscriptions.following(who)]
    targets = list(intent.topic.targets) or _written(intent.words, known)
    if not targets and intent.words != "all":
        return _unknown(desk, intent)
    gone = [target for target in targets if await desk.subscriptions.unfollow(who, target)]
    names = ", ".join(name_of(desk, target) for target in targets)
    if gone:
        said = f"You no longer follow {', '.join(name_of(desk, target) for target in gone)}."
    else:
        said = f"You did not follow {names}." if names else "You follow nothing."
    data: Data = {"intent": "unfollow", **topic_data(intent.topic), "unfollowed": gone}
    again = [
        notices.command_button(f"Follow {name_of(desk, t)} again", f"/follow {_term(t)}") for t in gone[:1]
    ]
    reply = notices.notice(said, data, [*again, _LIST], toast=said)
    if not pressed:
        return reply
    rest = await following(desk, who)
    return Reply((*reply.blocks, *rest.blocks), rest.buttons, True, said, {**rest.data, **data})


def _written(words: str, known: list[str]) -> list[str]:
    """Find targets in their written form, so that one whose name is no longer known can still be left."""
    if words == "all":
        return known
    return [word for word in _TARGET.findall(words) if word in known]


async def following(desk: Desk, who: str) -> Reply:
    """Show what somebody follows, each with a button to stop."""
    follows = await desk.subscriptions.following(who)
    data: Data = {"intent": "following", "following": [_follow_data(desk, each) for each in follows]}
    if not follows:
        ways = (
            [Button("Follow Central Asia", "/follow central-asia")] if desk.places.get("central-asia") else []
        )
        return notices.notice("You follow nothing yet. Try: follow Kazakhstan.", data, ways)
    head = line(Span("You follow:", bold=True))
    rows = [
        line(f"{_flag(desk, each.target)}{name_of(desk, each.target)}{_ROLES[each.role]}") for each in follows
    ]
    buttons = tuple(
        (notices.command_button(f"Stop {name_of(desk, each.target)}", f"/unfollow {_term(each.target)}"),)
        for each in follows
    )
    return Reply((Block((head, *rows)),), buttons, data=data)


_ROLES = {"subject": "", "mentioned": " (every mention)"}


def _follow_data(desk: Desk, each: Follow) -> Data:
    return {
        "target": each.target,
        "name": name_of(desk, each.target),
        "role": each.role,
        "since": iso(each.since),
    }


def name_of(desk: Desk, target: str) -> str:
    """Return the name of a target, its id when it is no longer known."""
    kind, _, key = target.partition(":")
    item = desk.actors.get(key) if kind == "actor" else desk.places.get(key)
    return item.name if item is not None else key


def _flag(desk: Desk, target: str) -> str:
    place = desk.places.get(target.partition(":")[2])
    return f"{place.flag} " if place is not None and not target.startswith("actor:") else ""


def _term(target: str) -> str:
    """Write a target as commands do: country codes bare, the rest whole."""
    return target.removeprefix("country:")


async def forget(desk: Desk, who: str, words: str) -> Reply:
    """Delete everything about somebody, after asking once."""
    if words.casefold() not in _YES:
        count = len(await desk.subscriptions.following(who))
        ask = [
            f"Delete everything kept about you ({_counted(count)})? This cannot be undone.",
            "Stories stay; they are not about you.",
        ]
        buttons = [Button("Yes, delete it", "/forget yes"), Button("No, keep it", "/following")]
        return notices.notice(ask, {"intent": "forget", "confirmed": False, "follows": count}, buttons)
    count = await desk.subscriptions.forget(who)
    await desk.recall.forget(who)
    data: Data = {"intent": "forget", "confirmed": True, "follows": count}
    return notices.notice(
        f"Done: {_counted(count)} deleted. Nothing is kept about you.", data, toast="Deleted"
    )


def _counted(follows: int) -> str:
    return f"{follows} follow{'' if follows == 1 else 's'}"
