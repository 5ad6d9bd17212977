"""One side of a conversation: somebody who types and presses, and what they follow and prefer."""

from typing import Any

from fakes.follows import MemorySubscriptions
from fakes.vocabulary import FakeActors, FakePlaces
from services.bot.conversation.core import Conversation
from services.bot.conversation.messages import Incoming, Reply
from services.bot.preferences import Preferences
from services.bot.preferences_local import LocalPreferences
from shared.clock import FixedClock


class NoStories:
    """An archive without a story."""

    async def latest(self, *_: Any, **__: Any) -> Any:
        from shared.archive.port import Page

        return Page()

    async def search(self, *_: Any, **__: Any) -> Any:
        from shared.archive.port import HitPage

        return HitPage()

    async def total(self, *_: Any, **__: Any) -> int:
        return 0

    async def counts(self, *_: Any, **__: Any) -> dict[str, int]:
        return {}

    async def get(self, _story_id: str) -> None:
        return None


class TalkingReader:
    """Anna, or whoever ``who`` is. ``options`` go to the conversation."""

    def __init__(
        self,
        clock: FixedClock,
        archive: Any = None,
        *,
        who: str = "telegram:1",
        places: Any = None,
        actors: Any = None,
        **options: Any,
    ) -> None:
        self.who = who
        self.clock = clock
        self.follows = MemorySubscriptions()
        self.preferences = LocalPreferences()
        self.conversation = Conversation(
            archive=archive or NoStories(),
            places=places or FakePlaces(),
            actors=actors or FakeActors(),
            subscriptions=self.follows,
            clock=clock,
            preferences=self.preferences,
            **options,
        )

    async def say(self, text: str, *, pressed: bool = False, **facts: Any) -> Reply:
        incoming = Incoming(who=self.who, text=text, at=self.clock.now(), pressed=pressed, **facts)
        return await self.conversation.handle(incoming)

    async def press(self, reply: Reply, label: str) -> Reply:
        """Press the button whose label begins so."""
        buttons = [button for row in reply.buttons for button in row if button.label.startswith(label)]
        return await self.say(buttons[0].action, pressed=True)

    async def followed(self) -> list[str]:
        """Return the keys of what is followed."""
        return [each.key for each in await self.follows.following(self.who)]

    async def preferred(self) -> Preferences:
        """Return the preferences."""
        return await self.preferences.get(self.who)


def labels(reply: Reply) -> list[str]:
    """Return the labels of all buttons."""
    return [button.label for row in reply.buttons for button in row]
