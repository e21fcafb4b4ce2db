-- Values and conditional passages: `key`{.val}, `key`{.val form=percent}, ::: {when="key"}, [text]{when="not key"}.

return function(record, problems)
  local function find(key, texts)
    local value = record.values[key]
    if not value then
      problems.add(texts, "unknown value '" .. key .. "'; " .. problems.nearest(key, record.values))
    end
    return value
  end

  local function show(code)
    if not code.classes:includes("val") then
      return nil
    end
    local key, form = code.text, code.attributes.form
    local texts = { "`" .. key .. "`{", key }
    local value = find(key, texts)
    if not value then
      return nil
    end
    local text = value.text
    if form then
      table.insert(texts, 1, "`" .. key .. "`{.val form=" .. form)
      local forms = record.plain(value.forms) or {}
      -- A missing value has one text, its reason, in every form.
      if record.plain(value.value) ~= nil then
        text = forms[form]
      end
      if not text then
        problems.add(texts, "value '" .. key .. "' has no form '" .. form .. "'; " .. problems.nearest(form, forms))
        return nil
      end
    end
    -- Pairs, here and elsewhere, because the order of a Lua table's keys differs from run to run.
    local attributes = { { "data-key", key } }
    if record.plain(value.definition) then
      table.insert(attributes, { "title", value.definition })
    end
    return pandoc.Span(pandoc.Inlines(text), pandoc.Attr("", { "val" }, attributes))
  end

  local function holds(condition)
    local negated, key = condition:match("^(not%s+)(%S+)$")
    key = key or condition:match("^%S+$")
    local texts = { 'when="' .. condition .. '"', condition }
    if not key then
      problems.add(texts, "condition '" .. condition .. "' is not a value's key, or 'not' and a key")
      return false
    end
    local value = find(key, texts)
    if not value then
      return false
    end
    local truth = record.plain(value.value)
    if truth ~= nil and type(truth) ~= "boolean" then
      problems.add(texts, "condition '" .. condition .. "': the value '" .. key .. "' is not true or false")
      return false
    end
    return (truth == true) ~= (negated ~= nil)
  end

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
    return bare and element.content or element
  end

  -- Conditions first, and from the outside in: what does not stand in the paper is not checked.
  return { { traverse = "topdown", Div = keep, Span = keep }, { Code = show } }
end
