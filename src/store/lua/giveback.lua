-- The owner gives its lane back with the head still in it: to try again later, or because it may not go on.
-- ARGV: lane, run, head's id, ms to wait, what counts ('tries', 'strange', ''), what is traced.
-- Returns 1, or 0 where the lane is somebody else's.
local lane, run, id, pause, counts, facts = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6]
local state = stateKey(lane)

if not owns(lane, run) then return 0 end

-- First: a Redis without memory refuses what would come first otherwise, and lets through what follows on this.
release(lane)
if counts == 'tries' then
  redis.call('HINCRBY', state, 'tries', 1)
elseif counts == 'strange' then
  redis.call('HSETNX', state, 'strange', now)
end
if pause > 0 then redis.call('HSET', state, 'wait', now + pause) end
lookAt(lane, now + pause + GRACE)
if redis.call('HEXISTS', state, 'wrote') == 1 and unpark(lane) then settle(lane) end
if string.sub(lane, 1, 8) == 'deliver:' then tellHolders(lane) end
if facts ~= '' then trace(id, facts) end
return 1
