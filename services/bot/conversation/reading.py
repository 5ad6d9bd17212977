"""One story: its page, and why it has its tags."""

from dataclasses import replace

from services.bot.conversation import notices
from services.bot.conversation.answers import tell, view_of
from services.bot.conversation.intents import Intent
from services.bot.conversation.messages import Reply
from services.bot.conversation.ports import Desk
from services.bot.conversation.replies import evidence_page, story_page
from shared.events import EnrichedStory


async def story(desk: Desk, who: str, intent: Intent) -> Reply:
    """Show the page of a story."""
    found = await find_story(desk, who, intent.words)
    if found is None:
        return await _which(desk, who, intent)
    (told,) = await tell(desk, [found])
    page = story_page(told, view_of(desk), desk.actors.get)
    return replace(page, preview=(await desk.preferences.get(who)).previews)


async def why(desk: Desk, who: str, intent: Intent) -> Reply:
    """Show what the tags of a story rest on."""
    found = await find_story(desk, who, intent.words)
    if found is None:
        return await _which(desk, who, intent)
    return evidence_page(found, view_of(desk))


async def _which(desk: Desk, who: str, intent: Intent) -> Reply:
    """Answer a reference that names no story: with a button for each story of the last list, where there is one."""
    shown = (await desk.recall.last(who)).stories
    return notices.no_such_story(intent.words, intent.kind, shown)


async def find_story(desk: Desk, who: str, reference: str) -> EnrichedStory | None:
    """Return the story of a reference: a number in the last list, an id or the beginning of one shown lately.

    Without a reference it is the story that was opened last, or the only one of the last list.
    """
    turn = await desk.recall.last(who)
    shown = turn.stories
    reference = reference.strip().removeprefix("#")
    if reference == "last":
        reference = str(len(shown))
    if not reference:
        latest = turn.opened or (shown[0] if len(shown) == 1 else None)
        return await desk.archive.get(latest) if latest else None
    if reference.isdecimal() and len(reference) <= 2:
        number = int(reference)
        return await desk.archive.get(shown[number - 1]) if 0 < number <= len(shown) else None
    found = await desk.archive.get(reference)
    if found is None and (story_id := await desk.recall.story(reference)) is not None:
        found = await desk.archive.get(story_id)
    return found
