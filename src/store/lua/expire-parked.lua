-- What no user has written for in all the time for which it is kept is dropped. ARGV: how many users at most.
-- Returns two for each answer that is dropped: its push's key, how many parts of it.
local dropped = {}
for _, user in ipairs(redis.call('ZRANGEBYSCORE', T .. ':parked', '-inf', now, 'LIMIT', 0, ARGV[1])) do
  local counts, keys = {}, {}
  for _, entry in ipairs(redis.call('LRANGE', parkedKey(user), 0, -1)) do
    local key = keyOf(entry)
    if not counts[key] then keys[#keys + 1] = key end
    counts[key] = (counts[key] or 0) + 1
  end
  redis.call('DEL', parkedKey(user))
  indexParked(user)
  for _, key in ipairs(keys) do
    trace(key, counts[key] .. ' part(s) dropped: the user has not written since they were parked')
    dropped[#dropped + 1] = key
    dropped[#dropped + 1] = counts[key]
  end
end
return dropped
