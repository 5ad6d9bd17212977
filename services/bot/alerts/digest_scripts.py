"""The server-side scripts of what waits for digests: it is told once, by a digest or when it is asked for."""

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from services.bot.alerts.outbox_scripts import NAMES


def asked_key(who: str) -> str:
    """Return the key of what a recipient was told last on asking (JSON): [question, clusters]."""
    return f"alerts.asked:{who}"


#: Lets a row wait for the digest: it leaves the queue, and must outlive a week.
#: (lifetime in seconds; the recipient's digest, and the recipients with a digest due, are keys)
FOLD = """
local function fold(who, cluster, digest, due, lifetime)
  local queued, story = unpack(redis.call('HMGET', row_key(who, cluster), 'queued', 'story_id'))
  redis.call('ZADD', digest, queued, cluster)
  redis.call('ZREMRANGEBYSCORE', digest, '-inf', queued - lifetime * 2000)  -- their rows are gone
  redis.call('EXPIRE', digest, lifetime * 2)
  redis.call('ZADD', due, 'NX', 0, who)
  redis.call('EXPIRE', row_key(who, cluster), lifetime * 2)
  redis.call('EXPIRE', story_key(story), lifetime * 2)
end
"""

#: What becomes of what waits when a digest is over and was not sent: what it may have told is not told again, the rest
#: waits for the next one.
NO_DIGEST = """
local function no_digest(who, cluster, state, digest, due)
  local told = redis.call('HGET', row_key(who, cluster), 'told')
  for _, each in ipairs(cjson.decode(state == 'uncertain' and told or '[]')) do
    if redis.call('HGET', row_key(who, each), 'state') == 'digest' then
      redis.call('HSET', row_key(who, each), 'state', state, 'detail', cluster)
    end
    redis.call('ZREM', digest, each)
  end
  if redis.call('EXISTS', digest) == 1 then redis.call('ZADD', due, 'NX', 0, who) end
end
"""

# Writes what became of rows that waited for the digest.
# KEYS: 1 digest. ARGV: 1 recipient, 2 state, 3 detail, 4 now (ms), then the clusters. Returns how many.
_LEAVE = (
    NAMES
    + """
local count = 0
for i = 5, #ARGV do
  local row = row_key(ARGV[1], ARGV[i])
  if redis.call('HGET', row, 'state') == 'digest' then
    redis.call('HSET', row, 'state', ARGV[2], 'detail', ARGV[3])
    if ARGV[2] == 'sent' then redis.call('HSET', row, 'sent_at', ARGV[4], 'shared', 0) end
    count = count + 1
  end
  redis.call('ZREM', KEYS[1], ARGV[i])
end
return count
"""
)

# Writes that rows were told because the recipient asked for them: all of them, or none when one of them does not wait
# any more or is being told by a digest on its way. A call that the client repeats for a lost answer gets it again.
# KEYS: 1 digest, 2 queue, 3 what was told on asking
# ARGV: 1 recipient, 2 now (ms), 3 what to keep of it (JSON), 4 seconds to keep it, then the clusters
# Returns {whether they were told, clusters that a digest on its way tells}.
_TAKE = (
    NAMES
    + """
if redis.call('GET', KEYS[3]) == ARGV[3] then return {1, {}} end
local leaving, told = {}, {}
for _, cluster in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  local kind, state, tells = unpack(redis.call('HMGET', row_key(ARGV[1], cluster), 'kind', 'state', 'told'))
  if kind == 'digest' and state == 'sending' and tells then
    for _, each in ipairs(cjson.decode(tells)) do
      told[each] = true
      table.insert(leaving, each)
    end
  end
end
for i = 5, #ARGV do
  if told[ARGV[i]] or redis.call('HGET', row_key(ARGV[1], ARGV[i]), 'state') ~= 'digest' then return {0, leaving} end
end
for i = 5, #ARGV do
  redis.call('HSET', row_key(ARGV[1], ARGV[i]), 'state', 'sent', 'detail', '', 'sent_at', ARGV[2], 'shared', 0)
  redis.call('ZREM', KEYS[1], ARGV[i])
end
redis.call('SET', KEYS[3], ARGV[3], 'EX', ARGV[4])
return {1, leaving}
"""
)


def leave_digest_script(redis: Redis) -> AsyncScript:
    """Return the script that writes what became of rows that waited for the digest."""
    return redis.register_script(_LEAVE)


def take_digest_script(redis: Redis) -> AsyncScript:
    """Return the script that writes that rows were told on asking."""
    return redis.register_script(_TAKE)
