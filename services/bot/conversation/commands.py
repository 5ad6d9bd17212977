"""The commands: what they do, and what else they are called."""

import re

from services.bot.conversation.texts import _, later

#: The commands with what they do, for help texts and for the command menus of messengers.
COMMANDS = (
    ("latest", later("the newest stories: /latest Kazakhstan")),
    ("search", later("stories with certain words: /search uranium in Uzbekistan")),
    ("today", later("the day by region")),
    ("trend", later("stories a day, as a picture: /trend Kazakhstan 30d")),
    ("follow", later("hear of new stories: /follow Georgia")),
    ("following", later("what you follow")),
    ("unfollow", later("stop following: /unfollow Georgia")),
    ("mute", later("rest from a follow for a while: /mute KZ 1d")),
    ("unmute", later("end the rest: /unmute KZ")),
    ("digest", later("what waits for your next digest")),
    ("story", later("read a story of the last list: /story 2")),
    ("why", later("why a story has its tags: /why 2")),
    ("settings", later("language, time zone, quiet hours, digest")),
    ("export", later("your follows as a text to keep")),
    ("import", later("follow everything in an exported text")),
    ("stop", later("no more alerts; your follows are kept")),
    ("privacy", later("what is kept about you")),
    ("forget", later("delete everything kept about you")),
    ("help", later("what you can ask")),
)


def menu() -> tuple[tuple[str, str], ...]:
    """Return the commands with what they do, in the language spoken now."""
    return tuple((name, _(does)) for name, does in COMMANDS)


#: Other names that the same commands go by.
SYNONYMS = {
    "archive": "latest",
    "find": "search",
    "follows": "following",
    "news": "latest",
    "subscribe": "follow",
    "subscriptions": "following",
    "unsubscribe": "unfollow",
    "overview": "today",
    "chart": "trend",
    "pause": "stop",
    "lang": "language",
    "timezone": "zone",
    "menu": "help",
    "commands": "help",
    "about": "help",
    "новости": "latest",
    "архив": "latest",
    "поиск": "search",
    "сегодня": "today",
    "график": "trend",
    "подписки": "following",
    "настройки": "settings",
    "язык": "language",
    "помощь": "help",
    "меню": "help",
    "команды": "help",
    "старт": "start",
    "стоп": "stop",
    "подписаться": "follow",
    "подпишись": "follow",
    "отписаться": "unfollow",
    "отпишись": "unfollow",
    "найти": "search",
    "почему": "why",
}


def is_one(word: str) -> bool:
    """Say whether a word alone is a command, its slash forgotten."""
    return word in SYNONYMS or word in SETTINGS or any(word == name for name, _does in COMMANDS)


#: Settings that are also commands of their own.
SETTINGS = {"language", "zone", "quiet", "digest", "previews", "cap"}
#: Of these, what is another command when nothing stands behind it.
ERRANDS_TOO = {"digest"}

#: What a link to the bot can carry: ``?start=follow_KZ``. Letters, digits, ``_`` and ``-``, 64 of them at most.
_PAYLOAD = re.compile(r"follow_(?P<what>[A-Za-z0-9_-]+)$")
_ACTOR = "actor-"


def linked_command(payload: str) -> str | None:
    """Return the command that a link stands for: ``follow_KZ``, ``follow_central-asia``, ``follow_actor-ID``."""
    found = _PAYLOAD.match(payload.strip())
    if found is None:
        return None
    what = found["what"]
    return f"/follow actor:{what.removeprefix(_ACTOR)}" if what.startswith(_ACTOR) else f"/follow {what}"
