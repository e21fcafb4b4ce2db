-- Claims: [the forest leads]{claim="id"} or ::: {claim="id"}. Whether each holds was evaluated before.
--
-- A claim that holds is shown; one that does not gives way to its 'otherwise', read as Markdown, or stops the render.

return function(record, problems)
  local function add(texts, message)
    problems.add(texts, message, "claim")
  end

  local function said(content)
    local text = pandoc.utils.stringify(content:walk({
      Code = function(code)
        local value = code.classes:includes("val") and record.values[code.text]
        return value and pandoc.Str(value.text) or nil
      end,
    }))
    return (text:gsub("%s+", " "))
  end

  local function listed(values)
    local texts = {}
    for key, text in pairs(values) do
      table.insert(texts, key .. " = " .. tostring(text))
    end
    table.sort(texts)
    return table.concat(texts, ", ")
  end

  local function otherwise(element, id, claim)
    local blocks = pandoc.read(claim.otherwise, "markdown").blocks
    local nested = false
    local function look(inner)
      nested = nested or inner.attributes.claim ~= nil
    end
    blocks:walk({ Span = look, Div = look })
    if nested then
      -- Nothing instead: a claim that leads to itself would have no end.
      add({ id }, "the 'otherwise' of claim '" .. id .. "' makes a claim itself")
      return {}
    end
    if element.t == "Div" then
      return blocks
    end
    if #blocks ~= 1 or blocks[1].t ~= "Para" then
      add({ id }, "the 'otherwise' of claim '" .. id .. "' must be one paragraph, as its sentence is part of one")
      return {}
    end
    return blocks[1].content
  end

  local function resolve(element)
    local id = element.attributes.claim
    local claim = id and record.claims[id]
    if not claim then
      return nil
    end
    element.attributes.claim = nil
    element.attributes["data-claim"] = id
    local holds = record.plain(claim.holds)
    if holds then
      return element
    end
    local places = { 'claim="' .. id .. '"', id }
    local start = "claim '" .. id .. "' "
    if holds == nil then
      add(places, start .. "is about values that this build does not have: " .. said(element.content))
    elseif record.plain(claim.otherwise) then
      element.content = otherwise(element, id, claim)
    else
      local message = start .. "does not hold: '" .. said(element.content) .. "' needs " .. claim.condition .. ", but "
      add(places, message .. listed(claim.values) .. ". Change the sentence, or give it an 'otherwise' in " .. (claim.place or "its file"))
    end
    return element
  end

  -- In Typst a division is a block, and the paragraph after a block has no indent as if text had not gone on.
  local function unwrap(div)
    if div.attributes["data-claim"] and div.identifier == "" and #div.classes == 0 then
      return div.content
    end
  end

  -- From the outside in: what an outer claim replaces is not looked at.
  local passes = { { traverse = "topdown", Div = resolve, Span = resolve } }
  if FORMAT:match("typst") then
    table.insert(passes, { Div = unwrap })
  end
  return passes
end
