"""Listed people, organisations and offices: one vocabulary for tagging and for the conversation."""

from shared.actors.directory import Actors, load_actors
from shared.actors.model import Actor, FoundActor, Office

__all__ = ["Actor", "Actors", "FoundActor", "Office", "load_actors"]
