"""The numbers of a text, whether in digits or in words, in English and in Russian."""

import re
from functools import lru_cache
from typing import Final

_UNITS_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
_TENS_EN = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS_EN = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth"
).split()
_TENTHS_EN = "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth".split()

# Every case form that news uses; collective numerals (пятеро) count as their number.
_RUSSIAN: Final = {
    2: "два две двух двум двумя двое двоих",
    3: "три трех трем тремя трое троих",
    4: "четыре четырех четырем четырьмя четверо четверых",
    5: "пять пяти пятью пятеро пятерых",
    6: "шесть шести шестью шестеро шестерых",
    7: "семь семи семью семеро семерых",
    8: "восемь восьми восемью",
    9: "девять девяти девятью",
    10: "десять десяти десятью",
    11: "одиннадцать одиннадцати одиннадцатью",
    12: "двенадцать двенадцати",
    13: "тринадцать тринадцати",
    14: "четырнадцать четырнадцати",
    15: "пятнадцать пятнадцати",
    16: "шестнадцать шестнадцати",
    17: "семнадцать семнадцати",
    18: "восемнадцать восемнадцати",
    19: "девятнадцать девятнадцати",
    20: "двадцать двадцати",
    30: "тридцать тридцати",
    40: "сорок сорока",
    50: "пятьдесят пятидесяти",
    60: "шестьдесят шестидесяти",
    70: "семьдесят семидесяти",
    80: "восемьдесят восьмидесяти",
    90: "девяносто девяноста",
    100: "сто ста сотня сотни",
    200: "двести двухсот",
    300: "триста трехсот",
}
_ONE: Final = frozenset("one один одна одно одного одной одному одним".split())
_FIRST: Final = frozenset("first первый первая первое первого первой первому первом первую первых".split())
#: A one where it can only end a number: 1 in двадцать один, 2 in twenty-first.
ENDS_NUMBER: Final = dict.fromkeys(_ONE, 1) | dict.fromkeys(_FIRST, 2)
_RUSSIAN_ORDINALS: Final = {
    2: "втор", 3: "трет", 4: "четверт", 5: "пят", 6: "шест", 7: "седьм", 8: "восьм", 9: "девят", 10: "десят",
    11: "одиннадцат", 12: "двенадцат", 13: "тринадцат", 14: "четырнадцат", 15: "пятнадцат",
    16: "шестнадцат", 17: "семнадцат", 18: "восемнадцат", 19: "девятнадцат", 20: "двадцат", 30: "тридцат",
}  # fmt: skip
_ORDINAL_ENDINGS = (
    "ый",
    "ой",
    "ий",
    "ая",
    "ое",
    "ого",
    "ому",
    "ым",
    "ом",
    "ую",
    "ые",
    "ых",
    "ыми",
    "ье",
    "ья",
    "ьего",
    "ьей",
    "ью",
    "ьем",
    "ьи",
)


def _cardinals() -> dict[str, int]:
    values = {word: number for number, word in enumerate(_UNITS_EN) if number > 1}
    values |= {word: 10 * (2 + number) for number, word in enumerate(_TENS_EN)}
    values |= {word: number for number, words in _RUSSIAN.items() for word in words.split()}
    values["dozen"] = 12
    return values


def _ordinals() -> dict[str, int]:
    values = {word: 1 + number for number, word in enumerate(_ORDINALS_EN) if number > 0}
    values |= {word: 10 * (2 + number) for number, word in enumerate(_TENTHS_EN)}
    for number, stem in _RUSSIAN_ORDINALS.items():
        values |= {stem + ending: number for ending in _ORDINAL_ENDINGS}
    for taken in ("пятью", "шестью", "восьмью", "девятью", "десятью", "пятью"):
        values.pop(taken, None)
    return values


CARDINALS: Final = _cardinals()
ORDINALS: Final = _ordinals()
#: Words that multiply the number before them.
MULTIPLIERS: Final = {
    "hundred": 100.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "mln": 1e6, "bn": 1e9,
    "mn": 1e6, "тысяч": 1e3, "тысячи": 1e3, "тысяча": 1e3, "тыс": 1e3, "миллион": 1e6, "миллиона": 1e6,
    "миллионов": 1e6, "млн": 1e6, "миллиард": 1e9, "миллиарда": 1e9, "миллиардов": 1e9, "млрд": 1e9,
    "трлн": 1e12, "триллион": 1e12, "триллиона": 1e12, "триллионов": 1e12,
}  # fmt: skip

_GROUPED = re.compile(r"\d{1,3}(?:[ \u00a0\u202f,.]\d{3})+")
_SPACES = re.compile(r"[ \u00a0\u202f]")


def digits_value(text: str) -> float:
    """The value of a run of digits with separators: 5,400 and 5 400 are 5400; 4.2 and 4,2 are 4.2."""
    if _GROUPED.fullmatch(text) and not text.startswith("0"):
        return float(re.sub(r"[^\d]", "", text))
    parts = re.split(r"[.,]", _SPACES.sub("", text))
    return float(parts[0] + "." + "".join(parts[1:])) if len(parts) > 1 else float(parts[0])


def joins(tens: float, unit: float) -> bool:
    """Whether a spelled-out unit continues a spelled-out ten (thirty one, двадцать пятый)."""
    return 20 <= tens < 100 and tens % 10 == 0 and 0 < unit < 10


@lru_cache(maxsize=4_096)
def number_weight(value: float) -> float:
    """How much it tells that two stories share this number: 0.3 for one digit, to 1.5 for 5,432 or 4.27."""
    if value >= 1e15:
        return 1.5
    if value == int(value) and (value < 10 or 1900 <= value <= 2100):
        return 0.3
    significant = len(f"{value:.15g}".replace(".", "").strip("0"))
    if significant >= 3:
        return 1.5
    if significant == 2 and (value != int(value) or value > 31):
        return 0.8
    return 0.6
