"""The third step: people named in full, those that later words refer back to, and single names."""

from services.enrich.names.known import Known, Reading
from services.enrich.names.mentions import Found, Mention
from services.enrich.names.people import DOUBTFUL_NAME_SCORE, FULL_NAME_SCORE, SINGLE_NAME_SCORE, PeopleRules
from services.enrich.names.story import Story
from services.enrich.names.titles import read_before
from services.enrich.names.words import Words

_UNEXPLAINED = 0.0
_AND = frozenset((",", "and", "&", "и", "или", "or"))
_FROM = frozenset(("from", "in", "of", "at", "to", "near", "for", "on", "into", "through", "across"))


class PeopleStep:
    """Takes what the rules for people find."""

    def __init__(self, story: Story) -> None:
        self._story = story

    def read(self, rules: PeopleRules) -> None:
        """Take people named in full, then what refers back to them, then single names that say who they are."""
        singles, doubtful = self._small_lettered(), list[tuple[Reading, Mention]]()
        for reading, claimed in reversed(list(self._story.fields())):
            for mention in rules.propose(reading, claimed):
                if _name_words(mention) == 1 or self._is_short(reading, mention):
                    singles.append((reading, mention))
                elif not self._read_full(reading, mention) and mention.score >= DOUBTFUL_NAME_SCORE:
                    doubtful.append((reading, mention))
        for reading, mention in doubtful:
            if self._listed_with(reading, mention):
                mention.how = "list"
                self._add_unlisted(mention)
        unknown = [one for one in singles if not self._read_single(*one)]
        for reading, mention in unknown:
            if self._listed_with(reading, mention):
                self._read_listed_with(reading, mention)
            elif mention.score >= SINGLE_NAME_SCORE:
                self._add_unlisted(mention)
        for reading in self._story.readings:
            if reading.words.loud:
                self._read_loud(reading)

    def _small_lettered(self) -> list[tuple[Reading, Mention]]:
        """Return short names that begin with a small letter and so are in no capitalised run: "von der Leyen"."""
        return [
            (reading, Mention(reading.words, known.first, known.end, "surname", _UNEXPLAINED))
            for reading in self._story.readings
            for known in reading.known
            if known.refs("short") and not reading.words.capital[known.first]
        ]

    def _is_short(self, reading: Reading, mention: Mention) -> bool:
        known = reading.by_word.get(mention.first)
        whole = known is not None and (known.first, known.end) == (mention.first, mention.end)
        return known is not None and whole and bool(known.refs("short"))

    def _read_full(self, reading: Reading, mention: Mention) -> bool:
        linked = self._story.linker.full_name(mention, self._story.at, self._story.countries)
        if linked is not None:
            self._story.add_person(mention, *linked)
        elif mention.score >= FULL_NAME_SCORE and (not reading.words.loud or mention.how == "title"):
            self._add_unlisted(mention)
        else:
            return False
        return True

    def _add_unlisted(self, mention: Mention) -> None:
        if self._story.register.at(mention.words, mention.end - 1) is not None:
            return
        keys = tuple(key for key in mention.keys if key[:1].isalnum())
        known = self._story.register.with_ends(keys)
        if known is not None:
            self._story.register.mention(known, mention)
            return
        new = Found(
            " ".join(mention.text.split()), "person", keys, confidence=min(0.95, 0.45 + 0.08 * mention.score)
        )
        self._story.register.add(("person", keys), new, mention)

    def _read_single(self, reading: Reading, mention: Mention) -> bool:
        """Take a bare family name for somebody named in the story, or for the holder of an office."""
        keys = tuple(key for key in mention.keys if key[:1].isalnum())
        namesakes = self._story.register.namesakes(keys)
        known = reading.by_word.get(mention.first)
        linked = self._story.linker.family_name(
            known.refs("short") if known else [],
            mention,
            self._story.at,
            self._story.countries,
            past=read_before(reading, mention.first).past,
            vouched=mention.score >= 1.5,
        )
        if linked is not None and (not namesakes or mention.offices):
            self._story.add_person(mention, *linked)
            return True
        found = self._story.register.nearest(namesakes, mention)
        if found is None:
            return False
        self._story.register.mention(found, Mention(mention.words, mention.first, mention.end, "surname"))
        return True

    def _listed_with(self, reading: Reading, mention: Mention) -> bool:
        """Tell whether a bare name stands in a list with somebody known: "Raisi, Erdogan and Kakar attend"."""
        words = reading.words
        before = words.keys[mention.first - 1] if mention.first else ""
        plain = any(
            key in self._story.vocabulary.common or key in self._story.vocabulary.not_names
            for key in mention.keys
        )
        if mention.score <= -1 or words.loud or plain or before in _FROM:
            return False
        return any(
            (neighbour := self._neighbour(words, start, step)) is not None and neighbour.kind == "person"
            for start, step in ((mention.first - 1, -1), (mention.end, 1))
        )

    def _neighbour(self, words: Words, position: int, step: int) -> Found | None:
        """Return who is mentioned beyond one or two words of a list such as ", and"."""
        marks = 0
        while 0 <= position < len(words) and marks < 3 and words.words[position] in _AND:
            position += step
            marks += 1
        return self._story.register.at(words, position) if marks else None

    def _read_listed_with(self, reading: Reading, mention: Mention) -> None:
        """Take a name in a list of people: the one head of state or government of that name and day, or anybody."""
        mention.how = "list"
        known = reading.by_word.get(mention.first)
        head = self._story.linker.only_head(known.refs("short") if known else [], self._story.at)
        if head is not None:
            self._story.add_person(mention, *head)
        else:
            self._add_unlisted(mention)

    def _read_loud(self, reading: Reading) -> None:
        """In a headline of capitals take only the names that are known by now."""
        words = reading.words
        for position, key in enumerate(words.keys):
            if not words.capital[position] or self._story.register.at(words, position) is not None:
                continue
            mention = Mention(words, position, position + 1, "surname")
            namesakes = self._story.register.namesakes((key,))
            known = reading.by_word.get(position)
            if namesakes:
                self._story.register.mention(namesakes[-1], mention)
            elif known is not None and known.refs("short"):
                self._read_loud_holder(reading, known)

    def _read_loud_holder(self, reading: Reading, known: Known) -> None:
        before = read_before(reading, known.first)
        mention = Mention(
            reading.words, known.first, known.end, "surname", 0.0, "person", before.offices, before.place
        )
        linked = self._story.linker.family_name(
            known.refs("short"),
            mention,
            self._story.at,
            self._story.countries,
            past=before.past,
            vouched=False,
        )
        if linked is not None:
            self._story.add_person(mention, *linked)


def _name_words(mention: Mention) -> int:
    return sum(word[0].isalpha() for word in mention.words.words[mention.first : mention.end])
