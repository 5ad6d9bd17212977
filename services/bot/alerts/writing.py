"""From due alerts to the message of one reader: in its language and zone, with all that is known by now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from services.bot.alerts.kindness import DEFAULTS, Defaults, zone_of
from services.bot.alerts.messages import NameOf, alert_message, burst_message, update_line
from services.bot.alerts.port import Alert
from services.bot.alerts.telling import Retold, Since, since
from services.bot.conversation.messages import Reply
from services.bot.conversation.texts import DEFAULT, Speaker, known_language
from services.bot.conversation.texts import speaking as speak
from services.bot.preferences import Preferences


class Told(Protocol):
    """Knows which clusters were told again."""

    async def of(self, clusters: Sequence[str]) -> Mapping[str, Retold]:
        """Return those of the clusters that were told again, with all their tellings."""

    async def show(self, retold: Retold, who: str) -> None:
        """Note that a recipient's message shows this, or will when it is sent."""


class AlertWriter:
    """Writes what readers are sent. ``name_of`` names targets in the language spoken."""

    def __init__(self, *, name_of: NameOf, tellings: Told, defaults: Defaults = DEFAULTS) -> None:
        self._name_of = name_of
        self._tellings = tellings
        self._defaults = defaults

    async def write(self, alerts: Sequence[Alert], preferences: Preferences) -> Reply:
        """Write the message of one alert, or of several that come together. Raises what the store raises."""
        told = await self._tellings.of([alert.story.cluster for alert in alerts])
        for alert in alerts:
            if alert.story.cluster in told:
                await self._tellings.show(told[alert.story.cluster], alert.due.who)

        def known(alert: Alert) -> Since:
            return since(alert.story, told.get(alert.story.cluster))

        with speak(speaker_of(preferences, self._defaults)):
            if len(alerts) > 1:
                return burst_message(alerts, name_of=self._name_of, since=known)
            message = alert_message(alerts[0], name_of=self._name_of, since=known(alerts[0]))
            return replace(message, preview=preferences.previews)

    def rewrite(
        self, alerts: Sequence[Alert], cluster: str, told: Mapping[str, Retold], preferences: Preferences
    ) -> Reply | None:
        """Write what the message of alerts should say now that one cluster of them was told again.

        None when it says everything already. The toast is what is new in one line, for transports that cannot change
        a message.
        """
        known = {alert.story.cluster: since(alert.story, told.get(alert.story.cluster)) for alert in alerts}
        changed = next((alert for alert in alerts if alert.story.cluster == cluster), None)
        if changed is None or not known[cluster]:
            return None
        with speak(speaker_of(preferences, self._defaults)):
            alone = alert_message(changed, name_of=self._name_of, since=known[cluster])
            message = replace(alone, preview=preferences.previews)
            if len(alerts) > 1:
                message = burst_message(
                    alerts, name_of=self._name_of, since=lambda alert: known[alert.story.cluster]
                )
            return replace(
                message, toast=update_line(changed, known[cluster]), data={"update": alone.data["alert"]}
            )


def speaker_of(preferences: Preferences, defaults: Defaults = DEFAULTS) -> Speaker:
    """Return how to speak to a reader who did not just ask something."""
    language = known_language(preferences.language) or known_language(preferences.spoken) or DEFAULT
    return Speaker(language, zone_of(preferences, defaults))
