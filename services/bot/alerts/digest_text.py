"""What a digest says: the stories that waited, by country, each event once, and how to read the rest."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from services.bot.alerts.alert_buttons import NUMBERS_IN_A_ROW
from services.bot.alerts.messages import NameOf, when_told
from services.bot.alerts.port import Folded
from services.bot.alerts.telling import NOTHING_SINCE, Since
from services.bot.conversation.cleaning import clean, shorten
from services.bot.conversation.messages import Block, Button, Reply, Span, line
from services.bot.conversation.texts import _, day, plural, speaker
from services.bot.subscriptions import target_of

#: Stories in one message, and UTF-16 units of it. Telegram takes 4,096 units and 100 links or bold words.
MOST_STORIES = 20
MOST_CHARACTERS = 3400
#: Characters of a headline.
HEADLINE_LIMIT = 140

Knowledge = Mapping[str, Since]
"""From a cluster to what was learnt of it since; clusters without anything are left out."""


@dataclass(frozen=True, slots=True)
class DigestText:
    """A digest's message and which of the rows it tells."""

    message: Reply
    told: tuple[Folded, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    target: str
    rows: tuple[Folded, ...]


def digest_text(
    rows: Sequence[Folded], at: datetime, *, name_of: NameOf, known: Knowledge | None = None
) -> DigestText:
    """Write a digest of rows, newest first; what does not fit is counted and can be asked for.

    Every country gets its turn, so that a loud one does not crowd out a quiet one.
    """
    known = known or {}
    groups = _chosen(_grouped(rows))
    told = tuple(row for group in groups for row in group.rows)
    left = len(rows) - len(told)
    blocks = [_title(at, len(rows))]
    number = 1
    for group in groups:
        blocks.append(_block(group, number, name_of, known))
        number += len(group.rows)
    if left:
        blocks.append(Block((line(Span(_left(left), italic=True)),)))
    groups_data = [
        {"target": group.target, "stories": [_facts(row) for row in group.rows]} for group in groups
    ]
    data: dict[str, object] = {
        "digest": {"groups": groups_data, "left": left},
        "language": speaker().language,
    }
    return DigestText(Reply(tuple(blocks), _buttons(told, left), data=data), told)


def _grouped(rows: Sequence[Folded]) -> list[_Group]:
    """Put rows together by the country that they are most about, else by the follow; the largest group first."""
    groups: dict[str, dict[str, Folded]] = {}
    for row in rows:
        countries = row.story.countries
        target = f"country:{countries[0]}" if countries else min(map(target_of, row.reasons), default="")
        groups.setdefault(target, {}).setdefault(row.story.cluster, row)
    found = [_Group(target, tuple(members.values())) for target, members in groups.items()]
    return sorted(found, key=lambda group: (-len(group.rows), group.target))


def _chosen(groups: Sequence[_Group]) -> list[_Group]:
    """Take what fits, one story of each group in turn."""
    waiting = [deque(group.rows) for group in groups]
    taken: list[list[Folded]] = [[] for _group in groups]
    room, stories = MOST_CHARACTERS, MOST_STORIES
    while any(waiting) and stories and room > 0:
        for queue, kept in zip(waiting, taken, strict=True):
            if queue and stories and room > 0:
                kept.append(queue.popleft())
                stories -= 1
                room -= _size(kept[-1])
    pairs = zip(groups, taken, strict=True)
    return [_Group(group.target, tuple(kept)) for group, kept in pairs if kept]


def _size(row: Folded) -> int:
    """Return about how many UTF-16 units a story takes, its group's heading and other sources counted in."""
    text = f"{row.story.headline[:HEADLINE_LIMIT]}{row.story.source}"
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 + 60


def _title(at: datetime, count: int) -> Block:
    stories = plural("{count} story", "{count} stories", count)
    return Block((line(Span(_("🗞 Your digest, {day}", day=day(at)), bold=True), f" · {stories}"),))


def _block(group: _Group, number: int, name_of: NameOf, known: Knowledge) -> Block:
    flag, name = name_of(group.target) if group.target else ("", _("Other"))
    lines = [line(Span(f"{flag} {name}".strip(), bold=True))]
    for row in group.rows:
        lines.append(_story_line(row, number, known.get(row.story.cluster, NOTHING_SINCE)))
        number += 1
    return Block(tuple(lines))


def _story_line(row: Folded, number: int, since: Since) -> tuple[Span, ...]:
    story = row.story
    told = since.revised or story
    href = told.url if told.url and urlsplit(told.url).scheme in {"http", "https"} else None
    facts = [clean(story.source), when_told(story)]
    if since.sources:
        facts.append(plural("+{count} source", "+{count} sources", len(since.sources)))
    mark = "⭐ " if story.highlighted else ""
    headline = Span(shorten(clean(told.headline), HEADLINE_LIMIT), href=href)
    return line(f"{number}. {mark}", headline, f" ({', '.join(facts)})")


def _left(left: int) -> str:
    return plural("{count} more story: /digest", "{count} more stories: /digest", left)


def _buttons(told: Sequence[Folded], left: int) -> tuple[tuple[Button, ...], ...]:
    stories = [Button(f"📖 {number}", f"/story {row.story.story_id}") for number, row in enumerate(told, 1)]
    rows = [tuple(stories[at : at + NUMBERS_IN_A_ROW]) for at in range(0, len(stories), NUMBERS_IN_A_ROW)]
    last = [Button(_("{left} more ›", left=left), "/digest")] if left else []
    return (*rows, (*last, Button(_("⚙️ Settings"), "/settings")))


def _facts(row: Folded) -> dict[str, object]:
    story = row.story
    return {
        "story_id": story.story_id, "cluster": story.cluster, "headline": story.headline, "source": story.source,
        "url": story.url, "dated_at": story.dated_at.isoformat(), "countries": list(story.countries),
    }  # fmt: skip
