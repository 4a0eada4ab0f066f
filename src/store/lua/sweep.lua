-- Finds lanes that should be moving and are not: their wake-up was lost, or their worker. One sweeper a partition.
-- Repeating it finds them again: only `swept`, when they have been woken, puts off the next look.
-- ARGV: this sweeper, ms it stays the sweeper, how many lanes at most.
-- Returns the lanes to wake, or nothing where another process sweeps.
local me = ARGV[1]
local sweeper = T .. ':sweeper'
if not redis.call('SET', sweeper, me, 'NX', 'PX', ARGV[2]) then
  if redis.call('GET', sweeper) ~= me then return {} end
  redis.call('PEXPIRE', sweeper, ARGV[2])
end

local wake = {}
for _, lane in ipairs(redis.call('ZRANGEBYSCORE', T .. ':check', '-inf', now, 'LIMIT', 0, ARGV[3])) do
  local held = redis.call('HMGET', stateKey(lane), 'lock', 'token')
  if redis.call('EXISTS', laneKey(lane)) == 0 then
    settle(lane)
  elseif held[1] and redis.call('GET', held[1]) == held[2] then
    lookAt(lane, now + GRACE)
  else
    wake[#wake + 1] = lane
  end
end
return wake
