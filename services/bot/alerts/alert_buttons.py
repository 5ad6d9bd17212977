"""The buttons under an alert. Each says a command that can be typed as well, in at most 64 bytes."""

from collections.abc import Callable, Iterable, Sequence

from services.bot.alerts.port import Alert
from services.bot.conversation.articles import the
from services.bot.conversation.messages import Button
from services.bot.conversation.texts import _
from services.bot.subscriptions import target_of, words_of

#: Telegram's limit for what a button sends, bytes in UTF-8.
ACTION_BYTES = 64
#: Follows with buttons of their own under one alert.
FOLLOWS_WITH_BUTTONS = 3
#: How long "for the night" is.
NIGHT = "8h"
#: Buttons with a number alone that stand in one row.
NUMBERS_IN_A_ROW = 5

_Names = Callable[[str], tuple[str, str]]
_Rows = tuple[tuple[Button, ...], ...]


def buttons_of(alert: Alert, name_of: _Names) -> _Rows:
    """Return the buttons of one alert: the story and why it came, resting, objecting, not following."""
    story_id = alert.story.story_id
    rows = [
        [Button(_("📖 Story"), f"/story {story_id}"), Button(_("❔ Why?"), f"/whyme {story_id}")],
        [*_resting(_country_of(alert), name_of), _snooze()],
    ]
    for key in sorted(alert.reasons)[:FOLLOWS_WITH_BUTTONS]:
        target = target_of(key)
        name = the(name_of(target)[1])
        objection = Button(_("👎 Not about {name}", name=name), f"/notabout {story_id} {term(target)}")
        unfollow = _unfollow(key, name)
        rows.append([unfollow] if target.startswith("actor:") else [objection, unfollow])
    return _fitting(rows)


def buttons_of_several(alerts: Sequence[Alert], name_of: _Names) -> _Rows:
    """Return the buttons of alerts in one message: a number for each story, then what rests or is left."""
    stories = [
        Button(f"📖 {number}", f"/story {alert.story.story_id}") for number, alert in enumerate(alerts, 1)
    ]
    rows = [stories[at : at + NUMBERS_IN_A_ROW] for at in range(0, len(stories), NUMBERS_IN_A_ROW)]
    countries = [code for alert in alerts for code in _country_of(alert)]
    rows.append([*_resting(countries[:1], name_of), _snooze()])
    keys = dict.fromkeys(key for alert in alerts for key in sorted(alert.reasons))
    rows += [[_unfollow(key, the(name_of(target_of(key))[1]))] for key in [*keys][:FOLLOWS_WITH_BUTTONS]]
    return _fitting(rows)


def term(target: str) -> str:
    """Write a target as commands take it: ``KZ``, ``central-asia``, ``actor:vladimir-putin``."""
    return target if target.startswith("actor:") else target.partition(":")[2]


def _unfollow(key: str, name: str) -> Button:
    """Offer to end one follow, by its words where it has some."""
    command = " ".join(part for part in ("/unfollow", term(target_of(key)), words_of(key)) if part)
    return Button(_("🔕 Unfollow {name}", name=f"{name} {words_of(key)}".rstrip()), command)


def _country_of(alert: Alert) -> Sequence[str]:
    """Return the country that a reader would let rest: one that is followed, else what the story is most about."""
    followed = {target_of(key).removeprefix("country:") for key in alert.reasons}
    return [*(code for code in alert.story.countries if code in followed), *alert.story.countries][:1]


def _resting(countries: Iterable[str], name_of: _Names) -> list[Button]:
    return [
        Button(_("🔇 {name}: 1 day", name=name_of(f"country:{code}")[1]), f"/mute {code} 1d")
        for code in countries
    ]


def _snooze() -> Button:
    return Button(_("🌙 Snooze all for 8 hours"), f"/snooze {NIGHT}")


def _fitting(rows: Iterable[Iterable[Button]]) -> _Rows:
    kept = (tuple(button for button in row if len(button.action.encode()) <= ACTION_BYTES) for row in rows)
    return tuple(row for row in kept if row)
