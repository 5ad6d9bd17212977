"""The clock of the server, for scripts: the same for all processes, however wrong their own clocks are."""

from typing import Final

#: Defines ``clock(given)``: the time that a script goes by (ms), the one that is given, or with "" the server's.
CLOCK: Final = """
local function clock(given)
  if given ~= '' then return tonumber(given) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
"""
