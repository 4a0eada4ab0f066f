-- WeChat has said how a user's window stands, and what was counted here gives way. ARGV: user, '1' where it is shut.
local window = T .. ':window:' .. ARGV[1]
if redis.call('EXISTS', window) == 0 then return end
redis.call('HSET', window, 'left', 0)
if ARGV[2] == '1' then redis.call('HSET', window, 'ends', now) end
