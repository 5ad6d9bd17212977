"""What an alert says."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from fakes.stories import NOON, enriched_story
from services.bot.alerts.messages import HEADLINE_LIMIT, alert_message, burst_message, update_line
from services.bot.alerts.outbox import TOGETHER
from services.bot.alerts.port import Alert, AlertDue, AlertStory, Reasons
from services.bot.alerts.telling import NOTHING_SINCE, Retold, Since, Telling, since
from services.bot.conversation.messages import Reply
from services.bot.conversation.texts import Speaker, speaking
from services.bot.messengers.telegram.render import render

NAMES = {
    "country:KZ": ("🇰🇿", "Kazakhstan"),
    "country:RU": ("🇷🇺", "Russia"),
    "region:central-asia": ("🌏", "Central Asia"),
    "actor:who": ("", "World Health Organization"),
}


def row(reasons: Reasons, **changes: object) -> Alert:
    story = AlertStory.of(enriched_story(**changes))  # type: ignore[arg-type]  # any fields
    due = AlertDue(who="telegram:1", cluster=story.cluster, story_id=story.story_id)
    return Alert(due, story, reasons, 1, 0)


def written(alert: Alert, known: Since = NOTHING_SINCE) -> Reply:
    return alert_message(alert, name_of=NAMES.__getitem__, since=known)


def message(reasons: Reasons, **changes: object) -> tuple[str, list[str], list[str]]:
    reply = written(row(reasons, **changes))
    buttons = [button for each in reply.buttons for button in each]
    return reply.plain, [button.label for button in buttons], [button.action for button in buttons]


def telling(story_id: str, source: str, **changes: object) -> Telling:
    facts: dict[str, object] = {"headline": "Dam opened", "at": NOON, **changes}
    return Telling(story_id=story_id, source=source, **facts)  # type: ignore[arg-type]  # any fields


def retold(*tellings: Telling) -> Retold:
    return Retold("s1", len(tellings), tellings)


def test_an_alert_says_what_where_when_and_why() -> None:
    text, labels, actions = message({"country:KZ": "subject"}, published_at=NOON, headline="Dam opened")
    assert text == "🔔 🇰🇿 Dam opened\nThe Wire · 1 Mar 2026, 12:00 UTC\n\nYou follow Kazakhstan."
    assert labels == [
        "📖 Story", "❔ Why?", "🔇 Kazakhstan: 1 day", "🌙 Snooze all for 8 hours", "👎 Not about Kazakhstan",
        "🔕 Unfollow Kazakhstan",
    ]  # fmt: skip
    assert actions == [
        "/story s1", "/whyme s1", "/mute KZ 1d", "/snooze 8h", "/notabout s1 KZ", "/unfollow KZ",
    ]  # fmt: skip


def test_an_alert_speaks_the_readers_language_in_the_readers_zone() -> None:
    with speaking(Speaker("ru", ZoneInfo("Asia/Almaty"))):
        text, labels, _actions = message({"country:KZ": "subject"}, published_at=NOON, headline="Dam opened")
    assert "17:00" in text
    assert "Ваша подписка: Kazakhstan." in text
    assert "❔ Почему?" in labels


def test_several_reasons_are_named_in_one_sentence() -> None:
    reasons: Reasons = {"country:RU": "mentioned", "region:central-asia": "subject", "country:KZ": "subject"}
    text, _labels, actions = message(reasons)
    assert text.endswith("You follow Kazakhstan, Central Asia and mentions of Russia.")
    assert {"/unfollow KZ", "/unfollow RU", "/unfollow central-asia"} <= set(actions)


def test_the_country_to_let_rest_is_one_that_is_followed() -> None:
    assert "/mute KZ 1d" in message({"country:KZ": "subject"}, subjects=("RU", "KZ"))[2]
    assert "/mute RU 1d" in message({"region:central-asia": "subject"}, subjects=("RU", "KZ"))[2]


def test_the_words_of_a_follow_are_named_and_only_it_is_ended() -> None:
    text, _labels, actions = message({"country:KZ +uranium": "subject"})
    assert text.endswith("You follow Kazakhstan (+uranium).")
    assert "/unfollow KZ +uranium" in actions


def test_nobody_is_asked_whether_a_story_is_about_an_actor() -> None:
    _text, _labels, actions = message({"actor:who": "subject"})
    assert "/unfollow actor:who" in actions
    assert not [action for action in actions if action.startswith("/notabout")]


def test_an_undated_story_says_that_the_time_is_when_it_was_seen() -> None:
    assert "first seen 1 Mar 2026" in message({"country:KZ": "subject"}, published_at=None)[0]


def test_a_headline_of_any_length_makes_a_short_alert() -> None:
    text, _labels, _actions = message({"country:KZ": "subject"}, headline="word " * 2000)
    assert len(text) < HEADLINE_LIMIT + 200


@pytest.mark.parametrize(
    ("url", "linked"), [("https://example.org/1", True), ("javascript:alert(1)", False), (None, False)]
)
def test_only_web_links_become_links(url: str | None, linked: bool) -> None:
    reply = written(row({"country:KZ": "subject"}, url=url))
    hrefs = [span.href for line in reply.blocks[0].lines for span in line if span.href]
    assert hrefs == ([url] if linked else [])


def test_a_button_that_telegram_would_refuse_is_left_out() -> None:
    _text, _labels, actions = message({"country:KZ": "subject"}, story_id="x" * 100)
    assert actions == ["/mute KZ 1d", "/snooze 8h", "/unfollow KZ"]


def test_who_told_it_too_is_said_in_the_same_message() -> None:
    alert = row({"country:KZ": "subject"}, published_at=NOON, headline="Dam opened")
    tellings = [
        telling("s2", "Herald", at=NOON + timedelta(minutes=20)),
        telling("s3", "Post"),
        telling("s4", "Post"),
    ]
    known = since(alert.story, retold(*tellings))
    assert "+2 sources: Post, Herald · updated 1 Mar 2026, 12:20 UTC" in written(alert, known).plain
    assert update_line(alert, known).startswith("↻ +2 sources: Post, Herald")


def test_the_source_itself_telling_it_again_is_no_other_source() -> None:
    alert = row({"country:KZ": "subject"})
    again = since(alert.story, retold(telling("s2", "The Wire"), telling("s1", "The Wire")))
    assert (again.sources, again.again) == ((), 1)
    assert not since(alert.story, retold(telling("s1", "The Wire")))


def test_a_story_that_its_source_changed_is_told_as_it_stands_now() -> None:
    alert = row({"country:KZ": "subject"}, headline="12 hurt")
    changed = telling("s1", "The Wire", headline="15 hurt", change="numbers", revision=1)
    text = written(alert, since(alert.story, retold(changed))).plain
    assert "15 hurt" in text
    assert "12 hurt" not in text
    assert "other numbers now" in text


def test_several_alerts_in_one_message_tell_each_story_once_and_every_reason() -> None:
    rows = [
        row({"country:KZ": "subject"}, story_id="s1", headline="Dam opened"),
        row({"country:RU": "subject"}, story_id="s2", subjects=("RU",), headline="Bridge closed"),
    ]
    reply = burst_message(rows, name_of=NAMES.__getitem__)
    assert reply.plain.startswith("🔔 2 new stories")
    assert "1. 🇰🇿 Dam opened" in reply.plain
    assert "2. 🇷🇺 Bridge closed" in reply.plain
    assert reply.plain.endswith("You follow Kazakhstan and Russia.")
    actions = [button.action for each in reply.buttons for button in each]
    assert actions == ["/story s1", "/story s2", "/mute KZ 1d", "/snooze 8h", "/unfollow KZ", "/unfollow RU"]


def test_a_message_of_as_many_alerts_as_can_be_is_still_one_when_all_were_told_again() -> None:
    rows = [
        row(
            {"country:KZ": "subject"}, story_id=f"s{number}", highlighted=True,
            headline="Длинный заголовок о трубопроводе " * 12, subjects=("KZ", "RU"),
        )
        for number in range(TOGETHER[1])
    ]  # fmt: skip
    known = Since(
        sources=tuple(f"The Very Long Name of Newspaper Number {number}" for number in range(12)),
        again=12,
        revised=Telling(
            story_id="s", source="x", headline="Другой заголовок " * 30, at=NOON, change="headline"
        ),
        updated=NOON,
    )
    reply = burst_message(rows, name_of=NAMES.__getitem__, since=lambda _alert: known)
    assert reply.plain.count("+12 sources") == TOGETHER[1]
    assert len(render(reply)) == 1
