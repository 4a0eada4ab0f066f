-- A head that is given up on leaves its lane and is kept aside, for as long as its job in `dead` wants it.
-- ARGV: lane, run, head's id, how many entries (more than one where pushes were merged), what is traced, lane of what is
-- said about it ('' = nothing), then two for each part of that: id, json.
-- Returns {'lost'} | {'ok', lane to wake or '', entries left}.
local lane, run, id = ARGV[1], ARGV[2], ARGV[3]

if not owns(lane, run) then return { 'lost' } end

local wake = ''
local head = redis.call('LINDEX', laneKey(lane), 0)
if head and idOf(head) == id then
  local count = tonumber(ARGV[4])
  for i = 1, count do
    local entry = redis.call('LPOP', laneKey(lane))
    redis.call('SET', graveKey(entry), lane .. '|' .. entry)
    trace(idOf(entry), ARGV[5])
    if i < count or not ARGV[7] then nothingToSay(keyOf(entry)) end
  end
  for i = 7, #ARGV, 2 do
    if append(ARGV[6], ARGV[i], ARGV[i + 1]) then wake = ARGV[6] end
  end
  if ARGV[7] then redis.call('PUBLISH', T .. ':nudge', ARGV[6]) end
end
forgetHead(lane)
release(lane)
settle(lane)
return { 'ok', wake, redis.call('LLEN', laneKey(lane)) }
