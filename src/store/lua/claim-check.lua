-- Who may look whether a paused API works again: one process at a time. KEYS[1] pause. ARGV: now, when the next may look.
local checkAt = redis.call('HGET', KEYS[1], 'checkAt')
if not checkAt or tonumber(checkAt) > tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'checkAt', ARGV[2])
return 1
