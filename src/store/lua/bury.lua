-- A head that is given up on leaves its lane and is kept aside, for as long as its job in `dead` wants it.
-- ARGV: lane, run, head's id, name of the job in `dead`, what is traced. Returns {'lost'} | {'ok', entries left}.
local lane, run, id = ARGV[1], ARGV[2], ARGV[3]

if not owns(lane, run) then return { 'lost' } end

local head = redis.call('LINDEX', laneKey(lane), 0)
if head and idOf(head) == id then
  redis.call('SET', T .. ':buried:' .. ARGV[4], lane .. '|' .. head)
  redis.call('LPOP', laneKey(lane))
  trace(id, ARGV[5])
end
redis.call('DEL', stateKey(lane))
settle(lane)
return { 'ok', redis.call('LLEN', laneKey(lane)) }
