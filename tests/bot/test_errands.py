"""Whatever is typed behind a command, the answer is one, and its buttons fit."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.reader import TalkingReader
from services.bot.conversation.errands import ERRANDS
from services.bot.conversation.settings_shown import NAMES
from shared.clock import FixedClock

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
COMMANDS = [f"/{kind}" for kind in ERRANDS] + [f"/settings {name}" for name in NAMES]
_PIECES = st.sampled_from(
    [
        *"KZ Kazakhstan Казахстан central-asia Putin all + - +uranium -football +* 1d forever 22-7 hold 08:00".split(),
        *"mon daily 99999999999 off follow country:KZ mute * 2026-12-01 yes stop about 0 30d since 1990 🇰🇿 ＋".split(),
        '"+heavy water"',
        "\n",
    ]
)
_TAILS = st.lists(_PIECES, max_size=6).map(" ".join) | st.text(max_size=60)


@settings(deadline=None, max_examples=250)
@given(command=st.sampled_from(COMMANDS), tail=_TAILS, again=_TAILS)
async def test_any_argument_is_answered(command: str, tail: str, again: str) -> None:
    anna = TalkingReader(FixedClock(NOW), follow_limit=3)
    await anna.say("/follow KZ +gas")
    for text in (f"{command} {tail}", f"{command} {again}", command):
        reply = await anna.say(text, pressed=True)
        assert reply.data.get("error") not in {"internal", "unknown_command"}, text
        assert reply.plain.strip()
        assert all(len(button.action.encode()) <= 64 for row in reply.buttons for button in row)
        assert all(button.label.strip() for row in reply.buttons for button in row)


@pytest.mark.parametrize("command", COMMANDS)
async def test_every_errand_is_known_in_russian(command: str) -> None:
    anna = TalkingReader(FixedClock(NOW))
    assert (await anna.say(command, language="ru")).data["language"] == "ru"
