"""One address for all the ways in which a page is linked to, for identity only: readers get the link as it came.

It drops what does not choose the page: the scheme, user names, ``www`` and mobile hosts, default ports, AMP forms,
index files, trailing slashes, tracking parameters, the order of parameters and the fragment. The tables below are
the whole knowledge; the code applies them until nothing changes, so that a canonical address is its own canonical
address.
"""

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from url_normalize import url_normalize

#: Parameters that tell how a reader came, not what is shown. A name that ends in ``*`` is a prefix. Names that some
#: site uses to choose a page (``cid``, ``origin``, ``mod``) are left out: a copy is better than a lost story.
TRACKING_PARAMETERS = (
    "utm_*", "at_*", "mtm_*", "hsa_*", "ns_*", "oly_*", "vero_*", "ga_*", "gaa_*", "guce_*",
    "__twitter_impression", "_ga", "_gl", "_hsenc", "_hsmi", "cmp", "cmpid", "ceid", "dclid", "emci", "emdi",
    "fb_action_ids", "fb_action_types", "fb_ref", "fb_source", "fbclid", "from_source", "ftag", "gbraid", "gclid",
    "gclsrc", "guccounter", "hootpostid", "icid", "igsh", "igshid", "intcid", "ito", "mc_cid", "mc_eid", "mkt_tok",
    "msclkid", "ncid", "ocid", "pk_campaign", "pk_kwd", "pk_medium", "pk_source", "ref", "ref_src", "ref_url",
    "referer", "referrer", "s_cid", "share", "shareadmintoken", "smid", "smtyp", "soc_src", "soc_trk", "spm",
    "sr_share", "srnd", "taid", "trk", "tpcc", "traffic_source", "twclid", "wbraid", "wickedid", "wt_mc",
    "wt.mc_id", "xtor", "yclid", "ysclid", "zanpid",
)  # fmt: skip

#: Parameters that choose an AMP, mobile or print rendering of the same page, with the values that do so
#: (an empty tuple: any value).
RENDERING_PARAMETERS: dict[str, tuple[str, ...]] = {
    "amp": (), "outputtype": ("amp",), "output": ("amp", "print"), "m": ("1",), "mobile": (), "print": (),
    "view": ("amp", "mobile", "print"), "platform": ("amp", "mobile"),
}  # fmt: skip

#: First labels of a host that show the same site to another device.
HOST_PREFIXES = ("www", "www2", "ww2", "m", "mobile", "amp", "wap", "touch")
#: The same in the middle: ``en.m.wikipedia.org``.
HOST_INFIXES = ("m", "mobile", "amp")

#: Folders and endings of a path that show the same page as AMP, and index files.
AMP_SEGMENTS = ("amp", "amp.html")
AMP_ENDINGS = (".amp.html", ".amp", "-amp.html", "_amp.html")
INDEX_FILES = (
    "index.html",
    "index.htm",
    "index.php",
    "index.asp",
    "index.aspx",
    "default.asp",
    "default.aspx",
)

#: Caches that carry the address of the page in their path: host, and the path's shape.
AMP_CACHES = (
    (re.compile(r"^(?:www\.)?google\.[a-z.]{2,6}$"), re.compile(r"^/amp/(?:s/)?(?P<page>[^/]+\..+)$")),
    (
        re.compile(r"^(?:[a-z0-9-]+\.)?cdn\.ampproject\.org$"),
        re.compile(r"^/[a-z]/(?:s/)?(?P<page>[^/]+\..+)$"),
    ),
)

_PREFIXES = tuple(name[:-1] for name in TRACKING_PARAMETERS if name.endswith("*"))
_NAMES = frozenset(name for name in TRACKING_PARAMETERS if not name.endswith("*"))
_WEB = re.compile(r"https?://", re.IGNORECASE)
_ROUNDS = 20


def canonical_url(url: str) -> str | None:
    """``//host/path?query`` of the page that the address leads to; None when it is no http(s) address."""
    current = f"http:{url}" if url.startswith("//") else url.strip()
    if not _WEB.match(current):
        return None
    for _ in range(_ROUNDS):
        canonical = _canonical_once(current)
        if canonical is None or f"http:{canonical}" == current:
            return canonical
        current = f"http:{canonical}"
    return canonical


def _canonical_once(url: str) -> str | None:
    try:
        # Another scheme has other defaults: ports and encodings are settled before it is dropped.
        parts = urlsplit(url_normalize(url) or "")
        host, port = parts.hostname or "", parts.port
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    page = _cached_page(host, parts)
    if page:
        return f"//{page}"
    bracketed = f"[{host}]" if ":" in host else _plain_host(host)
    place = bracketed if port in {None, 80, 443} else f"{bracketed}:{port}"
    path, query = _plain_path(parts.path), _plain_query(parts.query)
    return f"//{place}{path}" + (f"?{query}" if query else "")


def _cached_page(host: str, parts: SplitResult) -> str | None:
    for cache_host, shape in AMP_CACHES:
        found = shape.match(parts.path) if cache_host.match(host) else None
        if found:
            return found["page"] + (f"?{parts.query}" if parts.query else "")
    return None


def _plain_host(host: str) -> str:
    """Without device labels, as long as two labels are left: ``m.co`` is a site."""
    labels = host.rstrip(".").split(".")
    while len(labels) > 2 and labels[0] in HOST_PREFIXES:
        labels = labels[1:]
    middle = (
        [label for label in labels[1:-2] if label not in HOST_INFIXES] if len(labels) > 3 else labels[1:-2]
    )
    return ".".join([labels[0], *middle, *labels[-2:]] if len(labels) > 2 else labels)


def _plain_path(path: str) -> str:
    segments = [segment for segment in path.split("/") if segment]
    if segments and segments[-1].lower() in INDEX_FILES:
        segments.pop()
    if len(segments) > 1 and segments[0].lower() in AMP_SEGMENTS:
        segments.pop(0)
    while len(segments) > 1 and segments[-1].lower() in AMP_SEGMENTS:
        segments.pop()
    if segments:
        segments[-1] = _without_amp(segments[-1])
    return "/" + "/".join(segments) if segments else ""


def _without_amp(segment: str) -> str:
    for ending in AMP_ENDINGS:
        if segment.lower().endswith(ending) and len(segment) > len(ending):
            return segment[: -len(ending)] + (".html" if ending.endswith(".html") else "")
    return segment


def _plain_query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=200) if query.count("&") < 200 else []
    return urlencode(sorted(pair for pair in pairs if not _is_noise(*pair)))


def _is_noise(name: str, value: str) -> bool:
    folded = unquote(name).lower()
    if folded in _NAMES or folded.startswith(_PREFIXES):
        return True
    values = RENDERING_PARAMETERS.get(folded)
    return values is not None and (not values or value.lower() in values)
