"""Which of the languages that can be spoken a text is written in; and Russian in Latin letters, as people write it."""

import re

from services.bot.conversation.qualifiers import ENGLISH

_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN = re.compile("[A-Za-z]")
_COMMAND = re.compile(r"^\s*/\S+")
_LATIN_WORDS = re.compile(r"[A-Za-z]{3,}")


def language_of(text: str) -> str | None:
    """Return the language of what somebody said, None when it does not tell: a number, a code, a button.

    Russian may be written in Latin letters; who does so is understood, and gets English.
    """
    said = _COMMAND.sub("", text)
    cyrillic = len(_CYRILLIC.findall(said))
    if cyrillic and cyrillic >= len(_LATIN.findall(said)):
        return "ru"
    if text.startswith("/"):
        return None
    words = [word.lower() for word in _LATIN_WORDS.findall(text)]
    return "en" if len(words) > 1 or ENGLISH.intersection(words) else None


_SOUNDS = {
    "roish": "роисх", "dzh": "дж", "dj": "дж",
    "shch": "щ", "sch": "щ", "zh": "ж", "kh": "х", "ts": "ц", "tz": "ц", "ch": "ч", "sh": "ш",
    "yu": "ю", "ju": "ю", "ya": "я", "ja": "я", "yo": "ё", "jo": "ё", "ye": "е", "iy": "ий", "yy": "ый",
    "ay": "ай", "ey": "ей", "oy": "ой", "uy": "уй",
    "a": "а", "b": "б", "c": "ц", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х", "i": "и", "j": "й",
    "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "к", "r": "р", "s": "с", "t": "т",
    "u": "у", "v": "в", "w": "в", "x": "кс", "y": "ы", "z": "з", "'": "ь", "4": "ч",
}  # fmt: skip
_SOUND = re.compile("|".join(re.escape(sound) for sound in sorted(_SOUNDS, key=len, reverse=True)))
_WORD = re.compile(r"(?<![\w/@:.-])(?:4|[a-z])[a-z']*(?![\w@:.-])")


def is_latin(text: str) -> bool:
    """Return whether a text has Latin letters and no others, so that it may be Russian in disguise."""
    letters = [char for char in text if char.isalpha()]
    return bool(letters) and all(char.isascii() for char in letters)


def to_cyrillic(text: str) -> str:
    """Write the words of a Latin text in Cyrillic, by sound; numbers and codes stay."""
    return _WORD.sub(lambda word: _SOUND.sub(lambda sound: _SOUNDS[sound[0]], word[0]), text.lower())
