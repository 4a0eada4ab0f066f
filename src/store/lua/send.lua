-- A program of the owner's sends something to a user: its parts join the user's outbound lane, once for each id.
-- ARGV: key, outbound lane, for how many s the id is remembered, what is traced, then two for each part: id, json.
-- Returns {1 where it is new, lane to wake or ''}.
local key, lane = ARGV[1], ARGV[2]

-- As if it were a push whose reply has left: nothing waits for one.
if not redis.call('SET', T .. ':claim:' .. key, 'f', 'NX', 'EX', ARGV[3]) then return { 0, '' } end
trace(key, ARGV[4])
local wake = ''
for i = 5, #ARGV, 2 do
  if append(lane, ARGV[i], ARGV[i + 1]) then wake = lane end
end
return { 1, wake }
