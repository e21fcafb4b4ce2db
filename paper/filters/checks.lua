-- Checks of the finished manuscript: duplicate ids, cross-references and citations that lead nowhere, leftovers.

local KINDS = { fig = "figure", tbl = "table", sec = "section", eq = "equation" }
local LEFTOVERS = { "{.val", "{{<", "?var", "{when=", "{#" }

return function(record, problems)
  local ids, citations = {}, {}

  local function define(id)
    if id == "" then
      return
    end
    if ids[id] then
      problems.add({ "#" .. id }, "the id '" .. id .. "' is given twice", "duplicate-id")
    end
    ids[id] = true
  end

  local function collect_ids(doc)
    local function element(e)
      define(e.identifier)
    end
    local function text(e)
      local id = e.text:match("^{#(eq%-[^%s}]+)")
      if id then
        define(id)
      end
    end
    doc:walk({
      Header = element, Div = element, Span = element, Figure = element, Image = element, Table = element,
      Code = element, CodeBlock = element, Str = text,
    })
  end

  local function read_bibliography(meta)
    local listed = meta.bibliography or {}
    if pandoc.utils.type(listed) ~= "List" then
      listed = { listed }
    end
    for _, entry in ipairs(listed) do
      local path = pandoc.utils.stringify(entry)
      local file = path ~= "" and io.open(pandoc.path.join({ record.document, path }), "r")
      if file then
        for key in file:read("a"):gmatch("@%a+%s*{%s*([^%s,{}]+)%s*,") do
          citations[key] = true
        end
        file:close()
      elseif path ~= "" then
        problems.add({ path }, "the bibliography " .. path .. " does not exist", "unresolved-citation")
      end
    end
  end

  local function check_cite(cite)
    for _, citation in ipairs(cite.citations) do
      local id = citation.id
      local kind = KINDS[id:match("^(%a+)%-") or ""]
      if kind and not ids[id] then
        local alike = {}
        for name in pairs(ids) do
          if name:match("^" .. id:match("^%a+") .. "%-") then
            alike[name] = true
          end
        end
        local message = "there is no " .. kind .. " '" .. id .. "'; " .. problems.nearest(id, alike)
        problems.add({ "@" .. id }, message, "unresolved-reference")
      elseif not kind and not citations[id] then
        local message = "citation '" .. id .. "' is not in the bibliography; " .. problems.nearest(id, citations)
        problems.add({ "@" .. id }, message, "unresolved-citation")
      end
    end
  end

  local function check_text(e)
    for _, leftover in ipairs(LEFTOVERS) do
      local equation = leftover == "{#" and e.text:match("^{#eq%-[%w_-]+}$")
      if e.text:find(leftover, 1, true) and not equation then
        local message = "'" .. e.text .. "' was not understood and would be printed as it stands"
        problems.add({ e.text, leftover }, message, "not-understood")
      end
    end
  end

  -- '@name.' or '(@name)' at the beginning of a paragraph is Pandoc's syntax for numbered examples.
  local function check_list(list)
    if list.listAttributes.style == "Example" then
      local text = pandoc.utils.stringify(list):sub(1, 40)
      local message = "a paragraph that begins with a reference is read as a numbered example: '" .. text .. "'"
      problems.add({ text }, message, "not-understood")
    end
  end

  return {
    {
      Pandoc = function(doc)
        collect_ids(doc)
        read_bibliography(doc.meta)
        doc:walk({ Cite = check_cite, Str = check_text, Math = check_text, OrderedList = check_list })
      end,
    },
  }
end
