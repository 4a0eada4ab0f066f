-- WeChat wants fewer calls of an API. KEYS[1] its pause, KEYS[2] the set of paused APIs. ARGV: now, errcode, the API, then
-- for the day's quota: `until`, when it is renewed, when to look whether it has been; for the minute's:
-- `growing`, the first pause, the longest one, how long its growth is remembered.
-- Returns 1 where a pause begins, then until when it holds and when to look.
local now = tonumber(ARGV[1])
local ends = tonumber(redis.call('HGET', KEYS[1], 'until') or 0)
local errcode = redis.call('HGET', KEYS[1], 'errcode')
local checkAt, kept
local begins = 0
if ARGV[4] == 'until' then
  if not (errcode == ARGV[2] and ends > now) then
    begins = 1
    ends = tonumber(ARGV[5])
    redis.call('HSET', KEYS[1], 'since', now, 'level', 0)
  end
  checkAt = tonumber(ARGV[6])
  kept = ends - now
else
  -- Calls that were under way together are answered together: they are one reason, not many.
  if ends > now then return { 0, tostring(ends), redis.call('HGET', KEYS[1], 'checkAt') } end
  begins = 1
  local level = errcode == ARGV[2] and tonumber(redis.call('HGET', KEYS[1], 'level') or 0) or 0
  ends = now + math.min(tonumber(ARGV[5]) * 2 ^ level, tonumber(ARGV[6]))
  checkAt = ends
  kept = ends - now + tonumber(ARGV[7])
  redis.call('HSET', KEYS[1], 'since', now, 'level', math.min(level + 1, 20))
end
ends = string.format('%.0f', ends)
checkAt = string.format('%.0f', checkAt)
redis.call('HSET', KEYS[1], 'errcode', ARGV[2], 'until', ends, 'checkAt', checkAt)
redis.call('PEXPIRE', KEYS[1], math.ceil(kept))
redis.call('SADD', KEYS[2], ARGV[3])
return { begins, ends, checkAt }
