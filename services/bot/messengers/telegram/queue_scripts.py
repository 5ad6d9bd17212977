"""The server-side scripts of the update queue: what must happen as one step or not at all."""

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

# Keeps updates that are new, and gives each chat that had none waiting its turn.
# KEYS: 1 stream, 2 number of updates that wait, then per update: seen key, lane (list).
# ARGV: 1 seconds to remember, 2 bot, 3 most updates that may wait before, then per update: name of the lane,
#       update (JSON). Returns how many were new; -1 when too many wait, and then nothing is kept.
_TAKE_IN = """
if tonumber(redis.call('GET', KEYS[2]) or 0) >= tonumber(ARGV[3]) then return -1 end
local new = 0
for i = 3, #KEYS, 2 do
  if redis.call('SET', KEYS[i], '1', 'NX', 'EX', ARGV[1]) then
    if redis.call('RPUSH', KEYS[i + 1], ARGV[i + 2]) == 1 then
      redis.call('XADD', KEYS[1], '*', 'bot', ARGV[2], 'lane', ARGV[i + 1])
    end
    new = new + 1
  end
end
if new > 0 then redis.call('INCRBY', KEYS[2], new) end
return new
"""

# Hands what a worker holds to another, and forgets one that holds nothing any more. A worker hands to itself what it
# was given and never got: the answer to its read was lost on the way.
# KEYS: 1 stream. ARGV: 1 group, 2 from worker, 3 to worker, 4 limit, 5 milliseconds that it must have lain,
#       then entries that are in hand and stay
# Returns per turn: entry id, fields, in how many workers' hands it has been.
_TAKE_OVER = """
local taken, in_hand = {}, {}
local again = ARGV[2] == ARGV[3] and 0 or 1
for i = 6, #ARGV do in_hand[ARGV[i]] = true end
local rows = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[5], '-', '+', ARGV[4] + #ARGV - 5, ARGV[2])
for _, row in ipairs(rows) do
  if not in_hand[row[1]] then
    local count = row[4] + again
    local claimed = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, row[1], 'RETRYCOUNT', count)
    if claimed[1] and claimed[1][2] then taken[#taken + 1] = {row[1], claimed[1][2], count} end
  end
end
if #rows == 0 and again == 1 then redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2]) end
return taken
"""

# Notes that an answer leaves, if the turn is still the worker's and no other's answer to it has left.
# KEYS: 1 stream, 2 leaving (hash). ARGV: 1 group, 2 entry id, 3 worker, 4 lane, 5 mark of the attempt, so that a call
#       that the client repeats for a lost connection gets its first answer. Returns 1 when it may leave.
_LEAVE = """
local row = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)[1]
if not row or row[2] ~= ARGV[3] then return 0 end
local mine, noted = ARGV[2] .. ' ' .. ARGV[5], redis.call('HGET', KEYS[2], ARGV[4])
if noted and noted ~= mine and string.find(noted, ARGV[2] .. ' ', 1, true) == 1 then return 0 end
redis.call('HSET', KEYS[2], ARGV[4], mine)
return 1
"""

# KEYS: 1 leaving (hash). ARGV: 1 lane, 2 entry id. Returns 1 when something was noted.
_STAY = """
local noted = redis.call('HGET', KEYS[1], ARGV[1])
if noted and string.find(noted, ARGV[2] .. ' ', 1, true) == 1 then return redis.call('HDEL', KEYS[1], ARGV[1]) end
return 0
"""

# Ends a turn: the update is gone, and the next of its chat gets a turn. Who lost the turn to another changes nothing.
# KEYS: 1 stream, 2 lane (list), 3 leaving (hash), 4 number of updates that wait, 5 answered (optional)
# ARGV: 1 group, 2 entry id, 3 worker, 4 lane, 5 bot, 6 id of the answer, 7 seconds to remember it
# Returns 1 when it ended it.
_FINISH = """
local row = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)[1]
if not row or row[2] ~= ARGV[3] then return 0 end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
if redis.call('LPOP', KEYS[2]) and redis.call('DECR', KEYS[4]) < 1 then redis.call('DEL', KEYS[4]) end
redis.call('HDEL', KEYS[3], ARGV[4])
if KEYS[5] then redis.call('SET', KEYS[5], ARGV[6], 'EX', ARGV[7]) end
if redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('XADD', KEYS[1], '*', 'bot', ARGV[5], 'lane', ARGV[4])
end
return 1
"""


def take_in_script(redis: Redis) -> AsyncScript:
    """Return the script that keeps new updates."""
    return redis.register_script(_TAKE_IN)


def take_over_script(redis: Redis) -> AsyncScript:
    """Return the script that hands over what a dead worker holds."""
    return redis.register_script(_TAKE_OVER)


def leave_script(redis: Redis) -> AsyncScript:
    """Return the script that notes that an answer leaves."""
    return redis.register_script(_LEAVE)


def stay_script(redis: Redis) -> AsyncScript:
    """Return the script that takes such a note back."""
    return redis.register_script(_STAY)


def finish_script(redis: Redis) -> AsyncScript:
    """Return the script that ends a turn."""
    return redis.register_script(_FINISH)
