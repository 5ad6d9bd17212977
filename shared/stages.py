"""What a stage of the pipeline is: what it reads, how it handles a batch, and what may become of a message."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from shared.topology import Stream

M = TypeVar("M", bound=BaseModel)


class Transient(Exception):  # noqa: N818 - a state of the world
    """Something the stage needs is unreachable. Wait and try again; the entry is not to blame."""


@dataclass(frozen=True, slots=True)
class Forward:
    """Pass this on to the next stream and acknowledge. ``payload`` is an envelope (``shared.envelope.wrap``)."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Done:
    """The effect has been had elsewhere: acknowledge. ``count`` is how conservation counts the story."""

    count: str = ""


@dataclass(frozen=True, slots=True)
class Dead:
    """No further try can help: to the dead letters, with the reason."""

    reason: str


Outcome = Forward | Done | Dead


@dataclass(frozen=True, slots=True)
class Limits:
    """The patience of a stage, in seconds and deliveries (see ``shared.settings``)."""

    max_tries: int = 5
    retry_seconds: float = 5.0
    sweep_seconds: float = 5.0
    pause_seconds: float = 5.0
    once_seconds: int = 7 * 24 * 3600
    """How long a stage remembers what it has done. Longer than any entry stays undelivered."""


@dataclass(frozen=True, slots=True)
class Stage(Generic[M]):
    """What a stage reads, how it handles a batch, and where its output goes.

    ``handle`` answers one outcome per message, in order, and must be idempotent up to its outcome. ``identify``
    gives a message's idempotency key; ``source`` the source that conservation counts it under, when ``counted``.
    """

    name: str
    stream: Stream
    group: str
    model: type[M]
    handle: Callable[[Sequence[M]], Awaitable[Sequence[Outcome]]]
    identify: Callable[[M], str]
    source: Callable[[M], str]
    counted: bool = False
    next: Stream | None = None
    batch: int = 100
    linger_seconds: float = 0.0
    """How long a batch that is not full waits for more."""
