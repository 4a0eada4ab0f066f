-- The reply that was to carry an answer did not leave: the answer is free again. ARGV: push's key, run, outbound lane.
if owns(ARGV[3], ARGV[2]) then release(ARGV[3]) end
local taken = parkedKey(userOf(ARGV[1])) .. ':taken'
if redis.call('GET', taken) == ARGV[1] then redis.call('DEL', taken) end
