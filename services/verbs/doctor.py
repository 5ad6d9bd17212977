"""The verb that looks an installation over: what is there, what is missing, and what to do about it.

It changes nothing and starts nothing: where the embedded server is not running, it says what would run.
"""

import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

from redis.asyncio import Redis
from redis.exceptions import RedisError
from rich.console import Console
from rich.markup import escape

from services.ingest.settings import IngestSettings
from services.ingest.sources import SourcesError, load_sources
from services.verbs.operate import print_json
from shared.actors import load_actors
from shared.actors.entries import ActorDataError
from shared.actors.watchlist import load_watched
from shared.archive.opening import open_archive
from shared.embedded import EmbeddedError, find_server, running_instance
from shared.places import GroupError, load_places
from shared.service import connect
from shared.settings import Settings, read_settings, reveal
from shared.status import read_status

State = Literal["ok", "warning", "fault"]

_OLDEST_SERVER = (7, 0)
#: Less free space than this is worth a word, in bytes.
_LITTLE_SPACE = 1 << 30
#: The share of the server's memory above which it is worth a word.
_NEARLY_FULL = 0.8
#: Two clocks that differ by more than this make leases and times look wrong, in seconds.
_CLOCK_DRIFT = 2.0
#: Leaders' data that is older than this may name a head of state who left, in days.
_OLD_DATA = 365
_MARKS = {
    "ok": "[green]ok[/green]     ",
    "warning": "[yellow]warning[/yellow]",
    "fault": "[red]fault[/red]  ",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``advice`` says what to do, empty when all is well."""

    check: str
    state: State
    detail: str
    advice: str = ""


async def doctor(settings: Settings, *, as_json: bool) -> int:
    """Look everything over and print the findings. 1 when there is a fault."""
    findings = [finding async for finding in _examine(settings)]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        console = Console()
        for finding in findings:
            console.print(
                f"{_MARKS[finding.state]}  [bold]{finding.check}[/bold]: {escape(finding.detail)}",
                soft_wrap=True,
            )
            if finding.advice:
                console.print(f"           {escape(finding.advice)}", soft_wrap=True)
    return 1 if any(finding.state == "fault" for finding in findings) else 0


async def _examine(settings: Settings) -> AsyncIterator[Finding]:
    yield Finding("python", "ok", sys.version.split()[0])
    yield _environment(os.environ)
    yield _data_folder(settings)
    url = reveal(settings.redis_url)
    if url is None:
        instance = running_instance(settings.home)
        url = instance.redis_url if instance else None
        yield _embedded(url)
    if url is not None:
        async with connect(url) as redis:
            async for finding in _server(redis):
                yield finding
    yield await _archive(settings)
    for look in (_sources, _push, _words, _leaders):
        yield look(settings)
    yield await _telegram(settings)


def _environment(environment: Mapping[str, str]) -> Finding:
    """Look for variables that nothing reads: a name with a slip of the pen is silently no setting."""
    from services.bot.settings import BotSettings
    from services.enrich.settings import EnrichSettings
    from services.index.settings import IndexSettings

    read = {
        f"DATELINE_{name.upper()}"
        for kind in (IngestSettings, EnrichSettings, IndexSettings, BotSettings)
        for name in kind.model_fields
    }
    given = {name.upper() for name in environment if name.upper().startswith("DATELINE_")}
    unread = sorted(name for name in given if name not in read and name.removesuffix("_FILE") not in read)
    if unread:
        advice = "Nothing here reads them. See the settings in docs/operations.md."
        return Finding("environment", "warning", f"not known: {', '.join(unread)}", advice)
    return Finding("environment", "ok", f"{len(given)} settings")


def _data_folder(settings: Settings) -> Finding:
    home = settings.home
    if settings.redis_url and settings.elasticsearch_url:
        return Finding("data folder", "ok", "not used: there are servers for everything")
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        advice = "Set DATELINE_HOME to a folder of your own, or work as the user whom it belongs to."
        return Finding("data folder", "fault", f"{home}: nothing can be written there", advice)
    free = shutil.disk_usage(there).free
    detail = f"{home}, {free / (1 << 30):.1f} GiB free"
    if free < _LITTLE_SPACE:
        return Finding(
            "data folder", "warning", detail, "Make room: a full disk stops the archive and the streams."
        )
    return Finding("data folder", "ok", detail)


def _embedded(running: str | None) -> Finding:
    try:
        binary = find_server()
    except EmbeddedError as error:
        return Finding("embedded server", "fault", "none for this platform", str(error))
    return Finding("embedded server", "ok", f"{'running' if running else 'not running'}, {binary.name}")


async def _server(redis: Redis) -> AsyncIterator[Finding]:
    try:
        facts = await redis.info()
    except (RedisError, OSError) as error:
        advice = "Check DATELINE_REDIS_URL, and that the server lets this machine in."
        yield Finding("server", "fault", f"does not answer: {error}", advice)
        return
    yield _version(facts)
    yield _durability(facts)
    yield await _clock(redis)
    yield await _flow(redis)


def _version(facts: dict[str, object]) -> Finding:
    version = str(facts.get("valkey_version") or facts["redis_version"])
    name = "Valkey" if "valkey_version" in facts else "Redis"
    if tuple(int(part) for part in str(facts["redis_version"]).split(".")[:2]) < _OLDEST_SERVER:
        return Finding(
            "server", "fault", f"{name} {version}", "Dateline needs Redis 7 or Valkey 7.2, or newer."
        )
    if facts.get("cluster_enabled"):
        return Finding(
            "server", "fault", f"{name} {version} Cluster", "Use a single primary, with a replica."
        )
    return Finding("server", "ok", f"{name} {version}")


def _durability(facts: dict[str, object]) -> Finding:
    advice = []
    if not facts.get("aof_enabled"):
        advice.append(
            "Turn on appendonly: without it a crash of the server loses stories, follows and alerts."
        )
    most, used = int(str(facts.get("maxmemory", 0))), int(str(facts.get("used_memory", 0)))
    if used > most * _NEARLY_FULL > 0:
        advice.append("Raise maxmemory: when it is reached nothing more is taken in.")
    if most and facts.get("maxmemory_policy") != "noeviction":
        advice.append("Set maxmemory-policy to noeviction: any other drops live data when memory is full.")
    detail = f"append-only file {'on' if facts.get('aof_enabled') else 'off'}, {facts.get('used_memory_human')} in use"
    return Finding("durability", "warning" if advice else "ok", detail, " ".join(advice))


async def _clock(redis: Redis) -> Finding:
    seconds, micros = await redis.time()
    drift = abs(datetime.now(UTC).timestamp() - seconds - micros / 1e6)
    if drift > _CLOCK_DRIFT:
        advice = "Keep both clocks right (NTP): times of alerts and leases rest on them."
        return Finding("clock", "warning", f"{drift:.0f} s away from the server's", advice)
    return Finding("clock", "ok", "agrees with the server's")


async def _flow(redis: Redis) -> Finding:
    try:
        found = await read_status(redis)
    except RedisError as error:
        return Finding("flow", "fault", f"the streams cannot be read: {error}", "Run `dateline setup`.")
    idle = [stage.stage for stage in found.stages if stage.waiting and not stage.consumers]
    detail = f"{found.in_flight} stories under way, {found.dead} dead letters"
    if not found.balanced:
        return Finding("flow", "fault", f"{detail}, and the counts do not add up", "See `dateline status`.")
    if idle:
        return Finding("flow", "warning", detail, f"Something waits for {', '.join(idle)}, and none runs.")
    if found.dead:
        return Finding("flow", "warning", detail, "See `dateline dead list`.")
    return Finding("flow", "ok", detail)


async def _archive(settings: Settings) -> Finding:
    if settings.elasticsearch_url is None and not (settings.home / "archive.sqlite").exists():
        return Finding("archive", "ok", "SQLite, not made yet: the first story makes it")
    archive = open_archive(settings, read_only=True)
    try:
        health = await archive.health()
    finally:
        await archive.close()
    if health.ok:
        return Finding("archive", "ok", health.detail)
    return Finding(
        "archive", "fault", health.detail, "Check DATELINE_ELASTICSEARCH_URL, then `dateline setup`."
    )


def _sources(settings: Settings) -> Finding:
    named = read_settings(IngestSettings, settings).sources_file
    if named is None:
        advice = (
            f"Write {settings.home / 'sources.toml'}, or set DATELINE_SOURCES; "
            "until then only what is pushed or given to `dateline ingest` comes in."
        )
        return Finding("sources", "warning", "no file", advice)
    try:
        return Finding("sources", "ok", f"{len(load_sources(named))} in {named}")
    except SourcesError as error:
        return Finding("sources", "fault", str(error), "Mend the file; ingest does not start with it.")


def _push(settings: Settings) -> Finding:
    if settings.push_token is None:
        return Finding("push", "ok", "off, for want of DATELINE_PUSH_TOKEN")
    return Finding("push", "ok", f"on, at port {settings.http_port} of {settings.http_host} (ingest)")


def _words(settings: Settings) -> Finding:
    try:
        load_places(settings.groups)
        load_watched(settings.watch_list)
    except (GroupError, ActorDataError) as error:
        return Finding("groups and watch list", "fault", str(error), "Mend the file that is named.")
    named = [str(path) for path in (settings.groups, settings.watch_list) if path]
    return Finding("groups and watch list", "ok", ", ".join(named) or "none of your own")


def _leaders(_settings: Settings) -> Finding:
    listed = load_actors().data.as_of
    age = (datetime.now(UTC).date() - listed).days
    detail = f"as of {listed}, {age} days ago"
    if age > _OLD_DATA:
        return Finding("leaders", "warning", detail, "Upgrade, or list new office-holders in the watch list.")
    return Finding("leaders", "ok", detail)


async def _telegram(settings: Settings) -> Finding:
    token = reveal(settings.telegram_token)
    if token is None:
        return Finding("telegram", "ok", "no token: the console and scripts only")
    from telegram.error import InvalidToken, TelegramError

    from services.bot.messengers.telegram.client import telegram_bot
    from shared.observe import redact

    bot = telegram_bot(token, settings.telegram_base_url)
    try:
        await bot.initialize()
    except InvalidToken:
        return Finding(
            "telegram", "fault", "the token is refused", "Set DATELINE_TELEGRAM_TOKEN to the bot's own."
        )
    except TelegramError as error:
        return Finding(
            "telegram", "fault", f"no answer: {redact(str(error))}", "Check the network, and the base URL."
        )
    else:
        return Finding("telegram", "ok", f"@{bot.username}")
    finally:
        await bot.shutdown()
