"""The long answers: a list of stories, a story's page, and the evidence for its tags."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from babel.dates import format_timedelta

from services.bot.conversation.articles import the
from services.bot.conversation.cards import Told, View, cut_spans, marked_text, others, quoted, safe_link
from services.bot.conversation.cleaning import clean, fold, shorten
from services.bot.conversation.machine import Data, evidence_of, iso, story_data
from services.bot.conversation.messages import Block, Button, Reply, Span, block, line
from services.bot.conversation.notices import command_button
from services.bot.conversation.ports import Actor
from services.bot.conversation.texts import _, later, plural, speaker
from services.bot.conversation.topics import NO_TOPIC, Topic
from shared.events import EnrichedStory, Evidence

#: Characters of a story's headline and text on its page, and of its text in the evidence view.
HEADLINE = 300
PAGE_TEXT = 900
EVIDENCE_TEXT = 1_500
MOST_TELLINGS = 5
MOST_TAGS = 15
MOST_OFFERS = 2
MOST_ACTORS = 6
#: Characters of another telling's headline.
TELLING = 140

#: Stories this close in time count as told at once.
_SAME_TIME = timedelta(minutes=2)

_TAGS = {
    "country": later("Countries"),
    "region": later("Regions"),
    "actor": later("People and organisations"),
}


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of stories with what stands above and below it."""

    title: str
    told: Sequence[Told]
    topic: Topic = NO_TOPIC
    further: Sequence[Told] = ()
    """Stories that mention the topic without being about it, under a heading of their own."""
    notes: Sequence[str] = ()
    """Sentences under the list."""
    buttons: Sequence[Button] = ()
    more: str | None = None
    """The command for the next page."""
    newest: str | None = None
    """The command for the first page, when this is a later one."""


def story_list(listing: Listing, view: View, data: Data) -> Reply:
    """Return a list: numbered cards, a button per story, then the ways on."""
    told = [*listing.told, *listing.further]
    cards = [view.card(each, listing.topic, number=n) for n, each in enumerate(told, start=1)]
    numbers = tuple(Button(str(n), f"/story {each.story.story_id}") for n, each in enumerate(told, start=1))
    ways = [Button(_("More ›"), listing.more)] if listing.more else []
    ways += [Button(_("« Newest"), listing.newest)] if listing.newest else []
    rows = [row for row in (numbers, tuple(ways)) if row] + [(button,) for button in listing.buttons]
    if listing.further:
        heading = block(line(Span(_("Mentioning {name}", name=listing.topic.name), bold=True)))
        cards.insert(len(listing.told), heading)
    blocks = [block(line(Span(listing.title, bold=True))), *cards]
    blocks += [block(*listing.notes)] if listing.notes else []
    stories = [_listed(each) for each in told]
    return Reply(tuple(blocks), tuple(rows), data={**data, "stories": stories, "more": listing.more})


def _listed(told: Told) -> Data:
    data = story_data(told.story, told.tellings)
    return {**data, "snippet": clean(told.snippet)} if told.snippet else data


def story_page(told: Told, view: View, known: Callable[[str], Actor | None]) -> Reply:
    """Return a story's page: text, tags and who else told it. ``known`` finds the actors that can be asked for."""
    story = told.story
    blocks = [_head(told, view), *_text(story), *_tags(story, view), *_tellings(told, view)]
    tellings = [other for other in told.tellings if other.story_id != story.story_id]
    page = {
        **story_data(story, told.tellings),
        "text": clean(story.text),
        "tellings": [
            {"id": each.story_id, "source": clean(each.source.name), "headline": clean(each.headline), "url": each.url,
             "published_at": iso(each.published_at), "first_seen_at": iso(each.first_seen_at),
             "relation": each.cluster.relation}
            for each in tellings
        ],
    }  # fmt: skip
    ways = [
        [Button(_("Why these tags?"), f"/why {story.story_id}")],
        _follow_buttons(story, view),
        *_in_rows(_actor_buttons(story, known)),
        *(
            [command_button(f"{each.source.name}: {each.headline}", f"/story {each.story_id}")]
            for each in tellings[:MOST_TELLINGS]
        ),
    ]
    rows = tuple(tuple(row) for row in ways if row)
    return Reply(tuple(blocks), rows, data={"intent": "story", "stories": [page]})


def _in_rows(buttons: Sequence[Button]) -> list[Sequence[Button]]:
    """Return buttons two a row: names are long and phones narrow."""
    return [buttons[at : at + 2] for at in range(0, len(buttons), 2)]


def _head(told: Told, view: View) -> Block:
    story = told.story
    flags = view.flags(story)
    title = line(
        f"{flags}{' ' if flags else ''}{'★ ' if story.highlighted else ''}",
        Span(shorten(clean(story.headline), HEADLINE), bold=True),
    )
    facts = " · ".join([view.when(story), clean(story.source.name), *others(told)])
    lines = [title, line(facts)]
    link = safe_link(story.url)
    if link:
        lines.append((Span(link, href=link),))
    if story.highlighted:
        lines.append(line("★ ", _("picked out by an editor")))
    return Block(tuple(lines))


def _text(story: EnrichedStory) -> list[Block]:
    text, headline = clean(story.text).strip(), clean(story.headline).strip()
    if len(headline) <= HEADLINE and text.startswith(headline):
        # a story without a title is headed by its own first sentence
        text = text[len(headline) :].lstrip(" .,;:!?")
    return [block(shorten(text, PAGE_TEXT))] if text else []


def _tags(story: EnrichedStory, view: View) -> list[Block]:
    about = [view.name(tag.code) for tag in story.countries if tag.role == "subject"]
    mentioned = [view.name(tag.code) for tag in story.countries if tag.role == "mentioned"]
    regions = [view.name(tag.id) for tag in story.regions if tag.role != "derived"]
    actors = [view.actor_name(tag) for tag in story.actors]
    rows = (
        (_("About"), about),
        (_("Mentions"), mentioned),
        (_("Regions"), regions),
        (_("People and organisations"), actors),
    )
    lines = [
        line(Span(f"{label}: ", bold=True), ", ".join(names[:MOST_TAGS])) for label, names in rows if names
    ]
    return [Block(tuple(lines))] if lines else []


def _tellings(told: Told, view: View) -> list[Block]:
    """Say how others tell it: a line for each source, in the order in which they came."""
    story = told.story
    rest = [each for each in told.tellings if each.story_id != story.story_id]
    if not rest:
        return []
    rest.sort(key=lambda each: (each.dated[0], each.story_id))
    lines = [line(Span(_("How others tell it"), bold=True))]
    for each in rest[:MOST_TELLINGS]:
        headline = shorten(clean(each.headline), TELLING)
        who = Span(clean(each.source.name), italic=True)
        same = fold(headline) == fold(shorten(clean(story.headline), TELLING))
        said = _("in the same words") if same else headline
        lines.append(
            line("• ", who, f", {_after(story, each, view)}: ", Span(said, href=safe_link(each.url)))
        )
    left = len(rest) - MOST_TELLINGS
    if left > 0:
        lines.append(line(plural("and {count} more", "and {count} more", left)))
    return [Block(tuple(lines))]


def _after(story: EnrichedStory, other: EnrichedStory, view: View) -> str:
    """Say when another source told it, seen from this story: "2 hours later"; undated ones by their own time."""
    if story.dated[1] != "published" or other.dated[1] != "published":
        return view.when_short(other)
    gap = other.dated[0] - story.dated[0]
    if abs(gap) < _SAME_TIME:
        return _("at the same time")
    span = format_timedelta(abs(gap), threshold=1, locale=speaker().language)
    return _("{span} later", span=span) if gap > _SAME_TIME else _("{span} earlier", span=span)


def _follow_buttons(story: EnrichedStory, view: View) -> list[Button]:
    subjects = [tag.code for tag in story.countries if tag.role == "subject"]
    return [
        command_button(_("Follow {name}", name=the(view.name(code))), f"/follow {code}")
        for code in subjects[:MOST_OFFERS]
    ]


def _actor_buttons(story: EnrichedStory, known: Callable[[str], Actor | None]) -> list[Button]:
    """Return a button each for the most prominent actors; it leads to their stories, and they to following."""
    actors = [actor for tag in story.actors if tag.id and (actor := known(tag.id))]
    return [command_button(actor.name, f"/latest actor:{actor.id}") for actor in actors[:MOST_ACTORS]]


def evidence_page(story: EnrichedStory, view: View) -> Reply:
    """Return why a story has its tags: its text with the words marked, and the words of each tag."""
    tags = list(evidence_of(story))
    words = [item for _target, evidence in tags for item in evidence]
    blocks = [block(line(Span(_("Why this story has its tags"), bold=True)))]
    text_lines = []
    if story.title:
        text_lines.append(
            tuple(
                Span(span.text, True, False, span.marked) for span in marked_text(story.title, "title", words)
            )
        )
    text_lines.append(cut_spans(marked_text(story.text, "text", words), EVIDENCE_TEXT))
    blocks.append(Block(tuple(text_lines)))
    blocks += _evidence_blocks(story, tags, view)
    if not tags:
        blocks.append(block(_("No country, region or person was recognised in it.")))
    data: Data = {"intent": "why", "stories": [story_data(story)]}
    return Reply(tuple(blocks), ((Button(_("The story"), f"/story {story.story_id}"),),), data=data)


def _evidence_blocks(
    story: EnrichedStory, tags: Sequence[tuple[str, Sequence[Evidence]]], view: View
) -> list[Block]:
    roles: dict[str, str] = {f"country:{tag.code}": tag.role for tag in story.countries}
    roles |= {f"region:{tag.id}": tag.role for tag in story.regions}
    names = {f"actor:{tag.id or clean(tag.name)}": view.actor_name(tag) for tag in story.actors}
    blocks = []
    for kind, title in _TAGS.items():
        lines = [line(Span(_(title), bold=True))]
        for target, evidence in [tag for tag in tags if tag[0].startswith(f"{kind}:")][:MOST_TAGS]:
            name = names.get(target) or view.name(target.partition(":")[2])
            role = f" ({_(_ROLES[roles[target]])})" if target in roles else ""
            if evidence or kind != "region":
                lines.append(line(f"{name}{role}: ", quoted(evidence, kinds=True) or _("no words recorded")))
        derived = [view.name(tag.id) for tag in story.regions if kind == "region" and not tag.evidence]
        if derived:
            lines.append(line(_("Through the countries it is about: {names}", names=", ".join(derived))))
        if len(lines) > 1:
            blocks.append(Block(tuple(lines)))
    return blocks


_ROLES = {
    "subject": later("what it is about"),
    "mentioned": later("mentioned"),
    "derived": later("a member is what it is about"),
}
