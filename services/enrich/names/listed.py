"""The first step: listed organisations and listed people named in full."""

from services.enrich.names.known import Known, Reading
from services.enrich.names.mentions import Found, Mention
from services.enrich.names.story import Story, claim
from services.enrich.names.words import Words
from shared.actors.model import Organisation

_LISTED, _WEAK = 0.97, 0.8
_CHILD_OF = frozenset(("bin", "ibn", "bint", "ould", "uulu", "ogly", "kyzy"))


class ListedStep:
    """Takes what the data files name."""

    def __init__(self, story: Story) -> None:
        self._story = story

    def read(self) -> None:
        """Take every listed organisation, and every listed person named in full."""
        for reading, claimed in self._story.fields():
            for known in reading.known:
                self._read_known(reading, known, claimed)

    def _read_known(self, reading: Reading, known: Known, claimed: bytearray) -> None:
        kinds = {sense.kind for sense in known.senses}
        if "blocked" in kinds:
            claim(claimed, known.first, known.end)
        elif "organisation" in kinds or "weak" in kinds:
            organisation = self._organisation(known)
            if organisation is not None and not self._begins_longer_name(reading.words, known, organisation):
                strong = "organisation" in kinds
                how, score = ("alias", _LISTED) if strong else ("weak alias", _WEAK)
                self._add_organisation(
                    organisation, Mention(reading.words, known.first, known.end, how, score)
                )
                claim(claimed, known.first, known.end)
        elif "person" in kinds and not self._names_another(reading.words, known):
            person = self._story.linker.choose(known.refs("person"), self._story.at, self._story.countries)
            self._story.add_person(Mention(reading.words, known.first, known.end, "alias"), person, _LISTED)
            claim(claimed, known.first, known.end)

    def _organisation(self, known: Known) -> Organisation | None:
        strong = known.refs("organisation")
        found = [self._story.data.organisations[ref] for ref in strong or known.refs("weak")]
        at_hand = [one for one in found if one.actor.country in self._story.countries]
        if strong:
            return (at_hand or found)[0]
        supported = [
            one
            for one in found
            if one in at_hand
            or not one.near.isdisjoint(self._story.keys)
            or one.actor.id in self._story.register
        ]
        return supported[0] if supported else None

    def _begins_longer_name(self, words: Words, known: Known, organisation: Organisation) -> bool:
        """Tell whether a short name only begins a longer one that the rules should read: "Sony Music Group"."""
        return (
            known.end - known.first == 1
            and not organisation.actor.name.isupper()
            and self._goes_on(words, known.end)
            and words.keys[known.end] in self._story.vocabulary.last
        )

    def _names_another(self, words: Words, known: Known) -> bool:
        """Tell whether a person's name is part of another: "John F. Kennedy Airport", "Hamdan bin Mohammed ..."."""
        first, end = known.first, known.end
        if first and words.joined[first] and words.keys[first - 1] in _CHILD_OF:
            return True
        return self._goes_on(words, end) and (
            words.keys[end] in self._story.vocabulary.last
            or words.keys[end] in self._story.vocabulary.place_heads
        )

    def _goes_on(self, words: Words, end: int) -> bool:
        return end < len(words) and words.joined[end] and words.capital[end]

    def _add_organisation(self, organisation: Organisation, mention: Mention) -> None:
        actor = organisation.actor
        new = Found(actor.name, actor.kind, mention.keys, [], actor.id, actor.country, mention.score)
        self._story.register.add(actor.id, new, mention)
