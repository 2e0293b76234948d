-- wrk: creates, each with another subject and text. Environment: TARGET, HEADERS ("Name: value",
-- separated by "|"), BODY (@N@: a number that never repeats, @TEXT@: 500 bytes of words).
-- Prints "<requests per second, 2xx only> <p50 ms> <p99 ms> <not 2xx> <socket errors> <2xx>".
local common = {"printer", "vpn", "laptop", "password", "reset", "invoice", "server", "outage", "email",
  "license", "monitor", "keyboard", "network", "slow", "error", "login", "account", "access", "request",
  "toner"}
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
  thread:set("number", #threads)
end

function init()
  math.randomseed(os.time() * 7 + number)
  run = string.format("%x%x-", os.time(), math.random(1, 65535))
  sent, refused = 0, 0
  -- Building 500 random bytes for every request would measure this script: 1,024 ready texts.
  texts = {}
  for i = 1, 1024 do
    local words, bytes = {}, 0
    while bytes < 500 do
      local word = math.random() < 0.08 and string.format("w%04d", math.random(0, 1999))
        or common[math.random(#common)]
      words[#words + 1], bytes = word, bytes + #word + 1
    end
    texts[i] = table.concat(words, " "):sub(1, 500)
  end
  target, headers = os.getenv("TARGET"), {["Content-Type"] = "application/json"}
  for line in (os.getenv("HEADERS") or ""):gmatch("[^|]+") do
    local name, value = line:match("^([^:]+):%s*(.*)$")
    headers[name] = value
  end
  before, between, after = os.getenv("BODY"):match("^(.*)@N@(.*)@TEXT@(.*)$")
end

function request()
  sent = sent + 1
  return wrk.format("POST", target, headers,
    before .. run .. sent .. between .. texts[sent % 1024 + 1] .. after)
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
