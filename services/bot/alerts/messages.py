"""What an alert looks like."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from services.bot.alerts.port import Alert, AlertStory, Reasons
from services.bot.conversation.messages import Block, Button, Reply, Span, line

#: Longer headlines are cut, in characters: an alert is a glance, the story is a button away.
HEADLINE_LIMIT = 400
#: Reasons and unfollow buttons named in one alert at most.
REASONS_SHOWN = 4

NameOf = Callable[[str], tuple[str, str]]
"""From a target (``country:KZ``) to its flag ("" when it has none) and its name, as ``TargetNames`` does."""


def alert_message(alert: Alert, *, name_of: NameOf) -> Reply:
    """Write an alert: the headline, where it comes from and when, and why this reader hears of it."""
    story = alert.story
    href = story.url if story.url and urlsplit(story.url).scheme in {"http", "https"} else None
    flags = "".join(name_of(f"country:{code}")[0] for code in story.countries[:REASONS_SHOWN])
    mark = "⭐ " if story.highlighted else ""
    headline = Span(_shortened(story.headline), bold=True, href=href)
    return Reply(
        blocks=(
            Block((line(f"🔔 {mark}{flags} ".replace("  ", " "), headline), line(_origin(story)))),
            Block((line(Span(_why(alert.reasons, name_of), italic=True)),)),
        ),
        buttons=_buttons(alert, name_of),
        data={"alert": _facts(alert)},
    )


def _shortened(text: str) -> str:
    return text if len(text) <= HEADLINE_LIMIT else f"{text[: HEADLINE_LIMIT - 1].rstrip()}…"


def _origin(story: AlertStory) -> str:
    seen = "first seen " if story.date_basis != "published" else ""
    return f"{story.source} · {seen}{_written(story.dated_at)}"


def _written(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y, %H:%M} UTC"


def _why(reasons: Reasons, name_of: NameOf) -> str:
    """Say "You follow Kazakhstan and mentions of Russia"."""
    names = [
        name_of(target)[1] if role == "subject" else f"mentions of {name_of(target)[1]}"
        for target, role in sorted(reasons.items(), key=lambda item: (item[1] != "subject", item[0]))
    ]
    shown, rest = names[:REASONS_SHOWN], len(names) - REASONS_SHOWN
    if rest > 0:
        shown.append(f"{rest} more")
    return f"You follow {', '.join(shown[:-1])} and {shown[-1]}." if shown[1:] else f"You follow {shown[0]}."


def _buttons(alert: Alert, name_of: NameOf) -> tuple[tuple[Button, ...], ...]:
    story = Button("📖 Story", f"/story {alert.story.story_id}")
    unfollow = [
        Button(f"🔕 Unfollow {name_of(target)[1]}", f"/unfollow {name_of(target)[1]}")
        for target in sorted(alert.reasons)[:REASONS_SHOWN]
    ]
    fitting = [button for button in (story, *unfollow) if len(button.action.encode()) <= 64]
    return tuple((button,) for button in fitting)


def _facts(alert: Alert) -> dict[str, object]:
    story = alert.story
    return {
        "story_id": story.story_id,
        "cluster": story.cluster,
        "headline": story.headline,
        "source": story.source,
        "url": story.url,
        "dated_at": story.dated_at.isoformat(),
        "date_basis": story.date_basis,
        "countries": list(story.countries),
        "reasons": dict(alert.reasons),
    }
