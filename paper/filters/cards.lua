-- What stands behind a number: each value links to its entry in the appendix of values, which a script of the page opens
-- as a card; captions of figures and tables say where their numbers are computed.

-- The div that the list of values takes the place of; without it there is nothing to link to.
local LIST = "values-of-the-text"
local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

return function(record, problems)
  -- In Word the list is a table, and numbers do not lead to it.
  local typst, word = FORMAT:match("typst") ~= nil, FORMAT == "docx"
  local cards = record.cards or { values = {}, tables = {}, figures = {} }
  -- Key to the ids of the places that show it, and the keys in the order of the alphabet.
  local places, keys = {}, pandoc.List({})

  local function html(text)
    return (tostring(text):gsub('[&<>"]', ENTITIES))
  end

  local function typst_string(text)
    return '"' .. tostring(text):gsub('[\\"]', "\\%0") .. '"'
  end

  local lists = false

  local function look(doc)
    doc:walk({ Div = function(div) lists = lists or div.identifier == LIST end })
  end

  local function link(span)
    local key = span.attributes["data-key"]
    local card = key and cards.values[key]
    if not lists or not card or not span.classes:includes("val") then
      return nil
    end
    if not places[key] then
      places[key] = {}
      keys:insert(key)
    end
    local place = "at-" .. card.id .. (#places[key] > 0 and "-" .. #places[key] + 1 or "")
    table.insert(places[key], place)
    if word then
      return span, false
    end
    if typst then
      local open = pandoc.RawInline("typst", "#used(" .. typst_string(card.id) .. ")[")
      return pandoc.Inlines({ open }) .. span.content .. { pandoc.RawInline("typst", "]") }, false
    end
    local attributes = { { "data-key", key } }
    return pandoc.Link(span.content, "#v-" .. card.id, "", pandoc.Attr(place, { "val" }, attributes)), false
  end

  local function left(element)
    return element, false
  end

  -- The quiet line at the end of a caption: where the numbers of a table or figure come from.
  local function source(inlines, kind, name)
    local card = lists and cards[kind .. "s"][name]
    if not card or word then
      return
    end
    if typst then
      local file = kind == "table" and "tables/" .. name .. ".csv" or "figures/" .. name .. ".pdf"
      local from = card.file ~= "" and ", " .. typst_string(card.file) or ""
      inlines:insert(pandoc.RawInline("typst", "#source(" .. typst_string(file) .. from .. ")"))
    else
      local attributes = { { "aria-label", "Source of this " .. kind } }
      inlines:insert(pandoc.Space())
      inlines:insert(pandoc.Link({ pandoc.Str("Source") }, "#s-" .. kind .. "-" .. name, "", pandoc.Attr("", { "source" }, attributes)))
    end
  end

  local shown = pandoc.List({})

  local function note(kind, name)
    if cards[kind .. "s"][name] and not shown:find_if(function(one) return one.kind == kind and one.name == name end) then
      shown:insert({ kind = kind, name = name })
    end
  end

  local function figure(element)
    local name
    element:walk({ Image = function(image) name = name or image.src:match("figures/([%w_]+)%.svg$") end })
    local caption = element.caption.long
    if name and #caption > 0 and caption[#caption].content then
      note("figure", name)
      source(caption[#caption].content, "figure", name)
      element.caption.long = caption
      return element
    end
  end

  local function float(div)
    local name, last = div.attributes["data-table"], div.content[#div.content]
    div.attributes["data-table"] = nil
    if name and last and last.t == "Para" then
      note("table", name)
      source(last.content, "table", name)
      return div
    end
  end

  local function file(path)
    if path == "" then
      return ""
    end
    local code = "<code>" .. html(path) .. "</code>"
    return cards.repository ~= "" and '<a href="' .. html(cards.repository .. path) .. '">' .. code .. "</a>" or code
  end

  local function field(name, text)
    return text and text ~= "" and ('<span data-f="%s">%s</span>'):format(name, text) or ""
  end

  local function entry(key)
    local card, back = cards.values[key], pandoc.List({})
    for i, place in ipairs(places[key]) do
      back:insert(('<a href="#%s">%d</a>'):format(place, i))
    end
    local parts = pandoc.List({
      field("what", html(card.what)),
      field("exact", html(card.exact)) .. " " .. field("unit", html(card.unit)),
      field("interval", card.interval and html(card.interval)),
      field("method", card.method and html(card.method)),
      field("n", html(card.n)),
      field("data", html(card.data)),
      card.level ~= "" and '<span data-f="level" hidden>' .. html(card.level) .. "</span>" or "",
      card.condition ~= "" and '<span data-f="condition" hidden>' .. html(card.condition) .. "</span>" or "",
      field("cell", html(card.cell)),
      field("file", file(card.file)),
      card.cite ~= "" and '<span data-f="cite" hidden>' .. html(card.cite) .. "</span>" or "",
      '<span class="places">' .. table.concat(back, " ") .. "</span>",
    }):filter(function(part) return part:match("%S") end)
    return ('<div id="v-%s" data-key="%s"><dt><code>%s</code></dt><dd>%s</dd></div>'):format(
      card.id, html(key), html(key), table.concat(parts, " "))
  end

  local function float_entry(one)
    local card, lines = cards[one.kind .. "s"][one.name], pandoc.List({})
    for _, column in ipairs(card.columns or {}) do
      local unit = column.unit ~= "" and " (" .. column.unit .. ")" or ""
      if column.what ~= "" and column.what ~= column.title then
        lines:insert("<li><b>" .. html(column.title) .. "</b> " .. html(column.what .. unit) .. "</li>")
      end
    end
    local list = #lines > 0 and '<ul data-f="columns">' .. table.concat(lines) .. "</ul>" or ""
    local path = one.kind == "table" and "tables/" .. one.name .. ".csv" or "figures/" .. one.name .. ".svg"
    local parts = pandoc.List({
      field("what", html(card.title)), field("rows", card.rows and html(card.rows)), field("file", file(card.file)),
      card.cite ~= "" and '<span data-f="cite" hidden>' .. html(card.cite) .. "</span>" or "",
    }):filter(function(part) return part ~= "" end)
    return ('<div id="s-%s-%s"><dt><code>%s</code></dt><dd>%s%s</dd></div>'):format(
      one.kind, one.name, path, table.concat(parts, " "), list)
  end

  local function as_table()
    local columns = { { "key", "Key" }, { "what", "What" }, { "exact", "Exact" }, { "interval", "Interval" }, { "n", "n" } }
    local head, rows, aligns, widths = {}, {}, {}, { 0.25, 0.35, 0.15, 0.15, 0.1 }
    for i, column in ipairs(columns) do
      head[i], aligns[i] = { pandoc.Plain(column[2]) }, pandoc.AlignLeft
    end
    for r, key in ipairs(keys) do
      rows[r] = {}
      for i, column in ipairs(columns) do
        rows[r][i] = { pandoc.Plain(column[1] == "key" and key or tostring(cards.values[key][column[1]] or "")) }
      end
    end
    return { pandoc.utils.from_simple_table(pandoc.SimpleTable({}, aligns, widths, head, rows)) }
  end

  local function listed()
    keys:sort()
    if word then
      return as_table()
    end
    if not typst then
      local entries = keys:map(entry)
      shown:sort(function(a, b) return a.kind .. a.name < b.kind .. b.name end)
      return { pandoc.RawBlock("html", '<dl class="value-list">' .. table.concat(entries, "\n") .. "</dl>"),
        pandoc.RawBlock("html", '<dl class="value-list">' .. table.concat(shown:map(float_entry), "\n") .. "</dl>") }
    end
    local entries = keys:map(function(key)
      local card = cards.values[key]
      local fields = { id = card.id, key = key, what = card.what, exact = card.exact,
        interval = card.interval or "", n = card.n, data = card.data }
      local pairs_of = pandoc.List({ "id", "key", "what", "exact", "interval", "n", "data" })
      return "(" .. table.concat(pairs_of:map(function(name) return name .. ": " .. typst_string(fields[name]) end), ", ") .. "),"
    end)
    return { pandoc.RawBlock("typst", "#value-list((" .. table.concat(entries, "\n") .. "))") }
  end

  local function fill(div)
    if div.identifier == LIST then
      return listed()
    end
  end

  -- Titles stay as they are, as do links and the texts of pictures: a value within them is not a link.
  local function connect(doc)
    local links = { traverse = "topdown", Header = left, Link = left, Image = left, Span = link }
    local abstract = doc.meta.abstract
    local kind = pandoc.utils.type(abstract)
    if kind == "Blocks" or kind == "Inlines" then
      doc.meta.abstract = abstract:walk(links)
    end
    doc.blocks = doc.blocks:walk(links)
    return doc
  end

  return { { Pandoc = look }, { Pandoc = connect }, { Figure = figure, Div = float }, { Div = fill } }
end
