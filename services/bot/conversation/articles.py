"""Which English names take an article in a sentence: "the United States", "the World Bank", but Kazakhstan, NATO."""

import re

from services.bot.conversation.texts import DEFAULT, speaker

#: Nouns that make a name a description: "the Faroe Islands", "the Gulf states", "the National Bank of Kazakhstan".
_NOUNS = """
Islands States Kingdom Emirates Republic Territory Territories Union states countries Lakes Peninsula Nations Bank
Organization Organisation Agency Council Commission Committee Court Parliament Fund Assembly Programme Office Group
Forum League Community Partnership Association Ministry Service Party Army Navy Force Forces Guard Corps Corporation
Command Congress Senate Treasury Department Administration Authority House Federation Church Taliban Crescent world
Alliance Front Movement Police Network Cartel Brotherhood Consortium Conference Isle Horn Gulf Government President
president Minister minister government parliament Duma Panel Directorate
"""
#: Names that take one and show it in nothing.
_OTHERS = """
Netherlands, Philippines, Bahamas, Gambia, Maldives, Comoros, Seychelles, Americas, Arctic, Balkans, Western Balkans,
Caribbean, Caucasus, North Caucasus, South Caucasus, Levant, Maghreb, Middle East, Sahel, West, Quad, Euro area, CIS,
Kremlin, Pentagon, Federal Reserve, Holy See, CIA, FBI, KGB, GRU, BBC, Houthis, Five Eyes, Warsaw Pact, Associated Press
"""
#: What would take one by its form and does not.
_WITHOUT = frozenset(
    {"Freedom House", "Chatham House", "Halyk Bank", "Organisation internationale de la Francophonie"}
)
_LINK = r"(?:of|for|in|on|and|to)"
_DESCRIPTION = re.compile(
    rf"(?:(?!\s{_LINK}\s).)*?(?<!\w)(?:{'|'.join(_NOUNS.split())})(?:\s{_LINK}\s.*)?(?: \(.*\))?", re.DOTALL
)
#: "President of United States", as names of offices are put together.
_OF_A_UNION = re.compile(r"(?<= of )(?=(?:United|Philippines|Netherlands|Maldives|Gambia|Bahamas|Comoros)\b)")
_NAMES = frozenset(" ".join(_OTHERS.split()).split(", "))


def the(name: str) -> str:
    """Return a name as it stands in a sentence of the language spoken now."""
    if speaker().language != DEFAULT or name in _WITHOUT:
        return name
    name = _OF_A_UNION.sub("the ", name)
    return f"the {name}" if name in _NAMES or _DESCRIPTION.fullmatch(name) else name
