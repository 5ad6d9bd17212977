"""A heading page as the plain text that a reader saved from it.

Such a page prints every title twice (the link, then the headline) and then the story's lead. That repeated line is
the anchor: what stands before the first one is the heading and its blurb, and between a story's lead and the next
anchor stand only flags ("Editor's choice") and chrome ("Filter archive"). Pages that print titles once are read by
their flags instead.
"""

from dataclasses import dataclass, field

from services.ingest.formats.cleaning import clean_text
from services.ingest.formats.dates import is_date_line
from services.ingest.formats.items import Parsed, ParseError, make_item
from services.ingest.formats.phrases import fold, load_phrases, looks_like_chrome

_LONGEST_TITLE = 300
_LONGEST_HEADING = 60
_CUT_TITLE = 20


@dataclass(slots=True)
class _Story:
    title: str
    highlighted: bool
    date: str | None = None
    body: list[str] = field(default_factory=list)


def parse_heading_text(text: str, heading: str | None = None) -> Parsed:
    """Return the stories of the page, each with the heading. ParseError ``no_stories`` when there is none."""
    name, lines = _page(text)
    parsed = Parsed()
    for number, story in enumerate(_read_stories(lines), start=1):
        parsed.add(
            make_item(
                text="\n".join(story.body),
                title=story.title,
                date=story.date,
                heading=heading or name,
                highlighted=story.highlighted,
                where=f"story {number}",
            )
        )
    if not parsed.items and not parsed.rejected:
        raise ParseError("no_stories", "no title is printed twice and no story is flagged")
    return parsed


def looks_like_heading_text(text: str) -> bool:
    """Whether a text file is a saved heading page: two titles printed twice, or one of them below a flag."""
    _, lines = _page(text)
    anchors = [index for index in range(len(lines)) if _repeats(lines, index)]
    flagged = any(load_phrases().is_highlight(lines[index - 1]) for index in anchors if index)
    return len(anchors) > 1 or flagged


def _page(text: str) -> tuple[str | None, list[str]]:
    """Return the heading, and the lines that are not blank and do not repeat it.

    The heading is the first line that is no chrome, unless a story begins right there.
    """
    lines = [line.strip() for line in clean_text(text).split("\n") if line.strip()]
    phrases = load_phrases()
    first = next((line for line in lines if not phrases.is_chrome(line)), "")
    is_title = len(first) >= _LONGEST_HEADING and _repeats(lines, lines.index(first))
    if not first or phrases.is_highlight(first) or is_title:
        return None, lines
    return first, [line for line in lines if fold(line) != fold(first)]


def _read_stories(lines: list[str]) -> list[_Story]:
    phrases = load_phrases()
    stories: list[_Story] = []
    index, highlighted = 0, False
    while index < len(lines):
        line = lines[index]
        if stories and phrases.is_footer(line):
            break
        if _repeats(lines, index) or (highlighted and _opens(lines, index)):
            title, index = _title(lines, index)
            stories.append(_Story(title, highlighted))
            highlighted = False
            continue
        if phrases.is_highlight(line):
            highlighted = True
        elif stories and not highlighted:
            _continue(stories[-1], line)
        index += 1
    return stories


def _repeats(lines: list[str], index: int) -> bool:
    """Whether a title starts here: the next line says the same, and it is no chrome."""
    if index + 1 >= len(lines) or not _same(lines[index], lines[index + 1]):
        return False
    phrases = load_phrases()
    title = lines[index]
    if phrases.is_chrome(title) or phrases.is_highlight(title):
        return False
    after = index + 2
    has_lead = after < len(lines) and not (
        phrases.is_chrome(lines[after]) or phrases.is_highlight(lines[after])
    )
    return len(title) <= _LONGEST_TITLE and (has_lead or not looks_like_chrome(title))


def _opens(lines: list[str], index: int) -> bool:
    """Whether a title that is printed once can stand here: a shorter line above a longer one."""
    title = lines[index]
    if index + 1 >= len(lines) or len(title) > _LONGEST_TITLE or _repeats(lines, index + 1):
        return False
    phrases = load_phrases()
    return not (phrases.is_chrome(title) or phrases.is_highlight(title)) and len(lines[index + 1]) > len(
        title
    )


def _title(lines: list[str], index: int) -> tuple[str, int]:
    """Return the title from here in its longest printing, and where its lead starts."""
    title, index = lines[index], index + 1
    while index < len(lines) and _same(title, lines[index]):
        title, index = max(title.rstrip("….").rstrip(), lines[index], key=len), index + 1
    return title, index


def _same(first: str, second: str) -> bool:
    """Whether two lines print one title; either may be cut short with an ellipsis."""
    one, other = fold(first), fold(second)
    if one == other:
        return True
    for cut, whole in ((one, other), (other, one)):
        stem = cut.removesuffix("…").removesuffix("...").rstrip()
        if stem != cut and len(stem) >= _CUT_TITLE and whole.startswith(stem):
            return True
    return False


def _continue(story: _Story, line: str) -> None:
    """Add a line to the story: its date, a paragraph of it, or nothing when it is chrome."""
    if load_phrases().is_chrome(line) and not is_date_line(line):
        return
    if story.date is None and not story.body and is_date_line(line):
        story.date = line
    elif not story.body or not looks_like_chrome(line):
        story.body.append(line)
