"""Everything that readers chose, as lines that can be kept, and taken in under another bot or on another server.

One JSON object a line for each recipient: what it follows, its preferences, whether it is suspended. What alerts were
sent is not in it: that belongs to the bot that sent them.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Literal, Protocol

from services.bot.keywords import split_words
from services.bot.preferences import Preferences, PreferencesStore
from services.bot.subscriptions import FollowRole, Subscriptions, key_of
from services.bot.suspensions import Suspensions
from shared.events import Message, Moment


class KeptFollow(Message):
    """One follow."""

    target: str
    role: FollowRole
    since: Moment
    words: str = ""
    """The words that narrow it, as they are typed."""


class Kept(Message):
    """All that is kept of one recipient's choices: a line of the file."""

    version: Literal[1] = 1
    who: str
    follows: tuple[KeptFollow, ...] = ()
    preferences: Preferences | None = None
    suspended: str | None = None
    """Why nothing may be sent to it for now; None when something may."""


class Recipients(Protocol):
    """Knows everybody of whom anything is kept."""

    def everybody(self) -> AsyncIterator[str]:
        """Yield every recipient, each once."""

    async def reasons(self, recipients: Sequence[str]) -> Sequence[str | None]:
        """Return why each recipient is suspended, None for those that are not."""


class Backup:
    """Writes and takes in the choices of all recipients."""

    def __init__(
        self,
        *,
        recipients: Recipients,
        subscriptions: Subscriptions,
        preferences: PreferencesStore,
        suspensions: Suspensions,
    ) -> None:
        self._recipients = recipients
        self._subscriptions = subscriptions
        self._preferences = preferences
        self._suspensions = suspensions

    async def lines(self) -> AsyncIterator[Kept]:
        """Yield everybody's choices, one recipient at a time."""
        async for who in self._recipients.everybody():
            follows = await self._subscriptions.following(who)
            chosen = (await self._preferences.among([who])).get(who)
            (suspended,) = await self._recipients.reasons([who])
            kept = [
                KeptFollow(target=each.target, role=each.role, since=each.since, words=str(each.words))
                for each in follows
            ]
            yield Kept(who=who, follows=tuple(kept), preferences=chosen, suspended=suspended)

    async def restore(self, kept: Kept) -> int:
        """Take one recipient's choices in. Return how many of its follows were not there yet.

        What is here already stays: a follow, and the preferences of who has some. Doing it again changes nothing.
        Somebody who has been back since then is not suspended anew.
        """
        here = {follow.key for follow in await self._subscriptions.following(kept.who)}
        new = 0
        for follow in kept.follows:
            words, _rest = split_words(follow.words)
            if key_of(follow.target, words) not in here:
                new += await self._subscriptions.follow(
                    kept.who, follow.target, follow.role, follow.since, words
                )
        if kept.preferences is not None and not await self._preferences.among([kept.who]):
            await self._preferences.change(kept.who, kept.preferences)
        if kept.suspended is not None and not here:
            await self._suspensions.suspend(kept.who, kept.suspended)
        return new
