-- The manuscript's filter: values, tables, figures, claims and conditional passages from the record, and all checks.
--
-- Runs before anything else, in Quarto (at: pre-ast) and in Pandoc, and fails the render with the place of each
-- problem. Quarto itself exits 0 on most of these.

local folder = pandoc.path.directory(PANDOC_SCRIPT_FILE)
if quarto and not io.open(PANDOC_SCRIPT_FILE, "r") then
  folder = pandoc.path.directory(quarto.utils.resolve_path("flowpaper.lua"))
end

local function module(name)
  return dofile(pandoc.path.join({ folder, name .. ".lua" }))
end

local problems, record = module("problems"), module("record")
record.escaped = FORMAT:match("typst") and module("glyphs").escaped

-- In this order: what does not stand in the paper is not checked, and what a claim puts in place of a sentence may hold
-- conditions and values.
local STEPS = {
  "fences", "census", "conditions", "claims", "conditions", "values", "tables", "figures", "callouts", "checks",
  "sections", "lint", "explorer", "cards", "anchors", "scopes", "spaces", "head",
}

local function run(doc)
  local source = quarto and quarto.doc.input_file or PANDOC_STATE.input_files[1]
  problems.read(source)
  record.load(pandoc.path.directory(source))
  for _, name in ipairs(STEPS) do
    for _, pass in ipairs(module(name)(record, problems)) do
      if pass.Pandoc then
        doc = pass.Pandoc(doc) or doc
      else
        doc = doc:walk(pass)
      end
    end
  end
  problems.fail()
  return doc
end

return { { Pandoc = run } }
