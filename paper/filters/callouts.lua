-- Callouts: ::: {.callout-note} with a heading becomes a box with a role and a name, in HTML and Typst, in Word a block quote.
--
-- Made before Quarto sees it, whose bare page would make a block quote of it. The heading is a box's title, no section.

return function()
  local function callout(div)
    local kind = div.classes:find_if(function(class) return class:match("^callout%-") end)
    if not kind then
      return nil
    end
    local title = pandoc.Inlines((kind:gsub("^callout%-(%a)", string.upper)))
    local id = div.identifier ~= "" and div.identifier or kind
    if div.content[1] and div.content[1].t == "Header" then
      title, id = div.content[1].content, div.content[1].identifier
      div.content:remove(1)
    end
    if FORMAT:match("typst") then
      local function raw(text)
        return pandoc.RawBlock("typst", text)
      end
      local open = pandoc.Blocks({ raw("#notice(title: ["), pandoc.Plain(title), raw("], [") })
      return open .. div.content .. { raw("])") }
    end
    if FORMAT == "docx" then
      return pandoc.BlockQuote(pandoc.Blocks({ pandoc.Para({ pandoc.Strong(title) }) }) .. div.content)
    end
    local heading = pandoc.Div({ pandoc.Plain(title) }, pandoc.Attr(id, { "notice-title" }))
    local named = { { "role", "note" }, { "aria-labelledby", id } }
    return pandoc.Div(pandoc.Blocks({ heading }) .. div.content, pandoc.Attr("", { "notice" }, named))
  end

  return { { Div = callout } }
end
