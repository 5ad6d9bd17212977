"""Coming and going: the first message, stopping, what is kept, and being forgotten."""

from dataclasses import replace

from services.bot.conversation import notices
from services.bot.conversation.cleaning import fold
from services.bot.conversation.intents import Intent
from services.bot.conversation.machine import Data
from services.bot.conversation.messages import Block, Button, Incoming, Reply, Span, line
from services.bot.conversation.ports import Desk
from services.bot.conversation.texts import _, plural
from services.bot.preferences import EVERYTHING

_YES = {"yes", "да"}


async def start(desk: Desk, incoming: Incoming, _intent: Intent) -> Reply:
    """Welcome a newcomer; let the alerts of somebody come again who had stopped them all, or lets them all rest."""
    before = await desk.preferences.get(incoming.who)
    until = before.muted.get(EVERYTHING)
    if not before.stopped and (until is None or until <= desk.clock.now()):
        return notices.welcome()
    if (refused := await notices.refusal(desk, incoming, "start")) is not None:
        return refused
    muted = {target: end for target, end in before.muted.items() if target != EVERYTHING}
    await desk.preferences.change(incoming.who, replace(before, stopped=False, muted=muted))
    count = len(await desk.subscriptions.following(incoming.who))
    said = _("Welcome back. Alerts come again ({count}).", count=_counted(count))
    data: Data = {"intent": "start", "resumed": True, "follows": count}
    return notices.notice(said, data, [Button(_("What I follow"), "/following")], toast=said)


async def stop(desk: Desk, incoming: Incoming, _intent: Intent) -> Reply:
    """Let all alerts rest. What is followed is kept."""
    if (refused := await notices.refusal(desk, incoming, "stop")) is not None:
        return refused
    before = await desk.preferences.get(incoming.who)
    await desk.preferences.change(incoming.who, replace(before, stopped=True))
    count = len(await desk.subscriptions.following(incoming.who))
    lines = [
        _("Stopped: no more alerts. What you follow is kept ({count}).", count=_counted(count)),
        _("/start lets them come again, /forget deletes everything. You can still ask for news."),
    ]
    buttons = [Button(_("Start again"), "/start"), Button(_("Delete everything"), "/forget")]
    return notices.notice(
        lines, {"intent": "stop", "stopped": True, "follows": count}, buttons, toast=lines[0]
    )


async def privacy(desk: Desk, incoming: Incoming, _intent: Intent) -> Reply:
    """Say what is kept about a reader, for how long, and how to see and delete it."""
    count = len(await desk.subscriptions.following(incoming.who))
    kept = (
        _(
            "What you follow ({count}) and your /settings: until you change or delete them.",
            count=_counted(count),
        ),
        _("Which alerts you were sent, so that nothing comes twice: 7 days."),
        _(
            "Your last question and the list that you saw, so that “2”, “more” and “and Uzbekistan?” work: 7 days."
        ),
        _("When you said that a story is not about a country: 90 days, for whoever looks after the tags."),
        _("What long buttons stand for, without your number: 30 days."),
        _("All else that you write: only until it is answered. It is not collected, and nobody reads it."),
    )
    blocks = (
        Block((line(_("I know you by the number of this chat, not by your name or phone number.")),)),
        Block((line(Span(_("What is kept"), bold=True)), *(line(f"· {each}") for each in kept))),
        Block(
            (
                line(
                    _("/export shows it, /forget deletes all of it at once. Nothing is passed on to anybody.")
                ),
            )
        ),
    )
    buttons = ((Button(_("Show it"), "/export"), Button(_("Delete everything"), "/forget")),)
    return Reply(blocks, buttons, data={"intent": "privacy", "follows": count})


async def forget(desk: Desk, incoming: Incoming, intent: Intent) -> Reply:
    """Delete everything about somebody, after asking once."""
    if (refused := await notices.refusal(desk, incoming, "forget")) is not None:
        return refused
    who = incoming.who
    if fold(intent.words).strip() not in _YES:
        count = len(await desk.subscriptions.following(who))
        ask = [
            _(
                "Delete everything kept about you ({count} and your settings)? This cannot be undone.",
                count=_counted(count),
            ),
            _("Stories stay; they are not about you."),
        ]
        buttons = [Button(_("Yes, delete it"), "/forget yes"), Button(_("No, keep it"), "/following")]
        return notices.notice(ask, {"intent": "forget", "confirmed": False, "follows": count}, buttons)
    count = await desk.subscriptions.forget(who)
    await desk.preferences.forget(who)
    await desk.recall.forget(who)
    said = _("Done: {count} and your settings deleted. Nothing is kept about you.", count=_counted(count))
    return notices.notice(said, {"intent": "forget", "confirmed": True, "follows": count}, toast=_("Deleted"))


def _counted(follows: int) -> str:
    return plural("{count} follow", "{count} follows", follows)
