"""A spelling-blind key for a name, so that Саратове, Саратов and Saratov are one name.

The key is the first letters' consonant skeleton after transliteration: case endings fall off with the tail,
vowels (which transliterations disagree on) fall out. It is a hash for matching, never shown to anybody.
"""

import unicodedata
from itertools import pairwise

#: Consonants of a key. Four tell names apart well enough, and stop before most Russian case endings.
LENGTH = 4

_CYRILLIC = {
    "б": "b", "в": "v", "г": "g", "д": "d", "ж": "j", "з": "z", "к": "k", "л": "l", "м": "m", "н": "n",
    "п": "p", "р": "r", "с": "s", "т": "t", "ф": "f", "х": "h", "ц": "c", "ч": "4", "ш": "6", "щ": "64",
    "а": "a", "е": "a", "ё": "a", "и": "a", "й": "", "о": "a", "у": "a", "ы": "a", "э": "a", "ю": "a",
    "я": "a", "ъ": "", "ь": "", "қ": "k", "ғ": "g", "ң": "n", "ө": "a", "ү": "a", "ұ": "a", "һ": "h",
    "і": "a", "ї": "a", "є": "a", "ґ": "g", "ә": "a",
}  # fmt: skip

#: Longest first: what one Cyrillic letter (or sound) is written with.
_LATIN = (
    ("shch", "64"), ("tch", "4"), ("sch", "6"), ("sh", "6"), ("ch", "4"), ("zh", "j"), ("kh", "h"),
    ("ph", "f"), ("ts", "c"), ("tz", "c"), ("ck", "k"), ("qu", "k"), ("gh", "g"), ("th", "t"), ("dj", "j"),
    ("dzh", "j"),
)  # fmt: skip
_SINGLE = str.maketrans({
    "c": "k", "q": "k", "w": "v", "x": "k", "y": "a", "e": "a", "i": "a", "o": "a", "u": "a", "g": "g",
})  # fmt: skip


def _plain(name: str) -> str:
    """Without accents; Turkic and Scandinavian letters as their nearest plain ones."""
    if name.isascii():
        return name
    kept = unicodedata.normalize("NFKD", name.replace("ı", "i").replace("ø", "o").replace("ß", "ss"))
    return "".join(letter for letter in kept if not unicodedata.combining(letter))


def sound_key(name: str) -> str:
    """The key of one case-folded word; equal for spellings of one name, in Latin or Cyrillic letters.

    Short names keep their vowels as ``a``, so that Iran, Oman and Rome stay three names.
    """
    if not name.isascii() and any(letter in _CYRILLIC for letter in name):
        sounds = "".join(
            _CYRILLIC.get(letter, letter) for letter in name.replace("дж", "ж").replace("кс", "к")
        )
    else:
        sounds = _plain(name)
        for letters, sound in _LATIN:
            sounds = sounds.replace(letters, sound)
        sounds = sounds.translate(_SINGLE)
    skeleton = sounds[:1]
    for before, letter in pairwise(sounds):
        if letter not in ("a", before):
            skeleton += letter
            if len(skeleton) == LENGTH:
                return skeleton
    if len(skeleton) < 3:  # too few consonants to tell names apart
        return "~" + sounds[:4]
    return skeleton
