"""A heading page as HTML: the stories listed under one heading, each with title, link, lead, date and flag."""

from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.ingest.formats.cleaning import clean_line
from services.ingest.formats.items import Parsed, ParseError, make_item, web_link
from services.ingest.formats.markup import TooDeepError, node_text, parse_html
from services.ingest.formats.phrases import Phrases, fold, load_phrases

_AROUND_PAGE = ["nav", "footer", "aside"]
_TITLES = "h2, h3, h4, h5"
_ITEMS = "article, [role=article], li, section, div, td"
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5"})
# Beyond these, a page is no list of stories: its titles, the levels of a card, a title's printings in a card.
_MAX_TITLES = 2_000
_MAX_CLIMB = 12
_MAX_PRINTED = 4
_FLAG_CLASSES = ("editors-choice", "editor-choice", "editors-pick", "editor-pick", "is-highlighted")
_FLAGS = "span, p, div, em, strong, small, a, b, i, label, figcaption"


@dataclass(frozen=True, slots=True)
class _Card:
    title: str
    node: LexborNode


def parse_heading_html(html: str, heading: str | None = None, base_url: str | None = None) -> Parsed:
    """Return the stories of the page. ParseError ``no_stories`` when it has no titles with a lead below them."""
    try:
        tree = parse_html(html)
    except TooDeepError as error:
        raise ParseError("too_deep", str(error)) from error
    tree.strip_tags(_AROUND_PAGE, recursive=True)
    for line_break in tree.css("br"):
        line_break.replace_with("\n")
    name = heading or _heading(tree)
    cards = _cards(tree)
    if not cards:
        raise ParseError("no_stories", "the page has no list of titles")
    parsed = Parsed()
    for number, card in enumerate(cards, start=1):
        url, date, author = (
            _link(card),
            _date(card.node),
            _first_text(card.node, "[rel=author], .author, .byline"),
        )
        highlighted = _is_flagged(card.node, load_phrases())
        parsed.add(
            make_item(
                text=_lead(card, {fold(name), fold(author), fold(date or "")}),
                title=card.title,
                url=url,
                base_url=_base(tree, base_url),
                author=author,
                date=date,
                heading=name,
                highlighted=highlighted,
                where=f"story {number}",
            )
        )
    return parsed


def _heading(tree: LexborHTMLParser) -> str:
    return _text(tree.css_first("h1")) or _text(tree.css_first("title")).split(" | ")[0]


def _base(tree: LexborHTMLParser, base_url: str | None) -> str | None:
    """Return where relative links start: what the page says, or else its own address."""
    base = tree.css_first("base[href]")
    return (web_link(base.attributes.get("href"), base_url) if base is not None else None) or base_url


def _cards(tree: LexborHTMLParser) -> list[_Card]:
    """Return one card a story: the widest element round a title that holds no other title.

    On a flat page, where titles and leads stand side by side, a card runs from one title to the next.
    """
    cards: dict[int, _Card] = {}
    titles = tree.css(_TITLES)[:_MAX_TITLES]
    for title in titles:
        words = _text(title)
        node = _card_node(title, words)
        if words and node is not None and node.mem_id not in cards:
            cards[node.mem_id] = _Card(words, node)
    found = [card for card in cards.values() if _is_story(card)]
    return found or [card for card in map(_flat_card, titles) if card is not None and _is_story(card)]


def _card_node(title: LexborNode, words: str) -> LexborNode | None:
    best, node = None, title.parent
    for _ in range(_MAX_CLIMB):
        if node is None or node.tag in {"body", "html", "main"}:
            break
        printed = node.css("h1, " + _TITLES)
        if len(printed) > _MAX_PRINTED or any(fold(_text(other)) != fold(words) for other in printed):
            break
        if node.css_matches(_ITEMS):
            best = node
            if node.tag == "article":
                break
        node = node.parent
    return best


def _flat_card(title: LexborNode) -> _Card | None:
    words, phrases = _text(title), load_phrases()
    pieces: list[LexborNode] = []
    node = title.next
    while node is not None and node.tag not in _HEADINGS:
        if not node.is_empty_text_node:
            pieces.append(node)
        node = node.next
    # A flag stands above its title, so the ones at the end belong to the story below.
    while pieces and phrases.is_highlight(_text(pieces[-1])):
        pieces.pop()
    top: list[LexborNode] = []
    above = title.prev
    while above is not None and (above.is_empty_text_node or fold(_text(above)) == fold(words)):
        top, above = [above, *top], above.prev
    if above is not None and phrases.is_highlight(_text(above)):
        top = [above, *top]
    body = LexborHTMLParser("".join(piece.html or "" for piece in [*top, title, *pieces])).body
    return _Card(words, body) if words and pieces and body is not None else None


def _is_story(card: _Card) -> bool:
    """Tell a story, which has a lead or a link, from a label such as "Filter archive"."""
    if load_phrases().is_chrome(card.title) or load_phrases().is_highlight(card.title):
        return False
    return card.node.css_first("a[href]") is not None or bool(_paragraphs(card.node))


def _link(card: _Card) -> str | None:
    """Return the link on the title, or else the first one of the card."""
    links = card.node.css("a[href]")
    titled = [link for link in links if fold(_text(link)) == fold(card.title)]
    return next((link.attributes.get("href") for link in [*titled, *links]), None)


def _date(node: LexborNode) -> str | None:
    time = node.css_first("time")
    return (time.attributes.get("datetime") or _text(time)) if time is not None else None


def _is_flagged(node: LexborNode, phrases: Phrases) -> bool:
    if any(node.css_first(f"[class~={name}]") is not None for name in _FLAG_CLASSES):
        return True
    return any(phrases.is_highlight(_text(flag)) for flag in node.css(_FLAGS))


def _lead(card: _Card, drop: set[str]) -> str:
    """Return the card's text without its title (however often printed), flags, buttons and the words in ``drop``."""
    phrases = load_phrases()
    lines = _paragraphs(card.node) or node_text(card.node).split("\n")
    drop = drop | {fold(card.title)}
    kept = [
        line
        for line in lines
        if fold(line) not in drop and not phrases.is_highlight(line) and not phrases.is_chrome(line)
    ]
    return "\n".join(kept)


def _paragraphs(node: LexborNode) -> list[str]:
    return [words for words in map(_text, node.css("p")) if words]


def _first_text(node: LexborNode, selector: str) -> str:
    return _text(node.css_first(selector))


def _text(node: LexborNode | None) -> str:
    return clean_line(node.text(deep=True, separator="")) if node is not None else ""
