-- Reads what the manuscript shows: values.json (names, and by their addresses the cells that the manuscript names),
-- unknown.json (what is wrong with the addresses of cells that are not there), claims.json, tables and the texts of figures.

local record = { folder = nil, values = {}, unknown = {}, claims = {}, synthetic = false, marker = nil }

-- What is done to the text of all but our own files before it is read; set where the output needs it.
record.escaped = nil

-- ours: a file of the project's own words, in which markup is meant; nothing of it but that is printed.
local function read(path, ours)
  local file = io.open(path, "rb")
  if not file then
    return nil
  end
  -- Labels and file names of users' data are text, whatever they look like: a word joiner, which does not show, keeps
  -- a renderer from taking them for a shortcode, an attribute or an unresolved reference. In JSON these pairs of
  -- characters stand in strings only.
  local text = file:read("a")
  if not ours and record.escaped then
    text = record.escaped(text)
  end
  if not ours then
    text = text:gsub("{([{.#w])", "{\u{2060}%1"):gsub("%?([?@vme])", "?\u{2060}%1")
  end
  file:close()
  -- false: plain Lua tables. Turning objects into Pandoc elements is slow and not wanted here.
  local entry = pandoc.json.decode(text, false)
  if entry == nil then
    error("flowpaper: " .. path .. " is not valid JSON", 0)
  end
  return entry
end

function record.exists(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

-- nil for what is null in JSON or absent.
function record.plain(value)
  if value == pandoc.json.null then
    return nil
  end
  return value
end

function record.load(document_folder)
  local folders = { pandoc.path.join({ document_folder, "record" }), os.getenv("FLOWPAPER_RECORD") }
  for _, folder in pairs(folders) do
    local entry = read(pandoc.path.join({ folder, "values.json" }))
    if entry then
      record.folder, record.values, record.synthetic = folder, entry.values, entry.synthetic == true
      record.document = document_folder
      record.unknown = read(pandoc.path.join({ folder, "unknown.json" }), true) or {}
      record.claims = read(pandoc.path.join({ folder, "claims.json" }), true) or {}
      record.cards = read(pandoc.path.join({ folder, "cards.json" }))
      record.marker = record.values["data.caption_marker"] and record.values["data.caption_marker"].text
      return
    end
  end
  error(
    "flowpaper: there is no record of results beside the manuscript (record/values.json) nor at FLOWPAPER_RECORD. "
      .. "'make paper' stages one, with the manuscript, in build/<name>/paper.",
    0
  )
end

-- The text of a file staged beside the manuscript, or nil.
function record.file(name)
  local file = io.open(pandoc.path.join({ record.document, name }), "r")
  local text = file and file:read("a")
  if file then
    file:close()
  end
  return text
end

-- A number with its interval, 0.92 [0.91, 0.93], with spaces at which no line breaks; one that is told in words as it is.
function record.unbroken(text)
  return text:match("^[^%a%[]+%[[^%a%]]+%]$") and (text:gsub(" ", "\u{a0}")) or text
end

-- The text of a value that may be absent.
function record.text(key)
  return record.values[key] and record.values[key].text
end

-- The value that the text shows of a cell of a table, by its key, if the cell reads as the value does, alone or with its interval.
function record.key_of(name, row, column, text)
  if not record.by_cell then
    record.by_cell = {}
    for key in pairs(record.cards and record.cards.values or {}) do
      local value = record.values[key]
      local origin = value and record.plain(value.origin) or {}
      if origin.column then
        local place = table.concat({ origin.table, origin.row, origin.column }, "\0")
        -- Of several keys of a cell one that says the row, so that it means the same in every build (the forest, and not
        -- the best model), else the first in the alphabet, because the order of pairs differs from run to run.
        local other, row_of = record.by_cell[place], origin.row
        local function rank(one)
          return (one:find(row_of, 1, true) and "0" or "1") .. one
        end
        record.by_cell[place] = other and rank(other) < rank(key) and other or key
      end
    end
  end
  local key = record.by_cell[table.concat({ name, row, column }, "\0")]
  local value = key and record.values[key]
  -- A cell may show the number with its interval.
  local interval = value and (record.plain(value.forms) or {}).interval
  return value and (value.text == text or interval == text) and key or nil
end

-- The value called key, or nil after a problem was noted.
function record.find(key, texts, problems)
  local value = record.values[key]
  if not value then
    local why = record.unknown[key] or "unknown value '" .. key .. "'; " .. problems.nearest(key, record.values)
    problems.add(texts, why, "unknown-key")
  end
  return value
end

-- The table called name, or nil.
function record.table(name)
  return read(pandoc.path.join({ record.folder, "tables", name .. ".json" }))
end

-- The names of all tables, as keys.
function record.table_names()
  local names = {}
  local ok, files = pcall(pandoc.system.list_directory, pandoc.path.join({ record.folder, "tables" }))
  for _, file in ipairs(ok and files or {}) do
    names[(file:gsub("%.json$", ""))] = true
  end
  return names
end

-- The alternative text of the picture at src (a path beside the manuscript), or nil.
function record.alt(src)
  local entry = read(pandoc.path.join({ record.document, (src:gsub("%.%w+$", ".json")) }))
  return entry and entry.alt
end

return record
