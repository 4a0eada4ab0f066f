-- Compare-and-expire: a late error with an old token must not end the fresh one. KEYS[1] token. ARGV: the token to end, and
-- `refused` where WeChat would not take it. Returns when it was to be refreshed, or nothing where it was not in use.
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return false end
if ARGV[2] == 'refused' then redis.call('HSET', KEYS[1], 'refused', ARGV[1]) end
if redis.call('HGET', KEYS[1], 'expiresAt') == '0' then return false end
redis.call('HSET', KEYS[1], 'expiresAt', 0)
return redis.call('HGET', KEYS[1], 'refreshAt')
