"""How names are compared: words of a text, their folded keys, and skeletons that survive transliteration."""

import re
import unicodedata
from functools import lru_cache

#: A word, or one mark. Hyphens inside a word are no token: "Kassym-Jomart" and "Kassym Jomart" are the same words.
#: Chinese characters are words each, for nothing parts them.
_HAN = "\u3400-\u9fff"
TOKEN = re.compile(rf"[^\W{_HAN}]+(?:['’][^\W{_HAN}]+)*|[{_HAN}]|[^\w\s-]|(?<!\w)-|-(?!\w)")

_SPECIAL = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ı": "i",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ə": "a",
        "ё": "е",
    }
    | dict.fromkeys("'’ʻʼʽ‘`", "")
)
_CYRILLIC = re.compile("[\u0400-\u04ff]")
#: Case endings of Russian nouns and adjectives, longest first. Not -ов and -ев, which end surnames.
_ENDING = re.compile(
    "(?:иями|иях|ией|ием|иям|ами|ями|ого|его|ому|ему|ыми|ими|ия|ию|ии|ий|ие|ью|ой|ый|ая|яя|ое|ее|ые|ую|юю|ым|им|ом"
    "|ем|ах|ях|ам|ям|[аяуюыиеоьй])$"
)
_ROMAN = dict(
    zip(
        "абвгдезийклмнопрстуфыэіїєґқңғүұөһәҳҷӯӣў",
        "a b v g d e z i i k l m n o p r s t u f i e i i e g k n g u u o h a h j u i u".split(),
        strict=False,
    )
) | {"ж": "zh", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "yu", "я": "ya", "ъ": "", "ь": ""}
_DIGRAPHS = (
    ("dzh", "j"), ("zh", "j"), ("dj", "j"), ("kh", "h"), ("gh", "g"), ("ph", "f"), ("tch", "c"), ("ch", "c"),
    ("sch", "s"), ("sh", "s"), ("ts", "c"), ("tz", "c"), ("ck", "k"), ("ks", "k"), ("x", "k"), ("q", "k"),
    ("w", "v"), ("ff", "v"),
)  # fmt: skip
_APOSTROPHE = re.compile("['’]")
#: What follows the apostrophe of a longer word is a suffix (Turkish "Erdoğan'ın"), of a short one part of a name.
_LONG_HEAD = 4
_VOWELS = re.compile("[aeiouy]+")
_LEADING = str.maketrans("eiouy", "aaaaa")


def fold(text: str) -> str:
    """Return ``text`` in lower case without accents or apostrophes; Cyrillic stays Cyrillic."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered.replace("'", "")
    lowered = lowered.translate(_SPECIAL)
    if _CYRILLIC.search(lowered):
        return lowered
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@lru_cache(maxsize=8_192)
def word_key(word: str) -> str:
    """Return what a word of a text is looked up by: folded, no possessive, Russian words without case ending."""
    if word.endswith(("'s", "’s", "'S", "’S")):
        word = word[:-2]
    head = _APOSTROPHE.split(word, maxsplit=1)[0]
    key = fold(head if len(head) >= _LONG_HEAD else word)
    if len(key) > 3 and _CYRILLIC.match(key):
        stem = _ENDING.sub("", key)
        if len(stem) >= 3:
            return stem
    return key


def name_keys(name: str) -> tuple[str, ...]:
    """Return the keys of all tokens of a name, the form that aliases are indexed by."""
    return tuple(word_key(token) for token in TOKEN.findall(name))


def is_latin(text: str) -> bool:
    """Tell whether a name is written in Latin letters."""
    return all("LATIN" in unicodedata.name(letter, "") for letter in text if letter.isalpha())


def romanised(key: str) -> str:
    """Return a folded word in Latin letters (a rough transliteration, meant for skeletons only)."""
    return key if key.isascii() else "".join(_ROMAN.get(letter, letter) for letter in key)


@lru_cache(maxsize=4_096)
def skeleton(word: str) -> str:
    """Return the consonants that spellings of one name share: Tokayev, Tokaev and Токаев all give ``tkv``.

    A first vowel stays as ``a``. Too coarse to identify anybody alone: a given name, or an office, must agree.
    """
    letters = romanised(word_key(word))
    for written, sound in _DIGRAPHS:
        letters = letters.replace(written, sound)
    letters = re.sub(r"(.)\1+", r"\1", letters)
    return letters[:1].translate(_LEADING) + _VOWELS.sub("", letters[1:]) if letters else ""
