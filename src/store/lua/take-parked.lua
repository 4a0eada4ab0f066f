-- What is parked for a user, for one reply at a time. ARGV: user, ms for which nobody else gets it. Returns the entries.
local parked = T .. ':parked:' .. ARGV[1]
if redis.call('EXISTS', parked) == 0 then return {} end
if not redis.call('SET', parked .. ':taken', '1', 'NX', 'PX', ARGV[2]) then return {} end
return redis.call('LRANGE', parked, 0, -1)
