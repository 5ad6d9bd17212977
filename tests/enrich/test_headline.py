"""Every story has a headline: its title, or its lead sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.headline import LONGEST, headline_of


@pytest.mark.parametrize(
    ("text", "headline"),
    [
        ("Snow fell. Then it thawed.", "Snow fell."),
        ("The U.S. Senate met. It left.", "The U.S. Senate met."),
        ("Dr. Aliyev spoke. He left.", "Dr. Aliyev spoke."),
        ('"It is over," he said. She left.', '"It is over," he said.'),
        ("Growth was 3.5 percent. More soon.", "Growth was 3.5 percent."),
        ("Выпал снег. Потом растаял.", "Выпал снег."),
        ("雪が降った。そして溶けた。", "雪が降った。"),
        ("No end in sight", "No end in sight"),
        ("two\n lines. Next.", "two lines."),
    ],
)
def test_the_lead_sentence(text: str, headline: str) -> None:
    assert headline_of(None, text) == headline


def test_a_title_goes_before_the_text_on_one_line() -> None:
    assert headline_of("  Snow\n in Astana ", "Text.") == "Snow in Astana"


def test_a_long_sentence_is_cut_at_a_word() -> None:
    headline = headline_of(None, "word " * 100)

    assert len(headline) <= LONGEST
    assert headline.endswith("word…")


@given(st.text(min_size=1, max_size=400))
def test_any_text_gives_one_short_line(text: str) -> None:
    headline = headline_of(None, text)

    assert len(headline) <= LONGEST
    assert headline == " ".join(headline.split())
