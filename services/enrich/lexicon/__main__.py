"""The lexicon compiler: ``python -m services.enrich.lexicon build|check|rarity``."""

import sys

from services.enrich.lexicon import compile as compiler
from services.enrich.lexicon import rarity
from services.enrich.lexicon.overlays import OverlayError
from shared.places.lexicon import PATH

USAGE = "usage: python -m services.enrich.lexicon build|check|rarity\n"
_SHOWN = 10


def main(arguments: list[str]) -> int:
    """Build the compiled lexicon, check that the committed one is current, or build the table of word rarities.

    Return the exit code.
    """
    if arguments == ["rarity"]:
        sys.stdout.write(f"{rarity.write():,} stems\n")
        return 0
    if arguments not in (["build"], ["check"]):
        sys.stderr.write(USAGE)
        return 2
    try:
        if arguments == ["build"]:
            records = compiler.write(PATH)
            sys.stdout.write(f"{PATH.name}: {records} records, {PATH.stat().st_size:,} bytes\n")
            return 0
        changes = compiler.differs(PATH)
    except OverlayError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if changes:
        sys.stderr.write(
            f"{PATH.name} is not current ({len(changes)} records differ); run build. For example:\n"
        )
        sys.stderr.writelines(f"  {change}\n" for change in changes[:_SHOWN])
        return 1
    sys.stdout.write(f"{PATH.name} is current\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
