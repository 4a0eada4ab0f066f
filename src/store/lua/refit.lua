-- The owner's head, and what waits behind it of the same answer, cannot go as it is: other parts take its place, and what
-- may not be sent now is kept until the user writes again.
-- ARGV: lane, run, head's id, how many entries are replaced, how many of the parts take their place (the rest is parked),
-- TTL in s of what is parked, what is traced, then two for each part: id, json.
-- Returns how many entries are left, whoever owns the lane: a connection that broke may repeat the call.
local lane, run, id, now_parts = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[5])

if not owns(lane, run) then return redis.call('LLEN', laneKey(lane)) end
local head = redis.call('LINDEX', laneKey(lane), 0)
if head and idOf(head) == id then
  local arrival = arrivalOf(head)
  for _ = 1, tonumber(ARGV[4]) do redis.call('LPOP', laneKey(lane)) end
  local first_parked = 8 + 2 * now_parts
  for i = first_parked - 2, 8, -2 do
    redis.call('LPUSH', laneKey(lane), arrival .. '|' .. ARGV[i] .. '|' .. ARGV[i + 1])
  end
  for i = first_parked, #ARGV, 2 do
    redis.call('RPUSH', parkedKey(userOf(id)), arrival .. '|' .. ARGV[i] .. '|' .. ARGV[i + 1])
  end
  if first_parked < #ARGV then indexParked(userOf(id), ARGV[6]) end
  trace(id, ARGV[7])
  forgetHead(lane)
end
release(lane)
settle(lane)
return redis.call('LLEN', laneKey(lane))
