"""What ingest reads from the environment beside the shared settings."""

from pathlib import Path

from shared.settings import Settings


class IngestSettings(Settings):
    """The environment of ingest."""

    @property
    def sources_file(self) -> Path | None:
        """The file of sources: the one that is named, else ``sources.toml`` in the data folder if it is there."""
        if self.sources is not None:
            return self.sources
        own = self.home / "sources.toml"
        return own if own.exists() else None
