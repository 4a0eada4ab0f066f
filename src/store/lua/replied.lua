-- Stores passive replies before they are written ('r') or marks them as written ('f'); what is sent later may then go.
-- ARGV: claim TTL in s, then four for each push: id, 'r' or 'f', reply, what is traced. Returns the lanes to wake whose job
-- waits for a reply that has left.
local wake = {}
for i = 2, #ARGV, 4 do
  local id, mark, reply, facts = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  -- A claim that is gone was forgotten with its user; what has been said stays said.
  local said = mark == 'r' and string.sub(redis.call('GET', T .. ':claim:' .. id) or '', 1, 1) == 'f'
  local kept = not said and redis.call('SET', T .. ':claim:' .. id, mark .. reply, 'XX', 'EX', ARGV[1])
  if kept and facts ~= '' then trace(id, facts) end
  local lane = 'deliver:' .. userOf(id)
  local head = mark == 'f' and redis.call('LINDEX', laneKey(lane), 0)
  if head and keyOf(head) == id and redis.call('HEXISTS', stateKey(lane), 'run') == 0 then wake[#wake + 1] = lane end
end
return wake
