-- Retry in `dead`: what was buried goes back into its lane, at the end. Repeating it does nothing.
-- ARGV: name of the job in `dead`. Returns 1, or 0 where nothing is buried.
local grave = T .. ':buried:' .. ARGV[1]
local kept = redis.call('GET', grave)
if not kept then return 0 end
local lane, id, json = string.match(kept, '^([^|]+)|%d+|([^|]+)|(.*)$')
redis.call('DEL', grave)
append(lane, id, json)
trace(id, 'revived')
return 1
