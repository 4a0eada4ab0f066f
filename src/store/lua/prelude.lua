-- Prepended to every script. KEYS[1] is the partition's tag, such as {wxrelay:0}; every key below it is in one hash slot.
-- A lane id is "<queue>:<user>". An entry of a lane is "<arrival ms>|<id>|<json>"; the id names it within its lane.
local T = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- How long a lane that should be moving may stand still before the sweeper looks at it.
local GRACE = 5000
local TRACE_TTL = 604800
local TRACE_LENGTH = 500
-- The sends of the widest window there is: that of a message.
local WIDEST = 5

local function laneKey(lane) return T .. ':lane:' .. lane end
local function stateKey(lane) return T .. ':state:' .. lane end
local function userOf(id) return string.sub(id, 1, 16) end

local function trace(id, what)
  local key = T .. ':trace:' .. userOf(id)
  local length = redis.call('RPUSH', key, now .. ' ' .. id .. ' ' .. what)
  if length == 1 then redis.call('EXPIRE', key, TRACE_TTL) end
  if length > TRACE_LENGTH then redis.call('LTRIM', key, -TRACE_LENGTH, -1) end
end

local function arrivalOf(entry) return string.match(entry, '^(%d+)|') end
local function idOf(entry) return string.match(entry, '^%d+|([^|]+)|') end
-- The push that an entry belongs to: itself, or the one that it answers.
local function keyOf(entry) return string.match(entry, '^%d+|([^|~]+)') end
local function keyOfId(id) return string.match(id, '^[^~]+') end
-- A handler's name is one of the first things in a push's entry, before anything that a user wrote.
local function handlerOf(entry) return string.match(entry, '"handler":"([^"]*)"') end

-- Where an entry is kept that was given up on. Its job in `dead` has the same name: the arrival tells a push that was
-- revived and died again from the first time.
local function graveKey(entry) return T .. ':buried:' .. idOf(entry) .. '.' .. arrivalOf(entry) end

-- What a user's handlers of one queue remember of him.
local function sessionKey(lane)
  local queue, user = string.match(lane, '^(.*):(.-)$')
  return T .. ':session:' .. user .. ':' .. queue
end

local function lookAt(lane, when) redis.call('ZADD', T .. ':check', when, lane) end

-- Appends an entry; true when the lane was empty, so that somebody has to wake it.
local function append(lane, id, json)
  local length = redis.call('RPUSH', laneKey(lane), now .. '|' .. id .. '|' .. json)
  if length > 1 then return false end
  redis.call('ZADD', T .. ':oldest', now, lane)
  lookAt(lane, now + GRACE)
  return true
end

-- What is known of a head goes with it.
local function forgetHead(lane)
  local state = stateKey(lane)
  redis.call('HDEL', state, 'tries', 'deaths', 'wait', 'sending', 'carried', 'doubt', 'strange', 'replaced', 'streamed', 'batch')
end

-- What waits for a user to write, and the index of all such users with the time until when it is kept.
local function parkedKey(user) return T .. ':parked:' .. user end
local function indexParked(user, ttl)
  local parked, index = parkedKey(user), T .. ':parked'
  if redis.call('EXISTS', parked) == 0 then
    redis.call('ZREM', index, user)
  elseif ttl then
    -- Whoever drops what is over wants to see it.
    redis.call('EXPIRE', parked, ttl + 86400)
    redis.call('ZADD', index, now + ttl * 1000, user)
  end
end

-- What is parked goes into the outbound lane, before what is younger, now that its user has written. The lane is in nobody's
-- hands, or its owner is done with the head. Returns whether something went.
local function unpark(lane)
  local user, state = string.match(lane, ':(.-)$'), stateKey(lane)
  local parked = parkedKey(user)
  local entries = redis.call('LRANGE', parked, 0, -1)
  local head = redis.call('LINDEX', laneKey(lane), 0)
  local last = redis.call('HGET', state, 'last')
  -- Not in the middle of another answer: at its end.
  local within = #entries > 0 and head and last and keyOf(head) == keyOfId(last) and keyOf(entries[1]) ~= keyOf(head)
  if within then redis.call('HSET', state, 'wrote', '1') else redis.call('HDEL', state, 'wrote') end
  if #entries == 0 or within then return false end
  for n = #entries, 1, -1 do redis.call('LPUSH', laneKey(lane), entries[n]) end
  redis.call('DEL', parked)
  indexParked(user)
  forgetHead(lane)
  return true
end

-- An answer that follows a passive reply; its push may be held open for it.
local function gateOf(entry) return string.match(entry, '^%d+|[^|]+|{"gate":(%d+)') end

-- Whoever holds a push of this user open looks again.
local function tellHolders(lane) redis.pcall('PUBLISH', T .. ':nudge', lane) end

-- After its head is gone: the lane's bookkeeping follows the new head, or ends with the lane. Returns the new head.
local function settle(lane)
  -- Its user has written while somebody was at work on it.
  if redis.call('HEXISTS', stateKey(lane), 'wrote') == 1 then unpark(lane) end
  local head = redis.call('LINDEX', laneKey(lane), 0)
  if head then
    if gateOf(head) then tellHolders(lane) end
    redis.call('ZADD', T .. ':oldest', arrivalOf(head), lane)
    lookAt(lane, now + GRACE)
  else
    redis.call('ZREM', T .. ':oldest', lane)
    redis.call('ZREM', T .. ':check', lane)
    redis.call('DEL', stateKey(lane))
  end
  return head
end

-- Pushes that one run may take at once, and what they may weigh in bytes together.
local MERGE_COUNT, MERGE_BYTES = 20, 65536

-- A head and, where its handler merges, what waits right behind it for the same handler.
local function batchOf(lane, head)
  local batch, size = { head }, #head
  if not string.match(head, '^%d+|[^|]+|{"merge":true') then return batch end
  for _, entry in ipairs(redis.call('LRANGE', laneKey(lane), 1, MERGE_COUNT - 1)) do
    size = size + #entry
    if handlerOf(entry) ~= handlerOf(head) or size > MERGE_BYTES then break end
    batch[#batch + 1] = entry
  end
  return batch
end

-- Puts what a run gets to an answer: the user's session ('' = none), how often and until when he may be sent to ('' =
-- not known), then the head and what is merged with it. A send needs no session.
local function handOut(answer, lane, head, sends)
  local session = not sends and redis.call('GET', sessionKey(lane))
  local window = redis.call('HMGET', T .. ':window:' .. userOf(idOf(head)), 'left', 'ends')
  for _, known in ipairs({ session or '', window[1] or '', window[2] or '' }) do answer[#answer + 1] = known end
  local batch = batchOf(lane, head)
  if #batch > 1 then redis.call('HSET', stateKey(lane), 'batch', #batch) end
  for _, entry in ipairs(batch) do answer[#answer + 1] = entry end
  return answer
end

-- The claim of a push that is held open for its answer: when its first attempt came, when its last, how many there were,
-- and the mark of whoever holds the last.
local function heldClaim(first, last, attempt, holder) return 'h' .. first .. ':' .. last .. ':' .. attempt .. ':' .. holder end
local function readHeldClaim(value)
  local first, last, attempt, holder = string.match(value, '^h(%d+):(%d+):(%d+):(.*)$')
  return tonumber(first), tonumber(last), tonumber(attempt), holder
end
-- After so long without a new attempt WeChat has given the push up.
local HELD_FOR = 7000

-- A push that is held gets no answer: its reply is made as if it had never been held.
local function nothingToSay(key)
  local claim = redis.call('GET', T .. ':claim:' .. key)
  if not claim or string.sub(claim, 1, 1) ~= 'h' then return end
  redis.call('SET', T .. ':claim:' .. key, 'c0:', 'KEEPTTL')
  tellHolders('deliver:' .. userOf(key))
end

-- Until when an answer waits for the passive reply of its push: until that is written, or for 5 s after the push's arrival;
-- while the push is held, the answer may become that reply.
local function opensAt(entry)
  local gate = gateOf(entry)
  if not gate then return 0 end
  local claim = redis.call('GET', T .. ':claim:' .. keyOf(entry)) or 'f'
  local mark = string.sub(claim, 1, 1)
  if mark == 'f' then return 0 end
  if mark ~= 'h' then return tonumber(gate) end
  local _, last = readHeldClaim(claim)
  return last + HELD_FOR
end

-- A run owns a lane until it says otherwise, even when its lock has died in an outage that it outlived.
local function owns(lane, run) return redis.call('HGET', stateKey(lane), 'run') == run end

local function release(lane)
  redis.call('HDEL', stateKey(lane), 'run', 'lock', 'token', 'sending', 'carried', 'doubt')
end
