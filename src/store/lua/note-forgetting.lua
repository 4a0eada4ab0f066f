-- Notes when a user is to be forgotten, or that he no longer is. WeChat repeats events, and some come from a disk later: an
-- older one changes nothing.
-- ARGV: user, the user's name among those to be forgotten, when (ms since 1970; '' = no longer), time of the event in s,
-- for how many s that is remembered.
-- One from before the user was forgotten is forgotten too.
local forgotten = redis.call('GET', T .. ':forgotten:' .. ARGV[1])
if forgotten and tonumber(forgotten) >= ARGV[4] * 1000 then return end
local last = T .. ':follow:' .. ARGV[1]
local seen = redis.call('GET', last)
if seen and tonumber(seen) > tonumber(ARGV[4]) then return end
redis.call('SET', last, ARGV[4], 'EX', ARGV[5])
if ARGV[3] == '' then
  redis.call('ZREM', T .. ':forget', ARGV[2])
else
  -- Several events may come of one unfollowing: the first one counts.
  redis.call('ZADD', T .. ':forget', 'LT', ARGV[3], ARGV[2])
end
