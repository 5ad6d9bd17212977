"""One story is one story, and ten are ten, whatever their source calls them."""

from datetime import UTC, datetime

from services.ingest.formats.items import Item
from services.ingest.identity import Identity, fingerprint, identify, identify_all, to_raw_story
from shared.events import Source


def ids(items: list[Item], source: str = "wire") -> list[str]:
    return [identity.story_id for identity in identify_all(source, items)]


def test_the_same_item_has_the_same_identity_everywhere() -> None:
    item = Item(text="Rain in Osh.", external_id="a", url="https://example.com/a")
    assert identify("wire", item) == identify("wire", item)
    assert len(identify("wire", item).story_id) == 32


def test_an_id_belongs_to_its_source() -> None:
    item = Item(text="Rain in Osh.", external_id="1")
    assert ids([item], "wire") != ids([item], "agency")


def test_a_new_text_under_the_same_id_and_link_is_a_revision() -> None:
    old = identify(
        "wire", Item(text="Three hurt.", external_id="1", url="https://example.com/a?utm_source=rss")
    )
    new = identify("wire", Item(text="Four hurt.", external_id="1", url="http://www.example.com/a"))
    assert old.story_id == new.story_id
    assert old.fingerprint != new.fingerprint


def test_ten_items_that_share_one_guid_are_ten_stories() -> None:
    with_links = [Item(text=f"Story {n}", external_id="0", url=f"https://example.com/{n}") for n in range(10)]
    without = [Item(text=f"Story {n}", external_id="0") for n in range(10)]
    one_link = [Item(text=f"Story {n}", external_id="0", url="https://example.com/") for n in range(10)]
    for items in (with_links, without, one_link):
        assert len(set(ids(items))) == 10


def test_a_guid_that_comes_back_on_a_later_poll_with_another_link_is_another_story() -> None:
    first = ids([Item(text="Rain in Osh.", external_id="0", url="https://example.com/1")])
    later = ids([Item(text="Snow in Naryn.", external_id="0", url="https://example.com/2")])
    assert first != later


def test_what_shares_a_guid_keeps_its_identity_when_its_neighbours_leave() -> None:
    items = [Item(text=f"Story {n}", external_id="0", url=f"https://example.com/{n}") for n in range(3)]
    assert ids(items)[2:] == ids(items[2:])


def test_items_that_all_link_to_the_front_page_go_by_their_words() -> None:
    items = [Item(text=f"Story {n}", url="https://example.com/") for n in range(3)]
    assert len(set(ids(items))) == 3
    assert ids(items)[1] == ids([Item(text="Story 1")])[0]


def test_an_item_printed_twice_in_a_payload_is_one_story() -> None:
    item = Item(text="Rain in Osh.", external_id="1", url="https://example.com/a")
    again = Item(text="Rain  in\nOsh.", external_id="1", url="https://example.com/a/")
    assert len(set(ids([item, again]))) == 1


def test_links_and_words_are_known_across_sources() -> None:
    assert ids([Item(text="a", url="https://example.com/a")], "one") == ids(
        [Item(text="b", url="https://m.example.com/a")], "two"
    )
    assert ids([Item(text="Rain in Osh.")], "one") == ids([Item(text="rain in  OSH.")], "two")


def test_white_space_and_forms_of_characters_are_no_revision() -> None:
    one = Item(text="Rain in Osh — ﬁnally", title="Rain")
    other = Item(text=" rain\n in\u00a0Osh — finally", title="rain ")
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(one) != fingerprint(Item(text="Rain in Osh", title="Rain"))


def test_title_and_text_do_not_run_into_one_another() -> None:
    assert fingerprint(Item(title="a b", text="c")) != fingerprint(Item(title="a", text="b c"))


def test_the_message_carries_everything_and_its_own_language() -> None:
    now = datetime(2025, 11, 20, tzinfo=UTC)
    source = Source(id="wire", name="Wire", kind="feed", country="KG", language="ru")
    item = Item(
        text="Жаңбыр",
        title="Т",
        external_id="7",
        url="https://example.com/7",
        language="kk",
        highlighted=True,
    )
    story = to_raw_story(source, item, Identity("ab", "cd"), first_seen_at=now, origin="backfill", revision=2)
    assert story.source.language == "kk"
    assert story.source.country == "KG"
    assert (story.story_id, story.revision, story.origin, story.highlighted) == ("ab", 2, "backfill", True)
    assert story.published_at is None
    assert story.first_seen_at == now
