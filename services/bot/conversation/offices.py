"""Offices in a question: "president of Kazakhstan" is asked for, and found under whoever holds it."""

from dataclasses import replace
from datetime import datetime

from services.bot.conversation.ports import Actor, Actors
from services.bot.conversation.texts import _
from services.bot.conversation.topics import Topic
from services.bot.conversation.windows import Window


def with_holders(topic: Topic, actors: Actors, window: Window | None, now: datetime) -> Topic:
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


def holders_line(topic: Topic, held: Topic) -> str | None:
    """Say who stands for the offices of a topic, None when there is no office in it."""
    asked = {actor.id for actor in topic.actors}
    names = [actor.name for actor in held.actors if actor.id not in asked]
    return _("In office: {names}.", names=", ".join(names)) if names else None
