-- wrk: reads. Environment: TARGET (@ID@: a random number up to LAST, @WORD@: a random rare word),
-- HEADERS ("Name: value", separated by "|"), LAST. Prints the same line as post.lua.
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
  thread:set("number", #threads)
end

function init()
  math.randomseed(os.time() * 7 + number)
  refused = 0
  target, last = os.getenv("TARGET"), tonumber(os.getenv("LAST") or "1")
  headers = {}
  for line in (os.getenv("HEADERS") or ""):gmatch("[^|]+") do
    local name, value = line:match("^([^:]+):%s*(.*)$")
    headers[name] = value
  end
end

function request()
  local path = target:gsub("@ID@", function() return tostring(math.random(1, last)) end)
    :gsub("@WORD@", function() return string.format("w%04d", math.random(0, 1999)) end)
  return wrk.format("GET", path, headers)
end

function response(status)
  if status < 200 or status > 299 then refused = refused + 1 end
end

function done(summary, latency)
  local bad = 0
  for _, thread in ipairs(threads) do bad = bad + thread:get("refused") end
  local errors = summary.errors
  io.write(string.format("RESULT %.1f %.3f %.3f %d %d %d\n",
    (summary.requests - bad) / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, bad,
    errors.connect + errors.read + errors.write + errors.timeout, summary.requests - bad))
end
