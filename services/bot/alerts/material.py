"""Whether a story that was changed by its source says something else now: a pure decision.

A comma, a new last paragraph or another time of updating is none. Changed numbers, a correction or retraction, and a
clearly different headline are.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from services.bot.alerts.telling import Change
from services.bot.conversation.cleaning import fold

#: Headlines that share a smaller part of their words are clearly different.
ALIKE = 0.4

_CORRECTION = re.compile(
    r"\b(?:correct(?:s|ed|ion|ions|ing)|retract(?:s|ed|ion|ing)?|withdr(?:aws|awn|ew)|clarification|kill notice"
    r"|исправлен\w*|поправк\w*|опроверг\w*|опровержени\w*|отозва\w*|уточнени\w*)\b"
)
_TOKEN = re.compile(r"\d+(?:[.,\u00a0 ]\d{3})*(?:[.,]\d+)?%?|\w+")
_CLOCK = re.compile(r"\b\d{1,2}[:.]\d{2}(?: ?(?:[ap]m|utc|gmt|msk|мск)\b)?")
#: Short words ("the", "и") say little about what a headline is about, in characters.
_SHORT = 3


def change_of(before: tuple[str, str], after: tuple[str, str]) -> Change | None:
    """Return how a story changed materially from (headline, lead) to (headline, lead); None when it did not."""
    said, says = [_CLOCK.sub(" ", fold(f"{headline}\n{lead}")) for headline, lead in (before, after)]
    if len(_CORRECTION.findall(says)) > len(_CORRECTION.findall(said)):
        return "correction"
    if _numbers_differ(before[0], after[0]) or _numbers_differ(before[1], after[1]):
        return "numbers"
    if _overlap(before[0], after[0]) < ALIKE:
        return "headline"
    return None


def _numbers_differ(before: str, after: str) -> bool:
    """Say whether some number took the place of another one; numbers in new sentences are no change of the old."""
    old, new = _tokens(before), _tokens(after)
    return any(
        _numbers(old[i:j]) and _numbers(new[k:m]) and not _numbers(old[i:j]) & _numbers(new[k:m])
        for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if kind == "replace"
    )


def _tokens(text: str) -> list[str]:
    return [token.group() for token in _TOKEN.finditer(_CLOCK.sub(" ", fold(text)))]


def _numbers(tokens: Sequence[str]) -> set[str]:
    return {re.sub(r"[.,\u00a0 ](?=\d{3}\b)", "", token) for token in tokens if token[0].isdigit()}


def _overlap(before: str, after: str) -> float:
    """Return which part of the telling words two headlines share, 0..1; 1 where one has none."""
    old, new = ({token for token in _tokens(text) if len(token) > _SHORT} for text in (before, after))
    return len(old & new) / len(old | new) if old and new else 1.0
