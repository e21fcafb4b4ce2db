-- Pictures and captions: alternative text from the record, and the word that says the data are synthetic.

return function(record, problems)
  local function mark(inlines)
    if record.synthetic then
      inlines:extend({ pandoc.Space(), pandoc.Span(pandoc.Inlines(record.marker or "Synthetic twin."), { class = "marker" }) })
    end
  end

  -- Its width by its height, as the head of the file says; nil for what is not SVG.
  local function ratio(path)
    local file = io.open(path, "rb")
    local head = file and file:read(4096) or ""
    if file then
      file:close()
    end
    local width, height = head:match('<svg[^>]* viewBox="[%d.-]+ [%d.-]+ ([%d.]+) ([%d.]+)"')
    return width and width .. " / " .. height
  end

  local function picture(image)
    if image.src:match("^%a+:") then
      problems.add({ image.src }, "picture " .. image.src .. " is not a file of the build", "missing-picture")
      return nil
    end
    if not record.exists(pandoc.path.join({ record.document, image.src })) then
      problems.add({ image.src }, "picture " .. image.src .. " does not exist", "missing-picture")
      return nil
    end
    local alt = record.alt(image.src) or image.attributes["fig-alt"]
    if not alt or not alt:match("%S") then
      local message = "picture " .. image.src .. " has no alternative text (no .json beside it, no fig-alt)"
      problems.add({ image.src }, message, "no-alt-text")
      return nil
    end
    -- The filter that sets the float reads alt for Typst, Pandoc's HTML writer the content, Quarto fig-alt.
    image.attributes["fig-alt"] = quarto and alt or nil
    -- The name of its files, for the page, in which it is embedded.
    image.attributes["data-name"] = FORMAT:match("html") and image.src:match("([^/]+)%.%w+$") or nil
    image.attributes.alt = FORMAT:match("typst") and alt or nil
    if FORMAT:match("html") then
      -- A browser reads a picture when it comes near the screen: reading all before the page opens took it as long as
      -- all else. The room is kept, so that nothing moves then.
      local shape = ratio(pandoc.path.join({ record.document, image.src }))
      image.attributes.loading = shape and "lazy" or nil
      image.attributes.style = shape and "aspect-ratio: " .. shape or nil
    end
    image.caption = pandoc.Inlines(alt)
    return image
  end

  -- Figures, and tables written by hand; a table from the record has its caption in the div around it.
  local function captioned(element)
    local caption = element.caption.long
    if #caption > 0 and caption[#caption].content then
      mark(caption[#caption].content)
      element.caption.long = caption
    end
    return element
  end

  -- The caption of a table is the last paragraph of its div.
  local function float(div)
    if not div.identifier:match("^tbl%-") then
      return nil
    end
    local last = div.content[#div.content]
    if not last or last.t ~= "Para" then
      problems.add({ "#" .. div.identifier }, "table '" .. div.identifier .. "' has no caption", "no-caption")
      return nil
    end
    mark(last.content)
    return div
  end

  return { { Image = picture }, { Figure = captioned, Table = captioned, Div = float } }
end
