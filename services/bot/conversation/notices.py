"""The short answers: welcome, help, and what is said when there is nothing to show."""

from collections.abc import Iterable, Sequence

from services.bot.conversation.cleaning import clean, shorten
from services.bot.conversation.machine import Data, suggestion_data
from services.bot.conversation.messages import Block, Button, Reply, Span, block, line
from services.bot.conversation.topics import Topic

#: Characters of a label or of a repeated question.
LABEL = 40

HINT = 'Ask for news: "latest on Kazakhstan", "Astana last week", "uranium in Uzbekistan", "follow Georgia".'

_EXAMPLES = (
    ("latest on Kazakhstan", "the newest stories about a country, a region or a person"),
    ("Central Asia last week", "with a time: today, since May, last 3 days, 2024-06"),
    ("uranium in Uzbekistan", "stories with these words"),
    ("follow Georgia", "hear of every new story about it, once"),
    ("what do I follow", "your list, with buttons to stop"),
    ("2, why 2, more", "open a story of the last list, see why it has its tags, see the next page"),
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
    return f"“{shorten(clean(said), LABEL)}”"


def command_button(label: str, command: str) -> Button:
    """Return a button with its label cut to what fits."""
    return Button(shorten(clean(label), LABEL), command)


def welcome() -> Reply:
    """Return the first message that a newcomer sees."""
    first = block(line("This is ", Span("Dateline", bold=True), ", a news wire that you can talk to."))
    return Reply((first, *_help_blocks()), _help_buttons(), data={"intent": "start"})


def usage() -> Reply:
    """Return what can be asked."""
    return Reply(_help_blocks(), _help_buttons(), data={"intent": "help"})


def _help_blocks() -> tuple[Block, ...]:
    examples = Block(tuple(line(Span(said, bold=True), f": {what}") for said, what in _EXAMPLES))
    commands = block(
        "Commands: /latest /search /story /why /follow /unfollow /following /forget /help.",
        "Ask in English or Russian; places are known in many languages.",
    )
    return block("Ask in your own words, for example:"), examples, commands


def _help_buttons() -> tuple[tuple[Button, ...], ...]:
    return ((Button("Latest news", "/latest"), Button("What I follow", "/following")),)


def greeting(name: str | None) -> Reply:
    """Answer a greeting."""
    called = f", {shorten(clean(name), LABEL)}" if name and clean(name).strip() else ""
    return notice([f"Hello{called}!", HINT], {"intent": "greeting"}, _help_buttons()[0])


def thanks() -> Reply:
    """Answer thanks."""
    return notice("You are welcome.", {"intent": "thanks"})


def empty() -> Reply:
    """Answer a message without a word."""
    return notice(HINT, {"intent": "empty", "error": "empty"}, _help_buttons()[0])


def too_long(length: int, offers: Sequence[tuple[Topic, str]]) -> Reply:
    """Answer a message that is too long to be a question, with what it seems to be about."""
    lines = [f"That is too long for a question ({length:,} characters). A few words are enough."]
    if offers:
        lines.append("Did you mean one of these?")
    buttons = [command_button(f"Latest on {topic.name}", command) for topic, command in offers]
    data: Data = {"intent": "long", "error": "too_long", "suggestions": suggestion_data(offers)}
    return notice(lines, data, buttons)


def unknown_command(name: str, similar: str | None) -> Reply:
    """Answer a command that does not exist."""
    offer = [Button(f"/{similar}", f"/{similar}")] if similar else []
    data: Data = {"intent": "unknown_command", "error": "unknown_command", "query": name}
    meant = f" Did you mean /{similar}?" if similar else " /help shows what there is."
    return notice(f"There is no command {quote('/' + name)}.{meant}", data, offer)


def expired() -> Reply:
    """Answer a button whose list is no longer known."""
    data: Data = {"intent": "token", "error": "expired"}
    return notice("This list is no longer at hand. Please ask again.", data, toast="Please ask again")


def no_such_number(number: str, most: int) -> Reply:
    """Answer a number that nothing was shown under."""
    known = f"The last answer goes up to {most}." if most else "There is no list to choose from yet."
    data: Data = {"intent": "press", "error": "not_found", "query": number}
    return notice(f"There is no number {number}. {known}", data)


def nothing_more() -> Reply:
    """Answer "more" when there is no more."""
    return notice(
        "There is no further page. Ask for something else.", {"intent": "more", "error": "not_found"}
    )


def incomplete(intent: str, how: str | Sequence[str], buttons: Iterable[Button] = ()) -> Reply:
    """Explain a command that needs a word more."""
    return notice(how, {"intent": intent, "error": "incomplete"}, buttons)


def no_such_story(reference: str, intent: str) -> Reply:
    """Answer a reference to a story that is not there."""
    how = "Ask for a list first, then /story 2 opens its second story."
    text = f"There is no story {quote(reference)} here. {how}" if reference else f"Which story? {how}"
    return notice(text, {"intent": intent, "error": "not_found", "query": reference})


def unknown_name(
    intent: str, name: str, offers: Sequence[tuple[Topic, str]], ways: Iterable[Button] = ()
) -> Reply:
    """Answer a name that is not known: what may have been meant, each with its command, or what else to try."""
    if offers:
        text = f"I know no place or person called {quote(name)}. Did you mean {_choice(offers)}?"
    else:
        text = f"I know no place or person called {quote(name)}. Try a country, a region or another spelling."
    data: Data = {
        "intent": intent,
        "error": "unknown_name",
        "query": name,
        "suggestions": suggestion_data(offers),
        "stories": [],
    }
    return notice(text, data, [*(command_button(topic.name, command) for topic, command in offers), *ways])


def which_one(offers: Sequence[tuple[Topic, str]]) -> Reply:
    """Let the reader choose among those who share the name that was said."""
    data: Data = {"intent": "follow", "error": "ambiguous", "suggestions": suggestion_data(offers)}
    text = f"Several go by that name. Do you mean {_choice(offers)}?"
    return notice(text, data, [command_button(topic.name, command) for topic, command in offers])


def unreachable() -> Reply:
    """Answer while the archive is away."""
    text = "The archive can't be reached right now; alerts still work. Try again in a minute."
    return notice(text, {"error": "unreachable"}, toast="The archive can't be reached")


def went_wrong(incident: str) -> Reply:
    """Answer after a fault of ours; the log knows it under the same id."""
    text = f"Something went wrong (id {incident}). It has been noted; please try again."
    return notice(
        text, {"error": "internal", "incident": incident}, toast=f"Something went wrong ({incident})"
    )


def _choice(offers: Sequence[tuple[Topic, str]]) -> str:
    names = [topic.name for topic, _ in offers]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
