-- Exercises the language and each standard library; any wrong answer is an error. Prints how much it checked.
-- Usage: lua standard_library.lua FOLDER        FOLDER: an empty one to write in
local folder = assert(..., "usage: lua standard_library.lua FOLDER")
local checks = 0

local function same(got, wanted)
  checks = checks + 1
  if got ~= wanted or math.type(got) ~= math.type(wanted) then
    error(("got %s, wanted %s"):format(got, wanted), 2)
  end
end

local function fails(pattern, f, ...)
  checks = checks + 1
  local good, why = pcall(f, ...)
  if good or not tostring(why):find(pattern) then
    error(("wanted an error like '%s', got %s"):format(pattern, why), 2)
  end
end

-- The language: numbers, goto, closures, varargs, attributes, metatables.
same(_VERSION, "Lua 5.4")
same(7 // 2, 3)
same(-7 // 2, -4)
same(-7 % 3, 2)
same(7.5 // 2, 3.0)
same(7 / 2, 3.5)
same(2 ^ 10, 1024.0)
same(1 << 62, 0x4000000000000000)
same(~0, -1)
same(0xF0 ~ 0x0F, 0xFF)
same(math.maxinteger + 1, math.mininteger)
same("10" + 5, 15)
same(1 // 0.0, math.huge)
same(3 | 0, 3)
fails("divide by zero", function() return 1 // 0 end)
fails("no integer representation", function() return 1.5 | 0 end)

local odd = {}
for i = 1, 10 do
  if i % 2 == 0 then goto continue end
  odd[#odd + 1] = i
  ::continue::
end
same(table.concat(odd, " "), "1 3 5 7 9")

local function counter()
  local n = 0
  return function() n = n + 1; return n end
end
local one, two = counter(), counter()
one(); one()
same(one() * 10 + two(), 31)
same(select("#", nil, nil), 2)
same((function(...) return select(-1, ...) end)(1, 2, 3), 3)

local function sum_to(n, acc) -- deeper than any stack: tail calls must not grow it
  if n == 0 then return acc end
  return sum_to(n - 1, acc + n)
end
same(sum_to(200000, 0), 20000100000)

local closed = {}
do
  local a <close> = setmetatable({}, { __close = function() closed[#closed + 1] = "a" end })
  local b <close> = setmetatable({}, { __close = function() closed[#closed + 1] = "b" end })
  local limit <const> = 5
  same(limit, 5)
end
same(table.concat(closed), "ba")

local vector = {}
vector.__index = vector
vector.__add = function(a, b) return setmetatable({ x = a.x + b.x }, vector) end
vector.__eq = function(a, b) return a.x == b.x end
vector.__lt = function(a, b) return a.x < b.x end
vector.__le = function(a, b) return a.x <= b.x end
vector.__len = function(a) return a.x end
vector.__call = function(a, n) return a.x * n end
vector.__concat = function(a, b) return tostring(a) .. "|" .. tostring(b) end
vector.__tostring = function(a) return "<" .. a.x .. ">" end
vector.__idiv = function() return "idiv" end
local v, w = setmetatable({ x = 2 }, vector), setmetatable({ x = 5 }, vector)
same((v + w).x, 7)
same(v == setmetatable({ x = 2 }, vector), true)
same(v < w and v <= w and not (w < v), true)
same(#w, 5)
same(v(10), 20)
same(v .. w, "<2>|<5>")
same(v // w, "idiv")
local defaults = setmetatable({}, { __index = function(_, key) return key .. "?" end })
same(defaults.what, "what?")
same(rawget(defaults, "what"), nil)
local order = {}
for key in pairs(setmetatable({}, { __pairs = function() return next, { only = 1 }, nil end })) do order[1] = key end
same(order[1], "only")

-- Errors and chunks.
local ok, traceback = xpcall(error, debug.traceback, "boom")
same(ok, false)
same(traceback:find("boom", 1, true), 1)
same(select(2, pcall(error, { code = 7 })).code, 7)
fails("attempt to index a nil value %(local 'missing'%)", function() local missing; return missing.x end)
same(load("return 6 * ...")(7), 42)
same(select(2, load("return (", "=chunk")), "chunk:1: unexpected symbol near <eof>")
local environment = { y = 5 }
load("x = y + 1", "chunk", "t", environment)()
same(environment.x, 6)
same(load(string.dump(function(a) return a * 2 end))(21), 42)
same(tostring(tonumber("0x1p4")), "16.0")
same(tonumber("zz", 36), 1295)
same(tonumber("1e"), nil)

-- string
same(("%5.2f|%-5d|%05d|%x|%q|%s|%%"):format(3.14159, 42, 42, 255, 'a"\n', nil), ' 3.14|42   |00042|ff|"a\\"\\\n"|nil|%')
same(("hello world"):gsub("o", "0"), "hell0 w0rld")
same(("hello"):gsub("l+", function(s) return "<" .. s .. ">" end), "he<ll>o")
same(("$name is $age"):gsub("%$(%w+)", { name = "Lua", age = 30 }), "Lua is 30")
same(("key = value"):match("^(%w+)%s*=%s*(%w+)$"), "key")
same(("f(a(b)c)d"):match("%b()"), "(a(b)c)")
same(("THE (quick) fox"):find("%((%a+)%)"), 5)
same(("THE (quick) fox"):gsub("%f[%a]%a+", string.lower), "the (quick) fox")
local words = {}
for word in ("one two  three"):gmatch("%S+") do words[#words + 1] = word end
same(#words, 3)
same(("abc"):rep(3, "-"), "abc-abc-abc")
same(("abc"):reverse():upper(), "CBA")
same(("abc"):byte(-1), 99)
same(string.char(76, 117, 97), "Lua")
same(("abcdef"):sub(-3, -2), "de")
same(("x"):len(), 1)
fails("malformed pattern", string.find, "x", "[a")
local packed = string.pack("<i2 >I4 z s1 d", -2, 0x01020304, "text", "short", 0.5)
same(#packed, 2 + 4 + 5 + 6 + 8)
same(packed:byte(1), 0xFE)
same(packed:byte(3), 1)
local a, b, c, d, e, after = string.unpack("<i2 >I4 z s1 d", packed)
same(a, -2); same(b, 0x01020304); same(c, "text"); same(d, "short"); same(e, 0.5); same(after, #packed + 1)
same(string.packsize("!8 b i8"), 16)
fails("overflow", string.pack, "i1", 200)

-- table
local list = { 5, 2, 8, 1 }
table.sort(list)
same(table.concat(list, ","), "1,2,5,8")
table.sort(list, function(x, y) return x > y end)
same(table.concat(list, ",", 2, 3), "5,2")
table.insert(list, 1, 9)
table.insert(list, 0)
same(table.remove(list, 1), 9)
same(table.remove(list), 0)
same(#list, 4)
same(select("#", table.unpack({ 1, nil, 3 }, 1, 3)), 3)
same(table.pack(1, nil, nil).n, 3)
same(table.concat(table.move({ 1, 2, 3 }, 1, 3, 2, { 0 }), ","), "0,1,2,3")
local many = {}
for i = 1, 5000 do many[i] = (i * 7919) % 5003 end
table.sort(many)
for i = 2, #many do assert(many[i - 1] <= many[i]) end
fails("invalid order function", table.sort, { 1, 2, 3, 4, 5 }, function() return true end)

-- math
same(math.floor(-3.5), -4)
same(math.ceil(3.2), 4)
same(math.tointeger(3.0), 3)
same(math.tointeger(3.5), nil)
same(math.type(1), "integer")
same(math.type(1.0), "float")
same(math.fmod(-7, 3), -1)
same(math.ult(1, -1), true)
same(math.max(1, 2.5), 2.5)
same(math.abs(-3), 3)
same(("%.10f"):format(math.pi), "3.1415926536")
same(("%.6f"):format(math.sin(math.pi / 6) + math.cos(0) + math.exp(0) + math.log(8, 2) + math.sqrt(2)), "6.914214")
same(select(2, math.modf(3.25)), 0.25)
math.randomseed(42)
local first = math.random(1000000)
math.randomseed(42)
same(math.random(1000000), first)
for _ = 1, 100 do local r = math.random(3, 5); assert(r >= 3 and r <= 5) end

-- io and os
local path = folder .. "/text"
local file = assert(io.open(path, "w"))
same(io.type(file), "file")
file:setvbuf("full")
assert(file:write("first\n", 2, " ", 3.5, "\nlast")):close()
same(io.type(file), "closed file")
local lines = {}
for line in io.lines(path) do lines[#lines + 1] = line end
same(table.concat(lines, "|"), "first|2 3.5|last")
file = assert(io.open(path, "r+b"))
same(file:read("L"), "first\n")
local x, y = file:read("n", "n")
same(x, 2); same(y, 3.5)
same(file:seek("set", 0), 0)
same(file:read(3), "fir")
same(#file:read("a"), 13)
same(file:read(1), nil)
same(file:seek("end"), 16)
file:close()
fails("closed file", file.read, file)
same(select(3, io.open(folder .. "/none")), 2)
local pipe = assert(io.popen("echo piped; exit 3"))
same(pipe:read("a"), "piped\n")
same(select(3, pipe:close()), 3)
assert(os.rename(path, path .. "2"))
assert(os.remove(path .. "2"))
same(select(2, os.remove(path)), path .. ": No such file or directory")
same(os.time({ year = 2020, month = 1, day = 2, hour = 12 }) - os.time({ year = 2020, month = 1, day = 1, hour = 12 }), 86400)
same(os.date("!%Y-%m-%dT%H:%M:%S", 0), "1970-01-01T00:00:00")
same(os.date("!*t", 86400).yday, 2)
same(os.getenv("NO_VARIABLE_HAS_THIS_NAME"), nil)
same(select(3, os.execute("exit 4")), 4)
same(os.difftime(10, 4), 6.0)
assert(os.clock() >= 0)

-- coroutine
local squares = coroutine.wrap(function(n) for i = 1, n do coroutine.yield(i * i) end end)
same(squares(3), 1)
same(squares(), 4)
same(squares(), 9)
local thread = coroutine.create(function(...)
  local got = coroutine.yield(select("#", ...))
  error("stopped at " .. got)
end)
same(select(2, coroutine.resume(thread, 1, 2)), 2)
same(coroutine.status(thread), "suspended")
same(select(2, coroutine.resume(thread, "here")):match("stopped at here"), "stopped at here")
same(coroutine.status(thread), "dead")
same(coroutine.isyieldable(), false)
local half = coroutine.create(function() local x <close> = setmetatable({}, { __close = function() closed[3] = "c" end }) coroutine.yield() end)
coroutine.resume(half)
same(coroutine.close(half), true)
same(closed[3], "c")
same(select(2, coroutine.wrap(function() return pcall(function() return coroutine.yield() end) end)()), nil)

-- utf8
local greek = "αβγ€"
same(#greek, 9)
same(utf8.len(greek), 4)
same(utf8.char(0x3B1, 0x20AC), "α€")
same(utf8.codepoint(greek, 7), 0x20AC)
same(utf8.offset(greek, 3), 5)
local codes = {}
for _, code in utf8.codes(greek) do codes[#codes + 1] = code end
same(codes[4], 0x20AC)
same(utf8.len("\xff"), nil)
same(("\u{10FFFF}"):match(utf8.charpattern), "\u{10FFFF}")

-- debug
local function inspected(p, q) local r = p; return r, q end
local info = debug.getinfo(inspected, "Su")
same(info.what, "Lua")
same(info.nparams, 2)
same(info.short_src:match("[^/]+$"), debug.getinfo(1, "S").short_src:match("[^/]+$"))
local name, value = debug.getupvalue(one, 1)
same(name, "n")
same(value, 3)
debug.setupvalue(one, 1, 100)
same(one(), 101)
local hooked = 0
debug.sethook(function() hooked = hooked + 1 end, "c")
inspected(1, 2)
debug.sethook()
same(hooked >= 1, true)

-- The collector, and modules.
local weak = setmetatable({}, { __mode = "k" })
weak[{}] = true
local finalised = false
setmetatable({}, { __gc = function() finalised = true end })
collectgarbage()
same(next(weak), nil)
same(finalised, true)
same(collectgarbage("count") > 0, true)
collectgarbage("incremental")
same(collectgarbage("generational"), "incremental")
for _ = 1, 50 do local t = {}; for i = 1, 1000 do t[i] = { i } end end
same(collectgarbage("incremental"), "generational")
package.preload.made = function(...) return { name = ... } end
same(require("made").name, "made")
same(require("made"), package.loaded.made)
fails("module 'not%.there' not found", require, "not.there")
same(select(3, package.loadlib(folder .. "/none.so", "*")), "open") -- LUA_USE_DLOPEN is on

print(checks .. " checks passed")
