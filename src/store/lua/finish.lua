-- The owner is done with its head: one step pops it, appends what follows from it, and hands over the next head.
-- A connection that broke may repeat the call; `last` makes the repetition harmless.
-- ARGV: lane, run, head's id, how many entries are done (more than one where pushes were merged), what is traced, '1' to
-- go on with the next head, ms after which the sweeper may look, '1' to note that a send begins, the session
-- to be kept ('' = as it was, '{}' = none), ms for which it is, lane of what follows, the run that would send the first of that
-- at once ('' = none would), lock key and token of its job, then two for each part: id, json.
-- Returns {'lost'} | {'ok', lane to wake or '', entries left, the head to send at once, the next head}; each of the two is
-- {} or {session, sends left, ms until which, the head and what is merged with it}.
local lane, run, id, follows = ARGV[1], ARGV[2], ARGV[3], ARGV[11]
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

-- Whether this run's job may send what follows now: nothing is before it, nobody else has the lane, and no reply is waited for. A
-- repeated call finds its own claim.
local function mayBegin(out, sender, lock, token)
  if sender == '' or redis.call('GET', lock) ~= token then return false end
  local held = redis.call('HMGET', stateKey(out), 'run', 'wait')
  if held[1] then return held[1] == sender end
  local first = redis.call('LINDEX', laneKey(out), 0)
  return first and not held[2] and opensAt(first) <= now
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
    for i = 15, #ARGV, 2 do
      if append(follows, ARGV[i], ARGV[i + 1]) then wake = follows end
    end
  end
  -- Whoever holds the push is waiting for this.
  if streamed or (ARGV[16] and string.sub(ARGV[16], 1, 8) == '{"gate":') then
    tellHolders('deliver:' .. userOf(id))
  elseif not ARGV[16] and ARGV[8] ~= '1' then
    nothingToSay(id)
  end
elseif redis.call('HGET', state, 'last') ~= id then
  return { 'lost' }
elseif ARGV[16] then
  wake = follows
end

local atOnce = {}
if wake ~= '' and mayBegin(follows, ARGV[12], ARGV[13], ARGV[14]) then
  local first = redis.call('LINDEX', laneKey(follows), 0)
  redis.call('HSET', stateKey(follows), 'run', ARGV[12], 'lock', ARGV[13], 'token', ARGV[14], 'sending', idOf(first))
  lookAt(follows, now + tonumber(ARGV[7]))
  handOut(atOnce, follows, first, true)
  wake = ''
end

head = settle(lane)
local left = redis.call('LLEN', laneKey(lane))
if not head then return { 'ok', wake, 0, atOnce, {} } end
if ARGV[6] ~= '1' or gateOf(head) then
  release(lane)
  return { 'ok', wake, left, atOnce, {} }
end
if ARGV[8] == '1' then redis.call('HSET', state, 'sending', idOf(head)) end
lookAt(lane, now + tonumber(ARGV[7]))
return { 'ok', wake, left, atOnce, handOut({}, lane, head, ARGV[8] == '1') }
