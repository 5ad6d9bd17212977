"""What the bot reads from the environment beside the shared settings."""

from typing import Literal

from pydantic import Field

from shared.settings import Settings


class BotSettings(Settings):
    """The environment of the bot."""

    alert_trust_seconds: float = Field(default=45.0, gt=0)
    """How long a sender that took an alert is trusted to be alive; longer than any one send may take."""
    alert_policy: Literal["resend", "skip"] = "resend"
    """What to do with an alert whose sender was killed while sending: send it once more, silently, or never again."""
