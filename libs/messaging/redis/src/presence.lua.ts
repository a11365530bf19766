/**
 * What is decided about devices in Redis itself, in Lua; the rules of the port `Presence`. Each script works on one user's
 * hash: device id → JSON of `s` the sighting, `u` here until, `a` seen at, `p` and `c` pages and coins of earlier
 * connections of the same stay, `d` coins paid. A first argument of '' means Redis' own clock.
 */
const clock = `
local function timeOf(text)
  if text ~= '' then return tonumber(text) end
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local now = timeOf(ARGV[1])
local function find(device)
  local text = redis.call('HGET', KEYS[1], device)
  return text and cjson.decode(text)
end
`

/** ARGV: time, hereMs, carryMs, keepMs, most devices, sightings as a JSON array. Returns the time and the counted ones' numbers. */
export const seeScript = `${clock}
local hereMs, carryMs, keepMs, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local function makeRoom()
  local all, away = redis.call('HGETALL', KEYS[1]), {}
  for i = 1, #all, 2 do
    local entry = cjson.decode(all[i + 1])
    if entry.u <= now then away[#away + 1] = { all[i], entry.u } end
  end
  table.sort(away, function(a, b) return a[2] < b[2] end)
  local left = #all / 2
  for _, one in ipairs(away) do
    if now - one[2] < keepMs and left <= most then return end
    redis.call('HDEL', KEYS[1], one[1])
    left = left - 1
  end
end
local answer, isNew = { now }, false
for number, sighting in ipairs(cjson.decode(ARGV[6])) do
  local known = find(sighting.deviceId)
  local same = known and known.s.connectionId == sighting.connectionId
  if not known or same or known.s.connectedAt <= sighting.connectedAt then
    local entry = { s = sighting, u = now + hereMs, a = now, p = 0, c = 0, d = 0 }
    if same then
      entry.p, entry.c, entry.d = known.p, known.c, known.d
    elseif known and now - known.u < carryMs then
      entry.p, entry.c, entry.d = known.p + known.s.pages, known.c + known.s.coins, known.d
    end
    redis.call('HSET', KEYS[1], sighting.deviceId, cjson.encode(entry))
    answer[#answer + 1] = number
    isNew = isNew or not known
  end
end
if isNew then makeRoom() end
redis.call('PEXPIRE', KEYS[1], keepMs + hereMs)
return answer`

/** ARGV: time, then device and connection in turn. Returns the numbers of the devices that are away now. */
export const leaveScript = `${clock}
local answer = {}
for i = 2, #ARGV, 2 do
  local entry = find(ARGV[i])
  if entry and entry.s.connectionId == ARGV[i + 1] then
    entry.a = math.min(now, math.max(entry.a, entry.u))
    entry.u = math.min(entry.u, now)
    redis.call('HSET', KEYS[1], ARGV[i], cjson.encode(entry))
    answer[#answer + 1] = i / 2
  end
end
return answer`

/** ARGV: time, then device and coins in turn. */
export const paidScript = `${clock}
for i = 2, #ARGV, 2 do
  local entry = find(ARGV[i])
  if entry then
    entry.d = entry.d + tonumber(ARGV[i + 1])
    redis.call('HSET', KEYS[1], ARGV[i], cjson.encode(entry))
  end
end
return now`

/** ARGV: time, device. Returns 1 when it was on the list and away. */
export const forgetScript = `${clock}
local entry = find(ARGV[2])
if not entry or entry.u > now then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[2])`

/** Returns the time and the whole hash. ARGV: time. */
export const devicesScript = `${clock}
return { now, redis.call('HGETALL', KEYS[1]) }`
