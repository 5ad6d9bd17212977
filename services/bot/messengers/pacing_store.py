"""The pace of sending in Redis: one bucket for all processes, and per chat a short log of what left (see ``Pacing``).

What Telegram publishes: 30 messages a second overall, one a second in a chat "with short bursts", 20 a minute in a
group. None of it is promised, so the last word has its 429: it blocks the chat it came for; when another chat meets
one at the same time, it is not about one chat, and everything slows down and then recovers bit by bit.

* Overall, a bucket whose rate and size together are the limit: no second ever sees more. Alerts leave the last
  tokens to the replies; a reply goes even without one, as long as Telegram does not complain, and alerts wait for it.
* Per chat, a log of the times of the last messages: as many as the limit allows in the limit's window, never more.
  There too alerts keep their distance and leave replies a place.
* A message that was long on its way counts once more when it is through: what Telegram was slow to take it may count
  together with what leaves now.
* Transports other than Telegram have no limits.
"""

from dataclasses import dataclass
from datetime import datetime

from redis.asyncio import Redis

from services.bot.messengers.pacing import Lane
from services.bot.server_clock import CLOCK

#: Added to each window: what left in time may arrive a little closer together.
SLACK_MILLISECONDS = 300
#: Two chats refused within so long: it is not about one chat.
TOGETHER_MILLISECONDS = 1000
#: A refusal that is about all chats halts everything for at most so long; then the slowed rate finds out.
LONGEST_HALT_MILLISECONDS = 60_000

#: How much of what a chat may get can be alerts; the rest waits for replies.
_ALERT_SHARE = 0.85
_TRANSPORT = "telegram"

# The time, and what both scripts know of the overall bucket. No time that is kept there lies further ahead than the
# longest halt, unless the clock was put back: it counts as now then, else nobody could send until the clock is there.
# ARGV: 1 now (ms; "" for the server's clock), 2 rate (per ms), 3 burst, 4 recovery of the rate (per ms and ms)
_BUCKET = (
    CLOCK
    + f"local furthest = {LONGEST_HALT_MILLISECONDS}"
    + """
local now = clock(ARGV[1])
local full, burst = tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'missing', 'slowed', 'halt', 'refused', 'refused_at')
local function time(place, name, otherwise)
  local at = tonumber(kept[place] or otherwise)
  if at <= now + furthest then return at end
  redis.call('HSET', KEYS[1], name, now)
  return now
end
local tokens, at = tonumber(kept[1] or burst), time(2, 'at', now)
local quiet = math.max(0, now - time(4, 'slowed', now))
local missing = math.max(0, tonumber(kept[3] or 0) - quiet * tonumber(ARGV[4]))
local rate = full - missing
tokens = math.min(burst, tokens + math.max(0, now - at) * rate)
local halt = time(5, 'halt', 0)
local function keep(...)
  redis.call('HSET', KEYS[1], ...)
  redis.call('EXPIRE', KEYS[1], 86400)
end
"""
)

# KEYS: 1 bucket, 2 log of the chat, 3 block of the chat, 4 messages paid for today
# ARGV: 1-4 as above, 5 lane, 6 tokens kept for replies, 7 budget of the day, 8 seconds to keep the log,
#       then per limit of the chat: messages, window (ms), messages that alerts may use, distance of alerts (ms)
# Returns the milliseconds to wait; 0 when the message is counted.
_ADMIT = (
    _BUCKET
    + """
local lane = ARGV[5]
if tonumber(redis.call('LINDEX', KEYS[2], 0) or 0) > now + 1000 then redis.call('DEL', KEYS[2]) end
local wait = math.max(halt - now, tonumber(redis.call('GET', KEYS[3]) or 0) - now, 0)
local function after(index, gap)
  local sent = redis.call('LINDEX', KEYS[2], index)
  if sent then wait = math.max(wait, tonumber(sent) + gap - now) end
end
local longest = 0
for i = 9, #ARGV, 4 do
  local count, window = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  if lane ~= 'reply' then
    count = tonumber(ARGV[i + 2])
    after(0, tonumber(ARGV[i + 3]))
  end
  after(count - 1, window)
  longest = math.max(longest, tonumber(ARGV[i]))
end
local need = lane == 'alert' and math.min(burst, 1 + tonumber(ARGV[6])) or 1
if lane == 'paid' then
  need = nil
elseif lane == 'reply' and missing == 0 then
  need = nil
end
if need and tokens < need then wait = math.max(wait, (need - tokens) / rate) end
if wait > 0 then return math.ceil(wait) end
if lane == 'paid' then
  if tonumber(redis.call('GET', KEYS[4]) or 0) >= tonumber(ARGV[7]) then return math.ceil(1 / rate) end
  redis.call('INCR', KEYS[4])
  redis.call('EXPIRE', KEYS[4], 172800)
else
  keep('tokens', tokens - 1, 'at', now)
end
redis.call('LPUSH', KEYS[2], now)
redis.call('LTRIM', KEYS[2], 0, longest - 1)
redis.call('EXPIRE', KEYS[2], ARGV[8])
return 0
"""
)

# KEYS: 1 bucket, 2 block of the chat
# ARGV: 1-4 as above, 5 chat, 6 seconds to wait, 7 together (ms), 8 longest halt (ms), 9 slowest rate (per ms)
# Returns 1 when everything slows down, else 0.
_REFUSED = (
    _BUCKET
    + """
local asked = math.ceil(tonumber(ARGV[6]) * 1000)
redis.call('SET', KEYS[2], now + asked, 'PX', math.max(asked, 1))
local last, last_at = kept[6], time(7, 'refused_at', 0)
keep('refused', ARGV[5], 'refused_at', now)
if not last or last == ARGV[5] or now - last_at > tonumber(ARGV[7]) then return 0 end
local pause = math.min(asked, tonumber(ARGV[8]))
if now < halt then
  keep('halt', math.max(halt, now + pause))
  return 0
end
local slower = math.max(tonumber(ARGV[9]), rate / 2)
keep('tokens', math.min(tokens, 0), 'at', now + pause, 'missing', full - slower,
  'slowed', now + pause, 'halt', now + pause)
return 1
"""
)

# KEYS: 1 bucket. ARGV: 1-4 as above.
_LATE = _BUCKET + "keep('tokens', tokens - 1, 'at', now)"


@dataclass(frozen=True, slots=True)
class Rates:
    """What may leave. The defaults are what Telegram publishes."""

    overall: float = 30.0
    """Messages a second, never more in any second."""
    chat: float = 1.0
    """Messages a second in one chat; three at once after a rest."""
    group: float = 20.0
    """Messages a minute in one group."""
    recovery: float = 1.0
    """By how many messages a second a rate that was slowed down grows in a minute without a 429."""
    paid_budget: int = 0
    """Messages a day that may be paid for when the free rate is used up; 0 for none."""

    @property
    def burst(self) -> float:
        """Messages that may leave at once, a fifth of the overall rate: the steady rate is the rest."""
        return max(1.0, self.overall / 5)


#: What is free.
FREE = Rates()


class RedisPacing:
    """The pace that all processes of one bot keep (see ``Pacing``). Goes by the server's clock, or by the caller's."""

    def __init__(self, redis: Redis, rates: Rates = FREE, *, server_time: bool = True) -> None:
        self._rates = rates
        self._server_time = server_time
        self._admit = redis.register_script(_ADMIT)
        self._refused = redis.register_script(_REFUSED)
        self._late = redis.register_script(_LATE)

    async def admit(self, who: str, lane: Lane, at: datetime) -> float:
        """Say whether a message may leave now; see the port. With the lane ``paid`` the day's budget is used."""
        transport, _, address = who.partition(":")
        if transport != _TRANSPORT:
            return 0.0
        chat, rates = address.partition("/")[0], self._rates
        keys = [BUCKET_KEY, log_key(chat), block_key(chat), paid_key(at)]
        limits = _limits(chat, rates)
        kept = 2 * max(limits[1::4]) // 1000  # the log: longer than every window
        common: list[str | int | float] = [lane, rates.burst / 2, rates.paid_budget, kept]
        wait = await self._admit(keys=keys, args=[*self._bucket(at), *common, *limits])
        return float(wait) / 1000

    async def refused(self, who: str, retry_after: float, at: datetime) -> None:
        """Take note of a 429; see the port."""
        chat = who.partition(":")[2].partition("/")[0]
        slowest = 1 / 1000
        args: list[str | int | float] = [
            chat,
            retry_after,
            TOGETHER_MILLISECONDS,
            LONGEST_HALT_MILLISECONDS,
            slowest,
        ]
        await self._refused(keys=[BUCKET_KEY, block_key(chat)], args=[*self._bucket(at), *args])

    async def late(self, at: datetime) -> None:
        """Count a message once more; see the port."""
        await self._late(keys=[BUCKET_KEY], args=self._bucket(at))

    def _bucket(self, at: datetime) -> list[str | int | float]:
        rates = self._rates
        now = "" if self._server_time else int(at.timestamp() * 1000)
        steady = rates.overall - rates.burst if rates.overall > rates.burst else rates.overall
        return [now, steady / 1000, rates.burst, rates.recovery / 1000 / 60_000]


def _limits(chat: str, rates: Rates) -> list[int]:
    """Return the limits of a chat as the script reads them."""
    limits = _limit(3, 3 / rates.chat)
    is_group = chat.startswith(("-", "@"))
    return limits + _limit(round(rates.group), 60) if is_group else limits


def _limit(count: int, seconds: float) -> list[int]:
    window = int(seconds * 1000) + SLACK_MILLISECONDS
    return [count, window, max(1, int(count * _ALERT_SHARE)), window // count]


#: The hash of the overall bucket.
BUCKET_KEY = "pacing.overall"


def log_key(chat: str) -> str:
    """Return the key of the times (ms, the newest first) of the last messages to a chat."""
    return f"pacing.chat:{chat}"


def block_key(chat: str) -> str:
    """Return the key of the time (ms) until which Telegram wants nothing for a chat."""
    return f"pacing.blocked:{chat}"


def paid_key(at: datetime) -> str:
    """Return the key of how many messages were paid for on a day (UTC)."""
    return f"pacing.paid:{at:%Y-%m-%d}"
