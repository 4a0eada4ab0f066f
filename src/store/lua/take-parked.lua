-- What is parked for a user, for one reply at a time. ARGV: push's key, ms for which nobody else gets it. Returns the entries.
local parked = parkedKey(userOf(ARGV[1]))
if redis.call('EXISTS', parked) == 0 then return {} end
if not redis.call('SET', parked .. ':taken', ARGV[1], 'NX', 'PX', ARGV[2]) then return {} end
return redis.call('LRANGE', parked, 0, -1)
