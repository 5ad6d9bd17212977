"""Following with and without words: what is kept, what is tried first, and what is refused."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from fakes.reader import TalkingReader, labels
from fakes.stories import NOON, enriched_story
from services.bot.conversation.messages import Reply
from shared.archive.port import ArchiveUnavailable
from shared.archive.sqlite import SqliteArchive
from shared.clock import FixedClock
from shared.events import CountryTag, RegionTag

TITLES = ("Uranium mines reopen", "Football final tonight", "Uranium football club", "Snow on the roads")


class Nobody:
    """Permissions that let one author change things."""

    async def may_change(self, who: str, author: str | None) -> bool:
        return author == "chief"


class Away:
    """An archive that cannot be reached."""

    async def latest(self, *_: object, **__: object) -> None:
        raise ArchiveUnavailable("away")


@pytest.fixture
async def anna(tmp_path: Path) -> AsyncIterator[TalkingReader]:
    archive = SqliteArchive(tmp_path / "stories.db")
    await archive.setup()
    stories = [
        enriched_story(
            f"kz{number}", title=title, headline=title, published_at=NOON - timedelta(hours=number)
        )
        for number, title in enumerate(TITLES)
    ]
    named = [CountryTag(code="KZ", role="mentioned", salience=0.1)]
    stories.append(enriched_story("named", title="Uranium elsewhere", countries=named, published_at=NOON))
    regions = [RegionTag(id="central-asia", role=role) for role in ("mentioned",)]
    stories.append(enriched_story("region", subjects=(), title="Uranium of the region", regions=regions))
    await archive.put(stories)
    await archive.refresh()
    yield TalkingReader(FixedClock(NOON + timedelta(minutes=5)), archive)
    await archive.close()


def only() -> TalkingReader:
    """Return a reader over an empty archive."""
    return TalkingReader(FixedClock(NOON))


async def test_words_are_kept_and_tried_on_the_newest_stories(anna: TalkingReader) -> None:
    reply = await anna.say("/follow Kazakhstan +uranium -football")
    assert await anna.followed() == ["country:KZ +uranium -football"]
    assert "Of the newest 4 stories, 1 would have come:\n· Uranium mines reopen" in reply.plain
    assert reply.data["words"] == "+uranium -football"


async def test_a_follow_of_mentions_is_tried_on_mentions(anna: TalkingReader) -> None:
    reply = await anna.say("/follow Kazakhstan all +uranium")
    assert "Of the newest 5 stories, 3 would have come:" in reply.plain


async def test_a_region_is_tried_on_what_is_about_it(anna: TalkingReader) -> None:
    assert "no story about it yet" in (await anna.say("/follow Central Asia +uranium")).plain
    assert "1 would have come" in (await anna.say("/follow Central Asia all +uranium")).plain


async def test_only_some_headlines_are_shown() -> None:
    class Many:
        async def latest(self, *_: object, **__: object) -> object:
            from shared.archive.port import Page

            return Page([enriched_story(f"s{n}", title="Gas", headline=f"Gas {n}") for n in range(9)])

    reply = await TalkingReader(FixedClock(NOON), Many()).say("/follow KZ +gas")
    assert reply.plain.endswith("· Gas 0\n· Gas 1\n· Gas 2\n· and 6 more")


async def test_the_follow_holds_while_the_archive_is_away() -> None:
    anna = TalkingReader(FixedClock(NOON), Away())
    reply = await anna.say("/follow KZ +gas")
    assert await anna.followed() == ["country:KZ +gas"]
    assert "can't be reached" in reply.plain


async def test_words_beside_a_name_narrow_the_follow(anna: TalkingReader) -> None:
    await anna.say("follow uranium in Kazakhstan")
    await anna.say('follow "gas pipeline" in Uzbekistan')
    await anna.say("follow Tajikistan but not football and hockey")
    await anna.say("следи за Казахстаном, только уран, без футбола")
    assert await anna.followed() == [
        "country:KZ +uranium",
        'country:UZ "+gas pipeline"',
        "country:TJ -football -hockey",
        "country:KZ +уран -футбола",
    ]


async def test_a_misspelt_name_is_no_word(anna: TalkingReader) -> None:
    reply = await anna.say("follow Kazakhstan and Uzbekistn")
    assert await anna.followed() == ["country:KZ"]
    await anna.press(reply, "Follow Uzbekistan")
    assert await anna.followed() == ["country:KZ", "country:UZ"]


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("/follow KZ +ura.*", "bad_words"),
        ("/follow KZ +uranium -uranium", "bad_words"),
        (f"/follow KZ {' '.join(f'+word{number}' for number in range(11))}", "bad_words"),
        ("/follow +uranium", "incomplete"),
    ],
)
async def test_what_cannot_be_followed_is_said_and_not_kept(said: str, error: str) -> None:
    anna = only()
    assert (await anna.say(said)).data["error"] == error
    assert await anna.followed() == []


async def test_words_beside_a_follow_of_everything_are_said_to_be_idle() -> None:
    anna = only()
    await anna.say("/follow KZ")
    reply = await anna.say("/follow KZ +uranium")
    assert "the words change nothing" in reply.plain
    assert "change nothing" not in (await anna.say("/follow KZ all +gas")).plain
    await anna.press(reply, "Only with the words")
    assert await anna.followed() == ["country:KZ +uranium", "country:KZ +gas"]


async def test_words_alone_can_be_left_out(anna: TalkingReader) -> None:
    reply = await anna.say("/follow Kazakhstan -football")
    assert "Of the newest 4 stories, 2 would have come:" in reply.plain


async def test_who_stopped_is_reminded_of_it() -> None:
    anna = only()
    await anna.say("/stop")
    assert "/start lets them come again" in (await anna.say("/follow KZ")).plain


async def test_one_of_several_follows_can_be_left() -> None:
    anna = only()
    for said in ("/follow KZ", "/follow KZ +gas", "/follow KZ +uranium"):
        await anna.say(said)
    reply = await anna.say("/unfollow Kazakhstan +gas")
    assert reply.data["unfollowed"] == ["country:KZ +gas"]
    assert await anna.followed() == ["country:KZ", "country:KZ +uranium"]
    assert "did not follow Kazakhstan +gas" in (await anna.say("/unfollow KZ +gas")).plain
    await anna.say("/unfollow Kazakhstan")
    assert await anna.followed() == []


async def test_leaving_can_be_undone_with_words_and_role() -> None:
    anna = only()
    await anna.say("/follow KZ all +gas")
    await anna.press(await anna.say("/unfollow KZ"), "Follow Kazakhstan +gas again")
    (follow,) = await anna.follows.following(anna.who)
    assert (follow.key, follow.role) == ("country:KZ +gas", "mentioned")


async def test_the_number_of_follows_is_limited() -> None:
    anna = TalkingReader(FixedClock(NOON), follow_limit=2)
    await anna.say("/follow KZ")
    reply = await anna.say("/follow UZ and TJ")
    assert await anna.followed() == ["country:KZ", "country:UZ"]
    assert "You follow 2 things, which is the most here" in reply.plain
    assert (await anna.say("/follow KZ all")).data["already"] == ["country:KZ"]


async def test_the_list_has_pages_and_buttons_that_stay_on_their_page() -> None:
    anna = only()
    for number in range(10):
        await anna.say(f"/follow KZ +word{number}")
    first = await anna.say("/following")
    assert not first.replaces
    assert "Page 1 of 2" in first.plain
    second = await anna.press(first, "More")
    assert second.replaces
    assert "KZ" in labels(second)[0]
    wider = await anna.press(second, "KZ +word8: every mention")
    assert "Page 2 of 2" in wider.plain
    assert "+word8 (every mention)" in wider.plain
    narrow = await anna.press(wider, "KZ +word8: only about it")
    assert "every mention" not in narrow.plain
    await anna.press(narrow, "Stop KZ +word8")
    rest = await anna.press(narrow, "Stop KZ +word9")
    assert rest.replaces
    assert "You follow 8 things" in rest.plain
    assert "any more" in (await anna.press(narrow, "Stop KZ +word9")).plain


async def test_the_last_page_is_left_when_it_empties() -> None:
    anna = only()
    await anna.say("/follow KZ")
    assert "You follow 1 thing:" in (await anna.say("/following 7")).plain
    gone = await anna.press(await anna.say("/following"), "Stop Kazakhstan")
    assert "You follow nothing yet" in gone.plain


@pytest.mark.parametrize(
    "said",
    ["/follow UZ", "/unfollow KZ", "/following 1 stop KZ", "/forget yes", "/stop", "/settings zone Almaty",
     "/mute KZ", "/snooze", "/import\nfollow country:UZ", "unfollow all"],
)  # fmt: skip
async def test_in_a_group_only_who_may_changes_anything(said: str) -> None:
    group = TalkingReader(FixedClock(NOON), who="telegram:-100", permissions=Nobody())
    await group.say("/follow KZ", author="chief", group=True)
    before = await group.preferred()
    reply = await group.say(said, author="somebody", group=True)
    assert reply.data["error"] == "not_allowed"
    assert "administrators" in reply.plain
    assert await group.followed() == ["country:KZ"]
    assert await group.preferred() == before


@pytest.mark.parametrize(
    "said", ["/following", "/settings", "/settings quiet", "/privacy", "/export", "/start", "/unmute"]
)
async def test_in_a_group_everybody_may_look(said: str) -> None:
    group = TalkingReader(FixedClock(NOON), who="telegram:-100", permissions=Nobody())
    await group.say("/follow KZ", author="chief", group=True)
    assert "error" not in (await group.say(said, author="somebody", group=True)).data


async def test_a_link_follows_places_regions_and_actors() -> None:
    anna = only()
    for payload in ("follow_KZ", "follow_central-asia", "follow_actor-vladimir-putin", "follow_KZ"):
        reply: Reply = await anna.say(f"/start {payload}")
        assert "error" not in reply.data
    assert sorted(await anna.followed()) == ["actor:vladimir-putin", "country:KZ", "region:central-asia"]


async def test_russian_readers_are_answered_in_russian(anna: TalkingReader) -> None:
    reply = await anna.say("подпишись на Казахстан +uranium -футбол")
    assert reply.plain.startswith("Вы подписались: Казахстан +uranium -футбол.")
    assert "Из последних 4 новостей 2 пришли бы сюда:" in reply.plain
    assert "Мои подписки" in labels(reply)
