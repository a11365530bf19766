/** Second part of the frontier's Lua library: hosts, their queues and their manners (`HostTable` of the domain). */
export const hostsLua = String.raw`
-- A host is read when it is first needed, changed in Lua, and settled and written once when the call ends. Of its waiting
-- jobs the best is kept in the host itself, the others in a sorted set: most hosts need none.
local HOST = '>dddddI4I4Bc13'

local function read_host(name, packed)
  local h = { name = name }
  h.next, h.demanded, h.claimed, h.crawl, h.serve, h.held, h.waiting, h.place, h.best, h.busy = struct.unpack(HOST, packed)
  h.busy = packed:sub(h.busy)
  h.placed_at, h.placed_as = h.next, h.best
  return h
end

local function new_host(name)
  return {
    name = name, next = NEVER, demanded = NEVER, claimed = NEVER, crawl = 0, serve = 0, held = 0, waiting = 0,
    place = NOWHERE, best = NO_JOB, busy = '', placed_at = NEVER, placed_as = NO_JOB,
  }
end

local function load_hosts(s, names)
  local missing, asked = {}, {}
  for _, name in ipairs(names) do
    if not s.hosts[name] and not asked[name] then
      asked[name] = true
      missing[#missing + 1] = name
    end
  end
  if #missing == 0 then return end
  local packed = redis.call('HMGET', s.host, unpack(missing))
  for i, name in ipairs(missing) do
    s.hosts[name] = packed[i] and read_host(name, packed[i]) or new_host(name)
  end
end

-- The host, to be changed by the caller.
local function host_of(s, name)
  if not s.hosts[name] then load_hosts(s, { name }) end
  local h = s.hosts[name]
  if not h.touched then
    h.touched = true
    s.touched[#s.touched + 1] = h
  end
  return h
end

local function store_queue(s, h)
  if h.adds then
    redis.call('ZADD', s.queue .. h.name, unpack(h.adds))
    h.adds = nil
  end
end

local function queue_add(s, h, serve, n)
  h.adds = h.adds or {}
  h.adds[#h.adds + 1] = exactly(serve)
  h.adds[#h.adds + 1] = n
  if #h.adds >= 2000 then store_queue(s, h) end
end

local function comes_before(serve, n, other_serve, other_n)
  return serve < other_serve or (serve == other_serve and n < other_n)
end

local function join_queue(s, h, serve, n)
  if h.waiting == 0 then
    h.serve, h.best = serve, n
  elseif comes_before(serve, n, h.serve, h.best) then
    queue_add(s, h, h.serve, h.best)
    h.serve, h.best = serve, n
  else
    queue_add(s, h, serve, n)
  end
  h.waiting = h.waiting + 1
end

local function leave_queue(s, h, n)
  store_queue(s, h)
  h.waiting = h.waiting - 1
  if h.best ~= n then
    redis.call('ZREM', s.queue .. h.name, n)
  elseif h.waiting > 0 then
    local following = redis.call('ZPOPMIN', s.queue .. h.name)
    h.best, h.serve = following[1], tonumber(following[2])
  else
    h.best, h.serve = NO_JOB, 0
  end
end

-- Requests are about to be made under the lease: until it ends the host is busy, for as many gaps as it may send requests.
local function host_claimed(s, h, gap, lease)
  gap = math.max(gap, h.crawl)
  h.claimed = s.at
  h.demanded = s.at + gap
  h.next = s.at + MOST_REQUESTS_OF_A_JOB * gap
  h.busy = gap > 0 and lease or ''
end

-- The lease ended with a word of its holder. News: '' or 'crawlDelayMs notBefore extraRequests', '-' for what is not said.
local function host_ended(s, h, gap, lease, news)
  local not_before, extra = NEVER, 0
  if news ~= '' then
    local crawl_said, not_before_said, extra_said = news:match('^(%S+) (%S+) (%S+)$')
    h.crawl = math.max(h.crawl, tonumber(crawl_said) or 0)
    extra = tonumber(extra_said) or 0
    local wall = tonumber(not_before_said)
    if wall then not_before = wall + s.ahead end
  end
  if h.busy == lease then h.busy = '' end
  local rested = extra > 0 and s.at + math.max(gap, h.crawl) or NEVER
  h.demanded = math.max(h.demanded, h.claimed + h.crawl, rested, not_before)
  if h.busy == '' then
    h.next = h.demanded
  else
    h.next = math.max(h.next, h.demanded, h.claimed + MOST_REQUESTS_OF_A_JOB * h.crawl)
  end
end

local function place_of(s, h)
  if h.waiting > 0 then return h.next <= s.at and READY or PAUSING end
  return h.held == 0 and h.next > s.at and IDLE or NOWHERE
end

local function add_to(list, a, b)
  list[#list + 1] = a
  list[#list + 1] = b
end

-- Puts every touched host where its queue and its next allowed time say, and writes it; one without any job whose time
-- has come is forgotten.
local function settle_hosts(s)
  local sets = { [READY] = s.ready, [PAUSING] = s.pausing, [IDLE] = s.idle }
  local leaves, joins = { [READY] = {}, [PAUSING] = {}, [IDLE] = {} }, { [READY] = {}, [PAUSING] = {}, [IDLE] = {} }
  local written, forgotten = {}, {}
  for _, h in ipairs(s.touched) do
    store_queue(s, h)
    h.touched = nil
    local place = place_of(s, h)
    if h.place ~= NOWHERE and (place ~= h.place or (place == READY and h.placed_as ~= h.best)) then
      local left = leaves[h.place]
      left[#left + 1] = h.place == READY and h.placed_as or h.name
    end
    if place == READY then
      if h.place ~= READY or h.placed_as ~= h.best then add_to(joins[READY], exactly(h.serve), h.best) end
    elseif place ~= NOWHERE and (h.place ~= place or h.placed_at ~= h.next) then
      add_to(joins[place], exactly(h.next), h.name)
    end
    h.place, h.placed_at, h.placed_as = place, h.next, h.best
    if place == NOWHERE and h.held == 0 then
      forgotten[#forgotten + 1] = h.name
      s.hosts[h.name] = nil
    else
      local packed = struct.pack(HOST, h.next, h.demanded, h.claimed, h.crawl, h.serve, h.held, h.waiting, place, h.best)
      add_to(written, h.name, packed .. h.busy)
    end
  end
  s.touched = {}
  for place, key in pairs(sets) do
    if #leaves[place] > 0 then redis.call('ZREM', key, unpack(leaves[place])) end
    if #joins[place] > 0 then redis.call('ZADD', key, unpack(joins[place])) end
  end
  if #written > 0 then redis.call('HSET', s.host, unpack(written)) end
  if #forgotten > 0 then redis.call('HDEL', s.host, unpack(forgotten)) end
end
`
