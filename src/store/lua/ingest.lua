-- Makes all pushes of one tick durable: each is claimed once, and its work appended to its user's lane.
-- ARGV: claim TTL in s, age in ms from which a claim without a reply counts as none, then seven for each push:
-- id, lane ('' = no work), entry, reply kind ('r' = this is the reply, 'c' = the reply comes later), the reply or the
-- asker's mark, what is traced, rules as JSON ('' = none).
-- Returns one answer a push: 'new', 'rejected' (its rules refuse it), 'forgotten' (its user was forgotten since), 'again'
-- (its work is kept, its reply never was), 'wait' (its reply is being made), or '=' and the reply stored; and last the
-- lanes to wake.
local ttl, stale = ARGV[1], tonumber(ARGV[2])
local answers, wake = {}, {}

-- How far back a lane is searched for pushes of the same handler.
local LOOK_BACK = 50

-- Why a push may not join its lane, or nothing.
local function refusal(id, lane, rules)
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
  local running = redis.call('HEXISTS', stateKey(lane), 'run') == 1
  for _, entry in ipairs(redis.call('LRANGE', laneKey(lane), -LOOK_BACK, -1)) do
    if entry ~= head and handlerOf(entry) == handler then
      redis.call('LREM', laneKey(lane), -1, entry)
      trace(idOf(entry), 'replaced by ' .. id)
    end
  end
  if handlerOf(head) ~= handler then return end
  trace(idOf(head), 'replaced by ' .. id)
  if running then
    redis.call('HSET', stateKey(lane), 'replaced', idOf(head))
    redis.call('PUBLISH', T .. ':nudge', lane)
  else
    redis.call('LPOP', laneKey(lane))
    forgetHead(lane)
    settle(lane)
  end
end

for i = 3, #ARGV, 7 do
  local id, lane, entry, kind, reply, facts = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5]
  local rules = ARGV[i + 6] ~= '' and cjson.decode(ARGV[i + 6]) or {}
  local claim = T .. ':claim:' .. id
  local value = kind == 'r' and ('r' .. reply) or ('c' .. now .. ':' .. reply)
  local forgotten = rules.spooledAt and redis.call('GET', T .. ':forgotten:' .. userOf(id))
  if forgotten and tonumber(forgotten) >= rules.spooledAt then
    answers[#answers + 1] = 'forgotten'
  elseif redis.call('SET', claim, value, 'NX', 'EX', ttl) then
    local why = refusal(id, lane, rules)
    if why then
      redis.call('SET', claim, 'r' .. rules.rejected, 'EX', ttl)
      trace(id, 'rejected: ' .. why)
      answers[#answers + 1] = 'rejected'
    else
      trace(id, facts)
      if rules.busy == 'latest' then replaceEarlier(id, lane, rules.handler) end
      if lane ~= '' and append(lane, id, entry) then wake[#wake + 1] = lane end
      answers[#answers + 1] = 'new'
    end
    redis.call('EXPIRE', T .. ':trace:' .. userOf(id), TRACE_TTL)
  else
    local held = redis.call('GET', claim)
    local mark = string.sub(held, 1, 1)
    local since, asker = string.match(held, '^c(%d+):(.*)$')
    if mark ~= 'c' then
      trace(id, 'repeated')
      answers[#answers + 1] = '=' .. string.sub(held, 2)
    elseif asker == reply then
      -- Our own claim: the call that made it was executed, and its answer lost.
      answers[#answers + 1] = 'again'
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
return answers
