-- Equations: $$ ... $$ {#eq-x}, numbered at the margin, and every formula in words for a screen reader.

local TYPST = FORMAT:match("typst") ~= nil

return function(numbers)
  local count = 0

  -- In a PDF for everyone mathematics needs words; its TeX source is what there is.
  local function spoken(math, settings, label)
    local text = math.text:gsub("%s+", " "):match("^%s*(.-)%s*$"):gsub('[\\"]', "\\%0")
    local open = '#[#set math.equation(alt: "' .. text .. '"' .. settings .. "); "
    return { pandoc.RawInline("typst", open), math, pandoc.RawInline("typst", label .. "]") }
  end

  local function numbered(math, id)
    count = count + 1
    numbers[id] = "(" .. count .. ")"
    if TYPST then
      return spoken(math, ', numbering: "(1)"', " <" .. id .. ">")
    end
    local label = pandoc.Span({ pandoc.Str(numbers[id]) }, { class = "equation-number" })
    return { pandoc.Span({ math, label }, { id = id, class = "equation" }) }
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
        out:extend(numbered(math, id))
        i = i + skip + 1
      else
        out:extend(TYPST and math.t == "Math" and spoken(math, "", "") or { math })
        i = i + 1
      end
    end
    return out
  end

  return { { Inlines = equations } }
end
