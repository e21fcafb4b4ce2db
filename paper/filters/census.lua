-- Which claims the manuscript makes, also in passages that do not stand in this build's paper: a claim that nobody
-- makes, and a sentence whose claim is not defined, are mistakes.

return function(record, problems)
  local function count(doc)
    local used = {}
    -- Passages on chapters that this study leaves out may make their claims; the early check has looked at these.
    local full = record.values["study.full"]
    local partial = full and record.plain(full.value) == false
    local function mark(element)
      if partial and element.attributes.when == "study.full" then
        return element, false
      end
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
    doc:walk({ traverse = "topdown", Span = mark, Div = mark })
    for id, claim in pairs(record.claims) do
      if not used[id] then
        local message = "no sentence makes the claim '" .. id .. "'; mark it, or remove the claim"
        problems.add_to(claim.place or "claims.json", message, "claim")
      end
    end
  end

  return { { Pandoc = count } }
end
