-- Whether the first partition, KEYS[1], takes what scripts write.
return redis.call('SET', KEYS[1] .. ':ready', '1', 'PX', 1000)
