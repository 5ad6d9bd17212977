"""The duplicate index on the server that all workers share (Redis 7 or newer, Valkey 7.2 or newer).

Optimistic: read what could matter, decide in Python with the same code as ``MemoryClusters``, then register
in one script, which refuses when anything that mattered has changed since. What matters to a story is its own
record and the newest posting under each of its features: a copy registered meanwhile shows up there.

Keys all carry the hash tag ``{clusters}``: the index lives on one shard of a cluster. Every key that a script
touches is passed in KEYS; no script makes up a key.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import redis.asyncio as redis

from services.enrich.duplicates import (
    BUCKET_ENTRIES,
    Probe,
    Ranked,
    Record,
    alone_from,
    best_of,
    likeliest,
    probes,
    settle,
    story_key,
)
from services.enrich.signature_codec import decode, encode
from services.enrich.signatures import WINDOW, Signature, sign
from shared.events import Cluster, EnrichedStory

#: How long a story is remembered: the window, and a day for the stories that come late.
MEMORY_SECONDS: Final = int(WINDOW.total_seconds()) + 24 * 3600

#: Records kept decoded, by their bytes: what is in the news now is read again and again.
_DECODED: Final = 5_000

#: Give up after this many refusals. Every refusal means that another story was registered, so progress is
#: made; with a handful of workers a story is refused a few times at worst.
ATTEMPTS: Final = 50


def record_key(key: int) -> bytes:
    """Where the record of a story is kept."""
    return b"dateline:{clusters}:story:%x" % key


def bucket_key(bucket: int) -> bytes:
    """Where the stories are listed, newest first, that share a feature of this bucket."""
    return b"dateline:{clusters}:posting:%x" % bucket


#: KEYS: buckets. ARGV[1]: how many entries of each. Returns a list of entries for each.
READ_POSTINGS: Final = """
local lists = {}
for i = 1, #KEYS do lists[i] = redis.call('LRANGE', KEYS[i], 0, ARGV[1] - 1) end
return lists
"""

#: For each story in turn, the keys of its record and its buckets, and the arguments: how many buckets, the
#: record expected there ('' for none), the new record, and for each bucket the newest entry expected ('' for
#: none) and the new entry. ARGV starts with seconds to live and the length of a bucket. A story is registered
#: whole if all that was expected is still so, else not at all. Returns 1 or 0 for each.
REGISTER: Final = """
local ttl, longest = ARGV[1], tonumber(ARGV[2])
local done, k, a = {}, 1, 3
while k <= #KEYS do
  local count = tonumber(ARGV[a])
  local same = (redis.call('GET', KEYS[k]) or '') == ARGV[a + 1]
  for i = 1, count do
    if not same then break end
    same = (redis.call('LINDEX', KEYS[k + i], 0) or '') == ARGV[a + 2 + i]
  end
  if same then
    redis.call('SET', KEYS[k], ARGV[a + 2], 'EX', ttl)
    for i = 1, count do
      if redis.call('LPUSH', KEYS[k + i], ARGV[a + 2 + count + i]) > longest then
        redis.call('LTRIM', KEYS[k + i], 0, longest - 1)
      end
      redis.call('EXPIRE', KEYS[k + i], ttl)
    end
  end
  done[#done + 1] = same and 1 or 0
  k, a = k + 1 + count, a + 3 + 2 * count
end
return done
"""


class _Case:
    """A story on its way through one ``assign_many``."""

    def __init__(self, place: int, story: EnrichedStory) -> None:
        self.place = place
        self.story = story
        self.key = story_key(story.story_id)
        self.candidates: Ranked = []

    @cached_property
    def signature(self) -> Signature:
        return sign(self.story)

    @cached_property
    def probes(self) -> tuple[Probe, ...]:
        return probes(self.signature, self.key)


class ContentionError(Exception):
    """A story was refused ``ATTEMPTS`` times, because others like it kept arriving. Nothing was registered."""


class RedisClusters:
    """The index on a Redis-protocol server. ``redis`` must not decode responses."""

    def __init__(self, server: "redis.Redis") -> None:
        self._server = server
        self._read = server.register_script(READ_POSTINGS)
        self._register = server.register_script(REGISTER)
        self._decoded: dict[bytes, Record | None] = {}

    async def assign(self, story: EnrichedStory) -> Cluster:
        """See ``ClusterIndex``. Raises redis.RedisError, and ContentionError."""
        return (await self.assign_many([story]))[0]

    async def assign_many(self, stories: Sequence[EnrichedStory]) -> list[Cluster]:
        """See ``ClusterIndex``. Three round trips for the batch, and as many again for each refusal."""
        answers: dict[int, Cluster] = {}
        waiting = [_Case(place, story) for place, story in enumerate(stories)]
        for _ in range(ATTEMPTS):
            waiting = await self._round(waiting, answers)
            if not waiting:
                return [answers[place] for place in range(len(stories))]
        raise ContentionError(waiting[0].story.story_id)

    async def split(self, story_id: str) -> Cluster | None:
        """Make a story the first of a cluster of its own, for good; None when it is not remembered.

        Stories that joined it stay where they are; those still to come may join it.
        """
        key = story_key(story_id)
        for _ in range(ATTEMPTS):
            raw = (await self._records([key])).get(key)
            record = None if raw is None else decode(raw)
            if raw is None or record is None or record.story_id != story_id:
                return None
            alone = alone_from(record)
            arguments: list[bytes | int] = [MEMORY_SECONDS, BUCKET_ENTRIES, 0, raw, encode(alone)]
            if (await self._register(keys=[record_key(key)], args=arguments))[0]:
                return alone.first
        raise ContentionError(story_id)

    async def _round(self, cases: list[_Case], answers: dict[int, Cluster]) -> list[_Case]:
        """Try to answer the cases in order; returns those that were refused or must wait for another."""
        board = await self._read_board(cases, answers)
        offered: list[tuple[_Case, Record]] = []
        refused: list[_Case] = []
        keys: list[bytes] = []
        arguments: list[bytes | int] = [MEMORY_SECONDS, BUCKET_ENTRIES]
        taken: set[int] = set()
        for case in cases:
            if case.place in answers:
                continue
            if case.key in taken:  # the same story again in this batch: ask after the first is registered
                refused.append(case)
                continue
            taken.add(case.key)
            offered.append((case, board.offer(case, keys, arguments)))
        if offered:
            done = await self._register(keys=keys, args=arguments)
            for (case, record), registered in zip(offered, done, strict=True):
                if registered:
                    answers[case.place] = record.answer(case.story.revision)
                else:
                    refused.append(case)
        return sorted(refused, key=lambda case: case.place)

    async def _read_board(self, cases: list[_Case], answers: dict[int, Cluster]) -> "_Board":
        """Answer the stories that are known; read what the others could match."""
        board = _Board(await self._records([case.key for case in cases]), self._decoded)
        for case in cases:
            known = board.known(case)
            if known is not None and case.story.revision <= known.revision:
                answers[case.place] = known.answer(case.story.revision)
        unknown = [case for case in cases if case.place not in answers]
        buckets = sorted({probe.bucket for case in unknown for probe in case.probes})
        if buckets:
            lists = await self._read(keys=[bucket_key(bucket) for bucket in buckets], args=[BUCKET_ENTRIES])
            for bucket, entries in zip(buckets, lists, strict=True):
                board.postings[bucket] = [int(entry) for entry in entries]
        for case in unknown:
            case.candidates = likeliest(case.probes, board.postings, case.key)
        wanted = sorted({key for case in unknown for _, key in case.candidates} - board.raw.keys())
        if wanted:
            board.raw |= await self._records(wanted)
        return board

    async def _records(self, keys: Sequence[int]) -> dict[int, bytes]:
        found = await self._server.mget([record_key(key) for key in keys])
        return {key: data for key, data in zip(keys, found, strict=True) if isinstance(data, bytes)}


class _Board:
    """What one round knows: records and postings as read, and as this batch is about to make them."""

    def __init__(self, raw: dict[int, bytes], decoded: dict[bytes, Record | None]) -> None:
        self.raw = raw
        self._decoded = decoded
        self.postings: dict[int, list[int]] = {}
        self._records: dict[int, Record | None] = {}
        self._offered: dict[int, list[int]] = {}

    def record(self, key: int) -> Record | None:
        """The record under a key, as read or as offered in this round."""
        if key not in self._records:
            data = self.raw.get(key)
            self._records[key] = None if data is None else self._decode(data)
        return self._records[key]

    def _decode(self, data: bytes) -> Record | None:
        if data not in self._decoded:
            if len(self._decoded) >= _DECODED:
                self._decoded.clear()
            self._decoded[data] = decode(data)
        return self._decoded[data]

    def known(self, case: _Case) -> Record | None:
        """The story's own record, if it was seen before."""
        record = self.record(case.key)
        return record if record is not None and record.story_id == case.story.story_id else None

    def offer(self, case: _Case, keys: list[bytes], arguments: list[bytes | int]) -> Record:
        """Decide a case and append what registers it, on the condition that nothing has changed."""
        nearby = best_of(case.candidates + likeliest(case.probes, self._offered, case.key))
        found = (self.record(key) for key in dict.fromkeys(key for _, key in nearby))
        candidates = [record for record in found if record is not None]
        record = settle(case.story, case.signature, self.known(case), candidates)
        tips = [self._tip(probe.bucket) for probe in case.probes]
        for probe in case.probes:
            self._offered.setdefault(probe.bucket, []).insert(0, probe.entry)
        keys += [record_key(case.key), *(bucket_key(probe.bucket) for probe in case.probes)]
        arguments += [len(case.probes), self.raw.get(case.key, b""), encode(record)]
        arguments += [*tips, *(b"%d" % probe.entry for probe in case.probes)]
        self._records[case.key] = record
        return record

    def _tip(self, bucket: int) -> bytes:
        entries = self._offered.get(bucket) or self.postings.get(bucket)
        return b"%d" % entries[0] if entries else b""
