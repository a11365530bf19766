/** Last part of the frontier's Lua library: what clients call. */
export const callsLua = String.raw`
-- Arguments from the fifth on, in groups of six: jobId, host, serveOrder, patienceUntil, hostGapMs, the whole job.
-- Gives 1 for each job that was queued, 0 for each that was known.
local function enqueue(keys, args)
  local s = open_shard(keys, args)
  advance(s)
  local ids, names, verdicts = {}, {}, {}
  for i = 5, #args, 6 do
    ids[#ids + 1] = args[i]
    names[#names + 1] = args[i + 1]
  end
  load_hosts(s, names)
  local known, fresh = redis.call('HMGET', s.ids, unpack(ids)), {}
  local numbered, jobs, patience = {}, {}, {}
  for index, id in ipairs(ids) do
    if known[index] or fresh[id] then
      verdicts[index] = 0
    else
      verdicts[index] = 1
      fresh[id] = true
      s.arrivals = s.arrivals + 1
      local n, i = string.format('%.0f', s.arrivals), 5 + (index - 1) * 6
      local j = {
        serve = tonumber(args[i + 2]), patience = tonumber(args[i + 3]) + s.ahead, gap = tonumber(args[i + 4]),
        attempts = 0, host = args[i + 1], id = id, tried = '', payload = args[i + 5],
      }
      add_to(numbered, id, n)
      add_to(jobs, n, write_job(j))
      add_to(patience, exactly(j.patience), n)
      local h = host_of(s, j.host)
      h.held = h.held + 1
      join_queue(s, h, j.serve, n)
    end
  end
  if #numbered > 0 then
    redis.call('HSET', s.ids, unpack(numbered))
    redis.call('HSET', s.job, unpack(jobs))
    redis.call('ZADD', s.waiting, unpack(patience))
  end
  finish(s, 'always')
  return verdicts
end

-- The best of what was taken from the ready hosts and of the hosts that are ready again after their claim.
local function take_best(taken, again)
  local one, other = taken[taken.from], again[1]
  if other and (not one or comes_before(other.serve, other.n, one.serve, one.n)) then
    return table.remove(again, 1)
  end
  taken.from = taken.from + 1
  return one
end

local function insert_sorted(list, item)
  local at = #list + 1
  while at > 1 and comes_before(item.serve, item.n, list[at - 1].serve, list[at - 1].n) do at = at - 1 end
  table.insert(list, at, item)
end

local function take_ready(s, most)
  local popped = redis.call('ZPOPMIN', s.ready, most)
  local taken, numbers = { from = 1 }, {}
  for i = 1, #popped, 2 do numbers[#numbers + 1] = popped[i] end
  for i, j in ipairs(load_jobs(s, numbers, true)) do
    host_of(s, j.host).place = NOWHERE
    taken[i] = { n = numbers[i], serve = j.serve, job = j }
  end
  return taken
end

local function add_lease(reply, lease, attempt, j)
  local from = #reply
  reply[from + 1], reply[from + 2], reply[from + 3], reply[from + 4] = lease, attempt, j.tried, j.payload
end

-- Arguments: the claim's own name, how many, for how long (ms).
-- Gives when the leases expire, when something becomes claimable (-1: nothing waits), then of each lease: its name, the
-- attempt's number, who tried before, the job.
local function claim(keys, args)
  local s = open_shard(keys, args)
  local name, most, lease_ms = args[5], tonumber(args[6]), tonumber(args[7])
  advance(s)
  settle_hosts(s)
  local reply = { to_wall(s, s.at + lease_ms), -1 }
  local numbers, leases = {}, {}
  local taken, again = most > 0 and take_ready(s, most) or { from = 1 }, {}
  while #numbers < most do
    local best = take_best(taken, again)
    if not best then break end
    local n, j = best.n, best.job or load_jobs(s, { best.n }, true)[1]
    local h, lease = host_of(s, j.host), lease_of('L', n, name, #numbers + 1)
    leave_queue(s, h, n)
    host_claimed(s, h, j.gap, lease)
    if h.waiting > 0 and h.next <= s.at then insert_sorted(again, { n = h.best, serve = h.serve }) end
    numbers[#numbers + 1] = n
    add_to(leases, exactly(s.at + lease_ms), lease)
    add_lease(reply, lease, j.attempts + 1, j)
  end
  if #numbers > 0 then
    redis.call('ZREM', s.waiting, unpack(numbers))
    redis.call('ZADD', s.leased, unpack(leases))
  end
  local wake = finish(s, 'never')
  reply[2] = redis.call('ZCARD', s.ready) > 0 and to_wall(s, s.at) or to_wall(s, wake)
  return reply
end

-- Arguments: for how long (ms), the leases. Gives 1 for each that was valid.
local function extend(keys, args)
  local s = open_shard(keys, args)
  advance(s)
  local leases, verdicts, longer = {}, {}, {}
  for i = 6, #args do leases[#leases + 1], verdicts[#verdicts + 1] = args[i], 0 end
  for _, each in ipairs(valid_leases(s, leases)) do
    add_to(longer, exactly(s.at + tonumber(args[5])), each.lease)
  end
  -- A lease twice in the call is done twice; one that the extension ends at once is stale for the second.
  local until_ms = tonumber(args[5])
  if #longer > 0 then redis.call('ZADD', s.leased, unpack(longer)) end
  local seen = {}
  for i = 2, #longer, 2 do seen[longer[i]] = 1 end
  for i, lease in ipairs(leases) do
    verdicts[i] = seen[lease] or 0
    if until_ms <= 0 then seen[lease] = nil end
  end
  finish(s, 'never')
  return verdicts
end

-- Arguments in pairs: lease, news of the host. Gives 1 for each that was valid.
local function ack(keys, args)
  local s = open_shard(keys, args)
  s.none_ready = redis.call('ZCARD', s.ready) == 0
  advance(s)
  local leases, verdicts = {}, {}
  for i = 5, #args, 2 do leases[#leases + 1], verdicts[#verdicts + 1] = args[i], 0 end
  local valid, numbers, ids = valid_leases(s, leases), {}, {}
  end_leases(s, valid)
  for i, j in ipairs(jobs_of(s, valid, false)) do
    local each, h = valid[i], host_of(s, j.host)
    verdicts[each.index] = 1
    numbers[i], ids[i] = each.n, j.id
    h.held = h.held - 1
    host_ended(s, h, j.gap, each.lease, args[4 + each.index * 2])
  end
  if #numbers > 0 then redis.call('HDEL', s.job, unpack(numbers)) end
  remember_finished(s, ids)
  finish(s, 'fresh')
  return verdicts
end

local function note_attempt(s, n, j, by)
  j.attempts = j.attempts + 1
  if by ~= '' and not (',' .. j.tried .. ','):find(',' .. by .. ',', 1, true) then
    j.tried = j.tried == '' and by or j.tried .. ',' .. by
  end
  redis.call('HSET', s.job, n, write_job(j))
end

-- Arguments in groups of five: lease, news of the host, notBefore, 1 when it was an attempt, by whom (a JSON string or '').
-- Gives 1 for each that was valid.
local function release(keys, args)
  local s = open_shard(keys, args)
  advance(s)
  local leases, verdicts = {}, {}
  for i = 5, #args, 5 do leases[#leases + 1], verdicts[#verdicts + 1] = args[i], 0 end
  local valid = valid_leases(s, leases)
  end_leases(s, valid)
  for i, j in ipairs(jobs_of(s, valid, true)) do
    local each, from = valid[i], valid[i].index * 5
    local not_before = tonumber(args[from + 2]) + s.ahead
    verdicts[each.index] = 1
    host_ended(s, host_of(s, j.host), j.gap, each.lease, args[from + 1])
    if each.lease:sub(1, 1) == 'R' then
      bury(s, each.n, math.max(s.at, not_before))
    else
      if args[from + 3] == '1' then note_attempt(s, each.n, j, args[from + 4]) end
      put_back(s, each.n, j, not_before)
    end
  end
  finish(s, 'always')
  return verdicts
end

local function end_expired(s)
  local expired, numbers = due(s.leased, exactly(s.at)), {}
  if #expired == 0 then return end
  redis.call('ZREM', s.leased, unpack(expired))
  for i, lease in ipairs(expired) do numbers[i] = number_of(lease) end
  for i, j in ipairs(load_jobs(s, numbers, true)) do
    if expired[i]:sub(1, 1) == 'R' then
      bury(s, numbers[i], s.at)
    else
      note_attempt(s, numbers[i], j, '')
      put_back(s, numbers[i], j, s.at)
    end
  end
end

-- Arguments: the claim's own name, how many, for how long (ms). Gives when the leases expire, how many more are to be
-- reaped, then of each lease what a claim gives; the attempt's number is that of the last one made.
local function reap(keys, args)
  local s = open_shard(keys, args)
  local name, most, lease_ms = args[5], tonumber(args[6]), tonumber(args[7])
  advance(s)
  end_expired(s)
  local expires_at = s.at + lease_ms
  local reply, leases = { to_wall(s, expires_at), 0 }, {}
  local numbers = most > 0 and redis.call('ZRANGEBYSCORE', s.dead, '-inf', exactly(s.at), 'LIMIT', 0, most) or {}
  for i, j in ipairs(load_jobs(s, numbers, true)) do
    local lease = lease_of('R', numbers[i], name, i)
    add_to(leases, exactly(expires_at), lease)
    add_lease(reply, lease, j.attempts, j)
  end
  if #numbers > 0 then
    redis.call('ZREM', s.dead, unpack(numbers))
    redis.call('ZADD', s.leased, unpack(leases))
  end
  reply[2] = redis.call('ZCOUNT', s.dead, '-inf', exactly(s.at))
  finish(s, 'always')
  return reply
end

-- Arguments: jobIds. Gives 1 for each that is held in any state.
local function holds(keys, args)
  local base, ids, verdicts = keys[1], {}, {}
  for i = 5, #args do ids[#ids + 1] = args[i] end
  for i, n in ipairs(redis.call('HMGET', base .. ':ids', unpack(ids))) do
    verdicts[i] = n and redis.call('HEXISTS', base .. ':job', n) or 0
  end
  return verdicts
end

-- Gives how many wait, are leased, are dead, and how many hosts are remembered.
local function depth(keys, args)
  local s = open_shard(keys, args)
  advance(s)
  finish(s, 'never')
  local waiting = redis.call('ZCARD', s.waiting) + redis.call('ZCARD', s.delayed)
  return { waiting, redis.call('ZCARD', s.leased), redis.call('ZCARD', s.dead), redis.call('HLEN', s.host) }
end

-- Gives how many hosts are ready, in how many milliseconds the next thing becomes claimable by time alone (-1: never), and
-- the serveOrder of the best job that is ready ('' when none is), and when something is claimable (-1: never).
local function peek(keys, args)
  local s = open_shard(keys, args)
  advance(s)
  local wake = finish(s, 'never')
  local best = redis.call('ZRANGE', s.ready, 0, 0, 'WITHSCORES')
  local next_in = wake < FAR and math.ceil(math.max(0, wake - s.at)) or -1
  return { redis.call('ZCARD', s.ready), next_in, best[2] or '', to_wall(s, best[2] and s.at or wake) }
end

-- What frees memory, or is needed to do so, is allowed when memory is full.
local function register(name, callback, flag)
  redis.register_function({ function_name = LIBRARY .. name, callback = callback, flags = { flag } })
end
register('claim', claim, 'allow-oom')
register('extend', extend, 'allow-oom')
register('ack', ack, 'allow-oom')
register('release', release, 'allow-oom')
register('reap', reap, 'allow-oom')
register('depth', depth, 'allow-oom')
register('peek', peek, 'allow-oom')
register('holds', holds, 'no-writes')
redis.register_function(LIBRARY .. 'enqueue', enqueue)
`
