-- The owner's head is too long to be sent as it is: its parts take its place.
-- ARGV: lane, run, head's id, then two for each part: id, json. Returns 1, or 0 where the lane is somebody else's.
local lane, run, id = ARGV[1], ARGV[2], ARGV[3]

if not owns(lane, run) then return 0 end
local head = redis.call('LINDEX', laneKey(lane), 0)
if head and idOf(head) == id then
  redis.call('LPOP', laneKey(lane))
  for i = #ARGV - 1, 4, -2 do
    redis.call('LPUSH', laneKey(lane), arrivalOf(head) .. '|' .. ARGV[i] .. '|' .. ARGV[i + 1])
  end
  forgetHead(lane)
end
release(lane)
lookAt(lane, now + GRACE)
return 1
