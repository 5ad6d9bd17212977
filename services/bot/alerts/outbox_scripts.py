"""The server-side scripts of the outbox that queue and announce: each happens as one step or not at all.

A recipient's rows that are not done stand in its queue, in the order in which they came. A recipient has its turn
when it comes up in a lane, and there is a lane for each cluster: the lanes are gone through in a circle, so a story
with a hundred thousand followers takes no more than every second turn beside a small one. Only a few turns are
announced on the stream at a time; whoever finishes one lets the next follow. A recipient with rows in its queue is
always in a lane, delayed, or active (announced, or in the hands of a sender).

Fields of a row: ``state``, ``kind`` ("digest" for one), ``story_id``, ``reasons`` (JSON), ``seq`` (its place in the
queue), ``attempt`` (how often it was tried), ``repeats``, ``queued`` and ``ready`` (ms; since when it could be sent),
``claim`` (which sender's turn took it last), ``detail`` (the message id, or the reason), ``sent_at`` (ms), ``shared``
(alerts in the message that it was sent with; 0 for a digest), ``beside`` (JSON; their clusters in order, where they are
several), ``told`` (JSON; the clusters that a digest on its way tells).
"""

import re
from datetime import date

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from services.bot.server_clock import CLOCK
from shared.topology import OUTBOX

#: The list of the lanes in which somebody waits: their next turn is at the head.
LANES_KEY = "alerts.lanes"
#: The sorted set of the recipients that have their turn, by the time (ms) until which that is trusted to be so.
ACTIVE_KEY = "alerts.active"
#: The sorted set of the recipients whose next turn must wait, by its time (ms).
DELAYED_KEY = "alerts.delayed"
#: The sorted set of the rows that are held back (recipient, line feed, cluster), by the time (ms) of their end.
HELD_KEY = "alerts.held"
#: The number of the last turn, and of the last row.
TURNS_KEY = "alerts.turns"
ROWS_KEY = "alerts.rows"


def row_key(who: str, cluster: str) -> str:
    """Return the key of the row (hash) of a recipient and a cluster."""
    return f"alerts.row:{who}:{cluster}"


def queue_key(who: str) -> str:
    """Return the key of the queue of a recipient: a sorted set of clusters in the order of their rows."""
    return f"alerts.queue:{who}"


def lane_key(cluster: str) -> str:
    """Return the key of the list of the recipients that wait in the lane of a cluster, the next at the head."""
    return f"alerts.lane:{cluster}"


def chat_key(who: str) -> str:
    """Return the key of a recipient's turn (hash): its number, and which sender has taken it."""
    return f"alerts.chat:{who}"


def digest_key(who: str) -> str:
    """Return the key of what waits for a recipient's digest: a sorted set of clusters, the oldest first."""
    return f"alerts.digest:{who}"


def held_member(who: str, cluster: str) -> str:
    """Return how a row stands among those that are held back."""
    return f"{who}\n{cluster}"


def held_by(who: str) -> str:
    """Return the pattern of a recipient's rows among those that are held back."""
    return re.sub(r"([*?\[\]\\])", r"\\\1", who) + "\n*"


def told_key(cluster: str) -> str:
    """Return the key of who was sent a cluster in a message of alerts (hash): recipient to message id."""
    return f"alerts.told:{cluster}"


def count_key(who: str, day: date) -> str:
    """Return the key of how many alerts a recipient was sent on its day (hash): follow to number."""
    return f"alerts.count:{who}:{day.isoformat()}"


def moved_key(who: str) -> str:
    """Return the key of the address that a recipient moved to or came from of late."""
    return f"alerts.moved:{who}"


def story_key(story_id: str) -> str:
    """Return the key of what the alerts of a story say (JSON), kept once for all of them."""
    return f"alerts.story:{story_id}"


def progress_key(story_id: str) -> str:
    """Return the key of how far a story's fan-out has come."""
    return f"alerts.fanout:{story_id}"


#: The keys that every script begins with in which somebody may come to wait, or have a turn.
TURN_KEYS = (OUTBOX.name, LANES_KEY, ACTIVE_KEY, DELAYED_KEY, TURNS_KEY)

#: The names of keys that a script finds out as it goes, built as the functions above build them.
NAMES = """
local function row_key(who, cluster) return 'alerts.row:' .. who .. ':' .. cluster end
local function queue_key(who) return 'alerts.queue:' .. who end
local function lane_key(cluster) return 'alerts.lane:' .. cluster end
local function chat_key(who) return 'alerts.chat:' .. who end
local function told_key(cluster) return 'alerts.told:' .. cluster end
local function story_key(story_id) return 'alerts.story:' .. story_id end
local function follows_key(who) return 'follows:' .. who end
"""

#: What the scripts share that begin with ``TURN_KEYS``.
TURNS = (
    NAMES
    + CLOCK
    + """
local STREAM, LANES, ACTIVE, DELAYED, TURNS = unpack(KEYS, 1, 5)
local function enter(cluster, who)
  if redis.call('RPUSH', lane_key(cluster), who) == 1 then redis.call('RPUSH', LANES, cluster) end
end
local function wait_in_turn(cluster, who)
  redis.call('ZADD', queue_key(who), redis.call('HGET', row_key(who, cluster), 'seq'), cluster)
  enter(cluster, who)
end
-- Lets the next recipients have their turn, as long as there are fewer than so many active.
local function announce(most, overdue)
  for _ = 1, 1000 do
    if redis.call('ZCARD', ACTIVE) >= most then return end
    local cluster = redis.call('LPOP', LANES)
    if not cluster then return end
    local who = redis.call('LPOP', lane_key(cluster))
    if redis.call('EXISTS', lane_key(cluster)) == 1 then redis.call('RPUSH', LANES, cluster) end
    local busy = redis.call('ZSCORE', ACTIVE, who) or redis.call('ZSCORE', DELAYED, who)
    if not busy and redis.call('EXISTS', queue_key(who)) == 1 then
      local turn = redis.call('INCR', TURNS)
      redis.call('HSET', chat_key(who), 'turn', turn)
      redis.call('ZADD', ACTIVE, overdue, who)
      redis.call('XADD', STREAM, '*', '__data__', cjson.encode({who = who, turn = turn}))
    end
  end
end
"""
)

# Adds the rows that are absent; a row that exists only lives on, so that a story retold for weeks does not alert
# anew. Notes how far the story's fan-out has come.
# KEYS: 1-5 TURN_KEYS, 6 story, 7 progress, 8 number of the last row, 9 clusters that anybody was alerted of lately,
#       10 digests due (for a digest, which is not due any more)
# ARGV: 1 active at most, 2 after how long an announced turn is overdue (ms), 3 seconds to live, 4 now (see CLOCK),
#       5 cluster, 6 story id, 7 how long the cluster is known (ms), 8 story (JSON; "" leaves it), 9 progress
#       ("" leaves it), 10 kind, then per row: recipient, reasons
# Returns how many rows are new.
_ENQUEUE = (
    TURNS
    + """
local new, cluster, now = 0, ARGV[5], clock(ARGV[4])
for i = 11, #ARGV, 2 do
  local who = ARGV[i]
  local row = row_key(who, cluster)
  local new_row = redis.call('EXISTS', row) == 0
  if new_row then
    redis.call('HSET', row, 'state', 'ready', 'story_id', ARGV[6], 'reasons', ARGV[i + 1], 'attempt', 0,
      'repeats', 0, 'queued', now, 'seq', redis.call('INCR', KEYS[8]))
    if ARGV[10] ~= 'alert' then redis.call('HSET', row, 'kind', ARGV[10]) end
    if KEYS[10] then redis.call('ZREM', KEYS[10], who) end
    wait_in_turn(cluster, who)
    new = new + 1
  end
  redis.call('EXPIRE', row, ARGV[3], new_row and 'NX' or 'GT')  -- what waits for a digest lives longer already
end
if ARGV[11] then
  redis.call('ZADD', KEYS[9], 'GT', now, cluster)
  redis.call('ZREMRANGEBYSCORE', KEYS[9], '-inf', now - ARGV[7])
  redis.call('PEXPIRE', KEYS[9], ARGV[7])
end
if ARGV[8] ~= '' then
  redis.call('SET', KEYS[6], ARGV[8], 'EX', math.max(tonumber(ARGV[3]), redis.call('TTL', KEYS[6])))
end
if ARGV[9] ~= '' then redis.call('SET', KEYS[7], ARGV[9], 'EX', ARGV[3]) end
announce(tonumber(ARGV[1]), now + ARGV[2])
return new
"""
)

# Lets come back what has waited long enough: delayed recipients, rows held back, and turns of senders that are lost.
# KEYS: 1-5 TURN_KEYS, 6 held
# ARGV: 1 active at most, 2 after how long an announced turn is overdue (ms), 3 now (see CLOCK), 4 limit of each.
# Returns how many.
_RELEASE = (
    TURNS
    + """
local now, count = clock(ARGV[3]), 0
local function due(key) return redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, ARGV[4]) end
for _, who in ipairs(due(DELAYED)) do
  redis.call('ZREM', DELAYED, who)
  enter('', who)
  count = count + 1
end
for _, member in ipairs(due(KEYS[6])) do
  redis.call('ZREM', KEYS[6], member)
  local who, cluster = string.match(member, '^(.-)\\n(.*)$')
  if redis.call('HGET', row_key(who, cluster), 'state') == 'held' then
    redis.call('HSET', row_key(who, cluster), 'state', 'ready', 'ready', now)
    wait_in_turn(cluster, who)
  end
  count = count + 1
end
for _, who in ipairs(due(ACTIVE)) do
  redis.call('ZREM', ACTIVE, who)
  redis.call('DEL', chat_key(who))
  enter('', who)
  count = count + 1
end
announce(tonumber(ARGV[1]), now + ARGV[2])
return count
"""
)

# Gives the rows of a recipient to its new address, unless that has its own of the same cluster. A row that a sender
# has in its hands stays, unless it is that sender who asks.
# KEYS: 1-5 TURN_KEYS, 6 turn of the old address, 7 held, 8 and 9 what waits for the digest of the old and of the new
#       address, 10 digests due, 11 and 12 the other address of the old and of the new one
# ARGV: 1 old address, 2 new address, 3 claim of the sender who asks, then the clusters. Returns how many were moved.
_MOVE = (
    TURNS
    + """
local old, new, moved = ARGV[1], ARGV[2], 0
local digest_lives = redis.call('TTL', KEYS[8])
-- Until the follows have moved too, rows of either address are wanted by the follows of either.
redis.call('SET', KEYS[11], new, 'EX', 86400)
redis.call('SET', KEYS[12], old, 'EX', 86400)
for i = 4, #ARGV do
  local cluster = ARGV[i]
  local from, to = row_key(old, cluster), row_key(new, cluster)
  local state, claim = unpack(redis.call('HMGET', from, 'state', 'claim'))
  if state and (state ~= 'sending' or claim == ARGV[3]) then
    local waits = redis.call('ZREM', queue_key(old), cluster) == 1
    local ends = redis.call('ZSCORE', KEYS[7], old .. '\\n' .. cluster)
    redis.call('ZREM', KEYS[7], old .. '\\n' .. cluster)
    local folded = redis.call('ZSCORE', KEYS[8], cluster)
    redis.call('ZREM', KEYS[8], cluster)
    redis.call('HDEL', told_key(cluster), old)
    if redis.call('RENAMENX', from, to) == 0 then
      redis.call('DEL', from)
    else
      if waits then
        redis.call('HSET', to, 'state', 'ready')
        wait_in_turn(cluster, new)
      end
      if ends then redis.call('ZADD', KEYS[7], ends, new .. '\\n' .. cluster) end
      if folded then
        redis.call('ZADD', KEYS[9], folded, cluster)
        redis.call('ZADD', KEYS[10], 'NX', 0, new)
      end
      moved = moved + 1
    end
  end
end
if redis.call('EXISTS', queue_key(old)) == 0 then
  redis.call('DEL', KEYS[6])
  redis.call('ZREM', ACTIVE, old)
  redis.call('ZREM', DELAYED, old)
end
if digest_lives > redis.call('TTL', KEYS[9]) then redis.call('EXPIRE', KEYS[9], digest_lives) end
if redis.call('EXISTS', KEYS[8]) == 0 then redis.call('ZREM', KEYS[10], old) end
return moved
"""
)


def enqueue_script(redis: Redis) -> AsyncScript:
    """Return the script that adds rows and lets their recipients wait for their turn."""
    return redis.register_script(_ENQUEUE)


def release_script(redis: Redis) -> AsyncScript:
    """Return the script that lets come back what has waited long enough."""
    return redis.register_script(_RELEASE)


def move_script(redis: Redis) -> AsyncScript:
    """Return the script that gives rows to a new address."""
    return redis.register_script(_MOVE)
