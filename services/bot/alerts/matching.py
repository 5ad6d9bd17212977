"""Whom a story speaks to: a pure function from its tags. Without a tag nobody is alerted."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.bot.alerts.port import Reasons
from services.bot.keywords import fold_words
from services.bot.subscriptions import Follower, FollowRole
from shared.events import EnrichedStory

#: A story that is dated longer ago is no news: it is answered when asked for, and alerts nobody.
ALERT_WINDOW = timedelta(hours=48)


#: Answers with the ids of the offices that an actor (by id) held on a day.
OfficesOf = Callable[[str, date], Iterable[str]]


def no_offices(_actor_id: str, _day: date) -> Iterable[str]:
    """Know nothing of offices."""
    return ()


@dataclass(frozen=True, slots=True)
class Match:
    """A target that a story speaks to: as its subject, or by a mention alone."""

    target: str
    role: FollowRole


def targets(
    story: EnrichedStory,
    now: datetime,
    *,
    window: timedelta = ALERT_WINDOW,
    offices_of: OfficesOf = no_offices,
) -> tuple[Match, ...]:
    """Return the targets whose followers should hear of a story now, each once; empty when nobody should.

    Only live stories that are new enough alert, and a revision never does. A region counts as subject also when
    one of its member countries is the subject (derived); a country or region that is only named reaches those
    who follow its mentions. A known actor counts as subject, whatever else the story is about, and so does every
    office that the actor held on the story's day.
    """
    dated_at, _basis = story.dated
    if story.origin != "live" or story.cluster.relation == "revision" or dated_at < now - window:
        return ()
    matches: dict[str, FollowRole] = {}
    for country in story.countries:
        _add(matches, f"country:{country.code}", "subject" if country.role == "subject" else "mentioned")
    for region in story.regions:
        _add(matches, f"region:{region.id}", "mentioned" if region.role == "mentioned" else "subject")
    for actor in story.actors:
        if actor.id is not None:
            for actor_id in (actor.id, *offices_of(actor.id, dated_at.date())):
                _add(matches, f"actor:{actor_id}", "subject")
    return tuple(Match(target, role) for target, role in matches.items())


def reasons_of(follower: Follower, matches: Sequence[Match], story_words: str) -> Reasons:
    """Return why a follower hears of a story (key of the follow to role); empty when no follow is wide enough.

    Who follows a target as subject hears only of stories about it; who follows its mentions hears of both.
    ``story_words`` are the story's words, folded once (``words_of_story``). A follow with words is only a reason
    where the same target without words is none.
    """
    roles = {match.target: match.role for match in matches}
    heard = [
        wish
        for wish in follower.wishes
        if (role := roles.get(wish.target)) and (role == "subject" or wish.role == "mentioned")
    ]
    plain = {wish.target for wish in heard if not wish.words}
    return {
        wish.key: roles[wish.target]
        for wish in heard
        if not wish.words or (wish.target not in plain and wish.words.match(story_words))
    }


def words_of_story(story: EnrichedStory) -> str:
    """Return a story's words as ``reasons_of`` compares them."""
    return fold_words(story.title, story.text)


def _add(matches: dict[str, FollowRole], target: str, role: FollowRole) -> None:
    if role == "subject" or target not in matches:
        matches[target] = role
