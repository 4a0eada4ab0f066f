-- Whether a push may be held past its first attempt: only the first of its user's lane, and only so many a minute.
-- ARGV: push's key, its lane, how many a minute. Returns 1 or 0.
local head = redis.call('LINDEX', laneKey(ARGV[2]), 0)
if not head or idOf(head) ~= ARGV[1] then return 0 end
local count = redis.call('INCR', T .. ':overdue')
if count == 1 then redis.call('EXPIRE', T .. ':overdue', 60) end
if count > tonumber(ARGV[3]) then return 0 end
return 1
