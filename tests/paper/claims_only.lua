-- Reduces a manuscript to its claims, one numbered division for each, with everything that they may refer to.

function Pandoc(doc)
  local blocks, count, targets = pandoc.Blocks({}), {}, {}
  local function place(element)
    if element.identifier and element.identifier:match("^%a+%-") then
      targets[element.identifier] = true
    end
  end
  local function take(element)
    local id = element.attributes.claim
    if id then
      count[id] = (count[id] or 0) + 1
      local block = element.t == "Div" and element or pandoc.Para({ element })
      blocks:insert(pandoc.Div({ block }, pandoc.Attr("c-" .. id .. "-" .. count[id])))
    end
    place(element)
  end
  doc:walk({ Span = take, Div = take, Header = place, Figure = place, Image = place })
  for id in pairs(targets) do
    blocks:insert(pandoc.Para({ pandoc.Span({}, pandoc.Attr(id)) }))
  end
  return pandoc.Pandoc(blocks, { bibliography = doc.meta.bibliography })
end
