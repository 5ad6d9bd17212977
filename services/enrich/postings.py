"""The inverted index of the clusters: which stories share a feature, newest first, in buckets of bounded size.

A bucket is a string of entries of eight bytes: two that tell the features of one bucket apart, and the six of a
story's key. Looking for a feature in it is a search for two bytes.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from heapq import nlargest
from itertools import islice
from typing import Final, NamedTuple

from services.enrich.signatures import Signature

#: Entries are kept in this many buckets of at most ``BUCKET_BYTES``, so the index has a hard upper bound.
BUCKETS: Final = 1 << 16
BUCKET_BYTES: Final = 2048
ENTRY: Final = 8
_TAG: Final = 2
#: A story is posted under so many of its rarest terms and of its names, beside its marks and its whole text.
_TERMS: Final = 10
_NAMES: Final = 2
#: How many of the likeliest stories are compared in full, and the share of the likeliest one's weight that the
#: others must reach; what shares less than ``LEAST`` in all is not worth comparing.
CANDIDATES: Final = 16
NEAR: Final = 0.25
LEAST: Final = 40.0
#: So many postings are looked at for a story; once they are used up, so many of each feature still.
SEEN: Final = 96
SEEN_OF_EACH: Final = 12

Ranked = list[tuple[float, bytes]]
"""The weight of the features that stories share, and their keys, best first."""


class Probe(NamedTuple):
    """One feature that a story is found by: where it is posted, and as what."""

    bucket: int
    tag: bytes
    weight: float


def story_key(story_id: str) -> bytes:
    """The key of a story in the index: 48 bits."""
    return blake2b(story_id.encode(), digest_size=ENTRY - _TAG).digest()


def probes(signature: Signature) -> tuple[Probe, ...]:
    """The features to post a story under and to look for others by."""
    features: list[tuple[int, float]] = [(signature.content ^ signature.content >> 32, 500.0)]
    features += islice(signature.terms.items(), _TERMS)
    features += [(shingle ^ 0x3C3C3C3C, 100.0) for shingle in signature.marks]
    features += [(name ^ 0x5A5A5A5A, 20.0) for name in islice(signature.names, _NAMES)]
    found = []
    for feature, weight in features:
        mixed = (feature & 0xFFFFFFFF) * 0x9E3779B97F4A7C15
        found.append(Probe((mixed >> 32) % BUCKETS, (mixed >> 8 & 0xFFFF).to_bytes(_TAG), weight))
    return tuple(found)


def posted(entry: bytes, bucket: bytes | None) -> bytes:
    """A bucket with one more entry, without its oldest one when it is full."""
    return entry + bucket[: BUCKET_BYTES - ENTRY] if bucket else entry


def likeliest(wanted: Iterable[Probe], postings: Mapping[int, bytes], own: bytes) -> Ranked:
    """The stories that share most features with the probes, the story itself left out.

    Features that few stories share just now are looked at first, and of the others only the newest stories.
    """
    found = []
    for probe in wanted:
        entries = postings.get(probe.bucket)
        if entries is not None and (many := entries.count(probe.tag)):
            found.append((many, probe.tag, entries, probe.weight))
    found.sort()
    shared: dict[bytes, float] = {}
    left = SEEN
    for many, tag, entries, weight in found:
        for key in _sharing(entries, tag, max(left, SEEN_OF_EACH)):
            shared[key] = shared.get(key, 0.0) + weight
        left -= many
    shared.pop(own, None)
    return best_of([(weight, key) for key, weight in shared.items()])


def _sharing(entries: bytes, tag: bytes, most: int) -> list[bytes]:
    """The keys of the stories under one feature of a bucket, newest first."""
    keys: list[bytes] = []
    at = entries.find(tag)
    while at >= 0 and len(keys) < most:
        if at % ENTRY:
            at = entries.find(tag, at + 1)
        else:
            keys.append(entries[at + _TAG : at + ENTRY])
            at = entries.find(tag, at + ENTRY)
    return keys


def best_of(ranked: Iterable[tuple[float, bytes]]) -> Ranked:
    """The best of one or more rankings."""
    best = nlargest(CANDIDATES, [one for one in ranked if one[0] >= LEAST])
    least = best[0][0] * NEAR if best else 0.0
    return [one for one in best if one[0] >= least]
