"""Word forms made by rule: Russian cases, Russian adjectives, Arabic relational adjectives.

The paradigms are those of any school grammar. They are generous: a form that does not exist matches nothing.
"""

from collections.abc import Iterator

_VOWEL_ENDINGS = {
    "ия": ("ия", "ии", "ию", "ией"),
    "а": ("а", "ы", "и", "е", "у", "ой", "ою"),
    "я": ("я", "и", "е", "ю", "ей"),
    "й": ("й", "я", "ю", "ем", "е"),
    "ь": ("ь", "я", "ю", "ем", "е", "и", "ью"),
    "ы": ("ы", "ов", "ам", "ами", "ах"),
}
_INDECLINABLE = "оуэеиё"
_ADJECTIVE = ("ий", "ого", "ому", "им", "ом", "ая", "ой", "ую", "ое", "ие", "их", "ими", "ою")
_HARD_ADJECTIVE = ("ый", "ого", "ому", "ым", "ом", "ая", "ой", "ую", "ое", "ые", "ых", "ыми")
_CONSONANT = ("", "а", "у", "ом", "е")
_PERSON = ("", "а", "у", "ом", "е", "и", "ы", "ов", "ам", "ами", "ах")


def russian_noun(word: str) -> Iterator[str]:
    """Yield the case forms of a Russian place name or surname of one word, the word itself first."""
    yield word
    if word.isupper() or word[-1] in _INDECLINABLE:
        return
    for ending, forms in _VOWEL_ENDINGS.items():
        if word.endswith(ending):
            stem = word[: -len(ending)]
            yield from (stem + form for form in forms)
            return
    if word.endswith(("ов", "ев", "ёв", "ин", "ын")):
        yield word + "ым"
    yield from (word + form for form in _CONSONANT)


def _first_word(word: str) -> Iterator[str]:
    if word.endswith("ая"):
        stem = word[:-2]
        yield from (stem + form for form in ("ая", "ой", "ую", "ою"))
    elif word.endswith("яя"):
        yield from (word[:-2] + form for form in ("яя", "ей", "юю", "ею"))
    elif word.endswith(("ий", "ый", "ой")) and len(word) > 4:
        stem = word[:-2]
        yield from (stem + form for form in _ADJECTIVE + _HARD_ADJECTIVE)
    elif word.endswith(("ое", "ые", "ие")):
        stem = word[:-2]
        yield from (
            stem + form
            for form in ("ое", "ого", "ому", "ым", "ом", "ые", "ых", "ыми", "ие", "их", "им", "ими")
        )
    else:
        yield word


def russian_phrase(phrase: str) -> Iterator[str]:
    """Yield the case forms of a name: one noun, or adjectives before a noun ("Южная Корея")."""
    words = phrase.split(" ")
    if len(words) == 1:
        yield from russian_noun(phrase)
        return
    yield phrase
    if len(words) == 2:
        for first in _first_word(words[0]):
            for second in russian_noun(words[1]):
                yield f"{first} {second}"


def russian_people(word: str) -> Iterator[str]:
    """Yield the forms of an adjective in -ский/-кий or of a noun for a person (казах, китаец, россиянин)."""
    if word.endswith(("ский", "цкий", "кий")):
        yield from (word[:-2] + form for form in _ADJECTIVE)
    elif word.endswith("ец"):
        stem = word[:-2] + ("й" if word[-3] in "аеиоуя" else "")
        stem = stem + "ц"
        yield word
        yield from (stem + form for form in ("а", "у", "ем", "е", "ы", "ев", "ам", "ами", "ах"))
    elif word.endswith(("анин", "янин")):
        yield from (word + form for form in _CONSONANT)
        yield from (word[:-2] + form for form in ("е", "", "ам", "ами", "ах"))
    elif word.endswith("ин"):
        yield from (word + form for form in _CONSONANT)
        yield from (word[:-2] + form for form in ("ы", "", "ам", "ами", "ах"))
    else:
        yield from (word + form for form in _PERSON)


def arabic_relational(stem: str) -> Iterator[str]:
    """Yield the relational adjective of an Arabic stem, as man, woman and many ("روس": روسي, روسية, روسيين)."""
    yield from (stem + ending for ending in ("ي", "ية", "يين", "يون", "يات", "يا"))
