-- Whoever holds a push open takes its answer, to make it the passive reply, and with it what waits before it: if nobody
-- sends them, and if no later attempt of the push is there. Until the reply has left, the lane is his.
-- ARGV: push's key, outbound lane, run, token, ms for which the claim holds, mark of the attempt, the
-- push's lane.
-- Returns {'over'} where no answer will come | {'said', the reply} where it has one | {'wait'} | {'answer', what is taken, as it waits in the lane}.
local key, lane, run, token = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

local claim = redis.call('GET', T .. ':claim:' .. key) or ''
local mark = string.sub(claim, 1, 1)
if mark == 'r' or mark == 'f' then return { 'said', string.sub(claim, 2) } end
if mark ~= 'h' then return { 'over' } end
local _, _, _, holder = readHeldClaim(claim)
if holder ~= ARGV[6] then return { 'wait' } end

-- Whether another push is still held open; WeChat may have given it up.
local function isHeld(of)
  local other = redis.call('GET', T .. ':claim:' .. of)
  if not other or string.sub(other, 1, 1) ~= 'h' then return false end
  local _, last = readHeldClaim(other)
  return now - last < HELD_FOR
end

local state, lock = stateKey(lane), T .. ':hold:' .. key
local held = redis.call('HMGET', state, 'run', 'lock', 'token', 'sending')
if held[1] and held[1] ~= run and held[2] ~= lock then
  -- A send whose worker died may have arrived: that is not for a reply to decide.
  if held[4] or redis.call('GET', held[2]) == held[3] then return { 'wait' } end
end

local answer, count = { 'answer' }, 1
for _, entry in ipairs(redis.call('LRANGE', laneKey(lane), 0, -1)) do
  local mine = keyOf(entry) == key
  -- An earlier push that is held gets its own answer.
  if not mine and isHeld(keyOf(entry)) then return { 'wait' } end
  if not mine and count > 1 then break end
  answer[#answer + 1] = entry
  if mine then count = #answer end
end
if count == 1 then return { 'wait' } end
-- Its handler may have more to say, as long as the push is there.
for _, entry in ipairs(redis.call('LRANGE', laneKey(ARGV[7]), 0, MERGE_COUNT - 1)) do
  if idOf(entry) == key then return { 'wait' } end
end

redis.call('SET', lock, token, 'PX', ARGV[5])
redis.call('HSET', state, 'run', run, 'lock', lock, 'token', token, 'sending', idOf(answer[2]))
lookAt(lane, now + tonumber(ARGV[5]))
return answer
