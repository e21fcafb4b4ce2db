-- Tables from the record: ::: {#tbl-x from="name" columns="a b" rows="r s" compact=true} with the caption inside.
-- rows="*.all" takes the rows whose id ends so.

local ALIGN = { left = pandoc.AlignLeft, right = pandoc.AlignRight, center = pandoc.AlignCenter }
-- From this many columns on, the table is set in smaller type without being asked.
local WIDE = 8
-- Estimated characters on a line of the page, by size of type: what a table may need before columns get fixed shares.
-- In the main text tables are set at 8.5 points, dense ones with less space between columns.
local LINE = { normal = 120, airy = 122, dense = 122, compact = 130, small = 138 }
-- The space between columns, in the same.
local GAP = { normal = 3, airy = 3.4, dense = 2, compact = 2.2, small = 2.2 }
-- What Typst is told of a size.
local TYPE = { compact = "8pt", small = "7.5pt" }
local INSET = { airy = "(x: 4.5pt, y: 2.5pt)", dense = "(x: 2.5pt, y: 2.5pt)", compact = "(x: 3pt, y: 3pt)", small = "(x: 3pt, y: 3pt)" }
-- Entries of up to so many characters, such as names and intervals, stay on one line where the page allows it.
local SHORT = 30
-- A word without a place to break, such as a checksum, gets one after every so many characters.
local PIECE = 16
-- What stands in an empty cell; the reason stands below the table.
local MISSING = "–"

return function(record, problems)
  local typst = FORMAT:match("typst")
  local in_appendix = false

  -- Positions of the asked names among the entries (by field), of all that end alike for '*end'; all where none are asked.
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
      local ending, before = wanted:match("^%*(.+)$"), #positions
      for i, entry in ipairs(entries) do
        if entry[field] == wanted or (ending and entry[field]:sub(-#ending) == ending) then
          table.insert(positions, i)
        end
      end
      if #positions == before then
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

  -- Width of a text in characters of common width; capitals take more.
  local function measure(text)
    local _, capitals = text:gsub("%u", "")
    return (utf8.len(text) or #text) + 0.35 * capitals
  end

  local function longest_word(text)
    local width = 0
    -- A line may end after a hyphen between letters.
    for word in text:gsub("(%a%-)(%a)", "%1 %2"):gmatch("[^%s\u{200b}]+") do
      width = math.max(width, measure(word))
    end
    return width
  end

  -- Lines of the table at the given widths: a row is as high as its highest cell. Cells that break without making
  -- their row higher count a little, so that two columns which only help together are both widened.
  local function height(cells, widths)
    local lines = 0
    for _, row in ipairs(cells) do
      local highest = 1
      for c, width in ipairs(row) do
        local own = width <= widths[c] and 1 or math.ceil(width / math.max(widths[c] - 3, 1))
        highest, lines = math.max(highest, own), lines + 0.1 * own
      end
      lines = lines + highest
    end
    return lines
  end

  local function sum(widths)
    local total = 0
    for _, width in ipairs(widths) do
      total = total + width
    end
    return total
  end

  -- Shares of the line for the columns of a table that is wider than it, else none. A column gets its longest word, one
  -- of numbers or names its longest entry; what is left goes, piece by piece, where it saves most lines.
  local function shares(head, texts, aligns, line, gap)
    local cells, widths, entries, most = { {} }, {}, {}, {}
    for c, title in ipairs(head) do
      -- Heads are set in semibold, which is wider.
      cells[1][c], widths[c] = 1.15 * measure(title) + gap, 1.15 * longest_word(title) + gap
      entries[c] = 0
      for r, row in ipairs(texts) do
        cells[r + 1] = cells[r + 1] or {}
        cells[r + 1][c] = measure(row[c]) + gap
        entries[c] = math.max(entries[c], cells[r + 1][c])
        widths[c] = math.max(widths[c], aligns[c] == pandoc.AlignLeft and longest_word(row[c]) + gap or cells[r + 1][c])
      end
      most[c] = math.max(cells[1][c], entries[c])
    end
    if sum(most) <= line then
      return {}
    end
    local spare = line - sum(widths)
    for c, entry in ipairs(entries) do
      local more = math.max(entry - widths[c], 0)
      if entry <= SHORT and more <= spare then
        widths[c], spare = widths[c] + more, spare - more
      end
    end
    while spare >= 1 do
      local now, best, column, by = height(cells, widths), 0, nil, 0
      for c, width in ipairs(widths) do
        for more = 1, math.floor(math.min(spare, math.ceil(most[c] - width))) do
          widths[c] = width + more
          local gain = (now - height(cells, widths)) / more
          if gain > best + 1e-9 then
            best, column, by = gain, c, more
          end
        end
        widths[c] = width
      end
      if not column then
        break
      end
      widths[column], spare = widths[column] + by, spare - by
    end
    local total = sum(widths)
    -- The widths are estimates: what nobody asked for makes them roomier.
    local room = math.min(1.1, math.max(line / total, 1))
    for c, width in ipairs(widths) do
      widths[c] = width * room / math.max(total, line)
    end
    return widths
  end

  -- The table's notes, and the reasons for those empty cells that are shown, in the order of the whole table.
  local function notes_of(entry, columns, rows)
    local shown, reasons = {}, pandoc.List({})
    for _, r in ipairs(rows) do
      for _, c in ipairs(columns) do
        local cell = entry.rows[r].cells[c]
        if cell.text == MISSING and record.plain(cell.reason) then
          shown[cell.reason] = true
        end
      end
    end
    for _, row in ipairs(entry.rows) do
      for _, cell in ipairs(row.cells) do
        if cell.text == MISSING and shown[cell.reason] and not reasons:includes(cell.reason) then
          reasons:insert(cell.reason)
        end
      end
    end
    local notes = pandoc.List(entry.notes):clone()
    if #reasons > 0 then
      notes:insert(MISSING .. ": " .. table.concat(reasons, "; ") .. ".")
    end
    return #notes > 0 and pandoc.Para(pandoc.Inlines(table.concat(notes, " ")))
  end

  local function cell(entry, key)
    local text = record.unbroken(entry.text)
    local inlines = pandoc.Inlines(typst and breakable(text) or text)
    if key then
      inlines = pandoc.Inlines({ pandoc.Span(inlines, pandoc.Attr("", { "val" }, { { "data-key", key } })) })
    end
    return { pandoc.Plain(entry.strong and { pandoc.Strong(inlines) } or inlines) }
  end

  local function build(entry, div)
    local columns = select(div.attributes.columns, entry.columns, "key", "column", entry.name)
    local rows = select(div.attributes.rows, entry.rows, "id", "row", entry.name)
    local size = div.attributes.compact == "true" and "compact" or "normal"
    if #columns >= WIDE then
      size = #columns > WIDE and "small" or "compact"
    end
    if typst and size ~= "normal" and not in_appendix then
      size = "dense"
    end
    local aligns, titles, head, body, texts = {}, {}, {}, {}, {}
    for i, c in ipairs(columns) do
      aligns[i], titles[i] = ALIGN[entry.columns[c].align], entry.columns[c].title
      head[i] = { pandoc.Plain(pandoc.Inlines(titles[i])) }
    end
    for i, r in ipairs(rows) do
      body[i], texts[i] = {}, {}
      for j, c in ipairs(columns) do
        local one = entry.rows[r].cells[c]
        local key = record.key_of(entry.name, entry.rows[r].id, entry.columns[c].key, one.text)
        body[i][j], texts[i][j] = cell(one, key), breakable(record.unbroken(one.text))
      end
    end
    -- What fits with more space between its columns gets it.
    if size == "dense" and #shares(titles, texts, aligns, LINE.airy, GAP.airy) == 0 then
      size = "airy"
    end
    local widths = typst and shares(titles, texts, aligns, LINE[size], GAP[size]) or {}
    for i in ipairs(columns) do
      widths[i] = widths[i] or 0
    end
    return pandoc.utils.from_simple_table(pandoc.SimpleTable({}, aligns, widths, head, body)), size, texts, notes_of(entry, columns, rows)
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
    local built, size, texts, notes = build(entry, div)
    local blocks = pandoc.Blocks({})
    if typst then
      built.attributes["typst:text:size"] = TYPE[size]
      built.attributes["typst:inset"] = INSET[size]
      if notes then
        -- Notes are the table's foot, so that no page break parts them from its last rows.
        local cell = pandoc.Cell({ pandoc.Plain(notes.content) }, pandoc.AlignLeft, 1, #built.colspecs)
        built.foot = pandoc.TableFoot({ pandoc.Row({ cell }) })
      end
      blocks:insert(built)
    else
      -- The table scrolls in a box of its own; a box that scrolls has to be reachable from the keyboard. The gate asks
      -- which table of the record it is.
      local box = { { "tabindex", "0" }, { "role", "region" }, { "aria-label", entry.title }, { "data-from", name } }
      blocks:insert(pandoc.Div({ built }, pandoc.Attr("", classes_for(size, texts), box)))
      if notes then
        blocks:insert(pandoc.Div({ notes }, pandoc.Attr("", { "table-notes" })))
      end
    end
    blocks:extend(div.content)
    for _, key in ipairs({ "from", "columns", "rows", "compact" }) do
      div.attributes[key] = nil
    end
    div.attributes["data-table"] = name
    div.content = blocks
    return div
  end

  local function notice_appendix(header)
    in_appendix = in_appendix or header.classes:includes("appendix")
  end

  return { { traverse = "topdown", Header = notice_appendix, Div = fill } }
end
