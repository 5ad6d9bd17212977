"""What a copy may change, and what makes of the same words another report."""

from datetime import UTC, datetime

from fakes.told import told
from services.enrich.comparison import datelines_apart, days_apart
from services.enrich.signatures import Signature, sign
from services.enrich.similarity import Likeness, compare

QUAKE = (
    "{frame}A landslide buried a workshop and three houses in Darjeeling before dawn, killing {dead} people, the "
    "magistrate said. Forty soldiers were digging with their hands. Rain had fallen for 26 hours without a pause. "
    "The road to Kurseong was cut in two places, and schools were shut."
)
RESERVES = (
    "The Bank of Velmara provided the money market with {help} million crowns of help in the morning session. This "
    "compares with its forecast of a shortage of around {shortage} million crowns. It bought bills in band one, and "
    "left the rate unchanged, a spokesman said in answer to enquiries."
)
FIGURES = (
    "{name} said it will close its mill at the end of January. Net sales were 142.5 million against 139.1 million, "
    "and the charge will be 3,340,000 in the fourth quarter, or 27.4 cents a share, after 24.6 cents a year ago."
)
TALKS = (
    "Velmara and Tavria have agreed to {matter}, after talks between Pavel Bors and Ilona Brasz in {place}."
)


def undated(text: str) -> Signature:
    return sign(told("s", text).model_copy(update={"published_at": None}))


def likeness(one: str, other: str) -> Likeness:
    return compare(undated(one), undated(other)).likeness


def test_a_toll_that_rises_meanwhile_leaves_a_copy_a_copy() -> None:
    first, then = (told(name, QUAKE.format(frame="", dead=dead)) for name, dead in (("a", 17), ("b", 23)))
    assert compare(sign(first), sign(then)).likeness == "duplicate"


def test_other_numbers_in_the_same_words_are_another_report() -> None:
    one, other = RESERVES.format(help=147, shortage=410), RESERVES.format(help=283, shortage=655)
    assert likeness(one, other) == "related"
    assert likeness(one, one + " Dealers had expected no more.") == "duplicate"


def test_who_it_is_about_may_be_misspelt_where_all_numbers_are_the_same() -> None:
    one, other = FIGURES.format(name="Fieldcor Paper"), FIGURES.format(name="Fidelcor Paper")
    assert likeness(one, other) in ("duplicate", "same_report")


def test_the_same_parties_may_agree_on_more_than_one_thing() -> None:
    one = TALKS.format(matter="extend their gas contract", place="Merrow")
    other = TALKS.format(matter="build a shipyard for tankers", place="Lisvane")
    assert likeness(one, other) == "related"


def test_another_date_makes_another_report_of_nearly_the_same_words() -> None:
    text = QUAKE.format(frame="", dead=17) + " The forecast is for more rain until {date}."
    one, other = text.format(date="April 12"), text.format(date="April 19")
    assert likeness(one, other) == "related"


def test_datelines_meet_across_the_new_year() -> None:
    seen = datetime(2025, 3, 14, tzinfo=UTC)
    one, other = (
        sign(told("s", QUAKE.format(frame=f"DARJEELING, {day} - ", dead=17)).model_copy(
            update={"published_at": None, "first_seen_at": seen}
        ))
        for day in ("March 15", "March 16")
    )  # fmt: skip
    assert one.dateline is not None
    assert other.dateline is not None
    assert abs(one.dateline - other.dateline) > 300
    assert datelines_apart(one, other) == 1
    assert compare(one, other).likeness == "duplicate"


def test_of_stories_that_only_datelines_date_the_weekday_says_nothing() -> None:
    framed = "DARJEELING, March {day} - {text} The road opened on {weekday}."
    text = QUAKE.format(frame="", dead=17)
    one = undated(framed.format(day=9, text=text, weekday="Wednesday"))
    other = undated(framed.format(day=10, text=text, weekday="Thursday"))
    assert days_apart(one, other) is None
    assert compare(one, other).likeness == "duplicate"
