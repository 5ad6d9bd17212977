"""What enrich reads from the environment beside the shared settings."""

from pydantic import Field

from shared.settings import Settings


class EnrichSettings(Settings):
    """The environment of enrich."""

    enrich_batch: int = Field(default=100, ge=1, le=1000)
    """The most stories that are tagged between two acknowledgements."""
    ner: bool = False
    """Whether a language model adds names that the rules miss, in English; needs the extra ``ner``."""
