"""What the bot reads from the environment beside the shared settings."""

from datetime import time
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from shared.settings import Settings, Url


def _on_the_wall(at: time) -> time:
    if at.tzinfo is not None:
        raise ValueError("a time of day without an offset: it is that of each reader")
    return at


class BotSettings(Settings):
    """The environment of the bot."""

    telegram_webhook_url: Url | None = None
    """The public HTTPS address that Telegram sends updates to; unset, they are polled."""
    telegram_webhook_secret: SecretStr | None = None
    """What Telegram sends along, so that nobody else can; unset, one that follows from the bot's token."""
    telegram_updates_waiting: int = Field(default=10_000, ge=1)
    """Updates that may wait for an answer before no more are taken from Telegram, which keeps them for a day."""
    alert_trust_seconds: float = Field(default=45.0, gt=0)
    """How long a sender that took an alert is trusted to be alive; longer than any one send may take."""
    alert_policy: Literal["resend", "skip"] = "resend"
    """What to do with an alert whose sender was killed while sending: send it once more, silently, or never again."""
    alert_patience_seconds: float = Field(default=7200.0, gt=0, le=5 * 86400)
    """An alert that could not be sent for so long waits for its reader's next digest."""
    alerts_in_flight: int = Field(default=5, ge=1, le=100)
    """Messages that one process has on the way at once; as many may be repeated when it is killed."""
    alerts_per_follow_and_day: int = Field(default=30, ge=0)
    """Alerts for one follow of one reader on one day, unless the reader chose; the rest waits for the digest."""
    follows_per_chat: int = Field(default=100, ge=1)
    """Follows that one chat on Telegram can have."""
    alert_gather_seconds: float = Field(default=20.0, ge=0, le=3600)
    """How long later tellings of an event are gathered before they change the messages about it."""
    digest_at: Annotated[time, AfterValidator(_on_the_wall)] = time(8)
    """When what waits for a digest reaches readers without a digest of their own, in their local time."""
    send_rate: float = Field(default=30.0, ge=1, le=10_000)
    """Messages a second to Telegram, from all processes together."""
    send_rate_chat: float = Field(default=1.0, gt=0)
    """Messages a second in one chat; three at once after a rest."""
    send_rate_group: float = Field(default=20.0, ge=1)
    """Messages a minute in one group."""
    paid_messages_per_day: int = Field(default=0, ge=0)
    """Alerts a day (UTC) that may leave for Telegram Stars when the free rate is used up; 0 for none."""
