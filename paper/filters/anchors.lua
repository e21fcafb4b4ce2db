-- In HTML: a link to itself at the end of the caption of each figure and table, as headings have one.

return function()
  if not FORMAT:match("html") then
    return {}
  end

  local function link(id, what)
    local attributes = { ["aria-label"] = "Link to this " .. what }
    return pandoc.Link({}, "#" .. id, "", pandoc.Attr("", { "anchor" }, attributes))
  end

  -- Figures, and tables written by hand.
  local function captioned(element)
    local caption = element.caption.long
    if element.identifier ~= "" and #caption > 0 and caption[#caption].content then
      caption[#caption].content:insert(link(element.identifier, element.t:lower()))
      element.caption.long = caption
      return element
    end
  end

  -- The caption of a table of the record is the last paragraph of its div.
  local function float(div)
    local last = div.content[#div.content]
    if div.identifier:match("^tbl%-") and last and last.t == "Para" then
      last.content:insert(link(div.identifier, "table"))
      return div
    end
  end

  return { { Figure = captioned, Table = captioned, Div = float } }
end
