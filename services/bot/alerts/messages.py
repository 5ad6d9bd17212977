"""What alerts look like: one story, several that came together, and what was learnt of a story since.

Everything is said in the language and the zone of the ``speaking`` block that it is written in.
"""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from services.bot.alerts.alert_buttons import buttons_of, buttons_of_several
from services.bot.alerts.port import Alert, AlertStory, Reasons
from services.bot.alerts.telling import NOTHING_SINCE, Since
from services.bot.conversation.articles import the
from services.bot.conversation.cleaning import clean, shorten
from services.bot.conversation.messages import Block, Reply, Span, block, line
from services.bot.conversation.texts import _, moment, plural, speaker
from services.bot.subscriptions import target_of, words_of

#: Longer headlines are cut, in characters: an alert is a glance, the story is a button away.
HEADLINE_LIMIT = 400
#: Headlines of stories that come together are shorter, so that they all fit into one message.
SHORT_HEADLINE_LIMIT = 160
#: Reasons named in one alert at most, flags before a headline, other sources named.
REASONS_SHOWN = 4
SOURCES_SHOWN = 3

NameOf = Callable[[str], tuple[str, str]]
"""From a target (``country:KZ``) to its flag ("" when it has none) and its name, as ``TargetNames`` does."""


def alert_message(alert: Alert, *, name_of: NameOf, since: Since = NOTHING_SINCE) -> Reply:
    """Write an alert: the headline, where it comes from and when, who told it too, and why this reader hears of it."""
    lines = [headline_line(alert.story, name_of=name_of, since=since, bell="🔔 "), line(_origin(alert.story))]
    if since:
        lines.append(line(_since(since)))
    facts = alert_facts(alert)
    if since:
        facts |= {
            "sources": list(since.sources),
            "tellings": since.again,
            "changed": since.revised.change if since.revised else None,
        }
    return Reply(
        blocks=(Block(tuple(lines)), Block((line(Span(_why([alert.reasons], name_of), italic=True)),))),
        buttons=buttons_of(alert, name_of),
        data={"alert": facts, "language": speaker().language},
    )


def burst_message(
    alerts: Sequence[Alert],
    *,
    name_of: NameOf,
    since: Callable[[Alert], Since] = lambda _alert: NOTHING_SINCE,
) -> Reply:
    """Write several alerts for one reader as one message: a headline each, and the reasons of all."""
    title = plural("🔔 {count} new story", "🔔 {count} new stories", len(alerts))
    cards = [
        story_card(alert.story, name_of=name_of, number=number, since=since(alert))
        for number, alert in enumerate(alerts, 1)
    ]
    why = line(Span(_why([alert.reasons for alert in alerts], name_of), italic=True))
    return Reply(
        blocks=(block(line(Span(title, bold=True))), *cards, Block((why,))),
        buttons=buttons_of_several(alerts, name_of),
        data={"alerts": [alert_facts(alert) for alert in alerts], "language": speaker().language},
    )


def story_card(story: AlertStory, *, name_of: NameOf, number: int, since: Since = NOTHING_SINCE) -> Block:
    """Write a story among several: its headline, where it comes from and when, how many told it too."""
    lines = [
        headline_line(story, name_of=name_of, since=since, number=number, limit=SHORT_HEADLINE_LIMIT),
        line(_origin(story)),
    ]
    return Block((*lines, line(_since(since, briefly=True))) if since else tuple(lines))


def update_line(alert: Alert, since: Since) -> str:
    """Say in one short line what is new about a story that was alerted: for who cannot see a message change."""
    return f"↻ {_since(since)}: {_shortened(_told(alert.story, since), SHORT_HEADLINE_LIMIT)}"


def headline_line(
    story: AlertStory,
    *,
    name_of: NameOf,
    since: Since = NOTHING_SINCE,
    number: int | None = None,
    bell: str = "",
    limit: int = HEADLINE_LIMIT,
) -> tuple[Span, ...]:
    """Write a headline with its number, mark and flags, linked to the story."""
    url = since.revised.url if since.revised else story.url
    href = url if url and urlsplit(url).scheme in {"http", "https"} else None
    flags = "".join(name_of(f"country:{code}")[0] for code in story.countries[:REASONS_SHOWN])
    before = f"{bell}{f'{number}. ' if number else ''}{'⭐ ' if story.highlighted else ''}{flags}"
    headline = Span(_shortened(_told(story, since), limit), bold=True, href=href)
    return line(f"{before.rstrip()} ", headline) if before.strip() else (headline,)


def alert_facts(alert: Alert) -> dict[str, object]:
    """Return what an alert says, for machines."""
    story = alert.story
    return {
        "story_id": story.story_id,
        "cluster": story.cluster,
        "headline": story.headline,
        "source": story.source,
        "url": story.url,
        "dated_at": story.dated_at.isoformat(),
        "date_basis": story.date_basis,
        "countries": list(story.countries),
        "reasons": dict(alert.reasons),
    }


def _told(story: AlertStory, since: Since) -> str:
    return since.revised.headline if since.revised else story.headline


def _shortened(text: str, limit: int) -> str:
    return shorten(clean(text), limit)


def when_told(story: AlertStory) -> str:
    """Say when a story was published, or that this is only when it was seen."""
    when = moment(story.dated_at)
    return when if story.date_basis == "published" else _("first seen {when}", when=when)


def _origin(story: AlertStory) -> str:
    return f"{clean(story.source)} · {when_told(story)}"


def _since(since: Since, *, briefly: bool = False) -> str:
    """Say "+2 sources: Reuters, TASS · numbers changed · updated 1 Mar 2026, 12:20 UTC", or without names and time."""
    parts = []
    if since.sources:
        names = ", ".join(clean(name) for name in since.sources[:SOURCES_SHOWN])
        dots = "…" if len(since.sources) > SOURCES_SHOWN else ""
        count = plural("+{count} source", "+{count} sources", len(since.sources))
        parts.append(count if briefly else f"{count}: {names}{dots}")
    if since.again:
        parts.append(plural("+{count} telling", "+{count} tellings", since.again))
    if since.revised is not None:
        parts.append(_changed(since.revised.change))
    if since.updated is not None and not briefly:
        parts.append(_("updated {when}", when=moment(since.updated)))
    return " · ".join(parts)


def _changed(change: str | None) -> str:
    if change == "correction":
        return _("⚠️ corrected by its source")
    return _("✏️ other numbers now") if change == "numbers" else _("✏️ another headline now")


def _why(reasons: Sequence[Reasons], name_of: NameOf) -> str:
    """Say "You follow Kazakhstan and mentions of Russia"; every follow once."""
    merged = {key: role for each in reasons for key, role in each.items()}
    names = [
        _reason(key, role, name_of)
        for key, role in sorted(merged.items(), key=lambda item: (item[1] != "subject", item[0]))
    ]
    shown, rest = names[:REASONS_SHOWN], len(names) - REASONS_SHOWN
    if rest > 0:
        shown.append(_("{rest} more", rest=rest))
    if not shown[1:]:
        return _("You follow {name}.", name="".join(shown))
    return _("You follow {names} and {last}.", names=", ".join(shown[:-1]), last=shown[-1])


def _reason(key: str, role: str, name_of: NameOf) -> str:
    name, words = the(name_of(target_of(key))[1]), words_of(key)
    named = name if role == "subject" else _("mentions of {name}", name=name)
    return f"{named} ({words})" if words else named
