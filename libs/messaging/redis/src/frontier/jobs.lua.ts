/** Third part of the frontier's Lua library: jobs, their leases, and what time alone does (`Frontier` of the domain). */
export const jobsLua = String.raw`
-- A job: serveOrder, patienceUntil (steady), hostGapMs, attempts made, host, jobId, who tried (JSON strings, by comma), and
-- the rest as the caller gave it. Inside it goes by a number n of 13 digits, in order of arrival.
local JOB = '>dddBI2c0I2c0I2c0'

local function write_job(j)
  local head = struct.pack(JOB, j.serve, j.patience, j.gap, j.attempts, #j.host, j.host, #j.id, j.id, #j.tried, j.tried)
  return head .. j.payload
end

local function read_job(packed)
  local j = {}
  j.serve, j.patience, j.gap, j.attempts, j.host, j.id, j.tried, j.rest = struct.unpack(JOB, packed)
  return j
end

-- The jobs of these numbers, each with its payload only when it is asked for; their hosts are read as well.
local function load_jobs(s, numbers, with_payload)
  local jobs, names = {}, {}
  if #numbers == 0 then return jobs end
  for i, packed in ipairs(redis.call('HMGET', s.job, unpack(numbers))) do
    local j = read_job(packed)
    if with_payload then j.payload = packed:sub(j.rest) end
    jobs[i] = j
    names[i] = j.host
  end
  load_hosts(s, names)
  return jobs
end

local function bury(s, n, reapable_at)
  redis.call('ZADD', s.dead, exactly(reapable_at), n)
end

local function await(s, n, j)
  redis.call('ZADD', s.waiting, exactly(j.patience), n)
  join_queue(s, host_of(s, j.host), j.serve, n)
end

-- An attempt is over without a result: back to the host, or to the dead when no other can follow.
local function put_back(s, n, j, not_before)
  if j.attempts >= MAX_ATTEMPTS or math.max(not_before, s.at) > j.patience then
    bury(s, n, s.at)
  elseif not_before <= s.at then
    await(s, n, j)
  else
    redis.call('ZADD', s.delayed, exactly(not_before), n)
  end
end

-- A lease is its member of the sorted set of leases: L (claimed) or R (reaped), the job's number, and the claim's own name,
-- which no other claim ever has, whatever the queue forgets.
local function lease_of(kind, n, claim, index)
  return kind .. n .. claim .. '.' .. index
end

local function number_of(lease)
  return lease:sub(2, 14)
end

-- The leases among these that are valid, each once: { lease, n, index }.
local function valid_leases(s, leases)
  local valid, seen = {}, {}
  if #leases == 0 then return valid end
  for i, expiry in ipairs(redis.call('ZMSCORE', s.leased, unpack(leases))) do
    local lease = leases[i]
    if expiry and s.at < tonumber(expiry) and not seen[lease] then
      seen[lease] = true
      valid[#valid + 1] = { lease = lease, n = number_of(lease), index = i }
    end
  end
  return valid
end

local function end_leases(s, valid)
  if #valid == 0 then return end
  local leases = {}
  for i, each in ipairs(valid) do leases[i] = each.lease end
  redis.call('ZREM', s.leased, unpack(leases))
end

local function jobs_of(s, valid, with_payload)
  local numbers = {}
  for i, each in ipairs(valid) do numbers[i] = each.n end
  return load_jobs(s, numbers, with_payload)
end

-- Finished jobs are remembered a batch at a time: one entry of the list says when, and which.
local function remember_finished(s, ids)
  if #ids == 0 then return end
  redis.call('RPUSH', s.finished, struct.pack('>dI4', s.at, #ids) .. table.concat(ids, '\n'))
  s.known = s.known + #ids
  s.oldest = math.min(s.oldest, s.at)
end

local function forget_finished(s)
  for _ = 1, MOST_FORGOTTEN do
    if s.oldest + s.remember >= s.at and s.known <= s.most_finished then return end
    local entry = redis.call('LPOP', s.finished)
    if entry then
      local _, count, from = struct.unpack('>dI4', entry)
      local ids = {}
      for id in entry:sub(from):gmatch('[^\n]+') do ids[#ids + 1] = id end
      redis.call('HDEL', s.ids, unpack(ids))
      s.known = s.known - count
    else
      s.known = 0
    end
    local following = redis.call('LINDEX', s.finished, 0)
    s.oldest = following and struct.unpack('>d', following) or FAR
  end
end

local function end_patience(s)
  local over = due(s.waiting, '(' .. exactly(s.at))
  for i, j in ipairs(load_jobs(s, over)) do
    leave_queue(s, host_of(s, j.host), over[i])
    bury(s, over[i], s.at)
  end
  if #over > 0 then redis.call('ZREM', s.waiting, unpack(over)) end
end

local function end_delays(s)
  local awake = due(s.delayed, exactly(s.at))
  if #awake > 0 then redis.call('ZREM', s.delayed, unpack(awake)) end
  for i, j in ipairs(load_jobs(s, awake)) do
    if j.patience < s.at then bury(s, awake[i], s.at) else await(s, awake[i], j) end
  end
end

-- Notices what came due up to now.
local function advance(s)
  forget_finished(s)
  end_patience(s)
  s.woke_at = next_wake(s)
  if s.woke_at <= s.at then
    end_delays(s)
    local rested = due(s.pausing, exactly(s.at))
    load_hosts(s, rested)
    for _, name in ipairs(rested) do host_of(s, name) end
  end
  local idle = due(s.idle, exactly(s.at))
  load_hosts(s, idle)
  for _, name in ipairs(idle) do host_of(s, name) end
end

-- Writes all that the call changed. Then tells the listeners when something is claimable now (hint 'always', or 'fresh' when
-- nothing was before), and when the next time that something becomes claimable has come nearer.
local function finish(s, hint)
  settle_hosts(s)
  store_meta(s)
  local wake = next_wake(s)
  local now = hint ~= 'never' and redis.call('ZCARD', s.ready) > 0 and (hint == 'always' or s.none_ready)
  local nearer = wake < FAR and (wake < s.woke_at or s.woke_at <= s.at)
  if now or nearer then
    redis.call('PUBLISH', s.channel, (now and '1 ' or '0 ') .. (wake < FAR and exactly(math.max(0, wake - s.at)) or '-'))
  end
  return wake
end
`
