"""The commands beside asking and reading: which handler answers which kind of intent."""

from collections.abc import Awaitable, Callable, Mapping

from services.bot.conversation import (
    about_alerts,
    follow_list,
    following,
    leaving,
    portability,
    resting,
    settings,
    today,
    trend,
)
from services.bot.conversation.intents import Intent, IntentKind
from services.bot.conversation.messages import Incoming, Reply
from services.bot.conversation.ports import Desk

Handler = Callable[[Desk, Incoming, Intent], Awaitable[Reply]]
"""Answers an intent. It may raise ``ArchiveUnavailable``; any other exception is a fault of ours."""

ERRANDS: Mapping[IntentKind, Handler] = {
    "follow": following.follow,
    "unfollow": following.unfollow,
    "following": follow_list.following,
    "mute": resting.mute,
    "unmute": resting.unmute,
    "snooze": resting.snooze,
    "settings": settings.settings,
    "start": leaving.start,
    "stop": leaving.stop,
    "privacy": leaving.privacy,
    "forget": leaving.forget,
    "export": portability.export,
    "import": portability.import_,
    "trend": trend.trend,
    "today": today.today,
    "whyme": about_alerts.why_me,
    "notabout": about_alerts.not_about,
    "digest": about_alerts.digest,
}
