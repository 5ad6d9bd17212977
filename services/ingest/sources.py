"""Where news comes from: ``sources.toml``, and single files and addresses named on the command line."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from shared.events import Source

Format = Literal["feed", "heading", "text", "jsonl"]
Kind = Literal["feed", "heading", "text", "jsonl", "auto"]

#: Asking more often is no kindness to anyone.
MIN_INTERVAL = timedelta(seconds=60)
DEFAULT_INTERVAL = timedelta(minutes=10)
_DURATION = re.compile(r"(?:(\d+)\s*d)?\s*(?:(\d+)\s*h)?\s*(?:(\d+)\s*m)?\s*(?:(\d+)\s*s)?", re.IGNORECASE)
_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
_KIND_BY_SUFFIX: dict[str, Kind] = {
    ".xml": "feed", ".rss": "feed", ".atom": "feed", ".rdf": "feed",
    ".html": "heading", ".htm": "heading", ".xhtml": "heading",
    ".jsonl": "jsonl", ".ndjson": "jsonl",
}  # fmt: skip


class SourcesError(ValueError):
    """The sources cannot be used. The message names the file, the source and the field, and what to do."""


def _duration(value: Any) -> Any:
    """``90``, ``"90s"``, ``"10m"``, ``"1h 30m"`` or ``"2d"`` as a timedelta."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return timedelta(seconds=min(value, 10**9))
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) and len(value) <= 40 else None
    if not found or not any(found.groups()):
        raise ValueError('is no duration; write seconds or, for example, "10m" or "1h30m"')
    days, hours, minutes, seconds = (min(int(part or 0), 10**6) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


class SourceConfig(BaseModel):
    """One source, as its operator describes it. Either ``url`` or ``path`` is set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=_ID)
    """Part of every story's identity: renaming a source makes its stories new ones."""
    name: str = Field(default="", max_length=256)
    """For readers; the id when it is left out."""
    kind: Kind = "auto"
    """The format; ``auto`` goes by the content."""
    url: str | None = None
    path: Path | None = None
    """A file; relative paths are relative to the file that names them."""
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    """The source's home (ISO 3166-1 alpha-2): a weak hint for tagging."""
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    """ISO 639, when all its stories are in one language."""
    interval: Annotated[timedelta, BeforeValidator(_duration)] = DEFAULT_INTERVAL
    allow_private: bool = False
    """Whether the address may be on a private network or this machine."""
    heading: str | None = Field(default=None, max_length=300)
    """The heading of a heading page, where the page's own first line or title is not right."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.url is None) == (self.path is None):
            raise ValueError("give either url or path, and not both")
        if self.url is not None and not _is_web_address(self.url):
            raise ValueError("url must be an http or https address with a host")
        if self.interval < MIN_INTERVAL:
            raise ValueError('interval must be at least 60 seconds; write, for example, "10m"')
        return self

    @property
    def display_name(self) -> str:
        """What readers see."""
        return self.name or self.id

    def described(self) -> Source:
        """Return the source as its stories carry it."""
        return Source(
            id=self.id,
            name=self.display_name,
            kind=self.kind,
            country=self.country,
            language=self.language,
        )

    @property
    def target(self) -> str:
        """The address or the path, for messages: without user name, password or query."""
        if self.url is None:
            return str(self.path)
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def load_sources(path: Path) -> tuple[SourceConfig, ...]:
    """Read ``[[sources]]`` tables from a TOML file, in their order; SourcesError tells all that is wrong at once."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourcesError(f"{path} cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourcesError(f"{path} is not valid TOML: {error}") from error
    unknown = sorted(set(table) - {"sources"})
    if unknown or not isinstance(table.get("sources", []), list):
        raise SourcesError(
            f"{path}: write every source as a table that starts with [[sources]]{_found(unknown)}"
        )
    sources: list[SourceConfig] = []
    faults: list[str] = []
    for number, row in enumerate(table.get("sources", []), start=1):
        _read(path, number, row, sources, faults)
    if faults:
        raise SourcesError("\n".join(f"{path}: {fault}" for fault in faults))
    return tuple(sources)


def source_for(target: str) -> SourceConfig:
    """Return the source that a file name or an address on the command line stands for; its kind is told by its content.

    The id is the file's name without its suffix, or the host: the same file from another folder is the same source.
    """
    if "://" in target:
        if not _is_web_address(target):
            raise SourcesError(
                f"{target} is no address that can be fetched; use http://, https:// or a file name"
            )
        host = urlsplit(target).hostname or ""
        return SourceConfig(id=_slug(host.removeprefix("www.")), name=host, url=target)
    path = Path(target).expanduser()
    if not path.exists():
        raise SourcesError(f"{target}: there is no such file")
    if not path.is_file():
        raise SourcesError(f"{target} is no file; name the files in it one by one")
    kind = _KIND_BY_SUFFIX.get(path.suffix.lower(), "auto")
    return SourceConfig(id=_slug(path.stem), name=path.name[:256], path=path.absolute(), kind=kind)


def _found(unknown: list[str]) -> str:
    return f" (found {', '.join(map(repr, unknown))})" if unknown else ""


def _read(path: Path, number: int, row: Any, sources: list[SourceConfig], faults: list[str]) -> None:
    name = row.get("id") if isinstance(row, dict) else None
    label = f'source "{name}"' if isinstance(name, str) and name else f"source number {number}"
    try:
        source = SourceConfig.model_validate(row)
    except ValidationError as error:
        faults.extend(f"{label}: {fault}" for fault in _in_plain_words(error))
        return
    if any(source.id == other.id for other in sources):
        faults.append(f"{label}: id: another source has it already; every id must be its own")
    if source.path is not None and not source.path.is_absolute():
        source = source.model_copy(update={"path": (path.parent / source.path).resolve()})
    sources.append(source)


_ADVICE = {
    "id": "use up to 128 letters, digits, dots, dashes and underscores, a letter or digit first",
    "kind": "use feed, heading, text, jsonl or auto",
    "country": 'use the two capital letters of ISO 3166-1, for example "KZ"',
    "language": 'use the two small letters of ISO 639, for example "kk"',
    "allow_private": "use true or false",
}


def _in_plain_words(error: ValidationError) -> list[str]:
    faults = []
    for fault in error.errors(include_url=False, include_context=False):
        field = ".".join(map(str, fault["loc"]))
        message = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "missing":
            message = "is missing"
        elif fault["type"] == "extra_forbidden":
            message = f"is no setting of a source; the settings are {', '.join(SourceConfig.model_fields)}"
            field = repr(field)
        elif field in _ADVICE:
            message = _ADVICE[field]
        faults.append(f"{field}: {message}" if field else message)
    return faults


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _slug(name: str) -> str:
    slug = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:128]
    return slug or "source"
