"""What an alert says."""

from fakes.stories import NOON, enriched_story
from services.bot.alerts.messages import HEADLINE_LIMIT, alert_message
from services.bot.alerts.port import Alert, AlertDue, AlertStory, Reasons

NAMES = {
    "country:KZ": ("🇰🇿", "Kazakhstan"),
    "country:RU": ("🇷🇺", "Russia"),
    "region:central-asia": ("🌏", "Central Asia"),
    "actor:who": ("", "World Health Organization"),
}


def message(reasons: Reasons, **changes: object) -> tuple[str, list[str], list[str]]:
    story = AlertStory.of(enriched_story(**changes))  # type: ignore[arg-type]  # any fields
    due = AlertDue(who="telegram:1", cluster=story.cluster, story_id=story.story_id)
    reply = alert_message(Alert(due, story, reasons, 1, 0), name_of=lambda target: NAMES[target])
    buttons = [button for row in reply.buttons for button in row]
    return reply.plain, [button.label for button in buttons], [button.action for button in buttons]


def test_an_alert_says_what_where_when_and_why() -> None:
    text, labels, actions = message({"country:KZ": "subject"}, published_at=NOON, headline="Dam opened")
    assert text == "🔔 🇰🇿 Dam opened\nThe Wire · 1 Mar 2026, 12:00 UTC\n\nYou follow Kazakhstan."
    assert labels == ["📖 Story", "🔕 Unfollow Kazakhstan"]
    assert actions == ["/story s1", "/unfollow Kazakhstan"]


def test_several_reasons_are_named_in_one_sentence() -> None:
    reasons: Reasons = {"country:RU": "mentioned", "region:central-asia": "subject", "country:KZ": "subject"}
    text, _labels, actions = message(reasons)
    assert text.endswith("You follow Kazakhstan, Central Asia and mentions of Russia.")
    assert len(actions) == 4


def test_an_undated_story_says_that_the_time_is_when_it_was_seen() -> None:
    assert "first seen 1 Mar 2026" in message({"country:KZ": "subject"}, published_at=None)[0]


def test_a_headline_of_any_length_makes_a_short_alert() -> None:
    text, _labels, _actions = message({"country:KZ": "subject"}, headline="word " * 2000)
    assert len(text) < HEADLINE_LIMIT + 200


def test_only_web_links_become_links() -> None:
    for url, linked in (("https://example.org/1", True), ("javascript:alert(1)", False), (None, False)):
        story = AlertStory.of(enriched_story(url=url))
        due = AlertDue(who="telegram:1", cluster="s1", story_id="s1")
        reply = alert_message(Alert(due, story, {"country:KZ": "subject"}, 1, 0), name_of=lambda t: NAMES[t])
        hrefs = [span.href for line in reply.blocks[0].lines for span in line if span.href]
        assert hrefs == ([url] if linked else [])


def test_a_button_that_telegram_would_refuse_is_left_out() -> None:
    _text, labels, _actions = message({"country:KZ": "subject"}, story_id="x" * 100)
    assert labels == ["🔕 Unfollow Kazakhstan"]
