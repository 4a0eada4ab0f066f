-- WeChat has said how a user's window stands, and what was counted here gives way: unless the user has opened it since.
-- ARGV: user, '1' where it is shut, when it was to end.
local window = T .. ':window:' .. ARGV[1]
if redis.call('HGET', window, 'ends') ~= ARGV[3] then return end
redis.call('HSET', window, 'left', 0)
if ARGV[2] == '1' then redis.call('HSET', window, 'ends', now) end
