"""Bytes to text: byte order mark, declared charset, UTF-8, and only then what the bytes look like."""

import codecs
import re

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Markup of two bytes a character shows itself without a mark too.
_WIDE = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
# With this ISO-2022 leaves ASCII: its bytes are all ASCII, but its text is not.
_ESCAPE = b"\x1b$"
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]+)", re.IGNORECASE)
# HTML and XML name their charset in ASCII near the start, whatever it is.
_INNER_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]+)"
    rb"|<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]+)",
    re.IGNORECASE,
)
_INNER_WITHIN = 2_048
_SAMPLE = 32_768
_GOOD_FOR_ONE_BROKEN = 20
# Browsers read these labels as their Windows supersets, and pages are written to suit browsers.
_SUPERSETS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "shift_jis": "cp932", "euc_kr": "cp949",
}  # fmt: skip
# Codecs that are not charsets of pages, or let an attacker hide text or burn time.
_REFUSED = {"utf-7", "idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}


def decode(payload: bytes, content_type: str | None = None) -> str:
    """Return the payload as text, without its byte order mark. Undecodable bytes become U+FFFD; it never fails."""
    for mark, name in _BOMS:
        if payload.startswith(mark):
            return payload[len(mark) :].decode(name, "replace")
    for start, name in _WIDE:
        if payload.startswith(start):
            return payload.decode(name, "replace")
    text = payload.decode("utf-8", "replace")
    if _is_sound(text) and _ESCAPE not in payload:
        return text
    declared = _declared(payload, content_type)
    # Sources cut texts in the middle of a character, so a few broken ones are no proof against a charset.
    for errors in ("strict", "replace"):
        for label in declared:
            decoded = _try(payload, label, errors)
            if decoded is not None and _is_sound(decoded):
                return decoded
    # Only lines that leave ASCII say anything.
    telling = b"\n".join(line for line in payload.split(b"\n") if not line.isascii())[:_SAMPLE]
    guess = from_bytes(telling or payload[:_SAMPLE]).best()
    return payload.decode(guess.encoding if guess else "cp1252", "replace")


def _is_sound(text: str) -> bool:
    """Whether bytes that read like this are in the charset they were read in: few are broken among many good ones.

    UTF-8 comes before what is declared: text in another charset is almost never UTF-8, and wrong labels are common.
    """
    broken = text.count("\ufffd")
    return broken == 0 or broken * _GOOD_FOR_ONE_BROKEN <= sum(not character.isascii() for character in text)


def _declared(payload: bytes, content_type: str | None) -> list[str]:
    """Return the charsets that the header and the page itself name."""
    header = _HEADER_CHARSET.search(content_type or "")
    inner = _INNER_CHARSET.search(payload[:_INNER_WITHIN])
    labels = [header[1]] if header else []
    return [*labels, (inner[1] or inner[2]).decode("ascii")] if inner else labels


def _try(payload: bytes, label: str, errors: str) -> str | None:
    try:
        name = codecs.lookup(label).name
        if name in _REFUSED:
            return None
        return payload.decode(_SUPERSETS.get(name, name), errors)
    except (LookupError, UnicodeError):
        return None
