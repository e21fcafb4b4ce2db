-- Tables from the record: ::: {#tbl-x from="name" columns="a b" rows="r s" compact=true} with the caption inside.

local ALIGN = { left = pandoc.AlignLeft, right = pandoc.AlignRight, center = pandoc.AlignCenter }
-- From this many columns on, the table is set in smaller type without being asked.
local WIDE = 8

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
        problems.add({ 'from="' .. name .. '"' }, message .. problems.nearest(wanted, index))
      end
    end
    return positions
  end

  local function cell(entry)
    local inlines = pandoc.Inlines(entry.text)
    return { pandoc.Plain(entry.strong and { pandoc.Strong(inlines) } or inlines) }
  end

  local function build(entry, div)
    local columns = select(div.attributes.columns, entry.columns, "key", "column", entry.name)
    local rows = select(div.attributes.rows, entry.rows, "id", "row", entry.name)
    local aligns, widths, head, body = {}, {}, {}, {}
    for _, c in ipairs(columns) do
      table.insert(aligns, ALIGN[entry.columns[c].align])
      table.insert(widths, 0)
      table.insert(head, { pandoc.Plain(pandoc.Inlines(entry.columns[c].title)) })
    end
    for _, r in ipairs(rows) do
      local line = {}
      for _, c in ipairs(columns) do
        table.insert(line, cell(entry.rows[r].cells[c]))
      end
      table.insert(body, line)
    end
    local simple = pandoc.SimpleTable({}, aligns, widths, head, body)
    return pandoc.utils.from_simple_table(simple), #columns
  end

  local function fill(div)
    local name = div.attributes.from
    if not name then
      return nil
    end
    local entry = record.table(name)
    if not entry then
      local message = "unknown table '" .. name .. "'; " .. problems.nearest(name, record.table_names())
      problems.add({ 'from="' .. name .. '"', name }, message)
      return nil
    end
    local built, width = build(entry, div)
    local compact = div.attributes.compact == "true" or width >= WIDE
    local small = typst and { ["typst:text:size"] = "8pt" } or {}
    local blocks = pandoc.Blocks({})
    if typst then
      if compact then
        built.attributes["typst:text:size"] = width > WIDE and "7pt" or "7.5pt"
        built.attributes["typst:inset"] = "(x: 3pt, y: 1.9pt)"
      end
      blocks:insert(built)
    else
      -- The table scrolls in a box of its own; a box that scrolls has to be reachable from the keyboard.
      local box = { tabindex = "0", role = "region", ["aria-label"] = entry.title }
      blocks:insert(pandoc.Div({ built }, pandoc.Attr("", { "table-box", compact and "compact" or nil }, box)))
    end
    if #entry.notes > 0 then
      local notes = pandoc.Para(pandoc.Inlines(table.concat(entry.notes, " ")))
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
