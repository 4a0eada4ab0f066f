-- The owner may not send its head now: it is kept until the user writes again.
-- ARGV: lane, run, head's id, json to keep, TTL in s of what is parked, what is traced.
-- Returns {'lost'} | {'ok', entries left}.
local lane, run, id = ARGV[1], ARGV[2], ARGV[3]

if not owns(lane, run) then return { 'lost' } end
local head = redis.call('LINDEX', laneKey(lane), 0)
if head and idOf(head) == id then
  redis.call('LPOP', laneKey(lane))
  local parked = T .. ':parked:' .. userOf(id)
  redis.call('RPUSH', parked, arrivalOf(head) .. '|' .. id .. '|' .. ARGV[4])
  redis.call('EXPIRE', parked, ARGV[5])
  trace(id, ARGV[6])
  forgetHead(lane)
end
release(lane)
settle(lane)
return { 'ok', redis.call('LLEN', laneKey(lane)) }
