"""Which telling of which event a story is: clusters, and the two places that can keep them.

The decision is pure and shared: ``settle`` answers for one story, given what is known of it and the stories
that might tell the same. ``MemoryClusters`` keeps the index in this process; ``cluster_store`` keeps it on
the server that all workers share.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from heapq import nsmallest
from typing import Final, NamedTuple, Protocol

from services.enrich.signatures import Signature, sign
from services.enrich.similarity import Verdict, compare
from shared.events import Cluster, EnrichedStory

#: Postings are kept in this many buckets of at most ``BUCKET_ENTRIES``, so the index has a hard upper bound.
BUCKETS: Final = 1 << 18
BUCKET_ENTRIES: Final = 128
#: How many of the likeliest stories are compared in full.
CANDIDATES: Final = 24
_RELATED: Final = 8
_KEY_BITS: Final = 53
_KEY_MASK: Final = (1 << _KEY_BITS) - 1


class ClusterIndex(Protocol):
    """Decides the cluster of stories and remembers them, in one atomic step."""

    async def assign(self, story: EnrichedStory) -> Cluster:
        """The cluster of a fully tagged story. The same story and revision always get the same answer.

        Raises the store's own connection errors; then nothing was registered.
        """
        ...

    async def assign_many(self, stories: Sequence[EnrichedStory]) -> list[Cluster]:
        """``assign`` for each story, as if one after the other; answers in order."""
        ...

    async def split(self, story_id: str) -> Cluster | None:
        """Make a story the first of a cluster of its own, for good; None when it is not remembered."""
        ...


@dataclass(frozen=True, slots=True)
class Record:
    """What the index remembers of a story."""

    story_id: str
    revision: int
    """The newest revision seen."""
    first_revision: int
    """The revision that ``first`` answered."""
    first: Cluster
    signature: Signature

    def answer(self, revision: int) -> Cluster:
        """What was (or would have been) answered for this revision of the story."""
        if revision == self.first_revision:
            return self.first
        return self.first.model_copy(update={"relation": "revision", "matched": None, "similarity": None})


class Probe(NamedTuple):
    """One feature that a story is found by: where it is posted, and as what."""

    bucket: int
    entry: int
    """63 bits: ten that tell features in one bucket apart, then the story's key."""
    weight: float


def story_key(story_id: str) -> int:
    """53-bit key of a story in the index."""
    return int.from_bytes(blake2b(story_id.encode(), digest_size=8).digest()) >> 64 - _KEY_BITS


def probes(signature: Signature, key: int) -> tuple[Probe, ...]:
    """The features to post a story under and to look for others by, rarest first."""
    features = [(signature.content ^ signature.content >> 32, 500.0)]
    features += [(term, weight) for term, weight in list(signature.terms.items())[:12]]
    features += [(shingle ^ 0x3C3C3C3C, 100.0) for shingle in signature.marks]
    features += [(name ^ 0x5A5A5A5A, 20.0) for name in list(signature.names)[:3]]
    found = []
    for feature, weight in features:
        mixed = (feature & 0xFFFFFFFF) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        tag = (mixed >> 8) & 0x3FF
        found.append(Probe((mixed >> 32) % BUCKETS, tag << _KEY_BITS | key, weight))
    return tuple(found)


Ranked = list[tuple[float, int]]
"""Keys of stories, best first, each with minus the weight of the features that it shares."""


def likeliest(wanted: Iterable[Probe], postings: Mapping[int, Sequence[int]], own: int) -> Ranked:
    """The stories that share most features with the probes, at most ``CANDIDATES``."""
    shared: dict[int, float] = {}
    for bucket, wanted_entry, weight in wanted:
        entries = postings.get(bucket)
        if entries is None:
            continue
        tag = wanted_entry >> _KEY_BITS
        for entry in entries:
            if entry >> _KEY_BITS == tag:
                key = entry & _KEY_MASK
                shared[key] = shared.get(key, 0.0) + weight
    shared.pop(own, None)
    return best_of((-weight, key) for key, weight in shared.items())


def best_of(ranked: Iterable[tuple[float, int]]) -> Ranked:
    """The best ``CANDIDATES`` of several rankings."""
    return nsmallest(CANDIDATES, ranked)


def settle(
    story: EnrichedStory, signature: Signature, known: Record | None, candidates: Iterable[Record]
) -> Record:
    """The record of a story after it was seen. ``known`` is its own record, when it was seen before."""
    if known is not None and known.story_id == story.story_id:
        if story.revision <= known.revision:
            return known
        return Record(story.story_id, story.revision, known.first_revision, known.first, signature)
    best: tuple[Verdict, Record] | None = None
    related: dict[str, float] = {}
    for candidate in candidates:
        verdict = compare(signature, candidate.signature)
        if verdict.likeness == "related":
            home = candidate.first.id
            related[home] = max(verdict.score, related.get(home, 0.0))
        elif verdict.likeness != "apart" and (best is None or _stronger(verdict, best[0])):
            best = verdict, candidate
    answer = Cluster(id=story.story_id)
    if best is not None:
        verdict, match = best
        answer = Cluster(
            id=match.first.id,
            relation="duplicate" if verdict.likeness == "duplicate" else "same_report",
            matched=match.story_id,
            similarity=round(verdict.score, 3),
        )
    if story.revision > 0:  # its first telling is forgotten: it is no news all the same
        answer = answer.model_copy(update={"relation": "revision"})
    related.pop(answer.id, None)
    links = sorted(related, key=lambda home: (-related[home], home))[:_RELATED]
    answer = answer.model_copy(update={"related": tuple(links)})
    return Record(story.story_id, story.revision, story.revision, answer, signature)


def alone_from(record: Record) -> Record:
    """The record of the same story, as the first of its own cluster; linked to the one that it left."""
    links = record.first.related
    if record.first.id != record.story_id:
        links = (record.first.id, *links)[:_RELATED]
    return replace(record, first=Cluster(id=record.story_id, related=links))


def _stronger(one: Verdict, other: Verdict) -> bool:
    return (one.likeness == "duplicate", one.score) > (other.likeness == "duplicate", other.score)


class MemoryClusters:
    """The index in this process, for ``dateline enrich`` and tests. Keeps the newest ``capacity`` stories."""

    def __init__(self, capacity: int = 200_000) -> None:
        self._capacity = capacity
        self._records: dict[int, Record] = {}
        self._postings: dict[int, deque[int]] = {}

    async def assign(self, story: EnrichedStory) -> Cluster:
        """See ``ClusterIndex``."""
        key = story_key(story.story_id)
        known = self._records.get(key)
        if known is not None and known.story_id == story.story_id and story.revision <= known.revision:
            return known.answer(story.revision)
        signature = sign(story)
        wanted = probes(signature, key)
        keys = likeliest(wanted, self._postings, key)
        found = (self._records[near] for _, near in keys if near in self._records)
        record = settle(story, signature, known, found)
        self._keep(key, record, wanted)
        return record.answer(story.revision)

    async def assign_many(self, stories: Sequence[EnrichedStory]) -> list[Cluster]:
        """See ``ClusterIndex``."""
        return [await self.assign(story) for story in stories]

    async def split(self, story_id: str) -> Cluster | None:
        """Make a story the first of a cluster of its own; None when it is not remembered."""
        key = story_key(story_id)
        record = self._records.get(key)
        if record is None or record.story_id != story_id:
            return None
        self._records[key] = alone_from(record)
        return self._records[key].first

    def _keep(self, key: int, record: Record, wanted: Iterable[Probe]) -> None:
        self._records[key] = record
        for probe in wanted:
            bucket = self._postings.setdefault(probe.bucket, deque(maxlen=BUCKET_ENTRIES))
            bucket.appendleft(probe.entry)
        if len(self._records) > self._capacity:
            del self._records[next(iter(self._records))]
