"""Countries and regions and their names: one vocabulary for tagging and for questions."""

from shared.places.groups import GroupError
from shared.places.model import Found, Place
from shared.places.places import Places, load_places

__all__ = ["Found", "GroupError", "Place", "Places", "load_places"]
