"""The verbs about readers: keeping a copy of what they chose, taking it in elsewhere, and what they object to."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table
from typer import echo

from services.bot.backup import Backup, Kept
from services.bot.preferences_store import RedisPreferences
from services.bot.recipient_store import RedisRecipients
from services.bot.review_store import RedisReviews
from services.bot.reviews import Review
from services.bot.subscription_store import RedisSubscriptions
from services.bot.suspension_store import RedisSuspensions
from services.standalone import Attachment, attach
from services.verbs.operate import print_json
from shared.clock import SystemClock
from shared.settings import Settings

_STANDARD = Path("-")


def _backup(here: Attachment) -> Backup:
    return Backup(
        recipients=RedisRecipients(here.redis),
        subscriptions=RedisSubscriptions(here.redis),
        preferences=RedisPreferences(here.redis),
        suspensions=RedisSuspensions(here.redis),
    )


async def export_follows(settings: Settings, file: Path, *, as_json: bool) -> int:
    """Write everybody's follows, preferences and suspensions into a file; ``-`` is standard output."""
    recipients = follows = 0
    async with attach(settings) as here:
        with _written(file) as out:
            async for kept in _backup(here).lines():
                out.write(kept.model_dump_json(exclude_defaults=True) + "\n")
                recipients, follows = recipients + 1, follows + len(kept.follows)
    if as_json and file != _STANDARD:
        print_json({"file": str(file), "recipients": recipients, "follows": follows})
    else:
        echo(f"Readers: {recipients}. Follows: {follows}.", err=True)
    return 0


async def restore_follows(settings: Settings, file: Path, *, as_json: bool) -> int:
    """Take a file of ``export_follows`` in. 1 when a line could not be read; the others are taken in."""
    recipients = new = 0
    faulty: list[int] = []
    async with attach(settings) as here:
        backup = _backup(here)
        with _read(file) as lines:
            for number, text in enumerate(lines, 1):
                if not text.strip():
                    continue
                try:
                    kept = Kept.model_validate_json(text)
                except ValidationError:
                    faulty.append(number)
                    echo(f"dateline: line {number} of {file} is no line of an export", err=True)
                    continue
                new += await backup.restore(kept)
                recipients += 1
    if as_json:
        print_json({"recipients": recipients, "new_follows": new, "faulty_lines": faulty})
    else:
        echo(f"Readers: {recipients}, {new} follows that were not there yet.", err=True)
    return 1 if faulty else 0


@contextmanager
def _written(file: Path) -> Iterator[TextIO]:
    if file == _STANDARD:
        yield sys.stdout
        return
    # Whole or not at all: a copy that broke off would be taken for the whole.
    unfinished = file.with_name(f"{file.name}.part")
    with unfinished.open("w", encoding="utf-8") as out:
        yield out
    unfinished.replace(file)


@contextmanager
def _read(file: Path) -> Iterator[TextIO]:
    if file == _STANDARD:
        yield sys.stdin
        return
    with file.open(encoding="utf-8") as lines:
        yield lines


async def list_reviews(settings: Settings, *, as_json: bool, resolved: bool, limit: int) -> int:
    """Print what readers object to, the most objected to first."""
    async with attach(settings) as here:
        found = await RedisReviews(here.redis).list(resolved=resolved, limit=limit)
    if as_json:
        print_json([_review_dict(review) for review in found])
    elif found:
        _print_reviews(found)
    else:
        echo("There is nothing to review.", err=True)
    return 0


async def resolve_reviews(settings: Settings, review_ids: Sequence[str], note: str, *, as_json: bool) -> int:
    """Close entries of the list. 1 when one was not open."""
    async with attach(settings) as here:
        reviews, now = RedisReviews(here.redis), SystemClock().now()
        closed = {review_id: await reviews.resolve(review_id, note, now) for review_id in review_ids}
    unknown = [review_id for review_id, done in closed.items() if not done]
    if as_json:
        print_json({"resolved": [each for each in closed if closed[each]], "not_open": unknown})
    else:
        echo(f"Resolved {len(closed) - len(unknown)}.", err=True)
    for review_id in unknown:
        echo(f"dateline: there is no open entry {review_id}; see `dateline review list`", err=True)
    return 1 if unknown else 0


def _review_dict(review: Review) -> dict[str, Any]:
    objection = review.objection
    return {
        "id": objection.id,
        "story_id": objection.story_id,
        "target": objection.target,
        "headline": objection.headline,
        "source": objection.source,
        "url": objection.url,
        "evidence": objection.evidence,
        "opened": review.opened.isoformat(),
        "votes": [{"who": who, "at": at.isoformat()} for who, at in review.voters],
        "resolved": review.resolved.isoformat() if review.resolved else None,
        "note": review.note,
    }


def _print_reviews(found: Sequence[Review]) -> None:
    table = Table(Column("id", overflow="fold"), "votes", "not about", "because of", "headline", box=None)
    for review in found:
        objection = review.objection
        table.add_row(
            escape(objection.id),
            str(len(review.voters)),
            objection.target.partition(":")[2],
            escape(objection.evidence),
            escape(f"{objection.headline} ({objection.source})"),
        )
    Console().print(table)
