"""Which language a text is in: by script, by the letters that one language alone uses, and by its small words.

Enough for what tagging needs it for (which names may count), for texts of a sentence or more. It keeps no model
in memory; a statistical detector over 97 languages costs a third of the whole process.
"""

import re
import tomllib
from collections import Counter, defaultdict
from functools import lru_cache
from pathlib import Path

UNDETERMINED = "und"
_LOOKED_AT = 600
_WORD = re.compile(r"[^\W\d_]+(?:[’'ʻ‘][^\W\d_]+)*")
_DATA = Path(__file__).parent / "data" / "languages.toml"
#: Scripts of one language of news, or of a most likely one. The first in which most letters are decides.
_SCRIPTS = (
    ("cyrillic", re.compile("[\u0400-\u052f]")),
    ("latin", re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")),
    ("arabic", re.compile("[\u0600-\u06ff\u0750-\u077f]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("devanagari", re.compile("[\u0900-\u097f]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("hy", re.compile("[\u0530-\u058f]")),
    ("ka", re.compile("[\u10a0-\u10ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("lo", re.compile("[\u0e80-\u0eff]")),
    ("my", re.compile("[\u1000-\u109f]")),
    ("km", re.compile("[\u1780-\u17ff]")),
    ("am", re.compile("[\u1200-\u137f]")),
    ("bn", re.compile("[\u0980-\u09ff]")),
    ("ta", re.compile("[\u0b80-\u0bff]")),
)
_SCRIPT_LANGUAGES = ("cyrillic", "latin", "arabic", "devanagari")
#: Kana among Chinese characters make a text Japanese even when they are few.
_KANA_SHARE = 0.08
_LETTER_WEIGHT = 3.0
_HINT_WEIGHT = 1.5
#: Plain letters are English, Cyrillic ones Russian, where the words leave it open.
_LIKELIEST_WEIGHT = 0.6
#: Less than this and the words say nothing.
_LEAST_SCORE = 0.3


class _Profiles:
    """Small words and telling letters of each language, by script."""

    def __init__(self, path: Path) -> None:
        said = tomllib.loads(path.read_text("utf-8"))
        self.words: dict[str, dict[str, list[str]]] = {}
        self.letters: dict[str, dict[str, list[str]]] = {}
        self.default: dict[str, str] = {}
        for script, languages in said.items():
            self.default[script] = languages.pop("default", UNDETERMINED)
            words: dict[str, list[str]] = {}
            letters: dict[str, list[str]] = {}
            for language, profile in languages.items():
                for word in profile["words"].split():
                    words.setdefault(word, []).append(language)
                for letter in profile.get("letters", ""):
                    letters.setdefault(letter, []).append(language)
            self.words[script], self.letters[script] = words, letters


@lru_cache(maxsize=1)
def _profiles() -> _Profiles:
    return _Profiles(_DATA)


def _script(text: str) -> str:
    if text.isascii():
        return "latin" if any(map(str.isalpha, text)) else UNDETERMINED
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS}
    total = sum(counts.values())
    if not total:
        return UNDETERMINED
    if (
        counts["ja"]
        and counts["ja"] >= _KANA_SHARE * (counts["ja"] + counts["zh"])
        and counts["zh"] + counts["ja"] > total / 2
    ):
        return "ja"
    return max(counts, key=lambda name: counts[name])


def _among(script: str, text: str, hint: str | None) -> str:
    profiles = _profiles()
    scores: defaultdict[str, float] = defaultdict(float)
    likeliest = "en" if text.isascii() else profiles.default[script]
    lowered = text.lower().replace("i̇", "i")
    words, letters = profiles.words[script], profiles.letters[script]
    for word in _WORD.findall(lowered):
        for part in {word, *word.replace("’", "'").split("'")}:
            known = words.get(part, ())
            for language in known:
                scores[language] += 1.0 / len(known)
    for letter, count in Counter(lowered).items():
        known = letters.get(letter, ())
        for language in known:
            scores[language] += min(count, 6) * _LETTER_WEIGHT / len(known)
    if hint and hint in scores:
        scores[hint] += _HINT_WEIGHT
    if max(scores.values(), default=0.0) < _LEAST_SCORE:
        return hint if hint and script == "latin" else profiles.default[script]
    scores[likeliest] += _LIKELIEST_WEIGHT
    return max(sorted(scores), key=lambda language: scores[language])


def detect_language(text: str, hint: str | None = None) -> str:
    """Return the ISO 639-1 code of the language of a text, or ``und``.

    ``hint`` is the language that the source is known to write in; it decides only where the text leaves it open.
    Only the first 600 characters are looked at.
    """
    sample = text[:_LOOKED_AT]
    script = _script(sample)
    if script in _SCRIPT_LANGUAGES:
        return _among(script, sample, hint)
    return script if script != UNDETERMINED else hint or UNDETERMINED
