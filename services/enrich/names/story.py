"""One story while its names are read: its words, what they are known to mean, and who has been found."""

from collections.abc import Iterator
from datetime import date

from services.enrich.names.known import Reading
from services.enrich.names.linking import Linker
from services.enrich.names.mentions import Found, Mention
from services.enrich.names.register import Register
from services.enrich.names.vocabulary import Vocabulary
from shared.actors.dataset import ActorData
from shared.actors.model import Person
from shared.actors.spelling import name_keys


class Story:
    """What the steps share: ``claimed`` marks the words that a step has taken for good."""

    def __init__(
        self,
        readings: list[Reading],
        data: ActorData,
        vocabulary: Vocabulary,
        linker: Linker,
        at: date | None,
    ) -> None:
        self.readings = readings
        self.data = data
        self.vocabulary = vocabulary
        self.linker = linker
        self.at = at
        self.register = Register()
        self.claimed = [bytearray(len(reading.words)) for reading in readings]
        self.countries = {
            ref for reading in readings for known in reading.known for ref in known.refs("country")
        }
        self.keys = {key for reading in readings for key in reading.words.keys}

    def fields(self) -> Iterator[tuple[Reading, bytearray]]:
        """Yield each field's reading with its claimed words."""
        return zip(self.readings, self.claimed, strict=True)

    def add_person(self, mention: Mention, person: Person, confidence: float) -> None:
        """Add a mention of a listed person."""
        actor = person.actor
        keys = mention.keys if len(mention.keys) > 1 else name_keys(person.aliases[0])
        new = Found(actor.name, "person", keys, [], actor.id, actor.country, confidence)
        self.register.add(actor.id, new, mention)


def claim(claimed: bytearray, first: int, end: int) -> None:
    """Mark words as taken."""
    for position in range(first, end):
        claimed[position] = 1
