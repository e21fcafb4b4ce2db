-- For Pandoc's Typst output, after --citeproc: entries of the bibliography with a hanging indent.

local function entry(div)
  if div.classes:includes("csl-entry") then
    -- The div keeps its id, to which citations link.
    div.content = pandoc.Blocks({ pandoc.RawBlock("typst", "#reference[") })
      .. div.content
      .. { pandoc.RawBlock("typst", "]") }
    return div
  end
end

return FORMAT:match("typst") and { { Div = entry } } or {}
