-- A program of the owner's sends something to a user: its parts join the user's outbound lane, once for each id.
-- ARGV: key, outbound lane, this call's mark, for how many s the id is remembered, what is traced, then two for each part:
-- id, json. Returns {1 where it is new, lane to wake or ''}.
local key, lane = ARGV[1], ARGV[2]

-- As if it were a push whose reply has left: nothing waits for one.
local claim, value = T .. ':claim:' .. key, 'f' .. ARGV[3]
if not redis.call('SET', claim, value, 'NX', 'EX', ARGV[4]) then
  -- Our own claim: a connection broke, and the call is repeated.
  if redis.call('GET', claim) == value then return { 1, lane } end
  return { 0, '' }
end
trace(key, ARGV[5])
local wake = ''
for i = 6, #ARGV, 2 do
  if append(lane, ARGV[i], ARGV[i + 1]) then wake = lane end
end
return { 1, wake }
