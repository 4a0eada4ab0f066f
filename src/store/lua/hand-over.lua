-- A passive reply has left: what it carried is done, and what did not fit is parked. Repeating it does nothing.
-- ARGV: push's key, run ('' = none was claimed), outbound lane, how many entries of it went, the reply, claim TTL in s, what
-- is traced, how many parked entries were in it, TTL in s of what is parked, then two for each part that did not fit: id, json.
-- Returns {'lost'} where somebody else took the answer meanwhile | {'ok', entries left in the lane}.
local key, run, lane, count = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local claim, parked = T .. ':claim:' .. key, parkedKey(userOf(key))
local done = 'f' .. ARGV[5]

if redis.call('GET', claim) == done then return { 'ok', redis.call('LLEN', laneKey(lane)) } end
if run ~= '' then
  if not owns(lane, run) then return { 'lost' } end
  for _ = 1, count do redis.call('LPOP', laneKey(lane)) end
  forgetHead(lane)
  release(lane)
  settle(lane)
end
local left = { 'ok', redis.call('LLEN', laneKey(lane)) }
-- A claim that is gone was forgotten with its user.
if not redis.call('SET', claim, done, 'XX', 'EX', ARGV[6]) then return left end
trace(key, ARGV[7])
-- Others may have been parked since.
if redis.call('GET', parked .. ':taken') == key then
  redis.call('LTRIM', parked, ARGV[8], -1)
  redis.call('DEL', parked .. ':taken')
end
for i = #ARGV - 1, 10, -2 do redis.call('LPUSH', parked, now .. '|' .. ARGV[i] .. '|' .. ARGV[i + 1]) end
indexParked(userOf(key), #ARGV > 9 and ARGV[9])
return left
