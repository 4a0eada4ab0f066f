-- Makes a run the owner of a lane and gives it the head. KEYS[2] is the lock key of the BullMQ job that runs.
-- ARGV: lane, run, lock key, token, ms after which the sweeper may look, '1' to note that a send begins.
-- A connection that broke may repeat the call: only a send that another run began is in doubt.
-- Returns {'head', entry, tries, deaths, id whose send had begun, ms since it was first strange, '1' after a death} | {'empty'} | {'busy'} | {'lost'} | {'wait', ms from now}.
local lane, run, lock, token = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

if redis.call('GET', KEYS[2]) ~= token then return { 'lost' } end

local state = stateKey(lane)
local held = redis.call('HMGET', state, 'run', 'lock', 'token', 'wait', 'sending')
local deserted = held[1] and held[1] ~= run
if deserted and held[2] ~= lock and redis.call('GET', held[2]) == held[3] then return { 'busy' } end
if held[4] and tonumber(held[4]) > now then return { 'wait', tonumber(held[4]) - now } end

local head = redis.call('LINDEX', laneKey(lane), 0)
if not head then
  settle(lane)
  return { 'empty' }
end

-- What follows a passive reply of the same push waits until that is written, or for 5 s after the push's arrival.
local gate = string.match(head, '^%d+|[^|]+|{"gate":(%d+)')
if gate and tonumber(gate) > now then
  local reply = redis.call('GET', T .. ':claim:' .. string.match(idOf(head), '^[^~]+'))
  if reply and string.sub(reply, 1, 1) ~= 'f' then return { 'wait', math.min(tonumber(gate) - now, 50) } end
end

-- An owner that neither finished nor gave back died with its process: its runs have a bound of their own.
if deserted then
  redis.call('HINCRBY', state, 'deaths', 1)
  trace(idOf(head), 'taken over from a worker that died')
end
redis.call('HSET', state, 'run', run, 'lock', lock, 'token', token)
if ARGV[6] == '1' then redis.call('HSET', state, 'sending', idOf(head)) end
lookAt(lane, now + tonumber(ARGV[5]))
local counts = redis.call('HMGET', state, 'tries', 'deaths', 'strange')
local strange = tostring(now - (counts[3] or now))
return { 'head', head, counts[1] or '0', counts[2] or '0', deserted and held[5] or '', strange, deserted and '1' or '' }
