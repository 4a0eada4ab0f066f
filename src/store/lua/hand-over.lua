-- A passive reply has left: what it carried is done, and what did not fit is parked.
-- ARGV: push's key, run ('' = none was claimed), outbound lane, how many entries of it went, the reply, claim TTL in s, what
-- is traced, '1' where what was parked was in it, TTL in s of what is parked, then two for each part that did not fit: id, json.
-- Returns {'lost'} where somebody else took the answer meanwhile | {'ok', entries left in the lane}.
local key, run, lane, count = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local parked = T .. ':parked:' .. userOf(key)

if run ~= '' then
  if not owns(lane, run) then return { 'lost' } end
  for _ = 1, count do redis.call('LPOP', laneKey(lane)) end
  forgetHead(lane)
  release(lane)
  settle(lane)
end
redis.call('SET', T .. ':claim:' .. key, 'f' .. ARGV[5], 'XX', 'EX', ARGV[6])
trace(key, ARGV[7])
if ARGV[8] == '1' then redis.call('DEL', parked, parked .. ':taken') end
for i = 10, #ARGV, 2 do redis.call('RPUSH', parked, now .. '|' .. ARGV[i] .. '|' .. ARGV[i + 1]) end
if #ARGV > 9 then redis.call('EXPIRE', parked, ARGV[9]) end
return { 'ok', redis.call('LLEN', laneKey(lane)) }
