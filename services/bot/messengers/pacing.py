"""The pace of sending: the port that every send asks first, whatever process it is in."""

from datetime import datetime
from typing import Literal, Protocol

Lane = Literal["reply", "alert", "paid"]
"""A reply is waited for by somebody; an alert is not, and leaves replies their share.

With ``paid`` it leaves for money, out of the budget of the day, when the free rate has no room for it.
"""


class Pacing(Protocol):
    """One budget for everything that this bot sends, shared by all its processes."""

    async def admit(self, who: str, lane: Lane, at: datetime) -> float:
        """Return 0.0 when a message to ``who`` may leave now, and count it; else seconds to wait, nothing counted.

        Ask again after the wait: the place is not kept. Raises what the store raises.
        """

    async def refused(self, who: str, retry_after: float, at: datetime) -> None:
        """Take note of a 429: nothing for this chat for so many seconds, and slower for all if it was not the chat."""

    async def late(self, at: datetime) -> None:
        """Count a message once more that was long on its way: it may only just have been counted over there."""
