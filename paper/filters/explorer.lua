-- In HTML: the explorer below the table of its first state, ::: {.explorer}, with what it draws on as data.

return function(record, problems)
  if not FORMAT:match("html") then
    return {}
  end

  local function explorer(div)
    if not div.classes:includes("explorer") then
      return nil
    end
    local shell, data = record.file("explorer.html"), record.file("record/explorer.json")
    if not shell or not data then
      problems.add({ ".explorer" }, "there is no record/explorer.json for the explorer: run the build", "unknown-table")
      return nil
    end
    -- In JSON line ends stand between entries only, and a less-than sign, which could end the script, in strings only.
    data = data:gsub("\n%s*", ""):gsub("<", "\\u003c")
    local script = '<script type="application/json" id="explore-data">' .. data .. "</script>"
    div.content:insert(pandoc.RawBlock("html", shell .. script))
    return div
  end

  return { { Div = explorer } }
end
