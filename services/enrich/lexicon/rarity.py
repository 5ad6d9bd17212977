"""Builds the table of word rarities (``services/enrich/data/document_frequency.txt``).

``python -m services.enrich.lexicon rarity`` needs the packages ``spacy-lookups-data`` (English word probabilities,
MIT) and ``pyspellchecker`` (Russian word counts, MIT) for the moment. A word of relative frequency f stands in a story
of ``STORY_WORDS`` words with the probability 1 - exp(-f * STORY_WORDS), as if words fell independently (Poisson).
"""

import gzip
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path

import Stemmer

from services.enrich.document_frequency import TABLE

STORY_WORDS = 120
#: So many stems of each language, the commonest first.
STEMS = 40_000
_LEAST_LOG_PROBABILITY = -19.5
_SHORTHAND_RARITY, _NEWS_RARITY = 4.0, 5.0
#: A single letter rarer than this is an initial, not a word.
_LETTER_RARITY = 6.0
#: Words of one letter that the Russian counts leave out: prepositions, and the abbreviation of year and city.
_RUSSIAN_LETTERS = {"в": 0.0, "с": 0.3, "к": 0.7, "г": 4.0}
_OVERLAY = Path(__file__).parent / "overlay"
_WORD = re.compile(r"[^\W\d_]+")
_HEAD = f"""# document rarity, version 2
# -ln of the share of stories of {STORY_WORDS} words that hold a stem (Snowball), {STEMS} of each language.
# English: from the word probabilities of spacy-lookups-data (MIT). Russian: from the word counts of pyspellchecker
# (MIT), with a list of our own of words that news uses and conversation does not. Built by
# `python -m services.enrich.lexicon rarity`."""


def write(path: Path = TABLE) -> int:
    """Build the table and write it. Return how many stems it holds. Raises ``ImportError`` without the packages."""
    english = _rarities(_english(), Stemmer.Stemmer("english"))
    russian = _rarities(_russian(), Stemmer.Stemmer("russian"))
    stemmer = Stemmer.Stemmer("russian")
    news = {stemmer.stemWord(word.replace("ё", "е")) for word in _listed("news_words_ru.txt")}
    sections = [
        ("en", english),
        ("ru", russian),
        ("Russian words of one letter", _RUSSIAN_LETTERS),
        ("agency shorthand", dict.fromkeys(_listed("agency_shorthand.txt"), _SHORTHAND_RARITY)),
        ("Russian news words", dict.fromkeys(news - english.keys() - russian.keys(), _NEWS_RARITY)),
    ]
    lines = [line for name, rarities in sections for line in (f"[{name}]", *_lines(rarities))]
    path.write_text("\n".join([_HEAD, *lines]) + "\n", encoding="utf-8")
    return sum(len(rarities) for _, rarities in sections)


def _listed(name: str) -> list[str]:
    lines = (_OVERLAY / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _english() -> Iterator[tuple[str, float]]:
    packed = files("spacy_lookups_data").joinpath("data/en_lexeme_prob.json.gz").read_bytes()
    for word, log_probability in json.loads(gzip.decompress(packed)).items():
        if log_probability > _LEAST_LOG_PROBABILITY:
            yield word, math.exp(log_probability)


def _russian() -> Iterator[tuple[str, float]]:
    packed = files("spellchecker").joinpath("resources/ru.json.gz").read_bytes()
    counts: dict[str, int] = json.loads(gzip.decompress(packed))
    total = sum(counts.values())
    return ((word, count / total) for word, count in counts.items())


def _rarities(frequencies: Iterable[tuple[str, float]], stemmer: Stemmer.Stemmer) -> dict[str, float]:
    stems: Counter[str] = Counter()
    for word, frequency in frequencies:
        plain = word.lower().replace("ё", "е")
        if _WORD.fullmatch(plain):
            stems[stemmer.stemWord(plain)] += frequency  # type: ignore[assignment]  # a counter of shares
    rarities = {
        stem: round(-math.log(1 - math.exp(-frequency * STORY_WORDS)), 1)
        for stem, frequency in stems.most_common(STEMS)
    }
    return {stem: rarity for stem, rarity in rarities.items() if len(stem) > 1 or rarity < _LETTER_RARITY}


def _lines(rarities: Mapping[str, float]) -> Iterator[str]:
    by_rarity: dict[float, list[str]] = defaultdict(list)
    for stem, rarity in rarities.items():
        by_rarity[rarity].append(stem)
    return (f"{rarity:.1f} {' '.join(sorted(by_rarity[rarity]))}" for rarity in sorted(by_rarity))
