"""The server-side scripts of the outbox: what must happen as one step or not at all.

Fields of a row: ``state``, ``story_id``, ``reasons`` (JSON), ``turn``, ``attempt``, ``repeats``, ``queued`` (ms),
``until`` (ms; how long the sender that took it is trusted), ``claim`` (which call took it), ``detail`` (message id, or
the reason).
"""

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

# Adds the rows that are absent and announces each on the stream; a row that exists only lives on, so that a story
# retold for weeks does not alert anew. Notes how far the story's fan-out has come.
# KEYS: 1 stream, 2 story, 3 progress, then the rows
# ARGV: 1 seconds to live, 2 story (JSON), 3 progress ("" leaves it), 4 now (ms), 5 story id,
#       then per row: entry (JSON), reasons (JSON)
# Returns how many rows are new.
_ENQUEUE = """
local new = 0
for i = 4, #KEYS do
  local entry, reasons = ARGV[6 + (i - 4) * 2], ARGV[7 + (i - 4) * 2]
  if redis.call('EXISTS', KEYS[i]) == 0 then
    redis.call('HSET', KEYS[i], 'state', 'ready', 'story_id', ARGV[5], 'reasons', reasons,
      'turn', 0, 'attempt', 0, 'repeats', 0, 'queued', ARGV[4])
    redis.call('XADD', KEYS[1], '*', '__data__', entry)
    new = new + 1
  end
  redis.call('EXPIRE', KEYS[i], ARGV[1])
end
if #KEYS > 3 then redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[1]) end
if ARGV[3] ~= '' then redis.call('SET', KEYS[3], ARGV[3], 'EX', ARGV[1]) end
return new
"""

# Takes a row for sending. A row that is being sent by somebody who may be alive is looked at again later.
# KEYS: 1 row, 2 story, 3 follows of the recipient, 4 suspended recipients, 5 delayed entries
# ARGV: 1 turn, 2 now (ms), 3 trust in a sender (ms), 4 policy, 5 recipient, 6 patience (ms), 7 entry (JSON),
#       8 this call (random), so that a call that the client repeats for a lost connection gets its first answer
# Returns {attempt, repeats, reasons, story}, or the state that the row was left in (busy, gone: see Left).
_CLAIM = """
local row = redis.call('HMGET', KEYS[1], 'state', 'turn', 'until', 'repeats', 'reasons', 'queued', 'claim', 'attempt')
local state, turn, hold, repeats, reasons, queued = row[1], row[2], row[3], row[4], row[5], row[6]
local now = tonumber(ARGV[2])
local function close(as, why)
  redis.call('HSET', KEYS[1], 'state', as, 'detail', why)
  return as
end
if not state then return 'gone' end
if turn ~= ARGV[1] then return state end
if state == 'sending' and row[7] == ARGV[8] then
  return {tonumber(row[8]), tonumber(repeats), reasons, redis.call('GET', KEYS[2])}
end
if state == 'sending' then
  if tonumber(hold) > now then
    redis.call('ZADD', KEYS[5], hold, ARGV[7])
    return 'busy'
  end
  if ARGV[4] == 'skip' or tonumber(repeats) > 0 then
    return close('uncertain', 'the sender was lost while sending')
  end
  repeats = redis.call('HINCRBY', KEYS[1], 'repeats', 1)
elseif state ~= 'ready' then
  return state
end
if redis.call('HEXISTS', KEYS[4], ARGV[5]) == 1 then return close('dropped', 'the recipient is suspended') end
if now - tonumber(queued) > tonumber(ARGV[6]) then return close('dropped', 'too late') end
local wanted = false
for target, _ in pairs(cjson.decode(reasons)) do
  if redis.call('HEXISTS', KEYS[3], target) == 1 then wanted = true end
end
if not wanted then return close('dropped', 'not followed any more') end
local story = redis.call('GET', KEYS[2])
if not story then return close('dropped', 'the story is gone') end
redis.call('HSET', KEYS[1], 'state', 'sending', 'until', now + tonumber(ARGV[3]), 'claim', ARGV[8])
return {redis.call('HINCRBY', KEYS[1], 'attempt', 1), tonumber(repeats), reasons, story}
"""

# Writes the result of an attempt; a row that is ready again comes back after its delay, on its next turn.
# KEYS: 1 row, 2 delayed entries
# ARGV: 1 attempt, 2 state, 3 detail, 4 repeats, 5 due (ms), 6 entry of the next turn (JSON)
# Returns 1, or 0 when the row is gone or in other hands.
_SETTLE = """
local row = redis.call('HMGET', KEYS[1], 'state', 'attempt')
if row[1] ~= 'sending' or row[2] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'detail', ARGV[3], 'repeats', ARGV[4])
redis.call('HDEL', KEYS[1], 'until', 'claim')
if ARGV[2] == 'ready' then
  redis.call('HINCRBY', KEYS[1], 'turn', 1)
  redis.call('ZADD', KEYS[2], ARGV[5], ARGV[6])
end
return 1
"""

# Puts delayed entries whose time has come back on the stream.
# KEYS: 1 stream, 2 delayed entries. ARGV: 1 now (ms), 2 limit. Returns how many.
_RELEASE = """
local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, entry in ipairs(due) do
  redis.call('ZREM', KEYS[2], entry)
  redis.call('XADD', KEYS[1], '*', '__data__', entry)
end
return #due
"""


def enqueue_script(redis: Redis) -> AsyncScript:
    """Return the script that adds and announces rows."""
    return redis.register_script(_ENQUEUE)


def claim_script(redis: Redis) -> AsyncScript:
    """Return the script that takes a row for sending."""
    return redis.register_script(_CLAIM)


def settle_script(redis: Redis) -> AsyncScript:
    """Return the script that writes the result of an attempt."""
    return redis.register_script(_SETTLE)


def release_script(redis: Redis) -> AsyncScript:
    """Return the script that puts delayed entries back on the stream."""
    return redis.register_script(_RELEASE)


def row_key(who: str, cluster: str) -> str:
    """Return the key of the row (hash) of a recipient and a cluster."""
    return f"alerts.row:{who}:{cluster}"


def story_key(story_id: str) -> str:
    """Return the key of what the alerts of a story say (JSON), kept once for all of them."""
    return f"alerts.story:{story_id}"


def progress_key(story_id: str) -> str:
    """Return the key of how far a story's fan-out has come."""
    return f"alerts.fanout:{story_id}"


#: The sorted set of delayed entries, by the time (ms) they are due.
DELAYED_KEY = "alerts.delayed"
