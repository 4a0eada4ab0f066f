-- The owner is done with its head: one step pops it, appends what follows from it, and hands over the next head.
-- A connection that broke may repeat the call; `last` makes the repetition harmless.
-- ARGV: lane, run, head's id, how many entries are done (more than one where pushes were merged), what is traced, '1' to
-- go on with the next head, ms after which the sweeper may look, '1' to note that a send begins, the session
-- to be kept ('' = as it was, '{}' = none), ms for which it is, lane of what follows, then two for each part: id, json.
-- Returns {'lost'} | {'ok', lane to wake or '', entries left, session, sends left, ms until which, next head
-- and what is merged with it}.
local lane, run, id = ARGV[1], ARGV[2], ARGV[3]
local state = stateKey(lane)

if not owns(lane, run) then return { 'lost' } end

local wake = ''
local function countSend(user)
  local window = T .. ':window:' .. user
  if redis.call('EXISTS', window) == 1 then redis.call('HINCRBY', window, 'left', -1) end
end

local function keepSession(session, ttl)
  if session == '{}' then
    redis.call('DEL', sessionKey(lane))
  elseif session ~= '' then
    redis.call('SET', sessionKey(lane), session, 'PX', ttl)
  end
end

local head = redis.call('LINDEX', laneKey(lane), 0)
if head and idOf(head) == id then
  local replaced = redis.call('HGET', state, 'replaced') == id
  local count = tonumber(ARGV[4])
  for i = 1, count do
    local done = idOf(redis.call('LPOP', laneKey(lane)))
    if ARGV[5] ~= '' then trace(done, replaced and 'its answer is dropped' or ARGV[5]) end
    -- The answer to merged pushes has the name of the newest.
    if ARGV[8] ~= '1' and (replaced or i < count) then nothingToSay(done) end
    id = done
  end
  local streamed = redis.call('HEXISTS', state, 'streamed') == 1
  forgetHead(lane)
  redis.call('HSET', state, 'last', ARGV[3])
  if ARGV[8] == '1' then countSend(userOf(id)) end
  if not replaced then
    keepSession(ARGV[9], ARGV[10])
    for i = 12, #ARGV, 2 do
      if append(ARGV[11], ARGV[i], ARGV[i + 1]) then wake = ARGV[11] end
    end
  end
  -- Whoever holds the push is waiting for this.
  if streamed or (ARGV[13] and string.sub(ARGV[13], 1, 8) == '{"gate":') then
    redis.call('PUBLISH', T .. ':nudge', 'deliver:' .. userOf(id))
  elseif not ARGV[13] and ARGV[8] ~= '1' then
    nothingToSay(id)
  end
elseif redis.call('HGET', state, 'last') ~= id then
  return { 'lost' }
elseif ARGV[13] then
  wake = ARGV[11]
end

head = settle(lane)
local left = redis.call('LLEN', laneKey(lane))
if not head then return { 'ok', wake, 0 } end
local gated = string.match(head, '^%d+|[^|]+|{"gate":')
if ARGV[6] ~= '1' or gated then
  release(lane)
  return { 'ok', wake, left }
end
if ARGV[8] == '1' then redis.call('HSET', state, 'sending', idOf(head)) end
lookAt(lane, now + tonumber(ARGV[7]))
return handOut({ 'ok', wake, left }, lane, head, ARGV[8] == '1')
