"""Which telling of which event a story is: clusters, and the two places that can keep them.

The decision is pure and shared: ``settle`` answers for one story, given what is known of it and the stories
that might tell the same. ``MemoryClusters`` keeps the index in this process; ``cluster_store`` keeps it on
the server that all workers share.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from services.enrich.joining_reasons import reasons_for
from services.enrich.postings import Probe, likeliest, posted, probes, story_key
from services.enrich.signatures import Signature, sign
from services.enrich.similarity import Verdict, compare
from shared.events import Cluster, EnrichedStory, Relation

_RELATED: Final = 8


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
        return self.first.model_copy(
            update={"relation": "revision", "matched": None, "similarity": None, "reasons": ()}
        )


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
    answer = _answer(story, signature, best, related)
    return Record(story.story_id, story.revision, story.revision, answer, signature)


def _answer(
    story: EnrichedStory, signature: Signature, best: tuple[Verdict, Record] | None, related: dict[str, float]
) -> Cluster:
    home = story.story_id if best is None else best[1].first.id
    links = sorted(related.keys() - {home}, key=lambda link: (-related[link], link))[:_RELATED]
    if best is None:
        # The revision of a story whose first telling is forgotten is no news all the same.
        return Cluster(id=home, relation="revision" if story.revision else "new", related=tuple(links))
    verdict, match = best
    joined: Relation = "duplicate" if verdict.likeness == "duplicate" else "same_report"
    return Cluster(
        id=home,
        relation="revision" if story.revision else joined,
        matched=match.story_id,
        similarity=round(verdict.score, 3),
        related=tuple(links),
        reasons=reasons_for(verdict.likeness, story, signature, match.signature),
    )


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
        self._records: dict[bytes, Record] = {}
        self._postings: dict[int, bytes] = {}

    async def assign(self, story: EnrichedStory) -> Cluster:
        """See ``ClusterIndex``."""
        key = story_key(story.story_id)
        known = self._records.get(key)
        if known is not None and known.story_id == story.story_id and story.revision <= known.revision:
            return known.answer(story.revision)
        signature = sign(story)
        wanted = probes(signature)
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

    def _keep(self, key: bytes, record: Record, wanted: Iterable[Probe]) -> None:
        self._records[key] = record
        for probe in wanted:
            self._postings[probe.bucket] = posted(probe.tag + key, self._postings.get(probe.bucket))
        if len(self._records) > self._capacity:
            del self._records[next(iter(self._records))]
