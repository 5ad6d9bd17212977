"""HTML to the text that a reader would see."""

import re
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.ingest.formats.cleaning import clean_text

#: Elements whose text is not for readers.
HIDDEN = [
    "script", "style", "noscript", "template", "iframe", "object", "svg", "form", "button", "select",
]  # fmt: skip
_BLOCKS = (
    "p, div, li, ul, ol, dl, dt, dd, h1, h2, h3, h4, h5, h6, blockquote, pre, table, tr, td, th, section, article, "
    "header, footer, aside, nav, main, figure, figcaption, hr"
)
# Stands where a block begins or ends; clean_text has taken it out of the text itself.
_BREAK = "\x1e"
_LOOKS_LIKE_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]*>|&(?:#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]+);")
# Nobody nests so many elements; a page that does is an attack, since walking a tree so deep takes minutes.
_MAX_DEPTH = 400
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Elements that hold nothing, or that end by themselves where the next one starts: they make no depth.
_FLAT = frozenset(
    {
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
        "p", "li", "dt", "dd", "option", "td", "th", "tr",
    }
)  # fmt: skip
_ANY_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_SPACES = re.compile(r"\s+")


class TooDeepError(ValueError):
    """The markup is nested so deep that it cannot have been meant for readers."""


def plain(text: str | None) -> str:
    """Text that may or may not be HTML, as plain text with one paragraph a line."""
    cleaned = clean_text(text or "")
    return html_to_text(cleaned) if _LOOKS_LIKE_MARKUP.search(cleaned) else cleaned


def html_to_text(html: str) -> str:
    """Return the readable text of an HTML fragment or page: entities decoded, one block a line.

    Markup that is nested too deep loses its tags and keeps its words.
    """
    try:
        tree = parse_html(html)
    except TooDeepError:
        return clean_text(_SPACES.sub(" ", unescape(_ANY_TAG.sub(" ", html))))
    return node_text(tree.body) if tree.body is not None else ""


def parse_html(html: str) -> LexborHTMLParser:
    """Return the tree of a page, without what readers do not see. Raises TooDeepError."""
    if _depth(html) > _MAX_DEPTH:
        raise TooDeepError(f"more than {_MAX_DEPTH} elements inside one another")
    tree = LexborHTMLParser(clean_text(html))
    tree.strip_tags(HIDDEN, recursive=True)
    return tree


def _depth(html: str) -> int:
    """Return how deep the elements are nested at most, from the tags alone; a little too high for sloppy pages."""
    depth = deepest = 0
    for closing, name in _TAG.findall(html):
        if name.lower() not in _FLAT:
            depth = max(0, depth - 1) if closing else depth + 1
            deepest = max(deepest, depth)
    return deepest


def node_text(node: LexborNode) -> str:
    """Return the text below a node, one block a line. It leaves markers in the tree: read a node once."""
    for element in node.css("br"):
        element.replace_with(_BREAK)
    for element in node.css(_BLOCKS):
        element.insert_before(_BREAK)
        element.insert_after(_BREAK)
    lines = (_SPACES.sub(" ", line).strip() for line in node.text(deep=True, separator="").split(_BREAK))
    return clean_text("\n".join(line for line in lines if line))
