"""The inbox of a console or script: alerts wait in Redis until a console, in whatever process, reads them."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis

from services.bot.conversation.messages import Reply, block, decode_reply, encode_reply
from services.bot.messengers.port import Outcome, Refused, Sent

#: How many messages an inbox keeps; older ones fall out.
CAPACITY = 500
#: An inbox that nobody wrote to or read from for so long is forgotten.
LIFETIME = timedelta(days=30)

# One read waits at most so long, which must stay below the client's socket timeout (5 s by default).
_BLOCK_MILLISECONDS = 1000
_BODY = b"reply"


def inbox_key(who: str) -> str:
    """Return the key of the stream of a recipient's messages."""
    return f"inbox:{who}"


def position_key(who: str) -> str:
    """Return the key of the last message that a recipient has read."""
    return f"inbox.read:{who}"


class InboxMessenger:
    """Delivers into inboxes (see ``Messenger``)."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def deliver(
        self,
        who: str,
        message: Reply,
        *,
        silent: bool = False,  # noqa: ARG002 - the port's signature; a terminal makes no sound
        paid: bool = False,  # noqa: ARG002 - the port's signature; an inbox costs nothing
    ) -> Outcome:
        """Put a message into the inbox. An unreachable server raises: the outbox lives on it too."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.xadd(inbox_key(who), {_BODY: encode_reply(message)}, maxlen=CAPACITY, approximate=False)
            pipe.expire(inbox_key(who), LIFETIME)
            pipe.expire(position_key(who), LIFETIME)  # who comes back late must not get all of it anew
            message_id, *_ = await pipe.execute()
        return Sent(message_id.decode())

    async def edit(self, who: str, message_id: str, message: Reply) -> Outcome:  # noqa: ARG002 - what was printed stays; the change follows it
        """Say in a line of its own what has changed (``Reply.toast``): nobody can rewrite a terminal's past."""
        if message.toast is None:
            return Refused("nothing to say of the change")
        return await self.deliver(who, Reply((block(message.toast),), data=message.data))


class RedisInbox:
    """Reads inboxes."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def alerts(self, who: str) -> AsyncGenerator[Reply, None]:
        """Yield the messages not read yet, oldest first, then each new one as it arrives; never ends.

        A message counts as read when the next one is asked for, so one that was being shown when its reader
        died is shown again.
        """
        position = await self._redis.get(position_key(who)) or b"0"
        while True:
            answer: Any = await self._redis.xread(
                {inbox_key(who): position}, count=50, block=_BLOCK_MILLISECONDS
            )
            for _stream, entries in answer or ():
                for entry_id, fields in entries:
                    yield decode_reply(fields[_BODY])
                    position = entry_id
                    await self._redis.set(position_key(who), position, ex=LIFETIME)

    async def forget(self, who: str) -> None:
        """Delete a recipient's inbox."""
        await self._redis.delete(inbox_key(who), position_key(who))
