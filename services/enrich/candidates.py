"""Unlisted actors that keep turning up: candidates for the watch list, with what the stories say about them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.actors.spelling import fold
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


def collect(stories: Iterable[EnrichedStory], at_least: int = 2) -> list[Candidate]:
    """Return the unlisted actors of ``stories`` that stand in at least so many clusters, the most frequent first."""
    found: dict[tuple[ActorKind, str], Candidate] = {}
    for story in stories:
        for tag in story.actors:
            if tag.id is None and " " in tag.name.strip():
                candidate = found.setdefault((tag.kind, fold(tag.name)), Candidate(tag.name, tag.kind))
                _count(candidate, story, tag)
    often = [candidate for candidate in found.values() if candidate.count >= at_least]
    return sorted(often, key=lambda candidate: (-candidate.count, candidate.name))


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
