"""What index reads from the environment beside the shared settings."""

from pydantic import Field

from shared.settings import Settings


class IndexSettings(Settings):
    """The environment of index."""

    index_batch: int = Field(default=500, ge=1, le=5000)
    """The most stories of one write."""
    index_batch_bytes: int = Field(default=5_000_000, ge=1)
    """The most bytes of one write, by the length of the texts and a little for the rest of each story."""
    index_linger_seconds: float = Field(default=0.2, ge=0, lt=5)
    """How long a batch that is not full waits for more."""
