-- Makes a run the owner of a lane and gives it the head. KEYS[2] is the lock key of the BullMQ job that runs.
-- ARGV: lane, run, lock key, token, ms after which the sweeper may look, '1' to note that a send begins.
-- A connection that broke may repeat the call: what a takeover finds stays in `doubt` until the head or the lane is let go.
-- Returns {'head', tries, deaths, id whose send had begun, ms since it was first strange, '1' after a
-- death, parts of its answer that went ahead, session, sends left, ms until which, entry, entries merged with it} | {'empty'} | {'busy'} | {'lost'} | {'wait', ms from now}.
local lane, run, lock, token = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

if redis.call('GET', KEYS[2]) ~= token then return { 'lost' } end

local state = stateKey(lane)
local held = redis.call('HMGET', state, 'run', 'lock', 'token', 'wait', 'sending', 'replaced', 'doubt')
local deserted = held[1] and held[1] ~= run
local doubt = deserted and (held[5] or '') or held[7]
if deserted and held[2] ~= lock and redis.call('GET', held[2]) == held[3] then return { 'busy' } end
if held[4] and tonumber(held[4]) > now then return { 'wait', tonumber(held[4]) - now } end

local head = redis.call('LINDEX', laneKey(lane), 0)
if head and held[6] == idOf(head) then
  -- It was to stop for a later push, and its owner died before it did.
  redis.call('LPOP', laneKey(lane))
  nothingToSay(idOf(head))
  forgetHead(lane)
  deserted, doubt = false, false
  head = nil
end
head = head or settle(lane)
if not head then return { 'empty' } end

-- What follows a passive reply of the same push waits until that is written, or for 5 s after the push's arrival; while the
-- push is held, the answer may become that reply.
local gate = string.match(head, '^%d+|[^|]+|{"gate":(%d+)')
if gate then
  local claim = redis.call('GET', T .. ':claim:' .. string.match(idOf(head), '^[^~]+')) or 'f'
  local mark, opens = string.sub(claim, 1, 1), tonumber(gate)
  if mark == 'h' then
    local _, last = readHeldClaim(claim)
    opens = last + HELD_FOR
  end
  -- When it is written, the lane is woken.
  if mark ~= 'f' and opens > now then return { 'wait', math.min(opens - now, 500) } end
end

-- An owner that neither finished nor gave back died with its process: its runs have a bound of their own.
if deserted then
  redis.call('HINCRBY', state, 'deaths', 1)
  trace(idOf(head), 'taken over from a worker that died')
end
if doubt then redis.call('HSET', state, 'doubt', doubt) end
redis.call('HSET', state, 'run', run, 'lock', lock, 'token', token)
if ARGV[6] == '1' then redis.call('HSET', state, 'sending', idOf(head)) end
lookAt(lane, now + tonumber(ARGV[5]))
local counts = redis.call('HMGET', state, 'tries', 'deaths', 'strange', 'streamed')
local strange = tostring(now - (counts[3] or now))
local answer = { 'head', counts[1] or '0', counts[2] or '0', doubt or '', strange, doubt and '1' or '', counts[4] or '0' }
return handOut(answer, lane, head, ARGV[6] == '1')
