-- One more part of an answer whose handler goes on: it joins the outbound lane, and the push stays the head of its own.
-- A connection that broke may repeat the call; the number makes the repetition harmless.
-- ARGV: lane, run, head's id, how many came before, lane of what follows, how many sends it takes, then two for each
-- message of it: id, json.
-- Returns {'lost'} | {'replaced'} | {'mine', lane to wake or ''} | {'mine', '', 'full'} where it does not join, for then too
-- little would be left of the window for what comes after it.
local lane, run, id, number = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local state = stateKey(lane)

if not owns(lane, run) then return { 'lost' } end
-- The handler of an earlier head that was given up on may still talk.
local head = redis.call('LINDEX', laneKey(lane), 0)
if not head or idOf(head) ~= id then return { 'lost' } end
local held = redis.call('HMGET', state, 'streamed', 'replaced')
if held[2] == id then return { 'replaced' } end
if tonumber(held[1] or 0) > number then return { 'mine', ARGV[5] } end

-- One send for all the rest, and one that is always kept back.
local KEPT = 2
local window = redis.call('HMGET', T .. ':window:' .. userOf(id), 'left', 'ends')
local left
if not window[1] then
  -- A window that nobody knows is taken for a full one.
  left = WIDEST - number
elseif tonumber(window[2]) <= now then
  left = 0
else
  -- What waits in the lane has not been counted yet.
  left = tonumber(window[1]) - redis.call('LLEN', laneKey(ARGV[5]))
end
if left - tonumber(ARGV[6]) < KEPT then return { 'mine', '', 'full' } end

local wake = ''
for i = 7, #ARGV, 2 do
  if append(ARGV[5], ARGV[i], ARGV[i + 1]) then wake = ARGV[5] end
end
redis.call('HSET', state, 'streamed', number + 1)
return { 'mine', wake }
