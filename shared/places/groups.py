"""Groups of countries that an operator defines beside the regions that ship with Dateline.

A file of TOML, one table a group::

    [guam-flights]
    name = "Guam flights"
    members = ["GU", "PH", "JP", "KR"]
    names = ["Guam route"]        # what stories and questions call it, besides its name; optional
    derive = true                 # a story about a member is a story of the group (the default)
"""

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from shared.places.folding import fold_name
from shared.places.lexicon import Lexicon, Membership, make_sense
from shared.places.model import Place

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+|[a-z0-9]{3,}")
_KEYS = {"name", "members", "names", "derive"}


class GroupError(ValueError):
    """A group that cannot be used; the message names the file, the group and what is wrong."""


def with_groups(lexicon: Lexicon, path: Path) -> Lexicon:
    """Return a lexicon that knows the groups of a file too; the one given stays as it is.

    Raises ``GroupError`` for a file that is no TOML, an id that is taken, or a member that is no country.
    """
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GroupError(f"{path.name}: {error}") from error
    extended = replace(
        lexicon,
        places=dict(lexicon.places),
        names=dict(lexicon.names),
        members=dict(lexicon.members),
        derived=lexicon.derived | {group for group, one in said.items() if _derives(one)},
    )
    for group, one in said.items():
        _add(extended, group, one, f"{path.name}: [{group}]")
    return extended


def _derives(said: Any) -> bool:
    return isinstance(said, dict) and bool(said.get("derive", True))


def _add(lexicon: Lexicon, group: str, said: Any, where: str) -> None:
    if not _ID.fullmatch(group) or group in lexicon.places:
        raise GroupError(f"{where}: an id is small letters, digits and hyphens, and not one that is taken")
    if not isinstance(said, dict) or set(said) - _KEYS or not isinstance(said.get("name"), str):
        raise GroupError(f"{where}: needs a name, and nothing besides {', '.join(sorted(_KEYS))}")
    members, names = said.get("members", []), said.get("names", [])
    unknown = [
        code for code in members if code not in lexicon.places or lexicon.places[code].kind != "country"
    ]
    if unknown or not members:
        raise GroupError(f"{where}: {unknown[0] if unknown else 'no member'!r} is no country code")
    lexicon.places[group] = Place(group, "region", said["name"], "")
    lexicon.members[group] = [Membership(code, None, None) for code in members]
    for name in (said["name"], *names):
        sense = make_sense(group, "region", "x" if str(name).islower() else "u", "s")
        lexicon.names[fold_name(str(name))] = (sense,)
