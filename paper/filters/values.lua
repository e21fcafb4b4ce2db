-- Values: `key`{.val}, `key`{.val form=percent}.

return function(record, problems)
  local function show(code)
    if not code.classes:includes("val") then
      return nil
    end
    local key, form = code.text, code.attributes.form
    local texts = { "`" .. key .. "`{", key }
    local value = record.find(key, texts, problems)
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
        problems.add(texts, "value '" .. key .. "' has no form '" .. form .. "'; " .. problems.nearest(form, forms), "unknown-key")
        return nil
      end
    end
    text = record.unbroken(text)
    return pandoc.Span(pandoc.Inlines(text), pandoc.Attr("", { "val" }, { { "data-key", key } }))
  end

  return { { Code = show } }
end
