"""The server-side scripts of a turn: a sender takes rows of a recipient, and says what became of them."""

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from services.bot.alerts.digest_scripts import FOLD, NO_DIGEST
from services.bot.alerts.outbox_scripts import NAMES, TURNS
from services.bot.server_clock import CLOCK

# Takes the first row of a recipient for sending; when enough are ready they are taken together, and what was sent
# together and may not have arrived is taken together again. What must not be sent any more is closed on the way.
# KEYS: 1-5 TURN_KEYS, 6 turn, 7 queue, 8 follows, 9 suspended recipients, 10 digest, 11 digests due,
#       12 former or new address
# ARGV: 1 active at most, 2 after how long an announced turn is overdue (ms), 3 turn, 4 now (see CLOCK), 5 how long the
#       sender is trusted (ms), 6 policy, 7 recipient, 8 patience (ms), 9 seconds to live, 10 this call (random), so
#       that one that the client repeats for a lost answer gets it again, 11 together at least, 12 together at most
# Returns {rows, states of closed rows}, a row being {cluster, story id, kind, attempt, repeats, reasons, story}; or
# "gone" when it is not this turn any more, "busy" while another sender has it.
_CLAIM = (
    TURNS
    + FOLD
    + NO_DIGEST
    + """
local now, who, call = clock(ARGV[4]), ARGV[7], ARGV[10]
local turn, holder = unpack(redis.call('HMGET', KEYS[6], 'turn', 'claim'))
if turn ~= ARGV[3] then return 'gone' end
if holder and holder ~= call then return 'busy' end
local taken, closed = {}, {}
local function close(cluster, kind, state, why)
  redis.call('HSET', row_key(who, cluster), 'state', state, 'detail', why)
  redis.call('ZREM', KEYS[7], cluster)
  table.insert(closed, state)
  if state == 'digest' then fold(who, cluster, KEYS[10], KEYS[11], ARGV[9]) end
  if kind == 'digest' then no_digest(who, cluster, state, KEYS[10], KEYS[11]) end
end
local other = redis.call('GET', KEYS[12])
local function wanted(reasons)
  for key, _ in pairs(cjson.decode(reasons)) do
    if redis.call('HEXISTS', KEYS[8], key) == 1 then return true end
    if other and redis.call('HEXISTS', follows_key(other), key) == 1 then return true end
  end
end
local function unfit(row)
  if redis.call('HEXISTS', KEYS[9], who) == 1 then return 'dropped', 'the recipient is suspended' end
  if row.kind == 'digest' then return end
  if not wanted(row.reasons) then return 'dropped', 'not followed any more' end
  if not row.story then return 'dropped', 'the story is gone' end
  if row.repeats == 0 and now - row.ready > tonumber(ARGV[8]) then return 'digest', 'too late' end
end
local function read(cluster)
  local f = redis.call('HMGET', row_key(who, cluster), 'state', 'kind', 'story_id', 'reasons', 'attempt', 'repeats',
    'queued', 'ready', 'claim')
  return {cluster = cluster, state = f[1], kind = f[2] or 'alert', story_id = f[3], reasons = f[4],
    attempt = tonumber(f[5] or 0), repeats = tonumber(f[6] or 0), ready = tonumber(f[8] or f[7]), claim = f[9],
    story = f[3] and redis.call('GET', story_key(f[3]))}
end
-- Looks at one row. Returns whether it can go along with those that are taken.
local function consider(row)
  if not row.state then
    redis.call('ZREM', KEYS[7], row.cluster)
    return true
  end
  if holder then return row.claim ~= call or table.insert(taken, row) or true end
  if row.state == 'sending' and (ARGV[6] == 'skip' or row.repeats > 0) then
    close(row.cluster, row.kind, 'uncertain', 'the sender was lost while sending')
    return true
  end
  if row.state == 'sending' then row.repeats = 1 end
  local state, why = unfit(row)
  if state then
    close(row.cluster, row.kind, state, why)
    return true
  end
  row.with = row.kind == 'digest' and row.cluster or row.repeats > 0 and row.claim or ''
  if taken[1] and taken[1].with ~= row.with then return false end
  table.insert(taken, row)
  return row.with ~= '' or #taken < tonumber(ARGV[12])
end
for _, cluster in ipairs(redis.call('ZRANGE', KEYS[7], 0, 499)) do
  if not consider(read(cluster)) then break end
end
if not holder and taken[1] and taken[1].with == '' and #taken < tonumber(ARGV[11]) then taken = {taken[1]} end
local rows = {}
for i, row in ipairs(taken) do
  redis.call('HSET', row_key(who, row.cluster), 'claim', call)
  rows[i] = {row.cluster, row.story_id, row.kind, row.attempt + 1, row.repeats, row.reasons, row.story or ''}
end
if rows[1] then
  redis.call('HSET', KEYS[6], 'claim', call)
  redis.call('ZADD', ACTIVE, now + ARGV[5], who)
else
  redis.call('DEL', KEYS[6])
  redis.call('ZREM', ACTIVE, who)
  if redis.call('EXISTS', KEYS[7]) == 1 then enter('', who) end
  announce(tonumber(ARGV[1]), now + ARGV[2])
end
return {rows, closed}
"""
)

# Notes that rows are on their way from now on, and trusts the sender anew.
# KEYS: 1 turn, 2 active. ARGV: 1 recipient, 2 claim, 3 now (see CLOCK), 4 how long the sender is trusted (ms),
#       then per row: cluster, repeats, what a digest tells (JSON; "" for an alert).
# Returns 1, or 0 when the turn is in other hands, or what a digest tells was told meanwhile: nothing may be sent then.
_BEGIN = (
    NAMES
    + CLOCK
    + """
if redis.call('HGET', KEYS[1], 'claim') ~= ARGV[2] then return 0 end
for i = 5, #ARGV, 3 do
  if redis.call('HGET', row_key(ARGV[1], ARGV[i]), 'claim') ~= ARGV[2] then return 0 end
  for _, each in ipairs(ARGV[i + 2] ~= '' and cjson.decode(ARGV[i + 2]) or {}) do
    if redis.call('HGET', row_key(ARGV[1], each), 'state') ~= 'digest' then return 0 end
  end
end
for i = 5, #ARGV, 3 do
  redis.call('HSET', row_key(ARGV[1], ARGV[i]), 'state', 'sending', 'repeats', ARGV[i + 1])
  if ARGV[i + 2] ~= '' then redis.call('HSET', row_key(ARGV[1], ARGV[i]), 'told', ARGV[i + 2]) end
end
redis.call('ZADD', KEYS[2], clock(ARGV[3]) + ARGV[4], ARGV[1])
return 1
"""
)

# Writes what became of the rows of a turn, and ends the turn. What is ready again keeps its place in the queue, and
# the recipient waits as long as the row that must wait longest.
# KEYS: 1-5 TURN_KEYS, 6 turn, 7 queue, 8 held, 9 digest, 10 digests due, 11 alerts sent today
# ARGV: 1 active at most, 2 after how long an announced turn is overdue (ms), 3 recipient, 4 claim, 5 now (see CLOCK),
#       6 seconds to live, 7 clusters that were sent in one message (JSON),
#       then per row: cluster, state, detail, repeats, how long it waits (ms), tries, reasons to count (JSON list)
# Returns 1, or 0 when the turn is in other hands.
_SETTLE = (
    TURNS
    + FOLD
    + NO_DIGEST
    + """
if redis.call('HGET', KEYS[6], 'claim') ~= ARGV[4] then return 0 end
local who, now, next_turn, shared = ARGV[3], clock(ARGV[5]), 0, #cjson.decode(ARGV[7])
local function note_sent(cluster, detail, reasons)
  redis.call('HSET', row_key(who, cluster), 'sent_at', now, 'shared', shared)
  if shared > 1 then redis.call('HSET', row_key(who, cluster), 'beside', ARGV[7]) end
  if #reasons > 0 then
    redis.call('HSET', told_key(cluster), who, detail)
    redis.call('EXPIRE', told_key(cluster), ARGV[6])
  end
  for _, reason in ipairs(reasons) do redis.call('HINCRBY', KEYS[11], reason, 1) end
  if #reasons > 0 then redis.call('EXPIRE', KEYS[11], 172800) end
end
for i = 8, #ARGV, 7 do
  local cluster, state, detail, due = ARGV[i], ARGV[i + 1], ARGV[i + 2], now + ARGV[i + 4]
  local row = row_key(who, cluster)
  if redis.call('HGET', row, 'claim') == ARGV[4] then
    redis.call('HSET', row, 'state', state, 'detail', detail, 'repeats', ARGV[i + 3])
    redis.call('HINCRBY', row, 'attempt', ARGV[i + 5])
    if state == 'ready' then
      next_turn = math.max(next_turn, due)
    else
      redis.call('ZREM', KEYS[7], cluster)
    end
    if state == 'held' then redis.call('ZADD', KEYS[8], due, who .. '\\n' .. cluster) end
    if state == 'digest' then fold(who, cluster, KEYS[9], KEYS[10], ARGV[6]) end
    if state == 'sent' then
      note_sent(cluster, detail, cjson.decode(ARGV[i + 6]))
    elseif state ~= 'ready' and state ~= 'held' and redis.call('HGET', row, 'kind') == 'digest' then
      no_digest(who, cluster, state, KEYS[9], KEYS[10])
    end
  end
end
redis.call('DEL', KEYS[6])
redis.call('ZREM', ACTIVE, who)
if redis.call('EXISTS', KEYS[7]) == 1 then
  if next_turn > now then
    redis.call('ZADD', DELAYED, next_turn, who)
  else
    enter('', who)
  end
end
announce(tonumber(ARGV[1]), now + ARGV[2])
return 1
"""
)


def claim_script(redis: Redis) -> AsyncScript:
    """Return the script that takes rows of a recipient for sending."""
    return redis.register_script(_CLAIM)


def begin_script(redis: Redis) -> AsyncScript:
    """Return the script that notes that rows are on their way."""
    return redis.register_script(_BEGIN)


def settle_script(redis: Redis) -> AsyncScript:
    """Return the script that writes what became of a turn."""
    return redis.register_script(_SETTLE)
