-- A line of colons that opens or closes no passage: one passage was closed too often, or not at all, and what should
-- stand in some papers only stands in all of them.

return function(_, problems)
  local function check(e)
    if e.text:match("^:::+$") then
      local message = "'" .. e.text .. "' opens or closes no passage: count what is opened and closed"
      problems.add({ e.text }, message, "not-understood")
    end
  end
  return { { Str = check } }
end
