-- Compare-and-expire: a late error with an old token must not end the fresh one. KEYS[1] token. ARGV: the token that failed.
-- Returns 1 where it was the one in use.
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'expiresAt', 0)
return 1
