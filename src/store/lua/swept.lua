-- Leaves lanes that the sweeper has woken alone for a while, but those that have moved since.
-- ARGV: ms until they are looked at again, then the lanes.
for i = 2, #ARGV do
  local due = redis.call('ZSCORE', T .. ':check', ARGV[i])
  if due and tonumber(due) <= now then lookAt(ARGV[i], now + tonumber(ARGV[1])) end
end
