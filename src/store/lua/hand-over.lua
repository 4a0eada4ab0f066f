-- A passive reply has left: what it carried is done, and what did not fit is parked. Repeating it does nothing.
-- ARGV: push's key, run, outbound lane, how many entries of it went, the reply, claim TTL in s, what is traced, TTL in s of what
-- is parked, then two for each part that did not fit: id, json.
-- Returns {'lost'} where somebody else took the answer meanwhile | {'ok', entries left in the lane}.
local key, run, lane = ARGV[1], ARGV[2], ARGV[3]
local claim, parked = T .. ':claim:' .. key, parkedKey(userOf(key))
local done = 'f' .. ARGV[5]

local before = redis.call('GET', claim)
if before == done and not owns(lane, run) then return { 'ok', redis.call('LLEN', laneKey(lane)) } end
if not owns(lane, run) then return { 'lost' } end
for _ = 1, tonumber(ARGV[4]) do redis.call('LPOP', laneKey(lane)) end
forgetHead(lane)
release(lane)
settle(lane)
local left = { 'ok', redis.call('LLEN', laneKey(lane)) }
-- A claim that is gone was forgotten with its user.
if not before then return left end
redis.call('SET', claim, done, 'EX', ARGV[6])
if string.sub(before, 1, 1) == 'h' then tellHolders(lane) end
trace(key, ARGV[7])
for i = #ARGV - 1, 9, -2 do redis.call('LPUSH', parked, now .. '|' .. ARGV[i] .. '|' .. ARGV[i + 1]) end
indexParked(userOf(key), #ARGV > 8 and ARGV[8])
return left
