-- Runs the manuscript's filters as Quarto does: with its name defined, at: pre-ast, before its own passes.

local includes = pandoc.List({})

quarto = {
  doc = {
    input_file = PANDOC_STATE.input_files[1],
    include_text = function(_, text) includes:insert(pandoc.MetaBlocks({ pandoc.RawBlock("html", text) })) end,
  },
  utils = { resolve_path = function(name) return "filters/" .. name end },
}

local filters = {}
for _, name in ipairs({ "flowpaper", "crossref" }) do
  PANDOC_SCRIPT_FILE = "filters/" .. name .. ".lua"
  for _, filter in ipairs(dofile(PANDOC_SCRIPT_FILE)) do
    table.insert(filters, filter)
  end
end
-- Of Quarto's own metadata, what the templates ask for.
table.insert(filters, {
  Meta = function(meta)
    meta["by-author"] = {}
    for _, author in ipairs(meta.author) do
      table.insert(meta["by-author"], { name = { literal = author.name }, affiliations = { { name = author.affiliation } } })
    end
    meta.author = nil
    meta["header-includes"] = includes
    return meta
  end,
})
return filters
