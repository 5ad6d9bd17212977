"""The second step: organisations that the story explains or that say what they are."""

from services.enrich.names.mentions import Found, Mention
from services.enrich.names.organisations import OrganisationRules
from services.enrich.names.shapes import ShapeRules
from services.enrich.names.story import Story, claim


class OrganisationStep:
    """Takes what the rules for organisations find."""

    def __init__(self, story: Story) -> None:
        self._story = story

    def read(self, rules: OrganisationRules, shapes: ShapeRules) -> None:
        """Take organisations that the story explains or that say what they are."""
        meanings: dict[str, Mention | None] = {}
        for reading, claimed in self._story.fields():
            defined, explained = rules.acronyms(reading)
            meanings.update(explained)
            for mention in defined:
                self._take(mention, claimed)
        for reading, claimed in self._story.fields():
            if not reading.words.loud:
                for mention in rules.by_head(reading, claimed):
                    self._take(mention, claimed)
                    meanings.update(self._in_brackets(mention, meanings))
                for mention in shapes.find(reading, claimed):
                    self._take(mention, claimed)
                for mention in rules.beside(reading, claimed):
                    self._take(mention, claimed)
        self._read_acronyms(meanings)
        for reading, claimed in self._story.fields():
            for mention in rules.bare_acronyms(reading, claimed):
                self._take(mention, claimed)

    def _in_brackets(
        self, mention: Mention, meanings: dict[str, Mention | None]
    ) -> dict[str, Mention | None]:
        """Return the acronym in brackets behind a name, whose letters may come from another language."""
        words, end = mention.words, mention.end
        if end + 2 < len(words) and words.words[end] == "(" and words.words[end + 2] == ")":
            acronym = words.words[end + 1]
            if acronym.isupper() and acronym.isalpha() and 2 <= len(acronym) <= 6 and acronym not in meanings:
                return {acronym: mention}
        return {}

    def _read_acronyms(self, meanings: dict[str, Mention | None]) -> None:
        """Let an acronym mean in the whole story what the story says it means, whatever the list says."""
        if not meanings:
            return
        owners = {
            acronym: self._story.register.at(mention.words, mention.end - 1) if mention else None
            for acronym, mention in meanings.items()
        }
        for reading, claimed in self._story.fields():
            for position, word in enumerate(reading.words.words):
                if word not in owners:
                    continue
                owner, here = owners[word], self._story.register.at(reading.words, position)
                if here is not None and here is not owner:
                    self._story.register.withdraw(reading.words, position)
                if owner is not None and here is not owner:
                    self._story.register.mention(
                        owner, Mention(reading.words, position, position + 1, "acronym")
                    )
                claimed[position] = 1

    def _take(self, mention: Mention, claimed: bytearray) -> None:
        """Take an unlisted organisation, unless a listed one stands there already."""
        if any(claimed[mention.first : mention.end]):
            return
        keys = mention.keys[1:] if mention.keys[0] == "the" else mention.keys
        new = Found(" ".join(mention.text.split()), mention.kind, keys, confidence=mention.score)
        self._story.register.add(("organisation", keys), new, mention)
        claim(claimed, mention.first, mention.end)
