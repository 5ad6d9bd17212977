"""Following and leaving: a target as a whole, or the stories of it that have certain words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz

from services.bot.conversation import notices
from services.bot.conversation.cleaning import fold
from services.bot.conversation.follow_list import following, list_button
from services.bot.conversation.intents import Intent
from services.bot.conversation.machine import Data, topic_data
from services.bot.conversation.messages import Button, Incoming, Reply
from services.bot.conversation.naming import said_of, term, with_words
from services.bot.conversation.portability import written
from services.bot.conversation.ports import Desk
from services.bot.conversation.preview import preview
from services.bot.conversation.suggestions import CLOSE, Suggestion, suggest
from services.bot.conversation.texts import DEFAULT, _, plural, speaker
from services.bot.conversation.topics import Topic
from services.bot.keywords import LONGEST_WORD, MOST_WORDS, Keywords, contradicting, keywords, unusable
from services.bot.preferences import Preferences
from services.bot.subscriptions import Follow, FollowRole, key_of

_TARGET = re.compile(r"(?:country|region|actor):\S+")
_WORD = re.compile(r'"([^"]+)"|([^\s"]+)')
#: Words that only link.
_LINKS = frozenset("but only just with having containing word words но только со слово слова словом".split())
_OPERATORS = {"OR", "AND", "NOT", "&", "|", "+", "-", "*"}


@dataclass(slots=True)
class _Done:
    """What became of the follows of one message."""

    followed: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)


async def follow(desk: Desk, incoming: Incoming, intent: Intent) -> Reply:
    """Follow what was named; say so when it was followed already. A name of several asks whom it means."""
    if (refused := await notices.refusal(desk, incoming, "follow")) is not None:
        return refused
    if not intent.topic.terms:
        return _follow_what(desk, intent)
    if intent.topic.alike:
        return await _follow_whom(desk, incoming, intent)
    meant = [] if intent.keywords else _misspelt(desk, intent.words)
    words = intent.keywords if meant else _words_of(intent)
    if (problem := _problem(words)) is not None:
        return notices.notice(problem, {"intent": "follow", "error": "bad_words", "query": str(words)})
    role: FollowRole = "mentioned" if intent.mentions else "subject"
    done = await _follow_each(desk, incoming.who, intent.topic, role, words)
    if meant:
        done.lines.append(
            _("I left out {words}: I know nothing of that name.", words=notices.quote(intent.words))
        )
        done.buttons += [
            notices.command_button(_("Follow {name}", name=each.topic.name), f"/follow {each.topic.terms[0]}")
            for each in meant
        ]
    if (await _remember_language(desk, incoming)).stopped:
        done.lines.append(_("All alerts rest since /stop; /start lets them come again."))
    data: Data = {"intent": "follow", **topic_data(intent.topic), "role": role, "words": str(words)}
    data |= {"followed": done.followed, "already": done.already}
    name = ", ".join(with_words(each.name, words) for each in intent.topic.each())
    toast = _("Following {name}", name=name) if done.followed else _("{name}: followed already", name=name)
    return notices.notice(done.lines, data, [*done.buttons, list_button()], toast=toast)


async def _remember_language(desk: Desk, incoming: Incoming) -> Preferences:
    """Note what a reader speaks, for its alerts: nobody asks for those. Return its preferences."""
    kept, language = await desk.preferences.get(incoming.who), speaker().language
    if not incoming.group and language != (kept.spoken or DEFAULT):
        kept = replace(kept, spoken=language)
        await desk.preferences.change(incoming.who, kept)
    return kept


async def _follow_each(desk: Desk, who: str, topic: Topic, role: FollowRole, words: Keywords) -> _Done:
    before = {each.key: each.role for each in await desk.subscriptions.following(who)}
    done = _Done()
    for each, target in zip(topic.each(), topic.targets, strict=True):
        key = key_of(target, words)
        if key not in before and len(before) >= desk.follow_limit:
            done.lines.append(_limit_reached(len(before)))
            break
        new = await desk.subscriptions.follow(who, target, role, desk.clock.now(), words)
        (done.followed if new else done.already).append(key)
        name = with_words(each.name, words)
        done.lines.append(_followed_line(name, role, new, before.get(key), worded=bool(words)))
        changed = before.get(key) != role
        before[key] = role
        if words and changed:
            tried = await preview(desk, each, role, words)
            done.lines += (
                tried.lines if tried else [_("The archive can't be reached right now to try the words.")]
            )
        done.buttons += _after_follow(key, name, each.name, role, new)
        if words and before.get(target) in {role, "mentioned"}:
            done.lines.append(
                _("You also follow all of {name}, so the words change nothing.", name=each.name)
            )
            only = Button(_("Only with the words"), f"/following 1 stop {term(target)}")
            done.buttons.insert(0, only)
    return done


def _limit_reached(count: int) -> str:
    return plural(
        "You follow {count} thing, which is the most here. Leave something first.",
        "You follow {count} things, which is the most here. Leave something first.",
        count,
    )


async def _follow_whom(desk: Desk, incoming: Incoming, intent: Intent) -> Reply:
    """Follow what is sure, and let the reader choose among those who share a name."""
    topic = intent.topic
    offers = [
        (each, f"/follow {term(key_of(each.targets[0], intent.keywords), mentions=intent.mentions)}")
        for each in topic.each()
        if each.actors and each.actors[0].id in topic.alike
    ]
    sure = tuple(actor for actor in topic.actors if actor.id not in topic.alike)
    rest = replace(intent, topic=Topic(topic.places, sure))
    choice = notices.which_one(offers)
    if not rest.topic:
        return choice
    done = await follow(desk, incoming, rest)
    return Reply(
        (*done.blocks, *choice.blocks),
        (*choice.buttons, *done.buttons),
        toast=done.toast,
        data={**choice.data, **done.data},
    )


def _misspelt(desk: Desk, words: str) -> list[Suggestion]:
    """Return the names that leftover words come close to: they are no words to look for then."""
    near = [
        each
        for each in (suggest(words, desk.places, desk.actors) if words else [])
        if any(fuzz.ratio(fold(part), fold(each.topic.label)) >= CLOSE for part in (words, *words.split()))
    ]
    return near[:2]


def _words_of(intent: Intent) -> Keywords:
    """Return the words that narrow a follow: those with a sign, and what is left beside the names."""
    beside = [
        quoted or bare
        for quoted, bare in _WORD.findall(intent.words)
        if quoted or (bare not in _OPERATORS and fold(bare) not in _LINKS)
    ]
    return keywords((*intent.keywords.wanted, *beside), intent.keywords.unwanted)


def _problem(words: Keywords) -> str | None:
    """Say what is wrong with words, None when nothing is."""
    if (bad := unusable(words)) is not None:
        return _(
            "I can't look for {word}. Plain words and phrases of up to {longest} characters work, in any of their "
            "forms; signs such as * or | do not.",
            word=notices.quote(bad),
            longest=LONGEST_WORD,
        )
    if (both := contradicting(words)) is not None:
        return _("{word} is both wanted and left out, so no story could ever come.", word=notices.quote(both))
    if words.too_many:
        return _("That is too many words: {most} at most, and not too long, please.", most=MOST_WORDS)
    return None


def _followed_line(name: str, role: FollowRole, new: bool, before: FollowRole | None, *, worded: bool) -> str:
    if new and worded:
        return _(
            "You now follow {name}: new stories that fit these words will come here, each event once.",
            name=name,
        )
    if new and role == "mentioned":
        return _(
            "You now follow {name}: every story that mentions it will come here, each event once.", name=name
        )
    if new:
        return _("You now follow {name}: new stories will come here, each event once.", name=name)
    if before not in (None, role) and role == "mentioned":
        return _(
            "You follow {name} already; from now on you hear of every story that mentions {name}.", name=name
        )
    if before not in (None, role):
        return _("You follow {name} already; from now on you hear only of stories about it.", name=name)
    return _("You follow {name} already.", name=name)


def _after_follow(key: str, name: str, target: str, role: FollowRole, new: bool) -> list[Button]:
    label = _("Undo: {name}", name=name) if new else _("Stop: {name}", name=name)
    buttons = [notices.command_button(label, f"/unfollow {term(key)}")]
    if role == "subject" and not key.startswith("actor:"):
        every = _("Every mention of {name}", name=name)
        buttons.append(notices.command_button(every, f"/follow {term(key, mentions=True)}"))
    if name != target and new:
        buttons.append(
            notices.command_button(_("All of {name}", name=target), f"/follow {term(key.partition(' ')[0])}")
        )
    return buttons


def _follow_what(desk: Desk, intent: Intent) -> Reply:
    if intent.keywords:
        how = [
            _(
                "Where? Name a country, a region or a person too: /follow Kazakhstan {words}",
                words=intent.keywords,
            )
        ]
        return notices.incomplete("follow", how, [list_button()])
    if not intent.words or intent.words == "all":
        how = [
            _("Follow what? Name a country, a region or a person: /follow Kazakhstan, /follow Central Asia."),
            _("You then hear of each new story about it, once. Add “all” to hear of every mention too."),
            _("Words narrow it: /follow Kazakhstan +uranium -football"),
        ]
        return notices.incomplete("follow", how, [list_button()])
    return _unknown(desk, intent)


def _unknown(desk: Desk, intent: Intent) -> Reply:
    found = [each.topic for each in suggest(intent.words, desk.places, desk.actors)]
    commands = [
        f"/{intent.kind} {term(key_of(topic.targets[0], intent.keywords), mentions=intent.mentions)}"
        for topic in found
    ]
    search = notices.command_button(_("Search for it"), f"/search {intent.words}")
    ways = [] if intent.kind == "unfollow" else [search]
    return notices.unknown_name(intent.kind, intent.words, list(zip(found, commands, strict=True)), ways)


async def unfollow(desk: Desk, incoming: Incoming, intent: Intent) -> Reply:
    """Stop following what was named, everything for "all"; without a name show the list to choose from."""
    if (refused := await notices.refusal(desk, incoming, "unfollow")) is not None:
        return refused
    who = incoming.who
    if not intent.topic and not intent.words:
        return await following(desk, incoming, Intent("following"))
    words = _words_of(intent) if intent.topic.terms else intent.keywords
    follows = {each.key: each for each in await desk.subscriptions.following(who)}
    everything = intent.words == "all" and not intent.topic.terms
    kept = intent.topic.without.targets if intent.topic.without else ()
    targets = list(intent.topic.targets) or _TARGET.findall(intent.words)
    gone = [
        key
        for key, each in follows.items()
        if (everything and each.target not in kept) or _is_meant(key, each.target, targets, words)
    ]
    if not targets and not everything:
        return _unknown(desk, intent)
    for key in gone:
        await desk.subscriptions.unfollow(who, follows[key].target, follows[key].words)
    if gone:
        said = _("You no longer follow {names}.", names=", ".join(said_of(desk, key) for key in gone))
    elif targets:
        names = ", ".join(said_of(desk, key_of(target, words)) for target in targets)
        said = _("You did not follow {names}.", names=names)
    else:
        said = _("You follow nothing.")
    data: Data = {"intent": "unfollow", **topic_data(intent.topic), "unfollowed": gone}
    again = _undo_of(desk, [follows[key] for key in gone])
    return notices.notice(said, data, [*again, list_button()], toast=said)


def _undo_of(desk: Desk, gone: Sequence[Follow]) -> list[Button]:
    """Return the button that brings back what was left."""
    if len(gone) > 1:
        return [Button(_("Follow them again"), "\n".join(["/import", *(written(each) for each in gone)]))]
    return [
        notices.command_button(
            _("Follow {name} again", name=said_of(desk, each.key)),
            f"/follow {term(each.key, mentions=each.role == 'mentioned')}",
        )
        for each in gone
    ]


def _is_meant(key: str, target: str, targets: list[str], words: Keywords) -> bool:
    """Say whether a follow is to end: all of a target, or only the one with these words."""
    return target in targets and (not words or key == key_of(target, words))
