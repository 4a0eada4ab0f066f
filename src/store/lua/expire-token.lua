-- Compare-and-expire: a late error with an old token must not end the fresh one, nor one that was given out again. KEYS[1]
-- token. ARGV: the token to end, `refused` where WeChat would not take it, and until when it stands, 0 where it was not given
-- out again. Returns when it was to be refreshed, or nothing where it was not in use.
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return false end
if (redis.call('HGET', KEYS[1], 'standsUntil') or '0') ~= ARGV[3] then return false end
if ARGV[2] == 'refused' then redis.call('HSET', KEYS[1], 'refused', ARGV[1]) end
if redis.call('HGET', KEYS[1], 'expiresAt') == '0' then return false end
redis.call('HSET', KEYS[1], 'expiresAt', 0)
return redis.call('HGET', KEYS[1], 'refreshAt')
