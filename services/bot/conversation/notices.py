"""The short answers: welcome, help, and what is said when there is nothing to show."""

from collections.abc import Iterable, Sequence

from services.bot.conversation.cleaning import clean, shorten
from services.bot.conversation.commands import COMMANDS
from services.bot.conversation.machine import Data, suggestion_data
from services.bot.conversation.messages import Block, Button, Incoming, Reply, Span, block, line
from services.bot.conversation.ports import Desk
from services.bot.conversation.texts import _, either, later, plural
from services.bot.conversation.topics import Topic

#: Characters of a label or of a repeated question.
LABEL = 40

#: What may be asked, in a sentence.
HINT = later(
    "Ask for news: “latest on Kazakhstan”, “Astana last week”, “uranium in Uzbekistan”, “follow Georgia”."
)

_EXAMPLES = (
    (later("latest on Kazakhstan"), later("the newest stories about a country, a region or a person")),
    (later("Central Asia last week"), later("with a time: today, since May, last 3 days, 2024-06")),
    (later("uranium in Uzbekistan"), later("stories with these words")),
    (later("Central Asia without Afghanistan"), later("what is not wanted is left out")),
    (later("editor's choice on Kazakhstan"), later("only what an editor picked out")),
    (later("today"), later("the day by region")),
    (later("trend Kazakhstan 30d"), later("how much was written, day by day")),
    (later("follow Georgia"), later("hear of every new story about it, once")),
    (later("what do I follow"), later("your list, with buttons to stop")),
    (later("and Uzbekistan?"), later("the last question again, with what is new in it")),
    (
        later("2, why 2, more"),
        later("open a story of the last list, see why it has its tags, see the next page"),
    ),
)


def notice(
    text: str | Sequence[str], data: Data, buttons: Iterable[Button] = (), *, toast: str | None = None
) -> Reply:
    """Return a reply of one paragraph with its buttons one a row."""
    lines = [text] if isinstance(text, str) else text
    rows = tuple((button,) for button in buttons)
    return Reply(blocks=(block(*lines),), buttons=rows, toast=toast, data=data)


def quote(said: str) -> str:
    """Return what somebody said, short and in quotes."""
    whole = shorten(clean(said), LABEL)
    return whole if whole[:1] == whole[-1:] == '"' and len(whole) > 1 else _("“{words}”", words=whole)


def command_button(label: str, command: str) -> Button:
    """Return a button with its label cut to what fits."""
    return Button(shorten(clean(label), LABEL), command)


def welcome() -> Reply:
    """Return the first message that a newcomer sees."""
    before, after = _("This is {name}, a news wire that you can talk to.", name="\n").split("\n")
    first = block(line(before, Span("Dateline", bold=True), after))
    return Reply((first, *_help_blocks()), _help_buttons(), data={"intent": "start"})


def usage() -> Reply:
    """Return what can be asked."""
    return Reply(_help_blocks(), _help_buttons(), data={"intent": "help"})


def _help_blocks() -> tuple[Block, ...]:
    examples = Block(tuple(line(Span(_(said), bold=True), f": {_(what)}") for said, what in _EXAMPLES))
    names = " ".join(f"/{name}" for name, _does in COMMANDS)
    commands = block(
        _("Commands: {names}", names=names),
        _("Ask in English or Russian; places are known in many languages."),
    )
    return block(_("Ask in your own words, for example:")), examples, commands


def _help_buttons() -> tuple[tuple[Button, ...], ...]:
    return (
        (Button(_("Latest news"), "/latest"), Button(_("Today"), "/today")),
        (Button(_("What I follow"), "/following"), Button(_("Settings"), "/settings")),
    )


def greeting(name: str | None) -> Reply:
    """Answer a greeting."""
    called = shorten(clean(name or "").strip(), LABEL)
    hello = _("Hello, {name}!", name=called) if called else _("Hello!")
    return notice([hello, _(HINT)], {"intent": "greeting"}, _help_buttons()[0])


def thanks() -> Reply:
    """Answer thanks."""
    return notice(_("You are welcome."), {"intent": "thanks"})


def chat() -> Reply:
    """Answer small talk and insults, in good humour and with what can be done."""
    said = _("I am a bot, and news is all that I know.")
    return notice([said, _(HINT)], {"intent": "chat"}, _help_buttons()[0])


def future(topic: Topic) -> Reply:
    """Answer who asks what will be, with what is known of it so far."""
    said = _("I only know what has been told already. Ask for today, for this week, or follow something.")
    latest = [
        command_button(_("Latest on {name}", name=each.name), f"/latest {each.terms[0]}")
        for each in topic.each()
    ]
    return notice(said, {"intent": "future"}, latest or _help_buttons()[0])


def left_so() -> Reply:
    """Answer "no" to an offer."""
    return notice(_("All right, nothing was changed."), {"intent": "no"})


def empty() -> Reply:
    """Answer a message without a word."""
    return notice(_(HINT), {"intent": "empty", "error": "empty"}, _help_buttons()[0])


def too_long(length: int, offers: Sequence[tuple[Topic, str]]) -> Reply:
    """Answer a message that is too long to be a question, with what it seems to be about."""
    lines = [
        plural(
            "That is too long for a question ({count} character). A few words are enough.",
            "That is too long for a question ({count} characters). A few words are enough.",
            length,
        )
    ]
    if offers:
        lines.append(_("Did you mean one of these?"))
    buttons = [command_button(_("Latest on {name}", name=topic.name), command) for topic, command in offers]
    data: Data = {"intent": "long", "error": "too_long", "suggestions": suggestion_data(offers)}
    return notice(lines, data, buttons)


def unknown_command(name: str, similar: str | None) -> Reply:
    """Answer a command that does not exist; ``similar`` is one that does, with the rest of what was typed."""
    offer = [command_button(f"/{similar}", f"/{similar}")] if similar else []
    data: Data = {"intent": "unknown_command", "error": "unknown_command", "query": name}
    said = _("There is no command {name}.", name=quote(f"/{name}"))
    meant = (
        _("Did you mean /{name}?", name=shorten(clean(similar), LABEL))
        if similar
        else _("/help shows what there is.")
    )
    return notice(f"{said} {meant}", data, offer)


def expired() -> Reply:
    """Answer a button whose list is no longer known."""
    data: Data = {"intent": "token", "error": "expired"}
    return notice(_("This list is no longer at hand. Please ask again."), data, toast=_("Please ask again"))


def no_such_number(number: str, most: int) -> Reply:
    """Answer a number that nothing was shown under."""
    known = (
        _("The last answer goes up to {most}.", most=most)
        if most
        else _("There is no list to choose from yet.")
    )
    data: Data = {"intent": "press", "error": "not_found", "query": number}
    said = _("There is no number {number}.", number=number)
    return notice(f"{said} {known}", data)


def nothing_more() -> Reply:
    """Answer "more" when there is no more."""
    return notice(
        _("There is no further page. Ask for something else."), {"intent": "more", "error": "not_found"}
    )


def incomplete(intent: str, how: str | Sequence[str], buttons: Iterable[Button] = ()) -> Reply:
    """Explain a command that needs a word more."""
    return notice(how, {"intent": intent, "error": "incomplete"}, buttons)


def no_such_story(reference: str, intent: str, shown: Sequence[str] = ()) -> Reply:
    """Answer a reference to a story that is not there. ``shown`` are the ids of the last list, to choose from."""
    said = _("There is no story {name} here.", name=quote(reference)) if reference else _("Which story?")
    data: Data = {"intent": intent, "error": "not_found", "query": reference}
    if not shown:
        how = _("Ask for a list first, then /story 2 opens its second story.")
        return notice(f"{said} {how}", data)
    how = _("The last list goes up to {most}.", most=len(shown))
    buttons = tuple(Button(str(number), f"/{intent} {each}") for number, each in enumerate(shown, start=1))
    return Reply((block(f"{said} {how}"),), (buttons,), data=data)


def unknown_name(
    intent: str,
    name: str,
    offers: Sequence[tuple[Topic, str]],
    ways: Iterable[Button] = (),
    *,
    sought: bool = False,
    hint: Sequence[str] = (),
) -> Reply:
    """Answer a name that is not known: what may have been meant, each with its command, or what else to try.

    ``sought`` says that the words were looked for in all stories, too; ``hint`` has lines to add.
    """
    if sought:
        said = _("I know no place or person called {name}, and no story has it.", name=quote(name))
    else:
        said = _("I know no place or person called {name}.", name=quote(name))
    if offers:
        way = _("Did you mean {names}?", names=_choice(offers))
    else:
        way = _("Try a country, a region or another spelling.")
    text = f"{said} {way}"
    data: Data = {
        "intent": intent,
        "error": "unknown_name",
        "query": name,
        "suggestions": suggestion_data(offers),
        "stories": [],
    }
    buttons = [*(command_button(topic.label, command) for topic, command in offers), *ways]
    return notice([text, *hint], data, buttons)


def which_one(offers: Sequence[tuple[Topic, str]]) -> Reply:
    """Let the reader choose among those who share the name that was said."""
    data: Data = {"intent": "follow", "error": "ambiguous", "suggestions": suggestion_data(offers)}
    text = _("Several go by that name. Do you mean {names}?", names=_choice(offers))
    return notice(text, data, [command_button(topic.label, command) for topic, command in offers])


def unreachable() -> Reply:
    """Answer while the archive is away."""
    text = _("The archive can't be reached right now; alerts still work. Try again in a minute.")
    return notice(text, {"error": "unreachable"}, toast=_("The archive can't be reached"))


def went_wrong(incident: str) -> Reply:
    """Answer after a fault of ours; the log knows it under the same id."""
    text = _("Something went wrong (id {incident}). It has been noted; please try again.", incident=incident)
    toast = _("Something went wrong ({incident})", incident=incident)
    return notice(text, {"error": "internal", "incident": incident}, toast=toast)


def _choice(offers: Sequence[tuple[Topic, str]]) -> str:
    return either([topic.name for topic, _command in offers])


async def refusal(desk: Desk, incoming: Incoming, intent: str) -> Reply | None:
    """Return what to answer to somebody who may not change anything in this chat, None to who may."""
    if await desk.permissions.may_change(incoming.who, incoming.author):
        return None
    text = _(
        "Only administrators of this chat can change what it follows and its settings. Reading is for everybody."
    )
    toast = _("Only administrators can change this")
    return notice(text, {"intent": intent, "error": "not_allowed"}, toast=toast)
