-- Makes all pushes of one tick durable: each is claimed once, and its work appended to its user's lane.
-- ARGV: claim TTL in s, age in ms from which a claim without a reply counts as none, then six for each push:
-- id, lane ('' = no work), entry, reply kind ('r' = this is the reply, 'c' = the reply comes later), reply, what is traced.
-- Returns one answer a push: 'new', 'again' (its work is kept, its reply never was), 'wait' (its reply is being made),
-- or 'r' and the reply stored; and last the lanes to wake.
local ttl, stale = ARGV[1], tonumber(ARGV[2])
local answers, wake = {}, {}

for i = 3, #ARGV, 6 do
  local id, lane, entry, kind, reply, facts = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5]
  local claim = T .. ':claim:' .. id
  local value = kind == 'r' and ('r' .. reply) or ('c' .. now)
  if redis.call('SET', claim, value, 'NX', 'EX', ttl) then
    trace(id, facts)
    redis.call('EXPIRE', T .. ':trace:' .. userOf(id), TRACE_TTL)
    if lane ~= '' and append(lane, id, entry) then wake[#wake + 1] = lane end
    answers[#answers + 1] = 'new'
  else
    local held = redis.call('GET', claim)
    local mark = string.sub(held, 1, 1)
    if mark ~= 'c' then
      trace(id, 'repeated')
      answers[#answers + 1] = 'r' .. string.sub(held, 2)
    elseif now - tonumber(string.sub(held, 2)) > stale then
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
