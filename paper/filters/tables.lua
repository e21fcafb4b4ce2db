-- Tables from the record: ::: {#tbl-x from="name" columns="a b" rows="r s" compact=true} with the caption inside.

local ALIGN = { left = pandoc.AlignLeft, right = pandoc.AlignRight, center = pandoc.AlignCenter }
-- From this many columns on, the table is set in smaller type without being asked.
local WIDE = 8
-- Estimated characters on a line of the page, by size of type: what a table may need before columns get fixed shares.
local LINE = { normal = 116, compact = 134, small = 146 }
-- A word without a place to break, such as a checksum, gets one after every so many characters.
local PIECE = 16

return function(record, problems)
  local typst = FORMAT:match("typst")

  -- Positions of the asked names among the entries (by field); all positions where none are asked.
  local function select(asked, entries, field, what, name)
    local positions, index = {}, {}
    for i, entry in ipairs(entries) do
      index[entry[field]] = i
      table.insert(positions, i)
    end
    if not asked then
      return positions
    end
    positions = {}
    for wanted in asked:gmatch("%S+") do
      if index[wanted] then
        table.insert(positions, index[wanted])
      else
        local message = "table '" .. name .. "' has no " .. what .. " '" .. wanted .. "'; "
        problems.add({ 'from="' .. name .. '"' }, message .. problems.nearest(wanted, index), "unknown-table")
      end
    end
    return positions
  end

  local function breakable(text)
    return (text:gsub("%w+", function(word)
      return #word <= 2 * PIECE and word or (word:gsub(("%w"):rep(PIECE), "%0\u{200b}"))
    end))
  end

  local function longest_word(text)
    local length = 0
    for word in text:gmatch("[^%s\u{200b}]+") do
      length = math.max(length, utf8.len(word) or #word)
    end
    return length
  end

  -- Shares of the line for the columns of a table that is wider than it, else none. Numbers keep the width they need.
  local function shares(head, texts, aligns, line)
    local most, least = {}, {}
    for c in ipairs(head) do
      -- Heads are set in semibold, which is wider.
      local title = math.ceil(1.15 * longest_word(head[c]))
      most[c], least[c] = title, title
      for _, row in ipairs(texts) do
        local whole = aligns[c] == pandoc.AlignLeft and longest_word(row[c]) or utf8.len(row[c])
        most[c], least[c] = math.max(most[c], utf8.len(row[c])), math.max(least[c], whole)
      end
      most[c], least[c] = most[c] + 2, least[c] + 2
    end
    local natural, spare, order, widths = 0, line, {}, {}
    for c in ipairs(head) do
      natural = natural + math.max(most[c], utf8.len(head[c]) + 2)
      spare, order[c], widths[c] = spare - least[c], c, least[c]
    end
    if natural <= line then
      return {}
    end
    -- What is left after every column has what it needs: those that want little are satisfied first.
    table.sort(order, function(a, b)
      local x, y = most[a] - least[a], most[b] - least[b]
      return x < y or (x == y and a < b)
    end)
    for i, c in ipairs(order) do
      local more = math.min(most[c] - least[c], math.max(spare, 0) / (#order - i + 1))
      widths[c], spare = widths[c] + more, spare - more
    end
    local total = 0
    for _, width in ipairs(widths) do
      total = total + width
    end
    for c, width in ipairs(widths) do
      widths[c] = width / math.max(total, line)
    end
    return widths
  end

  local function cell(entry)
    local inlines = pandoc.Inlines(typst and breakable(entry.text) or entry.text)
    return { pandoc.Plain(entry.strong and { pandoc.Strong(inlines) } or inlines) }
  end

  local function build(entry, div)
    local columns = select(div.attributes.columns, entry.columns, "key", "column", entry.name)
    local rows = select(div.attributes.rows, entry.rows, "id", "row", entry.name)
    local size = div.attributes.compact == "true" and "compact" or "normal"
    if #columns >= WIDE then
      size = #columns > WIDE and "small" or "compact"
    end
    local aligns, titles, head, body, texts = {}, {}, {}, {}, {}
    for i, c in ipairs(columns) do
      aligns[i], titles[i] = ALIGN[entry.columns[c].align], entry.columns[c].title
      head[i] = { pandoc.Plain(pandoc.Inlines(titles[i])) }
    end
    for i, r in ipairs(rows) do
      body[i], texts[i] = {}, {}
      for j, c in ipairs(columns) do
        body[i][j], texts[i][j] = cell(entry.rows[r].cells[c]), breakable(entry.rows[r].cells[c].text)
      end
    end
    local widths = typst and shares(titles, texts, aligns, LINE[size]) or {}
    for i in ipairs(columns) do
      widths[i] = widths[i] or 0
    end
    return pandoc.utils.from_simple_table(pandoc.SimpleTable({}, aligns, widths, head, body)), size, texts
  end

  -- Names in the first column stay on one line; a table with whole phrases in it is not squeezed into a narrow screen.
  local function classes_for(size, texts)
    local first, any = 0, 0
    for _, row in ipairs(texts) do
      for c, text in ipairs(row) do
        first, any = c == 1 and math.max(first, utf8.len(text)) or first, math.max(any, utf8.len(text))
      end
    end
    local classes = pandoc.List({ "table-box" })
    classes:extend(size ~= "normal" and { "compact" } or {})
    classes:extend(first <= 30 and { "short-names" } or {})
    classes:extend(any > 40 and { "phrases" } or {})
    return classes
  end

  local function fill(div)
    local name = div.attributes.from
    if not name then
      return nil
    end
    local entry = record.table(name)
    if not entry then
      local message = "unknown table '" .. name .. "'; " .. problems.nearest(name, record.table_names())
      problems.add({ 'from="' .. name .. '"', name }, message, "unknown-table")
      return nil
    end
    local built, size, texts = build(entry, div)
    local blocks = pandoc.Blocks({})
    if typst then
      if size ~= "normal" then
        built.attributes["typst:text:size"] = size == "small" and "7pt" or "7.5pt"
        built.attributes["typst:inset"] = "(x: 3pt, y: 3pt)"
      end
      blocks:insert(built)
    else
      -- The table scrolls in a box of its own; a box that scrolls has to be reachable from the keyboard.
      local box = { { "tabindex", "0" }, { "role", "region" }, { "aria-label", entry.title } }
      blocks:insert(pandoc.Div({ built }, pandoc.Attr("", classes_for(size, texts), box)))
    end
    if #entry.notes > 0 then
      local notes = pandoc.Para(pandoc.Inlines(table.concat(entry.notes, " ")))
      local small = typst and quarto and { ["typst:text:size"] = "8pt" } or {}
      blocks:insert(pandoc.Div({ notes }, pandoc.Attr("", { "table-notes" }, small)))
    end
    blocks:extend(div.content)
    for _, key in ipairs({ "from", "columns", "rows", "compact" }) do
      div.attributes[key] = nil
    end
    div.content = blocks
    return div
  end

  return { { Div = fill } }
end
