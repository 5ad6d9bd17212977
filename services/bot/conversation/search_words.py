"""The words of a question that are worth searching for, once the names and times are taken out of it."""

import re

from services.bot.conversation import qualifiers
from services.bot.conversation.cleaning import fold
from services.bot.conversation.qualifiers import FILLERS

_TOKEN = re.compile(r'-?"[^"]*"|\S+')
_EDGES = "?!.,;:/()[]{}«»“”„¿¡…'`"
_OR = {"or", "или"}
_OPERATORS = {"OR", "AND", "NOT", "-", "*", "&", "+", "|"}


def meaningful(rest: str) -> str:
    """Return the words that are worth searching for, quotes and operators of the search grammar kept."""
    for pattern in (qualifiers.HERE_AND_NOW, qualifiers.IN_SHORT, qualifiers.ANYTHING):
        rest = qualifiers.without(pattern, rest)
    empty = _empty_elsewhere(rest)
    kept: list[str] = []
    for token in _TOKEN.findall(rest):
        bare = token if token.startswith(('"', '-"')) else token.strip(_EDGES)
        if fold(bare) in _OR:
            kept += ["OR"] if kept and kept[-1] not in _OPERATORS else []
            continue
        if fold(bare) in empty:
            continue
        if bare in _OPERATORS or (_says(bare) and not _is_filler(bare, shouted=rest.isupper())):
            kept.append(bare)
    while kept and kept[0] in _OPERATORS:
        kept.pop(0)
    while kept and kept[-1] in _OPERATORS:
        kept.pop()
    return " ".join(kept)


def says_nothing(said: str) -> bool:
    """Say whether a text is only operators and punctuation. The search then explains what it needs."""
    words = [token.strip(_EDGES) for token in said.split()]
    return bool(words) and all(word in _OPERATORS or not _says(word) for word in words)


def _says(word: str) -> bool:
    """Say whether there is a letter or a digit in a word: the "/" between two names means nothing."""
    return any(char.isalnum() for char in word)


def _empty_elsewhere(said: str) -> frozenset[str]:
    """Return the words that mean nothing in the language that a text asks for news in, where it is another one."""
    words = {fold(token.strip(_EDGES)) for token in said.split()}
    return frozenset().union(*(empty for news, empty in qualifiers.ELSEWHERE if news & words))


def _is_filler(word: str, *, shouted: bool) -> bool:
    """Say whether a word means nothing here. "IT" is no "it", unless everything is in capitals."""
    acronym = word.isupper() and len(word) > 1 and not shouted
    return not acronym and fold(word) in FILLERS
