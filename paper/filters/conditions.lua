-- Passages that stand in the paper only sometimes: ::: {when="key"}, [text]{when="not key"}; format.html instead of a key
-- asks for the page, format.pdf for the PDF: what is too long for paper stands on the page only. The lint reads the manuscript as the page does.

local TYPST = FORMAT:match("typst") ~= nil
local FORMATS = { ["format.html"] = not TYPST and FORMAT ~= "docx", ["format.pdf"] = TYPST }

return function(record, problems)
  local function holds(condition)
    local negated, key = condition:match("^(not%s+)(%S+)$")
    -- The address of a cell may hold spaces in quotes.
    negated, key = negated or condition:match("^(not%s+)(.+%].+)$"), key or condition:match("^not%s+(.+%].+)$")
    key = key or condition:match("^%S+$") or condition:match("^.+%].+$")
    local texts = { 'when="' .. condition .. '"', condition }
    if not key then
      problems.add(texts, "condition '" .. condition .. "' is not a value's key, or 'not' and a key", "unknown-key")
      return false
    end
    if FORMATS[key] ~= nil then
      return FORMATS[key] ~= (negated ~= nil)
    end
    local value = record.find(key, texts, problems)
    if not value then
      return false
    end
    local truth = record.plain(value.value)
    if truth ~= nil and type(truth) ~= "boolean" then
      problems.add(texts, "condition '" .. condition .. "': the value '" .. key .. "' is not true or false", "unknown-key")
      return false
    end
    return (truth == true) ~= (negated ~= nil)
  end

  local pass

  local function keep(element)
    local condition = element.attributes.when
    if not condition then
      return nil
    end
    if not holds(condition) then
      return {}
    end
    element.attributes.when = nil
    local bare = element.identifier == "" and #element.classes == 0 and #element.attributes == 0
    -- What takes the element's place is not looked at again by itself.
    if bare then
      return element.content:walk(pass), false
    end
    return element
  end

  -- From the outside in: what does not stand in the paper is not checked.
  pass = { traverse = "topdown", Div = keep, Span = keep }
  return { pass }
end
