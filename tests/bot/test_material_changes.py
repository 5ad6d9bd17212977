"""Which changes of a story are worth changing a message for."""

import pytest

from services.bot.alerts.material import change_of
from services.bot.alerts.telling import Change

LEAD = "At least 12 people were injured when a tram left the rails in Almaty on 3 March, the mayor said."


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        # nothing that matters
        (("Tram leaves the rails in Almaty", LEAD), ("Tram leaves the rails in Almaty", LEAD), None),
        (("Tram leaves the rails in Almaty", LEAD), ("Tram leaves the rails in Almaty.", LEAD.upper()), None),
        (("Tram off rails", LEAD), ("Tram off rails", f"{LEAD} A crane arrived. It weighs 40 tonnes."), None),
        (("Tram off rails (updated 14:20)", LEAD), ("Tram off rails (updated 15:05)", LEAD), None),
        (("Budget of 1,200 million passed", ""), ("Budget of 1200 million passed", ""), None),
        (("The mayor speaks on trams in Almaty", ""), ("Mayor speaks on trams in Almaty", ""), None),
        # numbers
        (
            ("12 injured in Almaty tram accident", LEAD),
            ("15 injured in Almaty tram accident", LEAD),
            "numbers",
        ),
        (("Tram off rails", LEAD), ("Tram off rails", LEAD.replace("12", "15")), "numbers"),
        (("Rate raised to 15.5%", ""), ("Rate raised to 16.5%", ""), "numbers"),
        # a correction or retraction
        (("Tram off rails", LEAD), ("CORRECTED: Tram off rails", LEAD), "correction"),
        (
            ("Tram off rails", LEAD),
            ("Tram off rails", f"The agency retracts this report. {LEAD}"),
            "correction",
        ),
        (("Трамвай сошёл с рельсов", ""), ("Исправлено: трамвай сошёл с рельсов", ""), "correction"),
        (("Ministry corrected its forecast", ""), ("Ministry corrected its forecast again", ""), None),
        # another headline
        (
            ("Tram leaves the rails in Almaty", LEAD),
            ("Driver detained after crash inquiry", LEAD),
            "headline",
        ),
    ],
)
def test_what_is_material(before: tuple[str, str], after: tuple[str, str], change: Change | None) -> None:
    assert change_of(before, after) == change
