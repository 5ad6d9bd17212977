"""``dateline enrich``: lines in, enriched lines out, in order, each with the caller's id."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.enrich.app import build_pipeline
from services.enrich.duplicates import MemoryClusters
from services.enrich.filter import Enriched, Refused, enrich_lines
from shared.clock import FixedClock
from shared.events import EnrichedStory

CLOCK = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))


def enriched(*stories: Any) -> list[Enriched | Refused]:
    lines = [story if isinstance(story, bytes) else json.dumps(story).encode() for story in stories]
    return list(enrich_lines(lines, build_pipeline(MemoryClusters()), CLOCK))


def test_lines_come_out_in_order_with_the_callers_ids() -> None:
    ids = ["b", "a", 7, "with space", "ключ", "x" * 300]

    rows = enriched(*({"id": each, "text": f"Kazakhstan counts to {n}."} for n, each in enumerate(ids)))

    assert [json.loads(row.to_line())["id"] for row in rows if isinstance(row, Enriched)] == ids
    assert len({row.story.story_id for row in rows if isinstance(row, Enriched)}) == len(ids)


def test_more_lines_than_a_batch_keep_their_order() -> None:
    rows = enriched(*({"id": n, "text": f"Report number {n} from Norway."} for n in range(450)))

    assert [row.id for row in rows if isinstance(row, Enriched)] == list(range(450))


def test_a_line_that_is_no_story_is_refused_by_number_and_the_rest_goes_on() -> None:
    rows = enriched(
        b"{broken", b"", {"text": "no id"}, {"id": 1, "text": " "}, {"id": 2, "text": "Snow in Astana."}
    )

    refused = [(row.number, row.reason.split(":")[0]) for row in rows if isinstance(row, Refused)]
    assert refused == [(1, "not JSON"), (3, "id"), (4, "text")]
    assert [row.id for row in rows if isinstance(row, Enriched)] == [2]


def test_an_output_line_is_an_enriched_story() -> None:
    (row,) = enriched({"id": 1, "title": "Snow in Astana", "text": "", "published_at": 1_700_000_000})

    assert isinstance(row, Enriched)
    story = EnrichedStory.model_validate_json(row.to_line())
    assert story.countries[0].code == "KZ"
    assert story.published_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    for tag in story.countries:
        for evidence in tag.evidence:
            assert getattr(story, evidence.field)[evidence.start : evidence.end] == evidence.text


def test_copies_join_the_first_telling() -> None:
    text = "The parliament in Astana has approved a budget of 23 trillion tenge for 2026, the finance minister said."

    rows = enriched(
        {"id": "one", "text": text}, {"id": "two", "text": text}, {"id": "other", "text": "Rain in Lima."}
    )

    assert [row.story.cluster.id for row in rows if isinstance(row, Enriched)] == ["one", "one", "other"]


@pytest.mark.parametrize(
    "text", ["\ud800 unpaired", "a\u0301" * 500, "🇰🇿" * 300, "\u202eKazakhstan", "A" * 100_000]
)
def test_odd_text_is_tagged_or_left_alone_and_never_breaks_the_run(text: str) -> None:
    rows = enriched({"id": 1, "text": text}, {"id": 2, "text": "Snow in Astana."})

    assert rows[-1].id == 2 if isinstance(rows[-1], Enriched) else False
