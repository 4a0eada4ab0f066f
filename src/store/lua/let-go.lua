-- The reply that was to carry answers did not leave: they are free again. ARGV: outbound lane, run. Returns 1, or 0 where they
-- are somebody else's.
if not owns(ARGV[1], ARGV[2]) then return 0 end
release(ARGV[1])
lookAt(ARGV[1], now + GRACE)
tellHolders(ARGV[1])
return 1
