"""What readers ask and say about their alerts, typed or pressed."""

from collections.abc import Sequence
from typing import Any

import pytest

from fakes.reader import TalkingReader, labels
from fakes.stories import NOON, enriched_story
from services.bot.alerts.messages import alert_message
from services.bot.alerts.port import Alert, AlertDue, AlertStory
from services.bot.conversation.messages import Reply, block
from services.bot.keywords import split_words
from services.bot.preferences import EVERYTHING
from services.bot.reviews import LocalReviews
from services.bot.subscriptions import FollowRole, read_key
from shared.clock import FixedClock
from shared.events import ActorTag, CountryTag, EnrichedStory, Evidence, RegionTag
from shared.places import load_places

TEXT = "Astana and Moscow have signed a treaty on water."


def words(text: str, kind: str) -> Evidence:
    start = TEXT.index(text)
    return Evidence(field="text", start=start, end=start + len(text), text=text, kind=kind)


STORY = enriched_story(
    text=TEXT,
    headline="A treaty on water",
    countries=[
        CountryTag(code="KZ", role="subject", salience=0.8, evidence=[words("Astana", "capital")]),
        CountryTag(code="RU", role="mentioned", salience=0.2, evidence=[words("Moscow", "capital")]),
    ],
    regions=[RegionTag(id="central-asia", role="derived")],
    actors=[
        ActorTag(
            id="kassym-jomart-tokayev", name="Tokayev", kind="person", evidence=[words("Astana", "metonym")]
        )
    ],
)


class OneStory:
    """An archive with one story."""

    async def get(self, story_id: str) -> EnrichedStory | None:
        return STORY if story_id == STORY.story_id else None

    async def cluster(self, *_: Any, **__: Any) -> list[EnrichedStory]:
        return [STORY]

    async def clusters(self, cluster_ids: Sequence[str]) -> dict[str, list[EnrichedStory]]:
        return {cluster_id: [STORY] for cluster_id in cluster_ids}


class Waiting:
    """A digest that waits for one taking."""

    def __init__(self) -> None:
        self.left = [Reply((block("Your digest"),))]

    async def take(self, who: str, question: str = "") -> Reply | None:
        return self.left.pop() if self.left else None


@pytest.fixture
def anna() -> TalkingReader:
    return TalkingReader(
        FixedClock(NOON), OneStory(), places=load_places(), reviews=LocalReviews(), digests=Waiting()
    )


async def follow(anna: TalkingReader, target: str, *, mentions: bool = False, narrowed: str = "") -> None:
    await anna.follows.follow(
        anna.who, target, "mentioned" if mentions else "subject", NOON, split_words(narrowed)[0]
    )


async def test_an_alert_is_explained_by_the_follow_and_the_words_it_rests_on(anna: TalkingReader) -> None:
    await follow(anna, "country:KZ")
    reply = await anna.say("/whyme s1")
    assert reply.plain == (
        "A treaty on water\n\n"
        "You have followed Kazakhstan since 1 Mar 2026, and the story is about it: “Astana” (city)."
    )
    assert reply.data["reasons"] == [{"follow": "country:KZ", "role": "subject"}]


async def test_a_region_is_explained_by_its_countries(anna: TalkingReader) -> None:
    await follow(anna, "region:central-asia")
    assert (
        "Central Asia since 1 Mar 2026, and the story is about it: Kazakhstan, “Astana” (city)."
        in (await anna.say("/whyme s1")).plain
    )


async def test_mentions_and_words_are_explained(anna: TalkingReader) -> None:
    await follow(anna, "country:RU", mentions=True, narrowed="+water")
    assert (
        "You have followed mentions of Russia since 1 Mar 2026 (+water): “Moscow” (city)."
        in (await anna.say("/whyme s1")).plain
    )


async def test_a_follow_that_is_not_wide_enough_is_no_reason(anna: TalkingReader) -> None:
    await follow(anna, "country:RU")
    reply = await anna.say("/whyme s1")
    assert reply.data["reasons"] == []
    assert "You do not follow anything" in reply.plain


async def test_it_is_explained_in_the_readers_language(anna: TalkingReader) -> None:
    await follow(anna, "country:KZ")
    reply = await anna.say("/whyme s1", language="ru")
    assert "Ваша подписка — Казахстан" in reply.plain
    assert "📖 Новость" in labels(reply)


async def test_an_objection_goes_into_the_review_list_once_for_each_person(anna: TalkingReader) -> None:
    first = await anna.say("/notabout s1 KZ", pressed=True)
    again = await anna.say("/notabout s1 KZ", pressed=True)
    other = await anna.say("/notabout s1 KZ", author="2", group=True)
    (review,) = await anna.conversation._desk.reviews.list()
    assert "not about Kazakhstan" in first.plain
    assert first.toast
    assert "already" in again.plain
    assert "not about Kazakhstan" in other.plain
    assert (review.objection.id, review.objection.target, len(review.voters)) == ("s1/KZ", "country:KZ", 2)
    assert review.objection.evidence == "“Astana” (city)"


@pytest.mark.parametrize(
    "said", ["/notabout s1 JO", "/notabout s1 nowhere", "/notabout s1", "/notabout", "/notabout s9 KZ"]
)
async def test_an_objection_to_what_is_not_said_is_refused(anna: TalkingReader, said: str) -> None:
    reply = await anna.say(said)
    assert reply.data["error"] == "not_found"
    assert await anna.conversation._desk.reviews.list() == []


@pytest.mark.parametrize("said", ["/whyme", "/whyme s9"])
async def test_a_story_that_is_not_known_is_said_to_be_so(anna: TalkingReader, said: str) -> None:
    assert (await anna.say(said)).data["error"] == "not_found"


async def test_what_waits_for_the_digest_can_be_asked_for(anna: TalkingReader) -> None:
    assert (await anna.say("/digest")).plain == "Your digest"
    assert "Nothing waits" in (await anna.say("/digest")).plain


@pytest.mark.parametrize(
    ("reasons", "understood"),
    [
        ({"country:KZ": "subject"}, 6),
        ({"country:KZ +water -football": "subject", "region:central-asia": "subject"}, 8),
        ({"actor:vladimir-putin": "subject"}, 5),
    ],
)
async def test_every_button_under_an_alert_is_a_command_that_is_understood(
    anna: TalkingReader, reasons: dict[str, FollowRole], understood: int
) -> None:
    for key, role in reasons.items():
        target, words_asked = read_key(key)
        await anna.follows.follow(anna.who, target, role, NOON, words_asked)
    alert = Alert(AlertDue(anna.who, "s1", "s1"), AlertStory.of(STORY), reasons, 1, 0)
    message = alert_message(alert, name_of=lambda target: ("", target))
    buttons = [button for row in message.buttons for button in row]
    replies = [await anna.say(button.action, pressed=True) for button in buttons]
    assert [reply.data for reply in replies if "error" in reply.data] == []
    assert len(replies) == understood
    assert await anna.followed() == []
    assert set((await anna.preferred()).muted) == {"country:KZ", EVERYTHING}
