"""Many links, one page; and pages that must stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.canonical_url import canonical_url

SAME = [
    ("https://example.com/news/1", "http://example.com/news/1"),
    ("https://example.com/news/1", "https://www.example.com/news/1/"),
    ("https://example.com/news/1", "https://EXAMPLE.com:443/news/1#comments"),
    ("https://example.com/news/1", "http://example.com:80/news//1"),
    ("https://example.com/news/1", "https://example.com/news/1?utm_source=feed&utm_medium=rss"),
    ("https://example.com/news/1", "https://example.com/news/1?fbclid=abc&gclid=def&at_medium=RSS"),
    ("https://example.com/news/1", "https://m.example.com/news/1"),
    ("https://example.com/news/1", "https://www.m.example.com/news/1"),
    ("https://example.com/news/1", "https://amp.example.com/news/1"),
    ("https://example.com/news/1", "https://example.com/news/1/amp/"),
    ("https://example.com/news/1", "https://example.com/amp/news/1"),
    ("https://example.com/news/1", "https://example.com/news/1?amp=1"),
    ("https://example.com/news/1", "https://example.com/news/1?outputType=amp"),
    ("https://example.com/news/1", "https://www.google.com/amp/s/www.example.com/news/1"),
    ("https://example.com/news/1", "https://example-com.cdn.ampproject.org/c/s/example.com/news/1"),
    ("https://example.com/news/1", "https://user:secret@example.com/news/1"),
    ("https://example.com/news/1", "//example.com/news/1"),
    ("https://example.com/a.html", "https://example.com/a.amp.html"),
    ("https://example.com/?a=1&b=2", "https://example.com/?b=2&a=1"),
    ("https://example.com/news/", "https://example.com/news/index.html"),
    ("https://example.com", "https://example.com/"),
    ("https://example.com/%7Eann", "https://example.com/~ann"),
    ("https://example.com/a/../b", "https://example.com/b"),
    ("https://en.wikipedia.org/wiki/Osh", "https://en.m.wikipedia.org/wiki/Osh"),
    ("https://münchen.example/ä", "https://xn--mnchen-3ya.example/%C3%A4"),
]
DIFFERENT = [
    ("https://example.com/news/1", "https://example.com/news/2"),
    ("https://example.com/news/1", "https://example.org/news/1"),
    ("https://example.com/?id=1", "https://example.com/?id=2"),
    ("https://example.com/News", "https://example.com/news"),
    ("https://example.com:8080/", "https://example.com/"),
    ("https://ru.example.com/1", "https://kk.example.com/1"),
    ("https://m.co/1", "https://example.co/1"),
    ("https://example.com/amp", "https://example.com/"),
    ("https://example.com/?cid=1", "https://example.com/?cid=2"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_page(one: str, other: str) -> None:
    assert canonical_url(one) is not None
    assert canonical_url(one) == canonical_url(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_pages(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "url", ["", "mailto:ann@example.com", "javascript:alert(1)", "http://", "http://[::1", "news"]
)
def test_no_web_page(url: str) -> None:
    assert canonical_url(url) is None


HOSTS = st.from_regex(r"(www\.|m\.|amp\.){0,3}[a-z]{1,8}(\.m)?\.[a-z]{1,6}\.(com|uz|co\.uk)", fullmatch=True)
PATHS = st.lists(
    st.sampled_from(["news", "amp", "index.html", "1", "a.amp.html", "ä", "%7e", ".", "..", "x-amp.html"])
)
QUERIES = st.lists(
    st.sampled_from(["utm_source=x", "a=1", "b=%20", "amp=1", "a=", "fbclid=1", "c=a+b", "m=2", "é=ü"])
)


@given(HOSTS, PATHS, QUERIES)
def test_a_canonical_address_is_its_own(host: str, path: list[str], query: list[str]) -> None:
    once = canonical_url(f"https://{host}/{'/'.join(path)}?{'&'.join(query)}#x")
    assert once is not None
    assert canonical_url(once) == once


@given(st.text(max_size=80))
def test_no_text_breaks_it(text: str) -> None:
    for url in (text, f"http://{text}", f"https://example.com/{text}"):
        once = canonical_url(url)
        assert once is None or canonical_url(once) == once
