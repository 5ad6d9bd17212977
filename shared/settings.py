"""What every service reads from the environment: ``DATELINE_*``, and ``DATELINE_*_FILE`` for every secret."""

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict


def _on_the_web(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("an address begins with http:// or https://")
    return url


def _is_whole(url: str) -> bool:
    """Whether a web address has a host and a port. Says no more: an error of the parser may show a password."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname and parts.port)
    except ValueError:
        return False


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


Url = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_on_the_web)]


class SettingsError(Exception):
    """The environment is not usable. The message names the variable and says what to do."""


class _SecretFiles(EnvSettingsSource):
    """Reads a secret field from the file that ``DATELINE_<FIELD>_FILE`` names, without the final newline.

    An empty file counts as unset: container set-ups mount every secret, also those that somebody does not use.
    """

    # Not through ``get_field_value``: pydantic-settings would wrap our error in one of its own.
    def __call__(self) -> dict[str, Any]:
        secrets = {}
        for name, field in self.settings_cls.model_fields.items():
            variable = f"{self.env_prefix}{name}_file".upper()
            path = self.env_vars.get(variable.lower())
            if path and "SecretStr" in str(field.annotation) and (secret := _read_secret(variable, path)):
                secrets[name] = secret
        return secrets


def _read_secret(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{variable} names {path}, which cannot be read: {error}") from error


class Settings(BaseSettings):
    """The environment that all services share."""

    model_config = SettingsConfigDict(env_prefix="DATELINE_", env_ignore_empty=True, extra="ignore")

    home: Path = Field(default_factory=lambda: user_data_path("dateline"))
    """The data folder of the embedded parts."""
    redis_url: SecretStr | None = None
    """A Redis 7+ or Valkey server; unset, the embedded one of ``home``. It may hold a password."""
    elasticsearch_url: SecretStr | None = None
    """An Elasticsearch 9 server; unset, the SQLite archive in ``home``."""
    elasticsearch_api_key: SecretStr | None = None
    telegram_token: SecretStr | None = None
    """The bot's token; unset, there is no Telegram front end."""
    telegram_base_url: Url = "https://api.telegram.org"
    """The Bot API server; methods are at ``<it>/bot<token>/<method>``."""
    push_token: SecretStr | None = None
    """The bearer token of ``POST /stories``; unset, pushing is off."""
    sources: Path | None = None
    """The file of sources; unset, ``sources.toml`` in ``home`` when it is there."""
    watch_list: Path | None = None
    """The file of actors to add and to suppress; unset, only the listed actors are known."""
    groups: Path | None = None
    """The file of groups of countries of one's own; unset, only the regions that ship with Dateline are known."""

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=8080, ge=0, le=65535)
    """Where health, metrics and (ingest) the push endpoint are served; 0 takes any free port."""
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = "INFO"
    log_format: Literal["json", "console"] = "json"

    lease_seconds: float = Field(default=15.0, gt=0)
    """How long a process that died is still taken for alive."""
    sweep_seconds: float = Field(default=5.0, gt=0)
    """How often a stage looks for entries that were left behind."""
    retry_seconds: float = Field(default=5.0, gt=0)
    """How long an entry that failed waits for its next try."""
    max_tries: int = Field(default=5, ge=1)
    """After so many deliveries an entry goes to the dead letters."""
    drain_seconds: float = Field(default=10.0, gt=0)
    """How long a stopping service may take to finish what it holds."""
    high_water: int = Field(default=50_000, ge=1)
    """Above so many unhandled entries in a stream, ingest waits."""
    keep_seconds: float = Field(default=3600.0, ge=0)
    """How long the keeper leaves handled entries in the streams, for a look back."""

    @field_validator("redis_url")
    @classmethod
    def _redis_address(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and not secret.get_secret_value().startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("write redis://HOST:PORT/0, rediss:// with TLS, or unix:///PATH")
        return secret

    @field_validator("elasticsearch_url")
    @classmethod
    def _elasticsearch_address(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and not _is_whole(secret.get_secret_value()):
            raise ValueError("write http://HOST:PORT or https://HOST:PORT, with the port")
        return secret

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the files of secrets."""
        return init_settings, env_settings, _SecretFiles(settings_cls)


def reveal(secret: SecretStr | None) -> str | None:
    """Return a secret's text, for the one place that hands it to its server."""
    return secret.get_secret_value() if secret is not None else None


S = TypeVar("S", bound=Settings)


def read_settings(kind: type[S], known: Settings | None = None) -> S:
    """Read settings of one kind from the environment; what is ``known`` already stays as it is.

    Raises ``SettingsError`` that names every variable which cannot be used.
    """
    try:
        return kind(**(known.model_dump(exclude_unset=True) if known is not None else {}))
    except ValidationError as error:
        faults = (
            f"DATELINE_{str(fault['loc'][0]).upper()}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        )
        raise SettingsError("the environment is not usable: " + "; ".join(faults)) from error
