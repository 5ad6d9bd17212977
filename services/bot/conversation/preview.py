"""What a follow with words would have brought: the newest stories of its target, looked through."""

import asyncio
from dataclasses import dataclass

from services.bot.conversation.answers import filter_of
from services.bot.conversation.cleaning import clean, shorten
from services.bot.conversation.intents import Intent
from services.bot.conversation.ports import Desk
from services.bot.conversation.texts import _, plural
from services.bot.conversation.topics import Topic
from services.bot.keywords import Keywords, fold_words
from services.bot.subscriptions import FollowRole
from shared.archive.port import PAGE_LIMIT, ArchiveUnavailable
from shared.events import EnrichedStory

#: Headlines shown, and characters of each.
SHOWN = 3
HEADLINE = 90
#: Seconds that a preview may take: the follow is made already, and the answer should not wait for more.
PATIENCE = 3.0


@dataclass(frozen=True, slots=True)
class Preview:
    """How many stories were looked at, and the headlines of those that have the words, newest first."""

    looked_at: int
    headlines: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        """The preview in sentences."""
        if not self.looked_at:
            return [_("There is no story about it yet to try the words on.")]
        found = len(self.headlines)
        looked = plural("the newest story", "the newest {count} stories", self.looked_at)
        if not found:
            return [
                _("Of {looked} none would have come. You will hear of the first that fits.", looked=looked)
            ]
        heads = [f"· {shorten(clean(headline), HEADLINE)}" for headline in self.headlines[:SHOWN]]
        rest = [plural("· and {count} more", "· and {count} more", found - SHOWN)] if found > SHOWN else []
        count = plural("{count} would have come:", "{count} would have come:", found)
        return [_("Of {looked}, {count}", looked=looked, count=count), *heads, *rest]


async def preview(desk: Desk, topic: Topic, role: FollowRole, words: Keywords) -> Preview | None:
    """Look through the newest stories of a topic. None when the archive does not answer soon."""
    where = filter_of(desk, Intent("latest", topic), "subject" if role == "subject" else None)
    try:
        async with asyncio.timeout(PATIENCE):
            page = await desk.archive.latest(where, limit=PAGE_LIMIT, collapse=False)
    except (ArchiveUnavailable, TimeoutError):
        return None
    stories = [story for story in page.stories if role == "mentioned" or _is_about(story, topic)]
    # Any telling may be the one with the words, and an alert comes once for all of them.
    events = {story.cluster.id for story in stories}
    matching: dict[str, str] = {}
    for story in stories:
        if words.match(fold_words(story.title, story.text)):
            matching.setdefault(story.cluster.id, story.headline)
    return Preview(len(events), tuple(matching.values()))


def _is_about(story: EnrichedStory, topic: Topic) -> bool:
    """Say whether a story is about a region of the topic; the archive knows the difference for countries only."""
    regions = {place.id for place in topic.regions}
    return not regions or any(tag.id in regions and tag.role != "mentioned" for tag in story.regions)
