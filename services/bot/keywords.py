"""The words of a follow: plain words and phrases that a story must have, or must not have. No patterns.

Words are compared by their stems (English and Russian, by script), so "uranium mines" finds "uranium mining" and
«футбол» finds «футбола». A story's words are folded once (``fold_words``) and compared with any number of keywords,
in time that grows with the length of the story alone.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import Stemmer

#: Words and phrases of one follow at most, characters of each, and of all as they are typed.
MOST_WORDS = 10
LONGEST_WORD = 60
LONGEST = 200

#: Between passages, so that no phrase is found across them. No word holds it.
_BREAK = "|"
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+(?:['’][^\W\d_]{1,2}\b)?")
_BARE = re.compile(r"[^\s\"«»“”„,;]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
#: ``+word``, ``-word``, ``"+two words"``, ``+"two words"``, also with other quotes and dashes.
_SIGNED = re.compile(
    r"""(?<![^\s,;])(?:
        (?P<sign>[+\-−–])["«“„](?P<phrase>[^"»”“]*)["»”“]
        |["«“„](?P<inner>[+\-−–])(?P<inside>[^"»”“]*)["»”“]
        |(?P<bare>[+\-−–])(?P<word>[^\s"«»“”„,;]+)
    )[,;]?""",
    re.VERBOSE,
)
#: What looks like a pattern, which is not understood and therefore refused.
_PATTERN = re.compile(r"[*?\[\](){}|\\^$]")


@dataclass(frozen=True, slots=True)
class Keywords:
    """Words and phrases of a follow, in canonical order. False when there are none."""

    wanted: tuple[str, ...] = ()
    """All of them must be in the story."""
    unwanted: tuple[str, ...] = ()
    """None of them may be in the story."""

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)

    def __str__(self) -> str:
        """Write them as they are typed; ``split_words`` reads it again."""
        return " ".join(
            [_signed("+", word) for word in self.wanted] + [_signed("-", word) for word in self.unwanted]
        )

    @property
    def too_many(self) -> bool:
        """Whether there are more of them than one follow takes."""
        return len(self.wanted) + len(self.unwanted) > MOST_WORDS or len(str(self)) > LONGEST

    def match(self, folded: str) -> bool:
        """Return whether a story with these words (see ``fold_words``) is one of those that are wanted."""
        return all(_phrase(word) in folded for word in self.wanted) and not any(
            _phrase(word) in folded for word in self.unwanted
        )


#: Any story.
NO_WORDS = Keywords()


def keywords(wanted: Iterable[str] = (), unwanted: Iterable[str] = ()) -> Keywords:
    """Return keywords in canonical form: small letters, single spaces, sorted, each once."""
    return Keywords(_canonical(wanted), _canonical(unwanted))


def split_words(text: str) -> tuple[Keywords, str]:
    """Take the signed words off a text: the keywords, and the rest of the text."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for found in _SIGNED.finditer(text):
        sign = found["sign"] or found["inner"] or found["bare"]
        word = found["phrase"] or found["inside"] or found["word"] or ""
        (wanted if sign == "+" else unwanted).append(word.strip())
    return keywords(wanted, unwanted), " ".join(
        _SIGNED.sub(" ", text).split()
    ) if wanted or unwanted else text


def unusable(words: Keywords) -> str | None:
    """Return the first word that cannot be looked for: one with signs of a pattern, too long, or no word at all."""
    every = (*words.wanted, *words.unwanted)
    bad = (
        word
        for word in every
        if _PATTERN.search(word) or len(word) > LONGEST_WORD or not _phrase(word).strip()
    )
    return next(bad, None)


def contradicting(words: Keywords) -> str | None:
    """Return the first wanted word that is also unwanted, so that no story could ever match."""
    return next(
        (word for word in words.wanted if any(_phrase(other) in _phrase(word) for other in words.unwanted)),
        None,
    )


def fold_words(*passages: str | None) -> str:
    """Return the stems of all words of a story, a space around each; passages stay apart."""
    return f" {f' {_BREAK} '.join(' '.join(_stems(passage)) for passage in passages if passage)} "


@lru_cache(maxsize=20_000)
def _phrase(word: str) -> str:
    """Return a keyword as it stands among folded words. Followers of the same words share it."""
    return f" {' '.join(_stems(word))} "


def _stems(text: str) -> Iterator[str]:
    for found in _WORD.finditer(
        unicodedata.normalize("NFKC", text).casefold().replace("ё", "е").replace("\u0301", "")
    ):
        word = found[0].replace("’", "'")
        if word.isascii():
            yield _stemmer("english")(word)
        elif _CYRILLIC.search(word):
            yield _stemmer("russian")(word)
        else:
            plain = "".join(
                char for char in unicodedata.normalize("NFKD", word) if not unicodedata.combining(char)
            )
            yield _stemmer("english")(plain)


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    stem: Callable[[str], str] = Stemmer.Stemmer(language).stemWord
    return stem


def _canonical(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        sorted({" ".join(unicodedata.normalize("NFC", word).casefold().split()) for word in words} - {""})
    )


def _signed(sign: str, word: str) -> str:
    return f"{sign}{word}" if _BARE.fullmatch(word) else f'"{sign}{word}"'
