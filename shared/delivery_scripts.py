"""The server-side scripts of delivery: what must happen as one step or not at all."""

from redis.asyncio import Redis
from redis.commands.core import AsyncScript


def once_key(stage: str, identity: str) -> str:
    """Return the key that is there once a stage is done with a message, as the stage identifies it."""
    return f"once:{stage}:{identity}"


# Settles a batch: for every entry that is still pending in the group, acknowledge it and have its effect.
#
# An entry that somebody else settled meanwhile (its XACK answers 0) has no effect, so a message that two
# consumers worked on, or a script that was sent twice, changes nothing the second time. A story that this stage
# already passed on (its "once" key is there) is acknowledged without passing it on again.
#
# KEYS: 1 source stream, 2 next stream, 3 dead stream, 4 set of sources, then per entry: once key, counts key
# ARGV: 1 group, 2 seconds that a once key lives, then per entry: entry id, verb (forward | done | dead),
#       payload ("" for done), story source id, count on success ("" for none), count when repeated ("" for none),
#       admitted (1: ingest counted it as fetched; 0: count it now, if this stage counts at all)
# Returns per entry: 1 settled, 2 settled but this stage had done the story before, 0 was not pending.
_SETTLE = """
local answers = {}
local function count(key, source, outcome, admitted)
  if outcome == '' then return end
  redis.call('SADD', KEYS[4], source)
  if admitted == '0' then redis.call('HINCRBY', key, 'fetched', 1) end
  redis.call('HINCRBY', key, outcome, 1)
end
local entries = (#ARGV - 2) / 7
for i = 0, entries - 1 do
  local once, counts = KEYS[5 + i * 2], KEYS[6 + i * 2]
  local id, verb, payload = ARGV[3 + i * 7], ARGV[4 + i * 7], ARGV[5 + i * 7]
  local source, outcome, again, admitted = ARGV[6 + i * 7], ARGV[7 + i * 7], ARGV[8 + i * 7], ARGV[9 + i * 7]
  if redis.call('XACK', KEYS[1], ARGV[1], id) == 0 then
    answers[i + 1] = 0
  elseif verb == 'dead' then
    redis.call('XADD', KEYS[3], '*', '__data__', payload)
    count(counts, source, outcome, admitted)
    answers[i + 1] = 1
  elseif redis.call('SET', once, '1', 'NX', 'EX', ARGV[2]) then
    if verb == 'forward' then
      redis.call('XADD', KEYS[2], '*', '__data__', payload, 'admitted', '1')
      if admitted == '0' and source ~= '' then
        redis.call('SADD', KEYS[4], source)
        redis.call('HINCRBY', counts, 'fetched', 1)
      end
    end
    count(counts, source, outcome, admitted)
    answers[i + 1] = 1
  else
    count(counts, source, again, admitted)
    answers[i + 1] = 2
  end
end
return answers
"""

# Removes consumers that hold nothing and have not been seen for a while. One step, because deleting a consumer
# drops whatever it holds.
# KEYS: 1 stream. ARGV: 1 group, 2 milliseconds. Returns how many were removed.
_REMOVE_IDLE_CONSUMERS = """
local removed = 0
for _, row in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local facts = {}
  for i = 1, #row, 2 do facts[row[i]] = row[i + 1] end
  if facts['pending'] == 0 and facts['idle'] > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], facts['name'])
    removed = removed + 1
  end
end
return removed
"""

# Puts a dead letter back on the stream it came from, or drops it, and forgets that it was dead. What a stage left that
# counts nothing is put back as new to the counts: another group of that stream may count, and sees it a second time.
# KEYS: 1 dead stream, 2 stream to put it on, 3 counts key. ARGV: 1 entry id, 2 payload ("" to drop),
#       3 the count that the story leaves ("" when the stage counts nothing), 4 the count that it moves to ("" none)
# Returns 1, or 0 when the dead letter was gone already.
_REVIVE = """
if redis.call('XDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
if ARGV[2] ~= '' and ARGV[3] ~= '' then
  redis.call('XADD', KEYS[2], '*', '__data__', ARGV[2], 'admitted', '1')
elseif ARGV[2] ~= '' then
  redis.call('XADD', KEYS[2], '*', '__data__', ARGV[2])
end
if ARGV[3] ~= '' then redis.call('HINCRBY', KEYS[3], ARGV[3], -1) end
if ARGV[4] ~= '' then redis.call('HINCRBY', KEYS[3], ARGV[4], 1) end
return 1
"""


def settle_script(redis: Redis) -> AsyncScript:
    """Return the script that settles a batch of entries."""
    return redis.register_script(_SETTLE)


def remove_idle_consumers_script(redis: Redis) -> AsyncScript:
    """Return the script that removes consumers which are gone and hold nothing."""
    return redis.register_script(_REMOVE_IDLE_CONSUMERS)


def revive_script(redis: Redis) -> AsyncScript:
    """Return the script that replays or drops one dead letter."""
    return redis.register_script(_REVIVE)
