-- Makes all pushes of one tick durable: each is claimed once, and its work appended to its user's lane.
-- ARGV: claim TTL in s, age in ms from which a claim without a reply counts as none, '1' where the account is known to be
-- able to send, how much may wait in a user's lane, then eight for each push: id, lane ('' = no work), entry, reply kind ('r' =
-- this is the reply, 'c' = the reply comes later, 'h' = the push is held open for its answer, 'w' = nobody takes it, and nothing
-- is claimed), the reply or the asker's mark, what is traced, the window it opens as "<sends> <ms>" ('' = none), rules as JSON
-- ('' = none).
-- Returns one answer a push: 'new', 'held' (with the number of this attempt, and ms since the first), 'rejected' (its
-- handler's rules say no), 'full' (too much waits for its user, and nothing is kept of it), 'buried' (so it is, and it is
-- given up on), 'more' (it asks for what is parked, which goes out now), 'forgotten' (its user was forgotten
-- since), 'again' (its work is kept, its reply never was), 'over' (as 'again', and no answer will come), 'wait' (its reply is
-- being made), 'answered' (nobody takes it, yet it has a claim: its reply carried what waited for one), 'earlier' (it has a
-- claim under its earlier id), or '=' and the reply stored; behind 'new' ' +' where answers wait for a reply; then the lanes to
-- wake; and last those whose job waits for what is gone.
local ttl, stale, sends, most = ARGV[1], tonumber(ARGV[2]), ARGV[3] == '1', tonumber(ARGV[4])
local answers, wake, hurry = {}, {}, {}

-- How far back a lane is searched for pushes of the same handler.
local LOOK_BACK = 50

-- Why a push may not join its lane, or nothing.
local function rejection(id, lane, rules)
  if rules.busy == 'reject' then
    for _, entry in ipairs(redis.call('LRANGE', laneKey(lane), 0, LOOK_BACK)) do
      if handlerOf(entry) == rules.handler then return 'an earlier one is not answered yet' end
    end
  end
  if rules.limit then
    local key = T .. ':limit:' .. userOf(id) .. ':' .. rules.handler
    local count = redis.call('INCR', key)
    if count == 1 then redis.call('EXPIRE', key, rules.limit.seconds) end
    if count > rules.limit.count then return 'more than ' .. rules.limit.count .. ' in ' .. rules.limit.seconds .. ' s' end
  end
end

-- With `latest` only the newest push of a handler counts: what waits goes, what runs is told to stop.
local function replaceEarlier(id, lane, handler)
  local head = redis.call('LINDEX', laneKey(lane), 0)
  if not head then return end
  local state = redis.call('HMGET', stateKey(lane), 'run', 'batch')
  local running = state[1]
  -- What runs together with the head goes with it.
  local taken = running and tonumber(state[2]) or 1
  local from = math.max(taken, redis.call('LLEN', laneKey(lane)) - LOOK_BACK)
  for _, entry in ipairs(redis.call('LRANGE', laneKey(lane), from, -1)) do
    if handlerOf(entry) == handler then
      redis.call('LREM', laneKey(lane), -1, entry)
      trace(idOf(entry), 'replaced by ' .. id)
      nothingToSay(idOf(entry))
    end
  end
  if handlerOf(head) ~= handler then return end
  trace(idOf(head), 'replaced by ' .. id)
  if running then
    redis.call('HSET', stateKey(lane), 'replaced', idOf(head))
    redis.pcall('PUBLISH', T .. ':nudge', lane)
  else
    redis.call('LPOP', laneKey(lane))
    nothingToSay(idOf(head))
    if redis.call('HEXISTS', stateKey(lane), 'wait') == 1 then hurry[#hurry + 1] = lane end
    forgetHead(lane)
    settle(lane)
  end
end

-- How long and how often the account may send from now on. Counts do not add up: the larger one and the later end win.
local function openWindow(user, opens)
  local count, ms = string.match(opens, '^(%d+) (%d+)$')
  local left, ends = tonumber(count), now + ms
  local key = T .. ':window:' .. user
  if left < WIDEST then
    local held = redis.call('HMGET', key, 'left', 'ends')
    local heldEnds = tonumber(held[2] or 0)
    if heldEnds > now then left = math.max(left, tonumber(held[1])) end
    ends = math.max(ends, heldEnds)
  end
  redis.call('HSET', key, 'left', left, 'ends', ends)
  redis.call('PEXPIREAT', key, ends)
end

-- Whether a reply could carry something: what is parked, or what waits to be sent and is in nobody's hands.
local function waitsForReply(parked, lane)
  if redis.call('EXISTS', parked) == 1 then return true end
  local head = redis.call('LINDEX', laneKey(lane), 0)
  return head and redis.call('HEXISTS', stateKey(lane), 'run') == 0 and opensAt(head) <= now
end

-- Before its CreateTime was part of its id, a message was claimed by its MsgId alone. What a receiver of that release let
-- time out is repeated to one of this, and goes on under its old name; all else was answered before that receiver ended.
local function hasEarlierClaim(id)
  local earlier = string.match(id, '^(.-%-%d+)%.%d+$')
  return earlier and redis.call('EXISTS', T .. ':claim:' .. earlier) == 1
end

-- A push is claimed once. One that was rejected and comes from a disk was acked for its work: nobody was told of that;
-- nor of a full lane ('X'), as long as no reply says so.
local function claims(claim, value, spooledAt)
  if redis.call('SET', claim, value, 'NX', 'EX', ttl) then return true end
  local mark = string.sub(redis.call('GET', claim), 1, 1)
  if mark ~= 'X' and not (spooledAt and mark == 'x') then return false end
  redis.call('SET', claim, value, 'EX', ttl)
  return true
end

-- Whether as much waits for a user, to be handled and to be sent, as may.
local function isFull(id, lane)
  return redis.call('LLEN', laneKey(lane)) + redis.call('LLEN', laneKey('deliver:' .. userOf(id))) >= most
end

-- What could not be sent goes out now that the user has written; where the account cannot send, it waits for a reply.
local function parkedSuffix(user)
  local lane = 'deliver:' .. user
  if not sends then return waitsForReply(parkedKey(user), lane) and ' +' or '' end
  if redis.call('HEXISTS', stateKey(lane), 'run') == 1 then
    -- Whoever is at work on the lane may park more.
    redis.call('HSET', stateKey(lane), 'wrote', '1')
  elseif redis.call('EXISTS', parkedKey(user)) == 1 and unpark(lane) then
    settle(lane)
    wake[#wake + 1] = lane
  end
  return ''
end

for i = 5, #ARGV, 8 do
  local id, lane, entry, kind, reply, facts, opens =
    ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6]
  local rules = ARGV[i + 7] ~= '' and cjson.decode(ARGV[i + 7]) or {}
  local claim, toHold = T .. ':claim:' .. id, kind == 'h'
  -- Nobody is kept waiting for an answer that no worker is there to make.
  if toHold and redis.call('EXISTS', T .. ':alive') == 0 then kind = 'c' end
  local value
  if kind == 'r' then
    value = 'r' .. reply
  elseif kind == 'h' then
    value = heldClaim(now, now, 1, reply)
  else
    value = 'c' .. now .. ':' .. reply
  end
  local forgotten = rules.spooledAt and redis.call('GET', T .. ':forgotten:' .. userOf(id))
  if forgotten and tonumber(forgotten) >= rules.spooledAt then
    answers[#answers + 1] = 'forgotten'
  elseif toHold and hasEarlierClaim(id) then
    answers[#answers + 1] = 'earlier'
  elseif kind == 'w' then
    openWindow(userOf(id), opens)
    local suffix = parkedSuffix(userOf(id))
    answers[#answers + 1] = redis.call('EXISTS', claim) == 1 and 'answered' or 'new' .. suffix
  elseif claims(claim, value, rules.spooledAt) then
    -- Without sending it is a reply that carries what is parked; a push from a disk has none any more.
    local asks = rules.more and (sends or rules.spooledAt) and redis.call('EXISTS', parkedKey(userOf(id))) == 1
    local why = not asks and rejection(id, lane, rules)
    if asks then
      redis.call('SET', claim, 'r', 'EX', ttl)
      trace(id, 'asks for what is parked')
      if opens ~= '' then openWindow(userOf(id), opens) end
      parkedSuffix(userOf(id))
      answers[#answers + 1] = 'more'
    elseif why then
      redis.call('SET', claim, 'x' .. rules.rejected, 'EX', ttl)
      trace(id, 'rejected: ' .. why)
      answers[#answers + 1] = 'rejected'
    elseif lane ~= '' and isFull(id, lane) then
      if opens ~= '' then
        openWindow(userOf(id), opens)
        parkedSuffix(userOf(id))
      end
      if rules.bury then
        local buried = string.format('%.0f', rules.spooledAt) .. '|' .. id .. '|' .. entry
        redis.call('SET', graveKey(buried), lane .. '|' .. buried)
        trace(id, facts)
        trace(id, 'given up: too much waits already')
        answers[#answers + 1] = 'buried'
      else
        redis.call('SET', claim, 'X', 'EX', ttl)
        answers[#answers + 1] = 'full'
      end
    else
      trace(id, facts)
      if rules.busy == 'latest' then replaceEarlier(id, lane, rules.handler) end
      if lane ~= '' and append(lane, id, entry) then wake[#wake + 1] = lane end
      answers[#answers + 1] = kind == 'h' and 'held 1 0' or 'new'
      if opens ~= '' then
        openWindow(userOf(id), opens)
        answers[#answers] = answers[#answers] .. parkedSuffix(userOf(id))
      end
    end
    redis.call('EXPIRE', T .. ':trace:' .. userOf(id), TRACE_TTL)
  else
    local held = redis.call('GET', claim)
    local mark = string.sub(held, 1, 1)
    local since, asker = string.match(held, '^c(%d+):(.*)$')
    if mark == 'h' and kind ~= 'h' then
      -- The account can send by now; or this is the same push, from a disk.
      if not rules.spooledAt then redis.call('SET', claim, value, 'EX', ttl) end
      answers[#answers + 1] = (kind == 'c' and not rules.spooledAt) and 'again' or '=' .. reply
    elseif mark == 'h' then
      local first, _, attempt, holder = readHeldClaim(held)
      if holder ~= reply then
        attempt = attempt + 1
        redis.call('SET', claim, heldClaim(first, now, attempt, reply), 'EX', ttl)
        trace(id, 'attempt ' .. attempt)
      end
      answers[#answers + 1] = 'held ' .. attempt .. ' ' .. (now - first)
    elseif mark ~= 'c' then
      trace(id, 'repeated')
      answers[#answers + 1] = '=' .. string.sub(held, 2)
    elseif asker == reply then
      -- Our own claim: the call that made it was executed, and its answer lost.
      answers[#answers + 1] = 'again'
    elseif since == '0' then
      redis.call('SET', claim, kind == 'r' and value or 'c' .. now .. ':' .. reply, 'EX', ttl)
      answers[#answers + 1] = 'over'
    elseif now - tonumber(since) > stale then
      redis.call('SET', claim, value, 'EX', ttl)
      trace(id, 'claimed again')
      answers[#answers + 1] = 'again'
    else
      answers[#answers + 1] = 'wait'
    end
  end
end

answers[#answers + 1] = wake
answers[#answers + 1] = hurry
return answers
