-- Headings: letters for appendices, and anchors in HTML.
--
-- A heading with the class .appendix, and the headings below it, are numbered A, B, ... here, in text, because Quarto
-- knows no lettered appendices in articles. References to them become links 'Appendix A', also here.

local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

return function(_, problems)
  local numbers = {}

  local function number_appendices(doc)
    local letter, counts = 0, {}
    local base
    for _, block in ipairs(doc.blocks) do
      if block.t == "Header" then
        if block.classes:includes("appendix") then
          letter, counts, base = letter + 1, {}, block.level
        elseif base and block.level <= base then
          base = nil
        elseif base and not block.classes:includes("unnumbered") then
          counts[block.level] = (counts[block.level] or 0) + 1
          for deeper = block.level + 1, 6 do
            counts[deeper] = nil
          end
        end
        if base and not block.classes:includes("unnumbered") then
          if letter > #LETTERS then
            problems.add({ "#" .. block.identifier }, "there are more appendices than letters")
            return doc
          end
          local number = LETTERS:sub(letter, letter)
          for level = base + 1, block.level do
            number = number .. "." .. (counts[level] or 0)
          end
          numbers[block.identifier] = number
          block.classes = block.classes:filter(function(class) return class ~= "appendix" end)
          block.classes:insert("unnumbered")
          local label = pandoc.Span({ pandoc.Str(number) }, pandoc.Attr("", { "header-section-number" }))
          block.content = pandoc.Inlines({ label, pandoc.Str("\u{2002}") }) .. block.content
        end
      end
    end
    return doc
  end

  local function refer(cite)
    local parts = pandoc.Inlines({})
    for _, citation in ipairs(cite.citations) do
      local number = numbers[citation.id]
      if not number then
        if #parts > 0 then
          local message = "an appendix and another thing are referred to in one bracket: use two"
          problems.add({ "@" .. citation.id }, message, "unresolved-reference")
        end
        return nil
      end
      if #parts > 0 then
        parts:extend({ pandoc.Str(","), pandoc.Space() })
      end
      local text = citation.mode == "SuppressAuthor" and number or ("Appendix\u{a0}" .. number)
      parts:insert(pandoc.Link({ pandoc.Str(text) }, "#" .. citation.id))
    end
    return parts
  end

  local function anchor(header)
    if header.identifier ~= "" then
      local attributes = { ["aria-label"] = "Link to this section" }
      header.content:insert(pandoc.Link({}, "#" .. header.identifier, "", pandoc.Attr("", { "anchor" }, attributes)))
      return header
    end
  end

  local passes = { { Pandoc = number_appendices }, { Cite = refer } }
  if not FORMAT:match("typst") then
    table.insert(passes, { Header = anchor })
  end
  return passes
end
