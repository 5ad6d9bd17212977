"""The verbs that keep running: everything at once, one service, and the one-time setup."""

import gc
from pathlib import Path

import structlog
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed
from typer import echo

from services.standalone import attach, one_service
from services.standalone import up as everything
from shared.archive.opening import open_archive
from shared.archive.port import ArchiveUnavailable
from shared.observe import Metrics
from shared.service import stop_on_signals
from shared.settings import Settings, reveal

log = structlog.get_logger(__name__)

#: How long the one-time setup waits for an archive that is still starting.
_SETUP_SECONDS = 60


def sample_file() -> Path:
    """Return the file of sources of the bundled sample."""
    return Path(__file__).parent.parent / "ingest" / "sample" / "sources.toml"


async def up(settings: Settings, *, sample: bool, console: bool) -> int:
    """Run everything until told to stop, or until the chat ends."""
    # Here and not above: a single service shall not carry the chat and the parsers of everything else.
    from services.ingest.sources import load_sources
    from services.verbs.converse import converse
    from services.verbs.intake import take_and_wait

    with stop_on_signals() as stop:
        async with everything(settings, Metrics()) as here:
            _tell(f"Dateline runs on {settings.home}; {here.http_url}/health/ready says how it is.")
            if sample:
                reports = await take_and_wait(here, list(load_sources(sample_file())), backfill=True)
                new = sum(len(report.intake.accepted) - report.dead for report in reports)
                _tell(f"The sample is in: {new} new stories.")
            _settle_in()
            if console:
                await converse(here, who="console:me", stop=stop)
            else:
                await stop.wait()
    return 0


def _tell(line: str) -> None:
    echo(line, err=True)


def _settle_in() -> None:
    """Spare the garbage collector what stays for good: to look through all of it stops the service for 0.1 s."""
    gc.collect()
    gc.freeze()


async def run_service(settings: Settings, name: str) -> int:
    """Run one service until told to stop."""
    with stop_on_signals() as stop:
        async with one_service(name, settings, Metrics()) as address:
            log.info("ready", service=name, address=address)
            _settle_in()
            await stop.wait()
    return 0


async def setup(settings: Settings) -> int:
    """Create streams, groups and the archive's index."""
    async with attach(settings):
        archive = open_archive(settings)
        try:
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type(ArchiveUnavailable),
                stop=stop_after_delay(_SETUP_SECONDS),
                wait=wait_fixed(1),
                reraise=True,
            ):
                with attempt:
                    await archive.setup()
        finally:
            await archive.close()
    log.info("set up", archive="elasticsearch" if reveal(settings.elasticsearch_url) else "sqlite")
    return 0
