"""What a story is boiled down to."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.told import START, told
from services.enrich.comparison import containment
from services.enrich.concepts import load_concepts, parse
from services.enrich.document_frequency import UNKNOWN, load_document_frequencies
from services.enrich.document_frequency import parse as parse_frequencies
from services.enrich.duplicates import Record, alone_from
from services.enrich.event_days import event_day
from services.enrich.numerals import digits_value, number_weight
from services.enrich.signature_codec import FORMAT, decode, encode, reported_at
from services.enrich.signatures import sign, split_frame
from services.enrich.sound_keys import sound_key
from services.enrich.spellings import Spellings
from services.enrich.story_reading import Reader, Reading
from shared.events import Cluster

BODY = "The council of Lisvane scrapped a plan to put parking meters on its seafront after 6,300 residents objected."


def read(text: str) -> Reading:
    reading = Reading()
    Reader(Spellings(load_document_frequencies(), load_concepts())).read(text, reading)
    return reading


def survivor(record: Record) -> Record | None:
    """What comes back of a record's bytes; its shingles come back as a row."""
    back = decode(encode(record))
    if back is None:
        return None
    return replace(back, signature=replace(back.signature, shingles=frozenset(back.signature.shingles)))


@pytest.mark.parametrize(
    ("one", "other"),
    [("saratov", "саратове"), ("zarubin", "зарубиным"), ("prokopyevsk", "прокопьевска"), ("kazakhstan", "казахстана"),
     ("mirziyoyev", "мирзиёевым"), ("tokayev", "токаева"), ("shavkat", "шавката")],
)  # fmt: skip
def test_a_name_sounds_alike_in_both_alphabets(one: str, other: str) -> None:
    assert sound_key(one) == sound_key(other.replace("ё", "е"))


@pytest.mark.parametrize(
    ("one", "other"), [("iran", "oman"), ("niger", "nauru"), ("paris", "perth"), ("lima", "rome")]
)
def test_other_names_sound_different(one: str, other: str) -> None:
    assert sound_key(one) != sound_key(other)


@pytest.mark.parametrize(
    ("text", "value"),
    [("eleven miners", 11), ("одиннадцать горняков", 11), ("thirty-one workers", 31), ("тридцать одного рабочего", 31),
     ("5,400 posts", 5400), ("5 400 мест", 5400), ("1.2 million", 1_200_000), ("3,1 млн кубометров", 3_100_000),
     ("28 billion euros", 28e9), ("4.2 percent", 4.2), ("пятеро жителей", 5)],
)  # fmt: skip
def test_numbers_are_read_in_digits_and_words(text: str, value: float) -> None:
    assert list(read(text).numbers) == [value]


@pytest.mark.parametrize(
    ("text", "ordinal"),
    [("the 21st package", 21), ("a twenty-first round", 21), ("21-й пакет", 21), ("двенадцатый пакет", 12)],
)
def test_ordinals_are_not_numbers(text: str, ordinal: int) -> None:
    reading = read(text)
    assert list(reading.ordinals) == [ordinal]
    assert not reading.numbers


@pytest.mark.parametrize("text", ["on 14 October", "on Oct 14", "14 октября", "October 14th"])
def test_a_date_is_no_number(text: str) -> None:
    reading = read(text)
    assert reading.dates == {1014}
    assert not reading.numbers


def test_grouped_digits() -> None:
    assert digits_value("12,000") == digits_value("12 000") == 12000
    assert digits_value("538.42") == 538.42
    assert digits_value("0,600") == 0.6


@pytest.mark.parametrize(
    "text", ["9" * 400, "7 " + "billion " * 60, "99999999999th", "1" * 15 + "th", "½ ¹ ٣ ١٢", "a-" + "1" * 30]
)
def test_odd_numbers_have_a_signature(text: str) -> None:
    record = Record("a", 0, 0, Cluster(id="a"), sign(told("a", text)))
    assert survivor(record) == record


def test_rare_numbers_tell_more() -> None:
    assert number_weight(5432) > number_weight(64) > number_weight(3)
    assert number_weight(2025) == number_weight(3)


@pytest.mark.parametrize(
    ("weekdays", "hours", "expected"),
    [((1,), 0, 0), ((0,), 0, -1), ((), 0, None), ((0, 1), 0, 0), ((5,), 0, -3), ((3,), 0, None),
     ((2,), 14, 1), ((2,), 0, None)],
)  # fmt: skip
def test_the_day_told_of(weekdays: tuple[int, ...], hours: int, expected: int | None) -> None:
    published = told("s", BODY, hours=hours).published_at
    assert published is not None
    day = event_day(weekdays, published)
    assert day == (None if expected is None else published.toordinal() + expected)


@pytest.mark.parametrize(
    "frame",
    ["LISVANE — ", "LISVANE, Oct 13 (Coast Wire) - ", "КОКШЕТАУ, 13 октября. ", "ОШ (Степной курьер). ",
     "Oct 14 (Northline) - ", "Council scraps meters. LISVANE, March 3 - "],
)  # fmt: skip
def test_a_dateline_is_no_part_of_the_text(frame: str) -> None:
    assert split_frame(frame + BODY)[2] == BODY


@pytest.mark.parametrize(
    "tail",
    [" (Coast Wire)", " — Coast Wire", " Read more at our website.", " Subscribe to our daily newsletter."],
)
def test_credits_and_appeals_are_no_part_of_the_text(tail: str) -> None:
    assert split_frame(BODY + tail)[2].rstrip() == BODY


def test_case_marks_and_frame_do_not_change_the_content() -> None:
    loud = BODY.replace("council", "COUNCIL").replace(",300", " 300")
    assert sign(told("a", BODY)).content == sign(told("b", f"LISVANE — {loud} (Coast Wire)")).content
    assert sign(told("a", BODY)).content != sign(told("b", BODY.replace("6,300", "6,400"))).content


def test_words_for_one_thing_share_a_concept() -> None:
    def terms(text: str) -> set[int]:
        return {term for word in read(text).words for term in word.terms}

    assert terms("abducted") & terms("kidnapped") & terms("похищены")
    assert not terms("abducted") & terms("flooded")


def test_rarity_orders_words() -> None:
    frequencies = load_document_frequencies()
    assert frequencies.rarity("the") < frequencies.rarity("minist") < frequencies.rarity("dredger")
    assert frequencies.rarity("xqzzt") == UNKNOWN
    assert frequencies.version >= 1


@pytest.mark.parametrize(
    "lines", [["words"], ["# document rarity, version x"], ["# document rarity, version 1", "rare a"]]
)
def test_a_malformed_table_is_refused(lines: list[str]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_frequencies(lines)


def test_concept_lines() -> None:
    assert parse(["# a comment", "", "free: freed | освобожден"]).keys() == {"freed", "освобожд"}


def test_containment_is_the_share_of_the_shorter_text() -> None:
    words = [f"word{number}" for number in range(400)]
    whole = sign(told("a", " ".join(words)))
    assert containment(whole, sign(told("b", " ".join(words[:60])))) == 1.0
    assert containment(whole, sign(told("c", " ".join(words[200:360])))) == pytest.approx(1.0, abs=0.05)
    half = sign(told("d", " ".join(words[:100] + [f"other{number}" for number in range(100)])))
    assert containment(whole, half) == pytest.approx(0.5, abs=0.12)
    assert containment(whole, sign(told("e", " ".join(f"other{number}" for number in range(90))))) == 0.0


def test_a_record_survives_its_bytes() -> None:
    story = told("a", f"LISVANE, March 11 (Coast Wire) - {BODY} The 12th such plan failed on Tuesday.")
    matched = Cluster(id="z", relation="same_report", matched="y", similarity=0.7, related=("q",))
    for first in (Cluster(id="a"), matched):
        record = Record("a", 3, 1, first, sign(story))
        assert survivor(record) == record
        assert alone_from(record).first.id == "a"


def test_when_a_record_is_of_can_be_read_alone() -> None:
    signature = sign(told("a", BODY, hours=7))
    data = encode(Record("a", 0, 0, Cluster(id="a"), signature))
    assert reported_at(data) == signature.at
    assert reported_at(b"") is None
    assert reported_at(bytes((FORMAT + 1,)) + data[1:]) is None


def test_a_remembered_story_is_compared_as_a_new_one() -> None:
    """Whichever of two has its shingles as a row."""
    one, other = (
        Record(name, 0, 0, Cluster(id=name), sign(told(name, text)))
        for name, text in (("a", BODY), ("b", BODY + " Lisvane keeps its free seafront."))
    )
    kept = [decode(encode(record)) for record in (one, other)]
    assert kept[0] is not None and kept[1] is not None
    held = containment(one.signature, other.signature)
    assert held > 0.9
    assert containment(kept[0].signature, other.signature) == held
    assert containment(one.signature, kept[1].signature) == held
    assert containment(kept[0].signature, kept[1].signature) == held


def test_bytes_of_another_format_are_no_record() -> None:
    data = encode(Record("a", 0, 0, Cluster(id="a"), sign(told("a", BODY))))
    assert decode(bytes((FORMAT + 1,)) + data[1:]) is None
    assert decode(b"") is None


@given(st.text(max_size=300))
def test_any_text_has_a_signature(text: str) -> None:
    signature = sign(told("a", text or "x"))
    assert decode(encode(Record("a", 0, 0, Cluster(id="a"), signature))) is not None
    assert len(signature.terms) <= 40


def test_of_a_story_that_nobody_dated_the_weekday_named_first_counts() -> None:
    words = (
        "Rescuers found the ship on Monday and will try to raise it on Wednesday, the harbour of Merrow said."
    )
    friday, saturday = (
        sign(told("s", words, hours=hours).model_copy(update={"published_at": None})) for hours in (72, 96)
    )
    monday = START.date() - timedelta(days=1)
    assert friday.day == saturday.day == monday.toordinal()


@pytest.mark.parametrize("place", ["PEABODY, Mass.", "BETHPAGE, N.Y.", "LONDON", "TRAIL, British Columbia"])
def test_a_dateline_after_a_title_may_be_abbreviated(place: str) -> None:
    assert split_frame(f"TUG FREED. {place}, March 27 - {BODY}") == (
        "TUG FREED",
        f". {place}, March 27 - ",
        BODY,
    )
