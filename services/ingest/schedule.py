"""Which source is due, and when to ask it again. No I/O: the caller keeps the states and does the fetching."""

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from services.ingest.formats.dates import surely_before
from services.ingest.formats.items import Item
from services.ingest.sources import SourceConfig
from shared.clock import Clock
from shared.events import Origin

#: The wait after the first failure; it doubles with each one after.
FIRST_RETRY = timedelta(minutes=1)
#: The longest wait after failures, unless the source's own interval is longer.
LONGEST_RETRY = timedelta(hours=1)
#: A source may ask us to wait (Retry-After), but not for ever.
LONGEST_WISH = timedelta(days=1)
#: Waits are stretched by up to this share, so that sources with one interval are not all asked at once.
JITTER = 0.1
#: An undated story whose words name a day before this is no news.
NEWS_AGE = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is remembered of a source between fetches. All times are aware UTC."""

    next_due: datetime | None = None
    """None: at once."""
    failures: int = 0
    """Failures in a row."""
    etag: str | None = None
    last_modified: str | None = None
    read_as: str | None = None
    """What the validators belong to: a digest of the kind and the address that the source had then."""
    last_ok_at: datetime | None = None
    """None: it was never fetched with success, so its next success is its first."""
    last_error: str | None = None

    def to_dict(self) -> dict[str, str]:
        """As text, without the empty fields; what a Redis hash holds."""
        fields = {name: value for name, value in asdict(self).items() if value not in (None, 0)}
        return {
            name: value.isoformat() if isinstance(value, datetime) else str(value)
            for name, value in fields.items()
        }

    @classmethod
    def from_dict(cls, fields: Mapping[str, str]) -> "SourceState":
        """Return the state back from :meth:`to_dict`. Unknown fields are ignored; a broken one counts as absent."""
        failures = fields.get("failures", "")
        return cls(
            next_due=_time(fields.get("next_due")),
            failures=int(failures) if failures.isdecimal() else 0,
            etag=fields.get("etag") or None,
            last_modified=fields.get("last_modified") or None,
            read_as=fields.get("read_as") or None,
            last_ok_at=_time(fields.get("last_ok_at")),
            last_error=fields.get("last_error") or None,
        )


class Schedule:
    """Decides by intervals, failures and the sources' wishes. ``chance`` gives numbers from 0 to 1."""

    def __init__(self, clock: Clock, chance: Callable[[], float] = random.random) -> None:
        self._clock = clock
        self._chance = chance

    def due(self, sources: Iterable[SourceConfig], states: Mapping[str, SourceState]) -> list[SourceConfig]:
        """Return the sources to fetch now, the longest overdue first; ``states`` is by source id."""
        now = self._clock.now()
        waiting = [(self._due_at(source, states), source) for source in sources]
        return [source for at, source in sorted(waiting, key=lambda pair: pair[0]) if at <= now]

    def seconds_until_next(
        self, sources: Iterable[SourceConfig], states: Mapping[str, SourceState]
    ) -> float | None:
        """How long until a source is due: 0 when one is, None when there is no source."""
        moments = [self._due_at(source, states) for source in sources]
        if not moments:
            return None
        return max(0.0, (min(moments) - self._clock.now()).total_seconds())

    def succeeded(
        self, source: SourceConfig, state: SourceState, *, etag: str | None, last_modified: str | None
    ) -> SourceState:
        """After new content was fetched and taken in; the validators are those of the answer."""
        done = self.unchanged(source, state)
        return replace(done, etag=etag, last_modified=last_modified, read_as=_reading(source))

    def unchanged(self, source: SourceConfig, state: SourceState) -> SourceState:
        """After the source said that nothing is new (304)."""
        now = self._clock.now()
        due = now + self._jittered(source.interval)
        return replace(state, next_due=due, failures=0, last_ok_at=now, last_error=None)

    def failed(
        self, source: SourceConfig, state: SourceState, reason: str, *, retry_after: float | None = None
    ) -> SourceState:
        """After a failure: back off, doubling; never sooner than ``retry_after`` seconds, if the source asked."""
        failures = state.failures + 1
        cap = max(LONGEST_RETRY, source.interval)
        wait = min(FIRST_RETRY * 2 ** min(failures - 1, 20), cap)
        if retry_after is not None and retry_after > 0:
            wait = max(wait, min(timedelta(seconds=min(retry_after, 1e9)), LONGEST_WISH))
        due = self._clock.now() + self._jittered(wait)
        return replace(state, next_due=due, failures=failures, last_error=reason)

    def _due_at(self, source: SourceConfig, states: Mapping[str, SourceState]) -> datetime:
        """When the source is due. A shorter interval in a new configuration counts at once."""
        state = states.get(source.id, SourceState())
        if state.next_due is None:
            return datetime.min.replace(tzinfo=UTC)
        if state.failures or state.last_ok_at is None:
            return state.next_due
        return min(state.next_due, state.last_ok_at + source.interval * (1 + JITTER))

    def _jittered(self, wait: timedelta) -> timedelta:
        return wait * (1 + JITTER * self._chance())


def validators_of(source: SourceConfig, state: SourceState) -> tuple[str | None, str | None]:
    """Return the ETag and the date to ask the source with.

    Nothing after the operator changed what it is read as or where it is: an answer of "not modified" would then
    mean that its stories are never read the new way.
    """
    return (state.etag, state.last_modified) if state.read_as == _reading(source) else (None, None)


def _reading(source: SourceConfig) -> str:
    # A digest, because an address may hold a password.
    return blake2b(f"{source.kind} {source.url or source.path}".encode(), digest_size=8).hexdigest()


def origin_of(item: Item, *, first_fetch: bool, now: datetime) -> Origin:
    """Whether an item is news (live) or was there before we came (backfill: stored, but nobody is alerted).

    A dated item is live: alerts look at its date themselves. An undated one is backfill on the first fetch of its
    source, when everything on the page looks new, and whenever its words name a day that is long over.
    """
    if item.published_at is not None:
        return "live"
    return "backfill" if first_fetch or surely_before(item.published_raw, now - NEWS_AGE) else "live"


def _time(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None
