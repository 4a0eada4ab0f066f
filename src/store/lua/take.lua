-- Makes a run the owner of a lane and gives it the head. KEYS[2] is the lock key of the BullMQ job that runs.
-- ARGV: lane, run, lock key, token, ms after which the sweeper may look, '1' to note that a send begins.
-- A connection that broke may repeat the call: what a takeover finds stays in `doubt` until the head or the lane is let go.
-- Returns {'head', tries, deaths, how many entries are in doubt, ms since it was first strange, '1' after a
-- death, parts of its answer that went ahead, session, sends left, ms until which, entry, entries merged with it or in doubt
-- together with it} | {'empty'} | {'busy'} | {'lost'} | {'wait', ms from now}.
local lane, run, lock, token = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

if redis.call('GET', KEYS[2]) ~= token then return { 'lost' } end

local state = stateKey(lane)
local held = redis.call('HMGET', state, 'run', 'lock', 'token', 'wait', 'sending', 'replaced', 'doubt', 'carried')
local deserted = held[1] and held[1] ~= run
-- Whoever was to decide may have died too.
local doubt = deserted and (held[5] or held[7] or '') or held[7]
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

-- When the reply is written, the lane is woken.
local opens = opensAt(head)
if opens > now then return { 'wait', math.min(opens - now, 500) } end

if deserted and string.sub(held[2], 1, #T + 6) == T .. ':hold:' then
  trace(idOf(head), 'in a reply that was never reported: it may have been said')
elseif deserted then
  -- An owner that neither finished nor gave back died with its process: its runs have a bound of their own.
  redis.call('HINCRBY', state, 'deaths', 1)
  trace(idOf(head), 'taken over from a worker that died')
end
if doubt then redis.call('HSET', state, 'doubt', doubt) end
redis.call('HSET', state, 'run', run, 'lock', lock, 'token', token)
if ARGV[6] == '1' then redis.call('HSET', state, 'sending', idOf(head)) end
lookAt(lane, now + tonumber(ARGV[5]))
local counts = redis.call('HMGET', state, 'tries', 'deaths', 'strange', 'streamed')
local strange = tostring(now - (counts[3] or now))
-- A reply carries several.
local doubtful = doubt == idOf(head) and tonumber(held[8] or 1) or 0
local answer =
  { 'head', counts[1] or '0', counts[2] or '0', tostring(doubtful), strange, doubt and '1' or '', counts[4] or '0' }
handOut(answer, lane, head, ARGV[6] == '1')
if doubtful > 1 then
  for _, entry in ipairs(redis.call('LRANGE', laneKey(lane), 1, doubtful - 1)) do answer[#answer + 1] = entry end
end
return answer
