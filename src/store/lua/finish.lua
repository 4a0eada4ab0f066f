-- The owner is done with its head: one step pops it, appends what follows from it, and hands over the next head.
-- A connection that broke may repeat the call; `last` makes the repetition harmless.
-- ARGV: lane, run, head's id, what is traced, '1' to go on with the next head, ms after which the sweeper may look,
-- '1' to note that a send begins, lane of what follows, then two for each part: id, json.
-- Returns {'lost'} | {'ok', lane to wake or '', entries left, next head or '', tries, deaths}.
local lane, run, id = ARGV[1], ARGV[2], ARGV[3]
local state = stateKey(lane)

if not owns(lane, run) then return { 'lost' } end

local wake = ''
local head = redis.call('LINDEX', laneKey(lane), 0)
if head and idOf(head) == id then
  redis.call('LPOP', laneKey(lane))
  redis.call('HDEL', state, 'tries', 'deaths', 'wait', 'sending', 'strange')
  redis.call('HSET', state, 'last', id)
  for i = 9, #ARGV, 2 do
    if append(ARGV[8], ARGV[i], ARGV[i + 1]) then wake = ARGV[8] end
  end
  if ARGV[4] ~= '' then trace(id, ARGV[4]) end
elseif redis.call('HGET', state, 'last') ~= id then
  return { 'lost' }
end

head = settle(lane)
local left = redis.call('LLEN', laneKey(lane))
if not head then return { 'ok', wake, 0, '' } end
local gated = string.match(head, '^%d+|[^|]+|{"gate":')
if ARGV[5] ~= '1' or gated then
  release(lane)
  return { 'ok', wake, left, '' }
end
if ARGV[7] == '1' then redis.call('HSET', state, 'sending', idOf(head)) end
lookAt(lane, now + tonumber(ARGV[6]))
return { 'ok', wake, left, head }
