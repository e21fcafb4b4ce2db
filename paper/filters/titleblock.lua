-- For Pandoc alone: date and authors in the shape that Quarto gives its templates.

local MONTHS = {
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
}

-- 2026-01-31 as 31 January 2026.
local function date(meta)
  local year, month, day = pandoc.utils.stringify(meta.date or ""):match("^(%d+)-(%d+)-(%d+)$")
  if year then
    meta["date-meta"] = year .. "-" .. month .. "-" .. day
    meta.date = tonumber(day) .. " " .. MONTHS[tonumber(month)] .. " " .. year
  end
end

local function title_block(meta)
  date(meta)
  local list = {}
  for _, author in ipairs(meta.author or {}) do
    local affiliations = pandoc.utils.type(author.affiliation) == "List" and author.affiliation or { author.affiliation }
    local names = {}
    for _, affiliation in ipairs(affiliations) do
      table.insert(names, { name = affiliation.name or affiliation })
    end
    table.insert(list, { name = { literal = author.name or author }, affiliations = names, email = author.email })
  end
  meta["by-author"] = list
  -- The stock templates and the PDF's metadata want plain names.
  meta.author = pandoc.List(list):map(function(author) return author.name.literal end)
  return meta
end

return { { Meta = title_block } }
