-- In Word what stands for nothing leaves its spaces: passages that do not hold are taken out, with one on either side.
-- HTML and Typst show several as one, and none at either end of a paragraph; here they are taken out.

return function()
  if FORMAT ~= "docx" then
    return {}
  end

  -- blank: whether a space would stand after another one, or at the beginning.
  local blank

  local function tidy(inlines)
    local kept = pandoc.List({})
    for _, inline in ipairs(inlines) do
      if inline.t == "Space" or inline.t == "SoftBreak" then
        if not blank then
          kept:insert(pandoc.Space())
        end
        blank = true
      elseif inline.t == "LineBreak" then
        kept:insert(inline)
        blank = true
      elseif inline.t ~= "Note" and inline.t ~= "Image" and inline.content then
        inline.content = tidy(inline.content)
        if #inline.content > 0 or (inline.identifier or "") ~= "" then
          kept:insert(inline)
        end
      else
        kept:insert(inline)
        blank = blank and inline.t == "Note"
      end
    end
    return kept
  end

  local function trimmed(inlines)
    local last = inlines[#inlines]
    if last and last.t == "Space" then
      inlines:remove()
      return trimmed(inlines)
    elseif last and last.content and last.t ~= "Note" and last.t ~= "Image" then
      last.content = trimmed(last.content)
      inlines[#inlines] = last
    end
    return inlines
  end

  local function paragraph(block)
    blank = true
    block.content = trimmed(tidy(block.content))
    return block
  end

  return { { Para = paragraph, Plain = paragraph } }
end
