"""The door of the pipeline: decides new, duplicate or revised, counts, and publishes, in one server-side step.

Per story id the server keeps a hash: the newest ``revision``, and the revision of every text it has seen
(``fp:<fingerprint>``), so that a source which flips between two texts gives one revision and then duplicates. The
hash is forgotten when no source has shown the story for ``REMEMBER_SECONDS``, and its texts when they are more than
``REMEMBER_TEXTS``: some page shows the time of day in a story.
"""

from collections.abc import Mapping, Sequence

from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError, RedisError

from services.ingest.ports import Admission, AdmissionStatus, UnavailableError
from shared.conservation import SOURCES_KEY, count_rejected, counts_key
from shared.envelope import wrap_model
from shared.events import RawStory
from shared.status import unread
from shared.topology import ENRICHED, RAW

REMEMBER_SECONDS = 30 * 24 * 3600
REMEMBER_TEXTS = 100

# KEYS: 1 what is known of the story, 2 stream, 3 set of sources, 4 counts of the source
# ARGV: 1 fingerprint, 2 the revision that the payload says, 3 payload, 4 source id, 5 seconds to remember,
#       6 texts to remember
# Returns {status, revision}; status "other" when the payload must be made anew with the revision returned.
_ADMIT = """
local known = redis.call('HGET', KEYS[1], 'revision')
local same = redis.call('HGET', KEYS[1], 'fp:' .. ARGV[1])
local revision = known and tonumber(known) + 1 or 0
if not same and tonumber(ARGV[2]) ~= revision then return {'other', revision} end
redis.call('SADD', KEYS[3], ARGV[4])
redis.call('HINCRBY', KEYS[4], 'fetched', 1)
if same then
  redis.call('HINCRBY', KEYS[4], 'duplicate', 1)
  redis.call('EXPIRE', KEYS[1], ARGV[5])
  return {'duplicate', tonumber(same)}
end
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[6]) then redis.call('DEL', KEYS[1]) end
redis.call('HSET', KEYS[1], 'revision', revision, 'fp:' .. ARGV[1], revision)
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('XADD', KEYS[2], '*', '__data__', ARGV[3], 'admitted', '1')
return {known and 'revised' or 'accepted', revision}
"""

_STATUS: dict[bytes, AdmissionStatus] = {
    b"accepted": "accepted",
    b"duplicate": "duplicate",
    b"revised": "revised",
}


def seen_key(story_id: str) -> str:
    """Return the key of what is known about a story at the door."""
    return f"seen:{story_id}"


def _unavailable(error: RedisError) -> UnavailableError:
    if isinstance(error, OutOfMemoryError):
        return UnavailableError("The stream's server is full; try again later.", retry_after=60)
    return UnavailableError("The stream's server cannot be reached; try again.", retry_after=5)


class Door:
    """Admits stories (the ``Admit`` port) and counts what is turned away."""

    def __init__(self, redis: Redis, *, high_water: int) -> None:
        self._redis = redis
        self._high_water = high_water
        self._script = redis.register_script(_ADMIT)

    async def __call__(self, stories: Sequence[tuple[RawStory, str]]) -> list[Admission]:
        """Admit a batch in as few round trips as can be.

        A server that goes away in the middle is also ``UnavailableError``: whoever sends the batch again finds what
        was admitted before to be a duplicate.
        """
        try:
            await self.require_room()
            return await self._admit_all(stories)
        except RedisError as error:
            raise _unavailable(error) from error

    async def _admit_all(self, stories: Sequence[tuple[RawStory, str]]) -> list[Admission]:
        answers: dict[int, Admission] = {}
        revisions = dict.fromkeys(range(len(stories)), 0)
        while revisions:
            asked = list(revisions)
            for index, (status, revision) in zip(asked, await self._ask(stories, revisions), strict=True):
                if status == b"other":
                    revisions[index] = revision
                else:
                    del revisions[index]
                    answers[index] = Admission(_STATUS[status], stories[index][0].story_id, revision)
        return [answers[index] for index in range(len(stories))]

    async def _ask(
        self, stories: Sequence[tuple[RawStory, str]], revisions: Mapping[int, int]
    ) -> list[tuple[bytes, int]]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for index, revision in revisions.items():
                story, fingerprint = stories[index]
                payload = wrap_model(story.model_copy(update={"revision": revision}), story_id=story.story_id)
                keys = [seen_key(story.story_id), RAW.name, SOURCES_KEY, counts_key(story.source.id)]
                args: list[str | bytes | int] = [
                    fingerprint,
                    revision,
                    payload,
                    story.source.id,
                    REMEMBER_SECONDS,
                    REMEMBER_TEXTS,
                ]
                await self._script(keys=keys, args=args, client=pipe)
            return list(await pipe.execute())

    async def reject(self, source_id: str, reason: str) -> None:
        """Count an item that is no story. Raises ``UnavailableError`` when the server is away."""
        try:
            await count_rejected(self._redis, source_id, reason)
        except RedisError as error:
            raise _unavailable(error) from error

    async def backlog(self) -> int:
        """Return how many stories the fullest stream holds that some group has not read.

        Alerts do not count: one big story queues as many as it has followers.
        """
        worst = 0
        for stream in (RAW, ENRICHED):
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.xinfo_stream(stream.name)
                pipe.xinfo_groups(stream.name)
                facts, groups = await pipe.execute()
            worst = max([worst, *(unread(facts, group) or 0 for group in groups)])
        return worst

    async def require_room(self) -> None:
        """Raise ``UnavailableError`` when a stream is over its high-water mark: back-pressure, not loss."""
        backlog = await self.backlog()
        if backlog > self._high_water:
            raise UnavailableError(
                f"{backlog} entries wait in a stream, over its high-water mark of {self._high_water}; try again later."
            )
