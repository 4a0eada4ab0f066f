-- The account cannot use the API. KEYS[1] facts. ARGV: errcode, what is known of it, when to ask again.
-- Returns 1 where this is news.
redis.call('HSET', KEYS[1], 'retryAt', ARGV[3])
if redis.call('HGET', KEYS[1], 'unusableFor') == ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'unusableFor', ARGV[1], 'unusable', ARGV[2])
return 1
