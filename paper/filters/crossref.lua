-- Numbers and links cross-references, sets figures, tables and equations, for both renderers.
--
-- Runs after flowpaper.lua, which has made sure that every reference has a target, and before citations are resolved.
-- Quarto finds no cross-references left to do in its own way, so that the paper is the same from both.

local NAMES = { fig = "Figure", tbl = "Table", sec = "Section", eq = "Equation" }

local folder = pandoc.path.directory(PANDOC_SCRIPT_FILE)
if quarto and not io.open(PANDOC_SCRIPT_FILE, "r") then
  folder = pandoc.path.directory(quarto.utils.resolve_path("crossref.lua"))
end

local numbers = {}

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

local function refer(cite)
  local parts = pandoc.Inlines({})
  for i, citation in ipairs(cite.citations) do
    local kind = citation.id:match("^(%a+)%-")
    if not NAMES[kind] then
      return nil
    end
    local text = numbers[citation.id] or "?"
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

local function run(doc)
  number_sections(doc)
  for _, name in ipairs({ "floats", "equations" }) do
    for _, pass in ipairs(dofile(pandoc.path.join({ folder, name .. ".lua" }))(numbers, NAMES)) do
      if pass.Pandoc then
        doc = pass.Pandoc(doc)
      else
        doc = doc:walk(pass)
      end
    end
  end
  return doc:walk({ Cite = refer })
end

return { { Pandoc = run } }
