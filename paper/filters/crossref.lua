-- For Pandoc alone (Quarto does all of this itself): numbers and links cross-references, sets captions and callouts.
--
-- Runs after flowpaper.lua, which has made sure that every reference has a target, and before --citeproc.

local TYPST = FORMAT:match("typst") ~= nil
local NAMES = { fig = "Figure", tbl = "Table", sec = "Section", eq = "Equation" }
-- A table with more rows is not a float: it may break across pages.
local LONG = 18

local numbers = {}
local in_appendix = false
local counts = { fig = 0, tbl = 0, eq = 0 }

local function raw(text)
  return pandoc.RawBlock(FORMAT, text)
end

local function typst_string(text)
  return '"' .. text:gsub('[\\"]', "\\%0") .. '"'
end

local function number(id, kind)
  counts[kind] = counts[kind] + 1
  numbers[id] = tostring(counts[kind])
  return numbers[id]
end

local function labelled(id, kind, inlines)
  local text = NAMES[kind] .. "\u{a0}" .. number(id, kind) .. "."
  local label = pandoc.Span({ pandoc.Strong({ pandoc.Str(text) }) }, pandoc.Attr("", { "caption-label" }))
  return pandoc.Inlines({ label, pandoc.Space() }) .. inlines
end

-- Callouts. Their headings are titles of a box, not sections.

local function callout(div)
  local kind = div.classes:find_if(function(class) return class:match("^callout%-") end)
  if not kind then
    return nil
  end
  local title = div.attributes.title and pandoc.Inlines(div.attributes.title)
  if div.content[1] and div.content[1].t == "Header" then
    title = div.content[1].content:filter(function(e) return not (e.classes and e.classes:includes("anchor")) end)
    div.content:remove(1)
  end
  title = title or pandoc.Inlines((kind:gsub("^callout%-(%a)", string.upper)))
  if TYPST then
    local blocks = pandoc.Blocks({ raw("#callout(title: ["), pandoc.Plain(title), raw("], [") })
    return blocks .. div.content .. { raw("])") }
  end
  local body = pandoc.Blocks({ pandoc.Div({ pandoc.Plain(title) }, { class = "callout-title" }) }) .. div.content
  return pandoc.Div(body, { class = "callout " .. kind, role = "note" })
end

-- Numbers of sections, as --number-sections gives them.

local function number_sections(doc)
  local current = { 0, 0, 0, 0, 0, 0 }
  for _, block in ipairs(doc.blocks) do
    if block.t == "Header" and not block.classes:includes("unnumbered") then
      current[block.level] = current[block.level] + 1
      for deeper = block.level + 1, 6 do
        current[deeper] = 0
      end
      numbers[block.identifier] = table.concat(current, ".", 1, block.level)
    end
  end
end

-- Figures and tables.

local function figure(element)
  if not element.identifier:match("^fig%-") then
    return nil
  end
  local caption = pandoc.Plain(labelled(element.identifier, "fig", element.caption.long[1].content))
  if not TYPST then
    element.caption.long = { caption }
    return element
  end
  return pandoc.Blocks({ raw("#figure(kind: image, caption: ["), caption, raw("], [") })
    .. element.content
    .. { raw("]) <" .. element.identifier .. ">") }
end

-- Pandoc's Typst writer drops alternative texts.
local function picture(image)
  if TYPST then
    local width = image.attributes.width
    local arguments = { typst_string(image.src), "alt: " .. typst_string(image.attributes.alt) }
    table.insert(arguments, width and "width: " .. width or nil)
    return pandoc.RawInline("typst", "#image(" .. table.concat(arguments, ", ") .. ")")
  end
end

local function rows_of(blocks)
  local rows = 0
  pandoc.Blocks(blocks):walk({
    Table = function(t)
      for _, body in ipairs(t.bodies) do
        rows = rows + #body.body
      end
    end,
  })
  return rows
end

-- A table's float, with the caption above in both outputs.
local function table_float(id, caption, content)
  caption = pandoc.Plain(labelled(id, "tbl", caption))
  if TYPST then
    -- In an appendix every table stands under its own heading.
    local long = in_appendix or rows_of(content) > LONG
    local open = "#figure(kind: table, placement: " .. (long and "none" or "auto") .. ", caption: ["
    content = content:walk({
      Div = function(div)
        if div.classes:includes("table-notes") then
          return pandoc.Blocks({ raw("#notes[") }) .. div.content .. { raw("]") }
        end
      end,
      Table = function(t)
        t.classes:insert("typst:no-figure")
        return t
      end,
    })
    return pandoc.Blocks({ raw(open), caption, raw("], [") }) .. content .. { raw("]) <" .. id .. ">") }
  end
  local open = { raw('<figure id="' .. id .. '" class="table">'), raw("<figcaption>"), caption, raw("</figcaption>") }
  return pandoc.Blocks(open) .. content .. { raw("</figure>") }
end

local function notice_appendix(header)
  local first = header.content[1]
  in_appendix = in_appendix or (first and first.t == "Span" and first.classes:includes("header-section-number")) or false
end

-- A float right below a heading would hold back the text after it on a page with no room for the float, because the
-- heading must not be parted from what follows: the paragraph goes first.
local function text_before_floats(doc)
  local blocks, in_back = doc.blocks, false
  for i, block in ipairs(blocks) do
    if block.t == "Header" then
      in_back = in_back or (block.level == 1 and block.classes:includes("unnumbered"))
      local last = i + 1
      while blocks[last] and blocks[last].identifier and blocks[last].identifier:match("^[ft][ib][gl]%-")
        and (blocks[last].t == "Figure" or rows_of({ blocks[last] }) <= LONG) do
        last = last + 1
      end
      if not in_back and last > i + 1 and blocks[last] and blocks[last].t == "Para" then
        blocks:insert(i + 1, blocks:remove(last))
      end
    end
  end
  doc.blocks = blocks
  return doc
end

local function table_div(div)
  if not div.identifier:match("^tbl%-") then
    return nil
  end
  local caption = div.content:remove(#div.content)
  return table_float(div.identifier, caption.content, div.content), false
end

-- A pipe table with a caption and an id of its own.
local function plain_table(element)
  if not element.identifier:match("^tbl%-") then
    return nil
  end
  local id, caption = element.identifier, element.caption.long[1].content
  element.identifier, element.caption = "", pandoc.Caption({})
  if TYPST then
    return table_float(id, caption, pandoc.Blocks({ element })), false
  end
  local box = { { "tabindex", "0" }, { "role", "region" }, { "aria-label", pandoc.utils.stringify(caption) } }
  local scrolling = pandoc.Div({ element }, pandoc.Attr("", { "table-box" }, box))
  return table_float(id, caption, pandoc.Blocks({ scrolling })), false
end

-- Equations: $$ ... $$ {#eq-x}

-- In a PDF for everyone, mathematics needs words for a screen reader; its TeX source is what there is.
local function spoken(math, settings, label)
  local alt = typst_string((math.text:gsub("%s+", " "):match("^%s*(.-)%s*$")))
  local open = "#[#set math.equation(alt: " .. alt .. settings .. "); "
  return { pandoc.RawInline("typst", open), math, pandoc.RawInline("typst", label .. "]") }
end

local function equations(inlines)
  local out, i = pandoc.Inlines({}), 1
  while i <= #inlines do
    local math, label = inlines[i], inlines[i + 1]
    local skip = 1
    if label and label.t == "Space" then
      label, skip = inlines[i + 2], 2
    end
    local id = math.t == "Math" and label and label.t == "Str" and label.text:match("^{#(eq%-[%w_-]+)}$")
    if id then
      local text = "(" .. number(id, "eq") .. ")"
      if TYPST then
        out:extend(spoken(math, ', numbering: "(1)"', " <" .. id .. ">"))
      else
        local label_span = pandoc.Span({ pandoc.Str(text) }, { class = "equation-number" })
        out:insert(pandoc.Span({ math, label_span }, { id = id, class = "equation" }))
      end
      i = i + skip + 1
    else
      out:extend(TYPST and math.t == "Math" and spoken(math, "", "") or { math })
      i = i + 1
    end
  end
  return out
end

-- References.

local function refer(cite)
  local parts = pandoc.Inlines({})
  for i, citation in ipairs(cite.citations) do
    local kind = citation.id:match("^(%a+)%-")
    if not NAMES[kind] then
      return nil
    end
    local text = numbers[citation.id] or "?"
    text = kind == "eq" and "(" .. text .. ")" or text
    if citation.mode ~= "SuppressAuthor" then
      text = NAMES[kind] .. "\u{a0}" .. text
    end
    if i > 1 then
      parts:extend(i < #cite.citations and { pandoc.Str(","), pandoc.Space() }
        or { pandoc.Space(), pandoc.Str("and"), pandoc.Space() })
    end
    parts:insert(pandoc.Link({ pandoc.Str(text) }, "#" .. citation.id))
  end
  return parts
end

local MONTHS = {
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
}

-- 2026-01-31 as 31 January 2026.
local function date(meta)
  local year, month, day = pandoc.utils.stringify(meta.date or ""):match("^(%d+)-(%d+)-(%d+)$")
  if year then
    meta["date-meta"] = year .. "-" .. month .. "-" .. day
    meta.date = tonumber(day) .. " " .. MONTHS[tonumber(month)] .. " " .. year
  end
end

-- Authors in the shape that Quarto gives its templates.
local function title_block(meta)
  date(meta)
  local list = {}
  for _, author in ipairs(meta.author or {}) do
    local affiliations = pandoc.utils.type(author.affiliation) == "List" and author.affiliation or { author.affiliation }
    local names = {}
    for _, affiliation in ipairs(affiliations) do
      table.insert(names, { name = affiliation.name or affiliation })
    end
    table.insert(list, { name = { literal = author.name or author }, affiliations = names, email = author.email })
  end
  meta["by-author"] = list
  -- The stock templates and the PDF's metadata want plain names.
  meta.author = pandoc.List(list):map(function(author) return author.name.literal end)
  return meta
end

return {
  { Div = callout },
  { Pandoc = number_sections },
  TYPST and { Pandoc = text_before_floats } or {},
  { Image = picture },
  { traverse = "topdown", Header = notice_appendix, Figure = figure, Div = table_div, Table = plain_table },
  { Inlines = equations },
  { Cite = refer, Meta = title_block },
}
