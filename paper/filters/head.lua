-- In HTML: what stands in the head of the page (its policy, its description for search engines and reference managers,
-- its script) and the link to the PDF. Put into the document itself, so that both renderers agree.

-- The page loads nothing. Cells carry their alignment as a style attribute, which no hash can allow, and a style sheet
-- may be embedded as a data address, as pictures and their letters are; the one script is named by its hash. What the script for machines holds is data.
local POLICY = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline' data:; script-src %s; "
  .. "base-uri 'none'; form-action 'none'"
-- Where the collections are described that flows are of, by name.
local COLLECTIONS = {
  ["CICIDS2017"] = "https://doi.org/10.5220/0006639801080116",
  ["CSE-CIC-IDS2018"] = "https://www.unb.ca/cic/datasets/ids-2018.html",
}
local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

return function(record, problems)
  if not FORMAT:match("html") then
    return {}
  end

  -- Text of the front matter without the joiners that keep users' names from being read as markup.
  local function plain(meta)
    if pandoc.utils.type(meta) == "Blocks" then
      meta = pandoc.utils.blocks_to_inlines(meta, { pandoc.Space() })
    end
    return meta and (pandoc.utils.stringify(meta):gsub("%s+", " "):gsub("\u{2060}", "")) or ""
  end

  -- The first sentences of a text, for search engines and link previews.
  local function beginning(text)
    local short = text:sub(1, 300)
    return #text > 300 and (short:match("^(.*%.)%s") or short:match("^(.*)%s")) or text
  end

  local function each(meta, make)
    local items = pandoc.utils.type(meta) == "List" and meta or pandoc.List({ meta })
    return pandoc.List(items):map(make)
  end

  local function name(author)
    local given = type(author) == "table" and author.name or author
    return plain(type(given) == "table" and given.literal or given)
  end

  local function date()
    for _, line in ipairs(problems.lines) do
      local day = line:match("^date:%s*[\"']?(%d%d%d%d%-%d%d%-%d%d)")
      if day then
        return day
      end
    end
    return ""
  end

  -- The article and the data under it in the vocabulary of schema.org.
  local function article(page)
    local dataset = { ["@type"] = "Dataset", name = record.text("data.name"), description = record.text("data.release") }
    local other = record.text("release.is_ids2018") == "yes"
    local collection = record.text("data.collection") or (other and "CSE-CIC-IDS2018" or "CICIDS2017")
    dataset.isBasedOn = { ["@type"] = "Dataset", name = collection, sameAs = COLLECTIONS[collection] }
    local entry = {
      ["@context"] = "https://schema.org",
      ["@type"] = "ScholarlyArticle",
      headline = page.title,
      author = page.authors:map(function(author) return { ["@type"] = "Person", name = author } end),
      datePublished = page.date,
      inLanguage = page.language,
      keywords = page.keywords,
      abstract = page.abstract,
      encoding = { ["@type"] = "MediaObject", contentUrl = page.pdf, encodingFormat = "application/pdf" },
      isBasedOn = dataset,
    }
    -- Within a script a less-than sign could end it.
    return pandoc.json.encode(entry):gsub("<", "\\u003c")
  end

  local function tags(page)
    local lines = pandoc.List({})
    local function describe(kind, key, content)
      if content ~= "" then
        lines:insert(("<meta %s=\"%s\" content=\"%s\">"):format(kind, key, content:gsub('[&<>"]', ENTITIES)))
      end
    end
    local script, hash = record.file("page.js"), record.file("page.js.hash")
    local allowed = script and hash and "'" .. hash .. "'" or "'none'"
    describe("http-equiv", "Content-Security-Policy", POLICY:format(allowed))
    describe("name", "citation_title", page.title)
    for _, author in ipairs(page.authors) do
      describe("name", "citation_author", author)
    end
    describe("name", "citation_publication_date", (page.date:gsub("%-", "/")))
    describe("name", "citation_language", page.language)
    describe("name", "citation_keywords", table.concat(page.keywords, "; "))
    describe("name", "citation_pdf_url", page.pdf)
    lines:insert('<script type="application/ld+json">' .. article(page) .. "</script>")
    if script then
      lines:insert("<script>" .. script .. "</script>")
    end
    return table.concat(lines, "\n")
  end

  local function fill(doc)
    local meta = doc.meta
    local page = {
      title = plain(meta.title),
      authors = each(meta.author, name),
      date = date(),
      language = plain(meta.lang),
      keywords = each(meta.keywords, plain),
      abstract = plain(meta.abstract),
      pdf = problems.source:gsub("%.[^.]*$", "") .. ".pdf",
    }
    meta["description-meta"] = meta["description-meta"] or beginning(page.abstract)
    if quarto then
      quarto.doc.include_text("in-header", tags(page))
    else
      local includes = each(meta["header-includes"], function(include) return include end)
      includes:insert(pandoc.MetaBlocks({ pandoc.RawBlock("html", tags(page)) }))
      meta["header-includes"] = includes
    end
    local link = pandoc.Link({ pandoc.Str("PDF") }, page.pdf, "", pandoc.Attr("", {}, { type = "application/pdf" }))
    doc.blocks:insert(1, pandoc.Div({ pandoc.Para({ pandoc.Str("Also as"), pandoc.Space(), link }) }, { class = "formats" }))
    return doc
  end

  return { { Pandoc = fill } }
end
