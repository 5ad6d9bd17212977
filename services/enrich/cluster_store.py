"""The duplicate index on the server that all workers share (Redis 7 or newer, Valkey 7.2 or newer).

Optimistic: read what could matter, decide in Python with the same code as ``MemoryClusters``, then register
in one script, which refuses when anything that mattered has changed since. What matters to a story is its own
record and the postings under each of its features: a copy registered meanwhile shows up there.

Keys all carry the hash tag ``{clusters}``: the index lives on one shard of a cluster. Every key that a script
touches is passed in KEYS; no script makes up a key.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import Final

import redis.asyncio as redis

from services.enrich.duplicates import Record, alone_from, settle
from services.enrich.postings import (
    BUCKET_BYTES,
    ENTRY,
    Probe,
    Ranked,
    best_of,
    likeliest,
    posted,
    probes,
    story_key,
)
from services.enrich.signature_codec import FORMAT, decode, encode, reported_at
from services.enrich.signatures import WINDOW, Signature, sign
from shared.events import Cluster, EnrichedStory

#: How long a story is remembered: the window, and a day for the stories that come late.
MEMORY_SECONDS: Final = int(WINDOW.total_seconds()) + 24 * 3600

#: Records kept decoded: what is in the news now is read again and again.
_DECODED: Final = 640

#: Give up after this many refusals. Every refusal means that another story was registered, so progress is
#: made; with a handful of workers a story is refused a few times at worst.
ATTEMPTS: Final = 50

#: Stands for the newest entry of an empty bucket. An entry of zeros would be refused, and tried again.
_NONE: Final = bytes(ENTRY)

#: What every call of ``REGISTER`` starts with.
_LIMITS: Final = (MEMORY_SECONDS, BUCKET_BYTES, ENTRY)


#: Keys of another format are left to expire: an upgrade begins with an empty index and trips over nothing.
_PREFIX: Final = b"dateline:{clusters}:%d:" % FORMAT


def record_key(key: bytes) -> bytes:
    """Where the record of a story is kept."""
    return _PREFIX + b"story:" + key.hex().encode()


def bucket_key(bucket: int) -> bytes:
    """Where the stories are listed, newest first, that share a feature of this bucket."""
    return _PREFIX + b"posting:%x" % bucket


#: For each story in turn, the keys of its record and its buckets, and the arguments: how many buckets, the
#: record expected there ('' for none), the new record, and for each bucket its newest entry as it was read (zeros
#: for none) and the new entry, all in one string. ARGV starts with seconds to live and the bytes of a bucket and of
#: an entry. A story is registered whole if its record is as expected and nothing newer shares a feature with it,
#: else not at all. Returns 1 or 0 for each.
REGISTER: Final = """
local ttl, longest, size = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local buckets, written, none = {}, {}, string.rep('\\0', size)
local function entry(list, i) return string.sub(list, size * (i - 1) + 1, size * i) end
local function shared_since(bucket, tip, new)
  if string.sub(bucket, 1, size) == tip then return false end
  local newer = #bucket
  if tip ~= none then
    local at = string.find(bucket, tip, 1, true)
    if not at or at % size ~= 1 then return true end
    newer = at - 1
  end
  local tag = string.sub(new, 1, 2)
  for at = 1, newer, size do
    if string.sub(bucket, at, at + 1) == tag then return true end
  end
  return false
end
local done, k, a = {}, 1, 4
while k <= #KEYS do
  local count = tonumber(ARGV[a])
  local tips = ARGV[a + 3]
  local same = (redis.call('GET', KEYS[k]) or '') == ARGV[a + 1]
  for i = 1, count do
    if not same then break end
    local key = KEYS[k + i]
    if not buckets[key] then buckets[key] = redis.call('GET', key) or '' end
    same = not shared_since(buckets[key], entry(tips, 2 * i - 1), entry(tips, 2 * i))
  end
  if same then
    redis.call('SET', KEYS[k], ARGV[a + 2], 'EX', ttl)
    for i = 1, count do
      local key = KEYS[k + i]
      buckets[key] = entry(tips, 2 * i) .. string.sub(buckets[key], 1, longest - size)
      written[key] = true
    end
  end
  done[#done + 1] = same and 1 or 0
  k, a = k + 1 + count, a + 4
end
for key in pairs(written) do redis.call('SET', key, buckets[key], 'EX', ttl) end
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
        return probes(self.signature)


class ContentionError(Exception):
    """A story was refused ``ATTEMPTS`` times, because others like it kept arriving. Nothing was registered."""


class RedisClusters:
    """The index on a Redis-protocol server. ``redis`` must not decode responses."""

    def __init__(self, server: "redis.Redis") -> None:
        self._server = server
        self._register = server.register_script(REGISTER)
        self._decode = lru_cache(maxsize=_DECODED)(decode)

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
            arguments: list[bytes | int] = [*_LIMITS, 0, raw, encode(alone), b""]
            if (await self._register(keys=[record_key(key)], args=arguments))[0]:
                return alone.first
        raise ContentionError(story_id)

    async def _round(self, cases: list[_Case], answers: dict[int, Cluster]) -> list[_Case]:
        """Try to answer the cases in order; returns those that were refused or must wait for another."""
        board = await self._read_board(cases, answers)
        offered: list[tuple[_Case, Record]] = []
        refused: list[_Case] = []
        keys: list[bytes] = []
        arguments: list[bytes | int] = [*_LIMITS]
        taken: set[bytes] = set()
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
        board = _Board(await self._records([case.key for case in cases]), self._decode)
        for case in cases:
            known = board.known(case)
            if known is not None and case.story.revision <= known.revision:
                answers[case.place] = known.answer(case.story.revision)
        unknown = [case for case in cases if case.place not in answers]
        buckets = sorted({probe.bucket for case in unknown for probe in case.probes})
        if buckets:
            found = await self._server.mget([bucket_key(bucket) for bucket in buckets])
            board.postings = {
                bucket: held for bucket, held in zip(buckets, found, strict=True) if isinstance(held, bytes)
            }
        for case in unknown:
            case.candidates = likeliest(case.probes, board.postings, case.key)
        wanted = sorted({key for case in unknown for _, key in case.candidates} - board.raw.keys())
        if wanted:
            board.raw |= await self._records(wanted)
        return board

    async def _records(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        found = await self._server.mget([record_key(key) for key in keys])
        return {key: data for key, data in zip(keys, found, strict=True) if isinstance(data, bytes)}


class _Board:
    """What one round knows: records and postings as read, and as this batch is about to make them."""

    def __init__(self, raw: dict[bytes, bytes], decode: Callable[[bytes], Record | None]) -> None:
        self.raw = raw
        self._decode = decode
        self.postings: dict[int, bytes] = {}
        self._records: dict[bytes, Record | None] = {}
        self._offered: dict[int, bytes] = {}

    def record(self, key: bytes) -> Record | None:
        """The record under a key, as read or as offered in this round."""
        if key not in self._records:
            data = self.raw.get(key)
            self._records[key] = None if data is None else self._decode(data)
        return self._records[key]

    def _reachable(self, key: bytes, at: float) -> bool:
        """Whether a story may be within the window: most of a busy bucket is not, and need not be decoded."""
        if key in self._records:
            return True
        then = reported_at(self.raw.get(key, b""))
        return then is not None and abs(then - at) <= WINDOW.total_seconds()

    def known(self, case: _Case) -> Record | None:
        """The story's own record, if it was seen before."""
        record = self.record(case.key)
        return record if record is not None and record.story_id == case.story.story_id else None

    def offer(self, case: _Case, keys: list[bytes], arguments: list[bytes | int]) -> Record:
        """Decide a case and append what registers it, on the condition that nothing has changed."""
        nearby = best_of(case.candidates + likeliest(case.probes, self._offered, case.key))
        keys_nearby = dict.fromkeys(key for _, key in nearby)
        found = (self.record(key) for key in keys_nearby if self._reachable(key, case.signature.at))
        candidates = [record for record in found if record is not None]
        record = settle(case.story, case.signature, self.known(case), candidates)
        keys += [record_key(case.key), *(bucket_key(probe.bucket) for probe in case.probes)]
        arguments += [len(case.probes), self.raw.get(case.key, b""), encode(record), self._tips(case)]
        for probe in case.probes:
            self._offered[probe.bucket] = posted(probe.tag + case.key, self._offered.get(probe.bucket))
        self._records[case.key] = record
        return record

    def _tips(self, case: _Case) -> bytes:
        """The newest entry of each bucket as this round knows it, and the one to be put before it."""
        tips = []
        for bucket, tag, _ in case.probes:
            newest = self._offered.get(bucket) or self.postings.get(bucket)
            tips += [newest[:ENTRY] if newest else _NONE, tag + case.key]
        return b"".join(tips)
