"""Unlisted actors that keep turning up: candidates for the watch list, with what the stories say about them."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from shared.actors.spelling import fold, romanised
from shared.events import ActorKind, ActorTag, EnrichedStory

#: Of each candidate so many snippets, of so many characters on either side of the name.
_SNIPPETS, _AROUND = 3, 60


@dataclass(slots=True)
class Candidate:
    """Somebody nobody listed: in how many clusters of stories, called what, and in which words."""

    name: str
    kind: ActorKind
    clusters: set[str] = field(default_factory=set)
    snippets: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Return in how many clusters of stories the name stands: the same report told twice counts once."""
        return len(self.clusters)


class Tally:
    """Counts the unlisted actors of stories that pass by; only names of several words, others say too little."""

    def __init__(self) -> None:
        self._found: dict[tuple[ActorKind, str], Candidate] = {}

    def add(self, story: EnrichedStory) -> None:
        """Count the actors of one more story."""
        for tag in story.actors:
            if tag.id is None and " " in tag.name.strip():
                key = (tag.kind, fold(tag.name))
                _count(self._found.setdefault(key, Candidate(tag.name, tag.kind)), story, tag)

    def candidates(self, at_least: int = 2) -> list[Candidate]:
        """Return the actors that stand in at least so many clusters of stories, the most frequent first."""
        often = [candidate for candidate in self._found.values() if candidate.count >= at_least]
        return sorted(often, key=lambda candidate: (-candidate.count, candidate.name))


def collect(stories: Iterable[EnrichedStory], at_least: int = 2) -> list[Candidate]:
    """Return the unlisted actors of ``stories`` that stand in at least so many clusters, the most frequent first."""
    tally = Tally()
    for story in stories:
        tally.add(story)
    return tally.candidates(at_least)


def ids_for(candidates: Iterable[Candidate], taken: Collection[str] = ()) -> dict[str, Candidate]:
    """Return the candidates by the ids that they would get: their names in plain letters, apart from ``taken``."""
    found: dict[str, Candidate] = {}
    for candidate in candidates:
        letters = "".join(romanised(letter) for letter in fold(candidate.name))
        plain = "-".join(re.findall(r"[a-z0-9]+", letters)) or "actor"
        number, actor_id = 1, plain
        while actor_id in found or actor_id in taken:
            number += 1
            actor_id = f"{plain}-{number}"
        found[actor_id] = candidate
    return found


def _count(candidate: Candidate, story: EnrichedStory, tag: ActorTag) -> None:
    if story.cluster.id in candidate.clusters:
        return
    candidate.clusters.add(story.cluster.id)
    if tag.evidence and len(candidate.snippets) < _SNIPPETS:
        one = tag.evidence[0]
        text = (story.title or "") if one.field == "title" else story.text
        snippet = text[max(0, one.start - _AROUND) : one.end + _AROUND]
        candidate.snippets.append(" ".join(snippet.split()))


def as_entry(candidate: Candidate, actor_id: str, country: str | None = None) -> str:
    """Return the candidate as an entry for a watch list, to be appended to the file."""
    person = candidate.kind == "person"
    lines = [f"[[{'person' if person else 'organisation'}]]", f"id = {_quoted(actor_id)}"]
    lines.append(f"name = {_quoted(candidate.name)}")
    if not person:
        lines.append(f"kind = {_quoted(candidate.kind)}")
    if country:
        lines.append(f"country = {_quoted(country)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a TOML basic string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(letter if letter.isprintable() else " " for letter in escaped) + '"'
