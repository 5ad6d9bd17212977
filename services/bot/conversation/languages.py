"""Which of the languages that can be spoken a text is written in."""

import re

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
    return "en" if len(_LATIN_WORDS.findall(text)) > 1 else None
