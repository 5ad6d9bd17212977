"""How every verb of the console script begins and ends: the environment, the logs, the exit code."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, NoReturn

import typer

from shared.settings import Settings, SettingsError, read_settings


def fail(message: str, code: int = 1) -> NoReturn:
    """Say on standard error what is wrong and leave."""
    typer.echo(f"dateline: {message}", err=True)
    raise typer.Exit(code)


def settings_for(*, quiet: bool) -> Settings:
    """Read the environment and set up logging; a verb for people is quiet unless told otherwise."""
    from shared.observe import configure_logging

    try:
        settings = read_settings(Settings)
    except SettingsError as error:
        fail(str(error), 2)
    told = settings.model_fields_set
    level = "WARNING" if quiet and "log_level" not in told else settings.log_level
    style = "console" if "log_format" not in told and (quiet or sys.stderr.isatty()) else settings.log_format
    configure_logging(level, style)
    return settings


def run(work: Coroutine[Any, Any, int]) -> NoReturn:
    """Run a verb to its exit code, and turn what an operator can mend into a sentence."""
    from redis.exceptions import ConnectionError as RedisConnectionError
    from redis.exceptions import RedisError
    from redis.exceptions import TimeoutError as RedisTimeoutError

    from services.ingest.sources import SourcesError
    from services.standalone import NotConfigured
    from shared.archive.port import ArchiveUnavailable
    from shared.embedded import AlreadyRunning, EmbeddedError
    from shared.places import GroupError

    try:
        code = asyncio.run(work)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has seen enough
        from services.bot.messengers.console_render import hang_up

        hang_up(sys.stdout)
        code = 0
    except AlreadyRunning as error:
        fail(str(error), 3)
    except (NotConfigured, SettingsError, SourcesError, GroupError) as error:
        fail(str(error), 2)
    except (EmbeddedError, ArchiveUnavailable) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except (RedisConnectionError, RedisTimeoutError) as error:
        fail(f"the Redis server cannot be reached: {error}")
    except RedisError as error:
        fail(f"the Redis server refuses: {error}")
    except KeyboardInterrupt:
        code = 130
    raise typer.Exit(code)
