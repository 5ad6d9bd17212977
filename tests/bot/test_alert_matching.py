"""Whom a story speaks to, and whom not."""

from datetime import date, timedelta

import pytest

from fakes.stories import NOON, enriched_story
from services.bot.alerts.matching import Match, reasons_of, targets, words_of_story
from services.bot.keywords import Keywords, keywords
from services.bot.subscriptions import Follower, FollowRole, Wish
from shared.events import ActorTag, Cluster, CountryTag, EnrichedStory, RegionTag


def story(**changes: object) -> EnrichedStory:
    return enriched_story(**({"published_at": NOON} | changes))  # type: ignore[arg-type]  # any fields


def matched(tagged: EnrichedStory) -> dict[str, str]:
    return {match.target: match.role for match in targets(tagged, NOON + timedelta(minutes=5))}


def test_subject_countries_reach_their_followers_and_mentions_only_those_who_want_them() -> None:
    tagged = story(
        countries=[
            CountryTag(code="TJ", role="subject", salience=0.9),
            CountryTag(code="RU", role="mentioned", salience=0.2),
        ]
    )
    assert matched(tagged) == {"country:TJ": "subject", "country:RU": "mentioned"}


@pytest.mark.parametrize(
    ("role", "reached"), [("subject", "subject"), ("derived", "subject"), ("mentioned", "mentioned")]
)
def test_a_region_counts_when_it_acts_or_when_a_member_is_the_subject(role: str, reached: str) -> None:
    tagged = story(subjects=(), regions=[RegionTag.model_validate({"id": "central-asia", "role": role})])
    assert matched(tagged) == {"region:central-asia": reached}


def test_one_target_counts_once_with_its_wider_role() -> None:
    regions = [RegionTag(id="central-asia", role="mentioned"), RegionTag(id="central-asia", role="derived")]
    assert matched(story(subjects=(), regions=regions)) == {"region:central-asia": "subject"}


def test_a_known_actor_reaches_its_followers_but_never_those_of_its_country() -> None:
    actors = [
        ActorTag(id="emomali-rahmon", name="Emomali Rahmon", kind="person", country="TJ"),
        ActorTag(name="Somebody Unknown", kind="person", country="KZ"),
    ]
    assert matched(story(subjects=(), actors=actors)) == {"actor:emomali-rahmon": "subject"}


@pytest.mark.parametrize(
    ("days_ago", "reached"),
    [(0, {"actor:now": "subject", "actor:kz-president": "subject"}), (1, {"actor:now": "subject"})],
)
def test_who_follows_an_office_hears_of_whoever_holds_it_on_the_day_of_the_story(
    days_ago: int, reached: dict[str, str]
) -> None:
    tagged = story(
        subjects=(),
        published_at=NOON - timedelta(days=days_ago),
        actors=[ActorTag(id="now", name="N", kind="person"), ActorTag(name="kz-president", kind="person")],
    )

    def offices_of(actor_id: str, day: date) -> list[str]:
        return ["kz-president"] if (actor_id, day) == ("now", NOON.date()) else []

    found = targets(tagged, NOON + timedelta(minutes=5), offices_of=offices_of)
    assert {match.target: match.role for match in found} == reached


def test_without_a_tag_nobody_is_alerted() -> None:
    assert matched(story(subjects=())) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "backfill"},
        {"origin": "replay"},
        {"revision": 1, "cluster": Cluster(id="s1", relation="revision")},
        {"published_at": NOON - timedelta(hours=49)},
        {"published_at": None, "first_seen_at": NOON - timedelta(hours=49)},
    ],
)
def test_what_is_no_news_alerts_nobody(changes: dict[str, object]) -> None:
    assert matched(story(**changes)) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"published_at": NOON - timedelta(hours=47)},
        {"published_at": None},
        {"published_at": NOON + timedelta(days=30)},
        {"cluster": Cluster(id="first", relation="same_report", matched="first")},
    ],
)
def test_what_is_news_alerts(changes: dict[str, object]) -> None:
    assert matched(story(**changes)) == {"country:KZ": "subject"}


def test_a_follow_is_honoured_in_its_role() -> None:
    matches = (
        Match("country:TJ", "subject"),
        Match("country:RU", "mentioned"),
        Match("region:ca", "subject"),
    )
    narrow = Follower("telegram:1", (Wish("country:TJ", "subject"), Wish("country:RU", "subject")))
    wide = Follower("telegram:2", (Wish("country:TJ", "mentioned"), Wish("country:RU", "mentioned")))
    outside = Follower("telegram:3", (Wish("country:RU", "subject"), Wish("country:JO", "mentioned")))
    assert reasons_of(narrow, matches, " ") == {"country:TJ": "subject"}
    assert reasons_of(wide, matches, " ") == {"country:TJ": "subject", "country:RU": "mentioned"}
    assert reasons_of(outside, matches, " ") == {}


def wishing(*wishes: tuple[str, FollowRole, Keywords]) -> Follower:
    return Follower("telegram:1", tuple(Wish(*each) for each in wishes))


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        (keywords(["uranium"]), True),
        (keywords(["uranium mine"]), True),
        (keywords(["gold"]), False),
        (keywords([], ["football"]), True),
        (keywords(["uranium"], ["miners"]), False),
    ],
)
def test_a_follow_with_words_hears_of_stories_with_these_words(words: Keywords, heard: bool) -> None:
    told = words_of_story(story(title="New uranium mines", text="Miners dig deeper."))
    follower = wishing(("country:KZ", "subject", words))
    reasons = reasons_of(follower, (Match("country:KZ", "subject"),), told)
    assert reasons == ({f"country:KZ {words}": "subject"} if heard else {})


def test_words_do_not_widen_the_role() -> None:
    told = words_of_story(story(title="Uranium"))
    follower = wishing(("country:KZ", "subject", keywords(["uranium"])))
    assert reasons_of(follower, (Match("country:KZ", "mentioned"),), told) == {}


def test_words_are_no_reason_where_all_stories_are_followed() -> None:
    told = words_of_story(story(title="Uranium"))
    follower = wishing(
        ("country:KZ", "subject", Keywords()),
        ("country:KZ", "mentioned", keywords(["uranium"])),
    )
    assert reasons_of(follower, (Match("country:KZ", "subject"),), told) == {"country:KZ": "subject"}
    assert reasons_of(follower, (Match("country:KZ", "mentioned"),), told) == {
        "country:KZ +uranium": "mentioned"
    }
