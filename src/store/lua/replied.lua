-- Stores passive replies before they are written ('r') or marks them as written ('f'); what is sent later may then go.
-- ARGV: claim TTL in s, then five for each push: id, 'r' or 'f', reply, what is traced, mark of the attempt that holds the push
-- ('' = none does).
-- Returns one answer a push: '=' and the reply that it has, which is another where one was stored before; or '' where a later
-- attempt is to say it. Last the lanes to wake whose job waits for a reply that has left.
local answers, wake = {}, {}
for i = 2, #ARGV, 5 do
  local id, mark, reply, facts, asker = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local key = T .. ':claim:' .. id
  local claim = redis.call('GET', key) or ''
  local was = string.sub(claim, 1, 1)
  local answer = '=' .. reply
  if mark == 'r' and (was == 'r' or was == 'f') then
    -- What has been said stays said.
    answer = '=' .. string.sub(claim, 2)
  elseif mark == 'r' and was == 'h' and asker ~= '' and select(4, readHeldClaim(claim)) ~= asker then
    answer = ''
  -- A claim that is gone was forgotten with its user.
  elseif claim ~= '' then
    redis.call('SET', key, mark .. reply, 'EX', ARGV[1])
    if was == 'h' then tellHolders('deliver:' .. userOf(id)) end
    if facts ~= '' then trace(id, facts) end
  end
  answers[#answers + 1] = answer
  local lane = 'deliver:' .. userOf(id)
  local head = mark == 'f' and redis.call('LINDEX', laneKey(lane), 0)
  if head and keyOf(head) == id and redis.call('HEXISTS', stateKey(lane), 'run') == 0 then wake[#wake + 1] = lane end
end
answers[#answers + 1] = wake
return answers
