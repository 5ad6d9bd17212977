"""How a story looks: its card in a list, its page, and the words that its tags rest on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_date, format_datetime, format_timedelta

from services.bot.conversation.cleaning import clean, shorten
from services.bot.conversation.messages import Block, Span, line
from services.bot.conversation.ports import Actors, Places
from services.bot.conversation.texts import DEFAULT, _, day, later, moment, plural, speaker
from services.bot.conversation.topics import NO_TOPIC, Topic
from shared.archive.port import MARK_END, MARK_START
from shared.events import ActorTag, CountryTag, EnrichedStory, Evidence, RegionTag

HEADLINE = 160
SNIPPET = 240
MOST_FLAGS = 4
MOST_WORDS = 3

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Told:
    """A story with what a card says beside it."""

    story: EnrichedStory
    tellings: Sequence[EnrichedStory] = ()
    """Every story of its cluster, itself included."""
    snippet: str | None = None
    """A passage with search matches between the archive's two marks."""


@dataclass(frozen=True, slots=True)
class View:
    """With what and when a story is shown: the vocabularies for names and flags, the time."""

    places: Places
    actors: Actors
    now: datetime

    def when(self, story: EnrichedStory) -> str:
        """Return when a story was published, in full, or honestly that its source did not say."""
        at, _basis = story.dated
        return self._honest(story, f"{show_relative(self.now - at)}, {self._moment(at)}")

    def when_short(self, story: EnrichedStory) -> str:
        """Return when a story was published, as short as a card is: "3 hours ago", "17 Nov, 09:30"."""
        at, _basis = story.dated
        return self._honest(story, show_age(at, self.now))

    def _honest(self, story: EnrichedStory, shown: str) -> str:
        _at, basis = story.dated
        if basis == "first_seen":
            return _("undated, first seen {when}", when=shown)
        if basis == "clamped":
            return _("dated in the future, first seen {when}", when=shown)
        return shown

    def _moment(self, at: datetime) -> str:
        """Return a time; of a story of midnight sharp only the day is known."""
        return day(at) if (at.hour, at.minute, at.second) == (0, 0, 0) else moment(at)

    def flags(self, story: EnrichedStory, topic: Topic = NO_TOPIC) -> str:
        """Return the flags of the countries that a story is about, those asked for first."""
        asked = {place.id for place in topic.places}
        codes = [tag.code for tag in story.countries if tag.role == "subject"]
        places = [self.places.get(code) for code in sorted(codes, key=lambda code: code not in asked)]
        if not codes:
            places = [
                self.places.get(tag.id) for tag in story.regions if tag.role == "subject" or tag.id in asked
            ]
        return "".join(place.flag for place in places[:MOST_FLAGS] if place is not None)

    def name(self, place_id: str) -> str:
        """Return the name of a place, its id when it is not known (any more)."""
        place = self.places.get(place_id)
        return place.name if place is not None else place_id

    def actor_name(self, tag: ActorTag) -> str:
        """Return the name of an actor: in the reader's language where it is known, else as the story has it."""
        actor = self.actors.get(tag.id) if tag.id and speaker().language != DEFAULT else None
        return clean(actor.name if actor is not None else tag.name)

    def card(self, told: Told, topic: Topic = NO_TOPIC, *, number: int | None = None) -> Block:
        """Return a story's card: headline, when and who, and why it is here."""
        story = told.story
        mark = "★ " if story.highlighted else ""
        prefix = f"{number}. " if number is not None else ""
        flags = self.flags(story, topic)
        head = line(
            f"{prefix}{flags}{' ' if flags else ''}{mark}",
            Span(shorten(clean(story.headline), HEADLINE), bold=True, href=safe_link(story.url)),
        )
        facts = " · ".join([self.when_short(story), clean(story.source.name), *others(told)])
        last = snippet_line(told.snippet) if told.snippet else self._reason_line(story, topic)
        return Block(tuple(each for each in (head, line(facts), last) if each))

    def _reason_line(self, story: EnrichedStory, topic: Topic) -> tuple[Span, ...]:
        reasons = "; ".join(self.reasons(story, topic))
        if not reasons:
            names = [self.name(tag.code) for tag in story.countries if tag.role == "subject"][:MOST_FLAGS]
            reasons = ", ".join(names)
        return (Span(reasons, italic=True),) if reasons else ()

    def reasons(self, story: EnrichedStory, topic: Topic) -> list[str]:
        """Say for each thing asked for which words of the story put it here: Kazakhstan: “Astana”, “Kazakh”."""
        places = {place.id for place in topic.places}
        actors = {actor.id for actor in topic.actors}
        return [
            *(_reason(self._tag_name(tag), tag.evidence) for tag in story.countries if tag.code in places),
            *(
                _reason(self.name(tag.id), tag.evidence) + self._through(story, tag)
                for tag in story.regions
                if tag.id in places
            ),
            *(_reason(self.actor_name(tag), tag.evidence) for tag in story.actors if tag.id in actors),
        ]

    def _tag_name(self, tag: CountryTag) -> str:
        name = self.name(tag.code)
        return _("{name} (mentioned)", name=name) if tag.role == "mentioned" else name

    def _through(self, story: EnrichedStory, region: RegionTag) -> str:
        """Say which members a derived region rests on: through Tajikistan."""
        if region.role != "derived":
            return ""
        members = self.places.members(region.id)
        names = [
            self.name(tag.code) for tag in story.countries if tag.role == "subject" and tag.code in members
        ]
        if not names or region.evidence:
            return ""
        return " " + _("through {names}", names=", ".join(names))


def show_relative(age: timedelta) -> str:
    """Return an age as "3 hours ago"; what lies ahead, or under a minute back, is "just now"."""
    if age.total_seconds() < 60:
        return _("just now")
    return format_timedelta(-age, add_direction=True, threshold=1, locale=speaker().language)


def show_age(at: datetime, now: datetime) -> str:
    """Return when something was, for short: "3 hours ago" today, "17 Nov, 09:30" this week, else the day."""
    spoken = speaker()
    local, today = at.astimezone(spoken.zone), now.astimezone(spoken.zone)
    if now - at < _DAY:
        return show_relative(now - at)
    if now - at < _WEEK and (at.hour, at.minute, at.second) != (0, 0, 0):
        return format_datetime(local, "d MMM, HH:mm", locale=spoken.language)
    return format_date(local, "d MMM" if local.year == today.year else "d MMM y", locale=spoken.language)


def others(told: Told) -> list[str]:
    """Say who else told it: "+2 sources", or "told 3 times" when it was always the same source."""
    rest = [story for story in told.tellings if story.story_id != told.story.story_id]
    sources = {story.source.id for story in rest} - {told.story.source.id}
    if sources:
        return [plural("+{count} source", "+{count} sources", len(sources))]
    return [plural("told {count} time", "told {count} times", len(rest) + 1)] if rest else []


def safe_link(url: str | None) -> str | None:
    """Return a link that may be followed (http and https only), without control characters; else None."""
    cleaned = clean(url or "").replace(" ", "%20")
    return cleaned if cleaned.lower().startswith(("http://", "https://")) else None


def snippet_line(snippet: str) -> tuple[Span, ...]:
    """Return a passage with what the search matched marked."""
    spans: list[Span] = []
    for number, part in enumerate(snippet.split(MARK_START)):
        matched, _, rest = part.partition(MARK_END) if number else ("", "", part)
        spans += [Span(clean(matched), marked=True)] if clean(matched) else []
        spans += [Span(clean(rest))] if clean(rest) else []
    return cut_spans(spans, SNIPPET)


def cut_spans(spans: Iterable[Span], limit: int) -> tuple[Span, ...]:
    """Cut a line of spans to at most ``limit`` characters."""
    kept: list[Span] = []
    for span in spans:
        room = limit - sum(len(each.text) for each in kept)
        if len(span.text) > room:
            if room > 1:
                kept.append(Span(shorten(span.text, room), span.bold, span.italic, span.marked, span.href))
            break
        kept.append(span)
    return tuple(kept)


def marked_text(text: str, field: str, evidence: Iterable[Evidence]) -> tuple[Span, ...]:
    """Return a field of a story with its evidence marked. Offsets count in the original text, so clean after."""
    spans: list[Span] = []
    at = 0
    for start, end in sorted({(item.start, item.end) for item in evidence if item.field == field}):
        if start < at or end > len(text) or end <= start:
            continue
        spans += _cleaned(text[at:start], marked=False) + _cleaned(text[start:end], marked=True)
        at = end
    return tuple(spans + _cleaned(text[at:], marked=False))


def _cleaned(text: str, *, marked: bool) -> list[Span]:
    cleaned = clean(text)
    return [Span(cleaned, marked=marked)] if cleaned else []


def _reason(name: str, evidence: Sequence[Evidence]) -> str:
    words = quoted(evidence)
    return f"{name}: {words}" if words else name


def quoted(evidence: Sequence[Evidence], *, kinds: bool = False, most: int = MOST_WORDS) -> str:
    """Return the words of evidence in quotes, each once: “Astana” (city), “Kazakh” (demonym)."""
    words = list(dict.fromkeys((_("“{words}”", words=clean(item.text)), item.kind) for item in evidence))
    shown = [f"{word} ({show_kind(kind)})" if kinds else word for word, kind in words]
    return ", ".join(dict.fromkeys(shown[:most] if not kinds else shown))


#: What kinds of evidence are called; other kinds go by their own name.
_KINDS = {
    "name": later("name"),
    "alias": later("other name"),
    "abbr": later("abbreviation"),
    "code": later("abbreviation"),
    "capitals": later("abbreviation"),
    "capital": later("city"),  # the vocabulary's capitals include other large cities
    "city": later("city"),
    "admin": later("part of the country"),
    "state": later("part of the country"),
    "demonym": later("people or adjective"),
    "leader": later("leader"),
    "metonym": later("seat of power"),
    "region": later("region"),
    "member": later("a country of it"),
    "surname": later("surname"),
    "family name": later("surname"),
    "given name": later("first name"),
    "title": later("title"),
    "head": later("the kind of organisation"),
    "who": later("what is said of them"),
    "verb": later("what they do"),
}


def show_kind(kind: str) -> str:
    """Return what a kind of evidence is called."""
    kind = clean(kind)
    known = _KINDS.get(kind) or _KINDS.get(kind.rstrip("0123456789"))
    return _(known) if known else kind
