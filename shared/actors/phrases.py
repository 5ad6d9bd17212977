"""Phrases looked up word by word: a trie over word keys, so a match always begins and ends at a word."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from shared.actors.spelling import name_keys

T = TypeVar("T")


class Node(Generic[T]):
    """What may follow after some words, and what ends here."""

    __slots__ = ("items", "then")

    def __init__(self) -> None:
        self.then: dict[str, Node[T]] = {}
        self.items: list[T] = []


class PhraseIndex(Generic[T]):
    """Phrases with what they stand for.

    Looking up costs at most the longest phrase for each word of a text, so it is linear in the text. Word keys fold
    case, accents and Russian endings, which an automaton over characters could not do without losing its offsets.
    """

    def __init__(self) -> None:
        self.root: Node[T] = Node()

    def add(self, phrase: str, item: T) -> None:
        """Let ``phrase`` stand for ``item`` (too); a phrase without a word in it is left out."""
        keys = name_keys(phrase)
        if not keys:
            return
        node = self.root
        for key in keys:
            node = node.then.setdefault(key, Node())
        if item not in node.items:
            node.items.append(item)

    def at(self, keys: Sequence[str], start: int) -> list[tuple[int, list[T]]]:
        """Return every phrase that begins at word ``start`` as (end, items), the longest first."""
        found: list[tuple[int, list[T]]] = []
        node = self.root.then.get(keys[start])
        end = start + 1
        while node is not None:
            if node.items:
                found.append((end, node.items))
            if end == len(keys):
                break
            node = node.then.get(keys[end])
            end += 1
        found.reverse()
        return found

    def exactly(self, phrase: str) -> list[T]:
        """Return what ``phrase`` stands for as a whole."""
        node: Node[T] | None = self.root
        for key in name_keys(phrase):
            node = node.then.get(key) if node is not None else None
        return list(node.items) if node is not None and node is not self.root else []
