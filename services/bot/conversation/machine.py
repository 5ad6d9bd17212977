"""The machine form of answers (``Reply.data``): what ``ask --json`` and the script messenger print.

Every answer has ``intent`` (what the question was taken for, see ``intents.Intent``) and ``language`` (ISO 639-1, that
of its texts and names), but for those with the error ``unreachable`` or ``internal``. Depending on the intent:

``place``, ``places``
    ``{"id", "name", "kind"}`` of the first place asked for, and of all of them.
``actors``
    ``[{"id", "name", "kind"}]`` asked for.
``query``, ``since``, ``until``, ``role``
    The words searched for, the window (ISO 8601, UTC), and ``subject`` or ``mentioned``.
``together``, ``without``
    True when a story must have all that is named; ``{"places", "actors", "words"}`` that it must not have.
``stories``
    ``[{"id", "revision", "headline", "url", "source": {"id", "name"}, "published_at", "first_seen_at", "dated",
    "highlighted", "language", "countries": [{"code", "role", "salience"}], "regions": [{"id", "role"}],
    "actors": [{"id", "name", "kind"}], "cluster": {"id", "size"}, "evidence": [{"tag", "field", "start", "end",
    "text", "kind"}]}]``. ``dated`` says what the story is dated by: ``published``, ``first_seen`` (the source gave
    no date) or ``clamped`` (it gave one in the future). ``tag`` is written like a follow: ``country:KZ``. A story
    page adds ``text`` and ``tellings`` (stories of the same event, without their own tellings); a search adds
    ``snippet``.
``more``, ``command``
    The command for the next page, null when there is none, and the one that asks the same again.
``also_mentioned``
    How many stories mention the countries without being about them. Where there is room on the page, ``stories``
    ends with the newest of these; each story's ``countries`` say which it is.
``followed``, ``already``, ``unfollowed``
    Keys of follows that are new, were there before, are there no more: the target, with its words behind it
    (``country:KZ +uranium``). A new follow also has ``words``.
``following``
    ``[{"target", "name", "role", "since", "words"}]``; ``words`` only where there are some.
``follows``
    How many follows are kept, in the answers to ``start`` (with ``resumed``), ``stop`` (``stopped``), ``privacy``,
    ``forget`` (``confirmed``) and ``export``.
``settings``, ``setting``, ``zones``
    All settings as ``/settings`` takes them, the one that was asked for, the zones that may have been meant.
``muted``, ``targets``, ``unmuted``
    What rests until when (ISO 8601, UTC), what was muted now, and what was unmuted. ``*`` is everything.
``export``; ``added``, ``already``, ``left_out``, ``unreadable``
    The text that ``import`` takes; how many follows were added, known before, above the limit; numbers of lines.
``days``, ``total``
    Of a trend: stories per day (``YYYY-MM-DD`` of the reader) and in all. A picture stands in the reply beside it.
``regions``
    Of today: ``[{"id", "name", "kind", "count"}]``, the busiest first; ``stories`` has the top story of each.
``suggestions``
    ``[{"id", "name", "kind", "action"}]``: what may have been meant.
``error``
    ``unknown_name``, ``ambiguous``, ``nothing_found``, ``unreachable``, ``bad_query``, ``too_long``, ``empty``,
    ``expired``, ``not_found``, ``unknown_command``, ``incomplete``, ``not_allowed``, ``bad_words``,
    ``unknown_setting``, ``bad_value`` or ``internal`` (then with ``incident``).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from services.bot.conversation.cleaning import clean
from services.bot.conversation.intents import Intent
from services.bot.conversation.ports import Actor, Place
from services.bot.conversation.topics import Topic
from shared.events import EnrichedStory, Evidence

Data = dict[str, object]


def iso(moment: datetime | None) -> str | None:
    """Return a time as ISO 8601, None for none."""
    return None if moment is None else moment.isoformat()


def name_data(item: Place | Actor) -> Data:
    """Return the machine form of a place or an actor."""
    return {"id": item.id, "name": item.name, "kind": item.kind}


def topic_data(topic: Topic) -> Data:
    """Return the machine form of what was asked about; empty when nothing was named."""
    data: Data = {}
    if topic.places:
        data["place"] = name_data(topic.places[0])
        data["places"] = [name_data(place) for place in topic.places]
    if topic.actors:
        data["actors"] = [name_data(actor) for actor in topic.actors]
    return data


def intent_data(intent: Intent) -> Data:
    """Return the machine form of how a question was understood."""
    data: Data = {"intent": intent.kind, **topic_data(intent.topic)}
    if intent.topic.together:
        data["together"] = True
    without = topic_data(intent.topic.without) if intent.topic.without else {}
    if without or intent.unwanted:
        left_out = {name: without.get(name, []) for name in ("places", "actors")}
        data["without"] = {**left_out, "words": list(intent.unwanted)}
    if intent.words:
        data["query"] = intent.words
    if intent.window is not None:
        data["since"], data["until"] = iso(intent.window.since), iso(intent.window.until)
    return data


def story_data(story: EnrichedStory, tellings: Sequence[EnrichedStory] = ()) -> Data:
    """Return the machine form of a story; ``tellings`` are all stories of its cluster, itself included."""
    _, basis = story.dated
    return {
        "id": story.story_id,
        "revision": story.revision,
        "headline": clean(story.headline),
        "url": story.url,
        "source": {"id": story.source.id, "name": clean(story.source.name)},
        "published_at": iso(story.published_at),
        "first_seen_at": iso(story.first_seen_at),
        "dated": basis,
        "highlighted": story.highlighted,
        "language": story.language,
        "countries": [
            {"code": tag.code, "role": tag.role, "salience": tag.salience} for tag in story.countries
        ],
        "regions": [{"id": tag.id, "role": tag.role} for tag in story.regions],
        "actors": [{"id": tag.id, "name": clean(tag.name), "kind": tag.kind} for tag in story.actors],
        "cluster": {"id": story.cluster.id, "size": max(1, len(tellings))},
        "evidence": [
            {"tag": target, **evidence.model_dump()}
            for target, words in evidence_of(story)
            for evidence in words
        ],
    }


def evidence_of(story: EnrichedStory) -> Iterator[tuple[str, Sequence[Evidence]]]:
    """Yield every tag of a story as a target (``country:KZ``), with the words that it rests on."""
    for country in story.countries:
        yield f"country:{country.code}", country.evidence
    for region in story.regions:
        yield f"region:{region.id}", region.evidence
    for actor in story.actors:
        yield f"actor:{actor.id or clean(actor.name)}", actor.evidence


def suggestion_data(offers: Sequence[tuple[Topic, str]]) -> list[Data]:
    """Return the machine form of suggested topics of one name, each with the command that takes it up."""
    return [
        {**name_data(item), "action": action}
        for topic, action in offers
        for item in (*topic.places, *topic.actors)
    ]
