-- Which claims the manuscript makes, also in passages that do not stand in this build's paper: a claim that nobody
-- makes, and a sentence whose claim is not defined, are mistakes.

return function(record, problems)
  local function count(doc)
    local used = {}
    local function mark(element)
      local id = element.attributes.claim
      if not id then
        return
      end
      used[id] = true
      if not record.claims[id] then
        local message = "unknown claim '" .. id .. "'; define it in its chapter's .claims.yaml; "
        problems.add({ 'claim="' .. id .. '"', id }, message .. problems.nearest(id, record.claims), "claim")
      end
    end
    doc:walk({ Span = mark, Div = mark })
    for id, claim in pairs(record.claims) do
      if not used[id] then
        local message = "no sentence makes the claim '" .. id .. "'; mark it, or remove the claim"
        problems.add_to(claim.place or "claims.json", message, "claim")
      end
    end
  end

  return { { Pandoc = count } }
end
