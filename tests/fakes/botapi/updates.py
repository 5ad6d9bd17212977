"""getUpdates and the webhook methods: one way at a time in which updates reach the bot."""

import asyncio

from fakes.botapi.errors import ApiError, Json
from fakes.botapi.params import decoded, flag, number
from fakes.botapi.world import DEFAULT_UPDATES, World

CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
ENDED_BY_WEBHOOK = "Conflict: terminated by setWebhook request"
WEBHOOK_ACTIVE = "Conflict: can't use getUpdates method while webhook is active"
WEBHOOK_ACTIVE += "; use deleteWebhook to delete the webhook first"
LONGEST_POLL = 50
#: Who asks again so soon, in seconds, waits in spite of a shorter timeout, and gets one update at a time.
BUSY, VERY_BUSY = 3.0, 0.5


async def get_updates(world: World, params: Json) -> list[Json]:
    """Long polling: the offset confirms, a newer poll ends the one that waits, and a busy one is slowed down."""
    if world.webhook:
        raise ApiError(409, WEBHOOK_ACTIVE)
    offset, limit = number(params, "offset"), number(params, "limit", 100, 1, 100)
    timeout = number(params, "timeout", 0, 0, LONGEST_POLL)
    _allow(world, params)
    now, (last_offset, last_at) = world.clock.now(), world.last_poll
    if offset == last_offset and now < last_at + BUSY:
        timeout = max(timeout, int(BUSY))
        limit = 1 if now < last_at + VERY_BUSY else limit
    world.last_poll = (offset, now)
    if offset < 0:
        del world.updates[:offset]
    world.confirm(offset)
    if not world.updates and timeout:
        end_poll(world, CONFLICT)
        await _something(world, timeout)
    return world.updates[:limit]


def _allow(world: World, params: Json) -> None:
    """Keep the kinds of update that the bot wants, if it says so; an empty list stands for the usual ones."""
    kinds = decoded(params, "allowed_updates")
    if isinstance(kinds, list):
        world.allowed = frozenset(map(str, kinds)) or DEFAULT_UPDATES


def end_poll(world: World, why: str) -> None:
    """End the poll that waits, if one does."""
    if world.poll and not world.poll.done():
        world.poll.set_exception(ApiError(409, why))


async def _something(world: World, seconds: float) -> None:
    """Wait for an update, for a rival, or for the end of the time."""
    poll = world.poll = asyncio.get_running_loop().create_future()
    event = asyncio.Event()
    poll.add_done_callback(lambda _done: event.set())
    world.changed()
    world.watch(event)
    end = world.clock.now() + seconds
    try:
        while not world.updates and not poll.done() and (left := end - world.clock.now()) > 0:
            event.clear()
            await world.clock.within(left, event)
        if poll.done():
            poll.result()
    finally:
        world.unwatch(event)
        poll.cancel()


def set_webhook(world: World, params: Json) -> bool:
    """Send updates to an address; without one, do as deleteWebhook."""
    url = str(params.get("url", ""))
    if not url:
        return delete_webhook(world, params)
    world.flood.admit_webhook()
    if flag(params, "drop_pending_updates"):
        world.updates.clear()
    world.webhook.set(url, str(params.get("secret_token", "")), number(params, "max_connections", 40, 1, 100))
    _allow(world, params)
    end_poll(world, ENDED_BY_WEBHOOK)
    return True


def delete_webhook(world: World, params: Json) -> bool:
    """Forget the address, and the waiting updates if asked to."""
    world.webhook.delete()
    if flag(params, "drop_pending_updates"):
        world.updates.clear()
    return True


def get_webhook_info(world: World, _params: Json) -> Json:
    """Say where updates go and what went wrong last."""
    answer = world.webhook.info()
    return answer if world.allowed == DEFAULT_UPDATES else answer | {"allowed_updates": sorted(world.allowed)}
