-- Figures and tables: their numbers, and the float that each becomes with its caption.
--
-- Whether a float moves, and whether it may break across pages, is decided where heights are known, by the template of
-- the PDF.

local TYPST = FORMAT:match("typst") ~= nil
-- Pandoc's writer for Word sets figures, tables and their captions by itself.
local DOCX = FORMAT == "docx"
-- So many rows at the end of a table stay together; a table of so few rows is not taken apart.
local LAST, SHORT = 3, 6

return function(numbers, names)
  local counts = { fig = 0, tbl = 0 }

  local function raw(text)
    return pandoc.RawBlock(TYPST and "typst" or "html", text)
  end

  local function typst_string(text)
    return '"' .. text:gsub('[\\"]', "\\%0") .. '"'
  end

  local function labelled(id, kind, inlines)
    counts[kind] = counts[kind] + 1
    numbers[id] = tostring(counts[kind])
    local text = names[kind] .. "\u{a0}" .. numbers[id] .. "."
    local label = pandoc.Span({ pandoc.Strong({ pandoc.Str(text) }) }, pandoc.Attr("", { "caption-label" }))
    return pandoc.Plain(pandoc.Inlines({ label, pandoc.Space() }) .. inlines)
  end

  local function figure(element)
    local id = element.identifier
    if not id:match("^fig%-") then
      return nil
    end
    local caption = labelled(id, "fig", element.caption.long[1].content)
    if DOCX then
      element.caption.long = pandoc.Blocks({ caption })
      return element
    end
    if TYPST then
      return pandoc.Blocks({ raw("#figure(kind: image, caption: ["), caption, raw("], [") })
        .. element.content
        .. { raw("]) <" .. id .. ">") }
    end
    local box = { { "tabindex", "0" }, { "role", "region" }, { "aria-label", names.fig .. " " .. numbers[id] } }
    return pandoc.Blocks({ raw('<figure id="' .. id .. '">') })
      .. pandoc.Blocks({ pandoc.Div(element.content, pandoc.Attr("", { "figure-box" }, box)) })
      .. { raw("<figcaption>"), caption, raw("</figcaption>"), raw("</figure>") }
  end

  -- Pandoc's Typst writer drops alternative texts.
  local function picture(image)
    if TYPST then
      local width = image.attributes.width
      local arguments = { typst_string(image.src), "alt: " .. typst_string(image.attributes.alt) }
      table.insert(arguments, width and "width: " .. width or nil)
      return pandoc.RawInline("typst", "#image(" .. table.concat(arguments, ", ") .. ")")
    end
    if DOCX then
      image.src = image.src:gsub("%.svg$", ".png")
      return image
    end
  end

  -- The last rows and the notes of a table become its foot, which Typst takes apart nowhere, and which it does not part
  -- from the row before: so no row and no note is alone on a page. A rule closes the rows, or the head without any.
  local function foot(t)
    local rows, last = t.bodies[1] and t.bodies[#t.bodies].body or pandoc.List({}), pandoc.List({})
    for _ = 1, #rows > SHORT and LAST or #rows - 1 do
      last:insert(1, rows:remove())
    end
    for _, cell in ipairs((last[#last] or rows[#rows] or t.head.rows[#t.head.rows]).cells) do
      cell.attributes["typst:stroke"], cell.attributes["typst:inset"] = "(bottom: 0.8pt)", "(bottom: 4pt)"
    end
    for _, row in ipairs(t.foot.rows) do
      for _, cell in ipairs(row.cells) do
        cell.attributes["typst:inset"] = "(x: 0pt, y: 4pt)"
        cell.contents = pandoc.Blocks({ raw("#notes[") }) .. cell.contents .. { raw("]") }
      end
    end
    t.foot.rows = last .. t.foot.rows
    t.classes:insert("typst:no-figure")
    return t
  end

  -- A table's float, with the caption above in all outputs.
  local function table_float(id, caption, content)
    caption = labelled(id, "tbl", caption)
    -- By its number, since one table of the record may be shown twice, and regions of one name cannot be told apart.
    local function named_box(div)
      if div.classes:includes("table-box") then
        div.attributes["aria-label"] = names.tbl .. " " .. numbers[id] .. ": " .. div.attributes["aria-label"]
        return div
      end
    end
    if DOCX then
      content = content:walk({
        Table = function(t)
          t.caption = pandoc.Caption({ caption })
          return t
        end,
      })
      return pandoc.Blocks({ pandoc.Div(content, pandoc.Attr(id)) })
    end
    if TYPST then
      content = content:walk({ Table = foot })
      return pandoc.Blocks({ raw("#figure(kind: table, caption: ["), caption, raw("], [") })
        .. content
        .. { raw("]) <" .. id .. ">") }
    end
    local open = { raw('<figure id="' .. id .. '" class="table">'), raw("<figcaption>"), caption, raw("</figcaption>") }
    return pandoc.Blocks(open) .. content:walk({ Div = named_box }) .. { raw("</figure>") }
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

  -- A float right below a heading would hold back the text after it on a page with no room for the float, because the
  -- heading must not be parted from what follows: the paragraph goes first. The back matter has no floats.
  local function text_before_floats(doc)
    local blocks, in_back = doc.blocks, false
    for i, block in ipairs(blocks) do
      if block.t == "Header" then
        in_back = in_back or (block.level == 1 and block.classes:includes("unnumbered"))
        local last = i + 1
        while blocks[last] and blocks[last].identifier and blocks[last].identifier:match("^[ft][ib][gl]%-") do
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

  return {
    TYPST and { Pandoc = text_before_floats } or {},
    { Image = picture },
    { traverse = "topdown", Figure = figure, Div = table_div, Table = plain_table },
  }
end
