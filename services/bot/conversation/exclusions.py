"""What a question leaves out: "Central Asia without Afghanistan", "but not about football", "-Russia"."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.bot.conversation.cleaning import fold


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Words that say what is not wanted. ``loose`` ones do so only when they name something: "without power"."""

    words: str
    loose: bool = False


#: A sign before a word or a phrase, and NOT as the search grammar has it: one word, or one phrase.
_SIGNED = re.compile(r'(?:(?<!\S)-|(?<!\S)NOT\s+-?)(?:"(?P<phrase>[^"]+)"|(?P<word>[^\W\d][\w-]*))')

_LINKS = (
    r"(?:(?:about|on|in|from|of|for|with|including|mention(?:s|ing|ed)?|mentions of|related to|to do with|the|any"
    r"|anything|news|stories|those|про|об|обо|о|из|в|во|на|по|с|новост[а-я]+|тех|того|что|касается|упоминани[а-я]+)\s+)*"
)
#: After these a "not" belongs to a verb: "countries that do not recognise Kosovo".
_VERBS = "".join(
    rf"(?<!\b{verb} )"
    for verb in "do does did is are was were has have had will would can could should must may or why if".split()
)
_STRICT = (
    rf"{_VERBS}not|but no|nothing(?= (?:about|on|from|of)\s)|ничего(?= (?:про|об?о?|из)\s)"
    r"|(?<=everything )but|(?<=anything )but|(?<=all )but"
    r"|except(?:ing)?(?: for)?|excluding|other than|apart from|aside from|unrelated to"
    r"|(?:that|which)(?:'s| is| are)?(?:n't| not)(?: about)?|(?:that|which) (?:isn't|aren't)(?: about)?"
    r"|(?:that|which) (?:don't|doesn't|do not|does not) (?:mention|include|involve)"
    r"|кроме|за исключением|исключая|не считая|помимо|(?:но|а|только) не|^не"
    r"|(?<!\S)не(?= (?:про|об?|обо|из)\s)"
)
_LOOSE = r"without|minus|без|(?<=[,;] )no"
_SAID = re.compile(
    r"(?:^|(?<=[\s,;(]))(?:(?:but|and|just|only|no|но|а|и)\s+)?"
    rf"(?:(?P<strict>{_STRICT})|(?P<loose>{_LOOSE}))\s+(?P<links>{_LINKS})"
    r"(?P<words>\S.*?)(?=\s*$|\s*[,;.!?]|\s(?:but|about|on|in|from|without|except|про|обо?|о|из|в|за|без|кроме)\s)"
)
#: What a newspaper has pages of: nobody searches for stories without them by name.
_SECTIONS = re.compile(
    r"(?:sports?|football|soccer|politics|wars?|crimes?|business|weather|celebrit(?:y|ies)|culture|econom(?:y|ics)|tech"
    r"|спорт[а-я]*|футбол[а-я]*|политик[а-я]*|войн[а-я]*|криминал[а-я]*|бизнес[а-я]*|погод[а-я]*|культур[а-я]*|экономик[а-я]*)"
)


def split_exclusions(said: str) -> tuple[str, list[Exclusion]]:
    """Take the parts that say what is not wanted off a question: the rest of it, and these parts."""
    left_out = [Exclusion(found["phrase"] or found["word"]) for found in _SIGNED.finditer(said)]
    rest = _SIGNED.sub(" ", said)
    folded = fold(rest)
    written = rest if len(folded) == len(rest) else folded
    kept, done = list[str](), 0
    for found in _SAID.finditer(folded):
        start, end = found.span("words")
        left_out.append(Exclusion(written[start:end], _is_loose(found)))
        kept.append(written[done : found.start()])
        done = end
    return (" ".join([*kept, written[done:]]) if kept else rest), left_out


def _is_loose(found: re.Match[str]) -> bool:
    """Say whether a "without", or a "not" that begins a text, leaves out only what has a name: not so "not now"."""
    if found["loose"]:
        return _SECTIONS.match(found["words"]) is None
    return (
        found["strict"] in {"not", "не"} and not found["links"] and not found.string[: found.start()].strip()
    )


def signed(words: Iterable[str]) -> list[str]:
    """Write words that are not wanted as the search grammar does: ``-football``, ``-"nuclear plant"``."""
    return [f'-"{each}"' if " " in each else f"-{each}" for each in words]
