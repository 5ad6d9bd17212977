"""Showing why: a story's text with the evidence of its tags marked."""

from collections.abc import Iterable

from shared.events import ActorTag, CountryTag, EnrichedStory, Evidence, RegionTag

Tag = CountryTag | RegionTag | ActorTag


def explained(story: EnrichedStory) -> str:
    """Return a story as text for a person: its fields with the evidence marked, then its tags, one a line."""
    tags: tuple[Tag, ...] = (*story.countries, *story.regions, *story.actors)
    parts = [marked(story.title, "title", tags)] if story.title else []
    parts.append(marked(story.text, "text", tags))
    parts += [f"  {tag.code} {tag.role} {tag.salience:.2f}" for tag in story.countries]
    parts += [f"  {tag.id} {tag.role}" for tag in story.regions]
    parts += [f"  {tag.name} ({tag.kind}) {tag.confidence:.2f}" for tag in story.actors]
    told = f" of {story.cluster.matched}" if story.cluster.matched else ""
    return "\n".join(
        [*parts, f"  language {story.language}, cluster {story.cluster.id}, {story.cluster.relation}{told}"]
    )


def _name(tag: Tag) -> str:
    match tag:
        case CountryTag():
            return tag.code
        case RegionTag():
            return tag.id
        case ActorTag():
            return tag.name


def marked(text: str, field: str, tags: Iterable[Tag]) -> str:
    """Return a field of a story with each piece of evidence as ``[words|CODE kind]``, e.g. ``[Tashkent|UZ capital]``.

    Evidence of several tags for the same words is joined: ``[Kazakh|KZ demonym, central-asia member]``.
    """
    labels: dict[tuple[int, int], list[str]] = {}
    for tag in tags:
        name = _name(tag)
        for evidence in tag.evidence:
            if evidence.field == field and _fits(evidence, text):
                labels.setdefault((evidence.start, evidence.end), []).append(f"{name} {evidence.kind}")
    pieces: list[str] = []
    done = 0
    for (start, end), said in sorted(labels.items()):
        if start < done:
            continue
        pieces += [text[done:start], "[", text[start:end], "|", ", ".join(said), "]"]
        done = end
    return "".join([*pieces, text[done:]])


def _fits(evidence: Evidence, text: str) -> bool:
    return text[evidence.start : evidence.end] == evidence.text
