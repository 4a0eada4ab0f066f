-- Whoever answers a push takes what waits for its user, to say it in the passive reply: the answer for which he holds the push
-- open, and what waits before it, if nobody sends that. Until the reply has left, the outbound lane is his; if he dies, all that
-- he took is in doubt.
-- ARGV: push's key, outbound lane, run, ms for which the claim holds, '1' where the account cannot send, so that what is parked
-- goes along, the push's lane ('' = it is not held for its answer: whatever waits), mark of the attempt.
-- Returns {'over'} where no answer will come | {'said', the reply} where it has one | {'wait'} where there is nothing to take |
-- {'answer', what is taken, as it waits in the lane}.
local key, lane, run, token, of = ARGV[1], ARGV[2], ARGV[3], ARGV[3], ARGV[6]

local claim = redis.call('GET', T .. ':claim:' .. key) or ''
local mark = string.sub(claim, 1, 1)
if of ~= '' then
  if mark == 'r' or mark == 'f' then return { 'said', string.sub(claim, 2) } end
  if mark ~= 'h' then return { 'over' } end
end
-- A later attempt of the push is there.
if mark == 'h' and select(4, readHeldClaim(claim)) ~= ARGV[7] then return { 'wait' } end

-- What an earlier attempt of the push has claimed did not reach WeChat: it asks again.
local state, lock = stateKey(lane), T .. ':hold:' .. key
local held = redis.call('HMGET', state, 'run', 'lock', 'token', 'sending')
if held[1] and held[1] ~= run and held[2] ~= lock then
  -- What may have arrived is not for a reply to decide.
  if held[4] or redis.call('GET', held[2]) == held[3] then return { 'wait' } end
end

-- How many entries of the lane go.
local count, whole = 0, of == ''
for n, entry in ipairs(redis.call('LRANGE', laneKey(lane), 0, -1)) do
  if of ~= '' and keyOf(entry) == key then
    count, whole = n, true
  elseif of ~= '' and whole then
    break
  elseif opensAt(entry) > now then
    -- It belongs to a reply of its own.
    if of ~= '' then return { 'wait' } end
    break
  elseif of == '' then
    count = n
  end
end
if not whole then return { 'wait' } end
-- Its handler may have more to say, as long as the push is there.
if of ~= '' then
  for _, entry in ipairs(redis.call('LRANGE', laneKey(of), 0, MERGE_COUNT - 1)) do
    if idOf(entry) == key then return { 'wait' } end
  end
end

-- What is parked is older than all that waits in the lane.
local parked = parkedKey(userOf(key))
local older = ARGV[5] == '1' and redis.call('LRANGE', parked, 0, -1) or {}
if count + #older == 0 then return { 'wait' } end
if #older > 0 then
  for n = #older, 1, -1 do redis.call('LPUSH', laneKey(lane), older[n]) end
  redis.call('DEL', parked)
  indexParked(userOf(key))
  forgetHead(lane)
  settle(lane)
end

count = count + #older
local answer = redis.call('LRANGE', laneKey(lane), 0, count - 1)
redis.call('SET', lock, token, 'PX', ARGV[4])
redis.call('HSET', state, 'run', run, 'lock', lock, 'token', token, 'sending', idOf(answer[1]), 'carried', count)
lookAt(lane, now + tonumber(ARGV[4]))
table.insert(answer, 1, 'answer')
return answer
