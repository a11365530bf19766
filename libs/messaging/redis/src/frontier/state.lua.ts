/** First part of the frontier's Lua library: its constants, the shard's state during one call, and time. */
export const stateLua = String.raw`
local READY, PAUSING, IDLE, NOWHERE = 1, 2, 3, 0
local NEVER = -1 / 0
local FAR = 1 / 0
local NO_JOB = '0000000000000'
local FIRST_JOB = 1000000000000
-- How much that came due is noticed in one call; the rest is for the next one. A long pause so blocks nobody for long.
local MOST_NOTICED = 1000
local MOST_FORGOTTEN = 8

-- Opens the shard for one call. The first four arguments of every function: the time in milliseconds ('' for the server's
-- own), for how long and how many finished jobs stay known, and the channel of the hints.
local function open_shard(keys, args)
  local base = keys[1]
  local s = {
    base = base, job = base .. ':job', ids = base .. ':ids', host = base .. ':host', queue = base .. ':queue:',
    waiting = base .. ':waiting', delayed = base .. ':delayed', leased = base .. ':leased', dead = base .. ':dead',
    ready = base .. ':ready', pausing = base .. ':pausing', idle = base .. ':idle', finished = base .. ':finished',
    remember = tonumber(args[2]), most_finished = tonumber(args[3]), channel = args[4],
    hosts = {}, touched = {}, last = NEVER, ahead = 0, arrivals = FIRST_JOB, known = 0, oldest = FAR,
  }
  local meta = redis.call('GET', base .. ':meta')
  if meta then
    s.last, s.ahead, s.arrivals, s.known, s.oldest = struct.unpack('>ddddd', meta)
  end
  local now = tonumber(args[1])
  if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  -- Steady time: set back, the clock goes on from where it was, and what callers name is translated.
  local steady = now + s.ahead
  if steady >= s.last then
    s.last = steady
  else
    s.ahead = s.ahead + s.last - steady
  end
  s.at = s.last
  return s
end

local function store_meta(s)
  redis.call('SET', s.base .. ':meta', struct.pack('>ddddd', s.last, s.ahead, s.arrivals, s.known, s.oldest))
end

local function first_score(key)
  local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  return first[2] and tonumber(first[2]) or FAR
end

-- When the next thing that waits becomes claimable by time alone.
local function next_wake(s)
  return math.min(first_score(s.pausing), first_score(s.delayed))
end

-- Up to MOST_NOTICED members whose score is at or before the limit (a number, or '(' and a number), earliest first.
local function due(key, limit)
  return redis.call('ZRANGEBYSCORE', key, '-inf', limit, 'LIMIT', 0, MOST_NOTICED)
end

local function exactly(number)
  if number % 1 == 0 then return string.format('%d', number) end
  return string.format('%.17g', number)
end

-- What functions tell callers: a moment of the wall clock in milliseconds, -1 for never.
local function to_wall(s, steady)
  if steady == FAR then return -1 end
  return math.ceil(steady - s.ahead)
end
`
