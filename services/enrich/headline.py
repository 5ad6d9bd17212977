"""A headline for every story: its title, or the lead sentence of one that has none."""

import re

#: The longest headline made from a text, in characters.
LONGEST = 160

# A sentence ends at ., !, ? or … that follows a word of two letters or more (so not after an initial or "U.S."), with
# closing quotes, before white space and something that may begin a sentence; or at the full stops of other scripts.
_END = re.compile(r"(?:(?<=[^\W\d_]{2})[.!?…]+[\"'”’»)\]]*(?=\s+[\"'“‘«(\[]?[^\W_])|[。！？؟।](?=\S|\s|$))")
_ABBREVIATED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Col|Lt|Sgt|Gov|Sen|Rep|St|No|vs|Inc|Ltd|Jr|Sr)\.$", re.IGNORECASE
)


def lead_sentence(text: str) -> str:
    """Return the first sentence of a text on one line, shortened at a word where it is long."""
    flat = " ".join(text.split())
    sentence = flat
    for end in _END.finditer(flat):
        head = flat[: end.end()]
        if not _ABBREVIATED.search(head):
            sentence = head
            break
    if len(sentence) <= LONGEST:
        return sentence
    cut = sentence.rfind(" ", LONGEST // 2, LONGEST)
    return sentence[: cut if cut > 0 else LONGEST - 1].rstrip(" ,;:–—-") + "…"


def headline_of(title: str | None, text: str) -> str:
    """Return the title on one line, or the lead sentence."""
    flat = " ".join((title or "").split())
    return flat or lead_sentence(text)
