-- Collects what is wrong with the manuscript, each with its place, and fails once at the end with all of it.
--
-- Pandoc's syntax tree keeps no source positions, so the place is found by searching the source for the offending text.

local problems = { source = "paper.qmd", lines = {}, pieces = {}, found = {}, seen = {} }

function problems.read(path)
  problems.source = pandoc.path.filename(path)
  local file = io.open(path, "r")
  if file then
    for line in file:lines() do
      table.insert(problems.lines, line)
    end
    file:close()
  end
  -- Which line of the source begins a piece of which file, and there on which line; staged with it (paper/stage.py).
  local pieces = io.open((path:gsub("%.%w+$", "") .. ".lines.json"), "r")
  if pieces then
    problems.pieces = pandoc.json.decode(pieces:read("a"), false)
    pieces:close()
  end
end

-- File and line where a line of the source was written.
local function written(number)
  local file, line = problems.source, number
  for _, piece in ipairs(problems.pieces) do
    if piece[1] <= number then
      file, line = piece[2], piece[3] + number - piece[1]
    end
  end
  return file, math.tointeger(line)
end

-- "a.qmd:12", or with further lines "a.qmd:12 (also 40, b.qmd:41)", where one of the texts stands.
function problems.place(texts)
  local hits = {}
  for _, text in ipairs(texts) do
    for number, line in ipairs(problems.lines) do
      if line:find(text, 1, true) then
        table.insert(hits, number)
      end
    end
    if #hits > 0 then
      break
    end
  end
  if #hits == 0 then
    return (written(1))
  end
  local first, line = written(table.remove(hits, 1))
  local others = {}
  for _, hit in ipairs(hits) do
    local file, own = written(hit)
    table.insert(others, file == first and own or file .. ":" .. own)
  end
  return first .. ":" .. line .. (#others > 0 and (" (also " .. table.concat(others, ", ") .. ")") or "")
end

-- texts: where to look, the most telling first. rule: its id in the lint (docs/lint), which reads it at the line's end.
function problems.add(texts, message, rule)
  local line = problems.place(texts) .. ": " .. message .. (rule and " [" .. rule .. "]" or "")
  if not problems.seen[line] then
    problems.seen[line] = true
    table.insert(problems.found, line)
  end
end

-- What is wrong at another place than in the manuscript.
function problems.add_to(place, message, rule)
  table.insert(problems.found, place .. ": " .. message .. " [" .. rule .. "]")
end

function problems.fail()
  if #problems.found > 0 then
    for _, line in ipairs(problems.found) do
      io.stderr:write("flowpaper: " .. line .. "\n")
    end
    error("the manuscript has " .. #problems.found .. " problem(s), listed above", 0)
  end
end

local function distance(a, b)
  local previous = {}
  for j = 0, #b do
    previous[j] = j
  end
  for i = 1, #a do
    local current = { [0] = i }
    local byte = a:byte(i)
    for j = 1, #b do
      local cost = byte == b:byte(j) and 0 or 1
      current[j] = math.min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost)
    end
    previous = current
  end
  return previous[#b]
end

-- The three names nearest to the wanted one, as the end of a message.
function problems.nearest(wanted, names)
  local ranked = {}
  for name in pairs(names) do
    -- A name that only lacks a part of the wanted one, or the other way round, is nearer than its length says.
    local contained = name:find(wanted, 1, true) or wanted:find(name, 1, true)
    table.insert(ranked, { contained and 1 or distance(wanted, name), name })
  end
  table.sort(ranked, function(a, b)
    return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2])
  end)
  local best = {}
  for i = 1, math.min(3, #ranked) do
    table.insert(best, ranked[i][2])
  end
  return #best == 0 and "there are none" or "nearest: " .. table.concat(best, ", ")
end

return problems
