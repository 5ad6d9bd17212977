"""Settings of alerts that cannot be are refused, by name, before anything runs."""

import pytest
from pydantic import ValidationError

from services.bot.settings import BotSettings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("digest_at", "08:00+05:00"),
        ("alert_patience_seconds", 8 * 86400),
        ("alerts_in_flight", 0),
        ("alert_gather_seconds", 8 * 86400),
        ("send_rate", 0.5),
    ],
)
def test_what_cannot_be_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=name):
        BotSettings.model_validate({name: value})
