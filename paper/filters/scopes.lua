-- In HTML: which cells of a table are heads, and of what, for screen readers. The first column names the row.

return function()
  if not FORMAT:match("html") then
    return {}
  end

  local function scope(rows, value, columns)
    for _, row in ipairs(rows) do
      for c, cell in ipairs(row.cells) do
        if c <= columns then
          cell.attr.attributes.scope = value
        end
      end
    end
  end

  local function heads(element)
    scope(element.head.rows, "col", #element.colspecs)
    for _, body in ipairs(element.bodies) do
      body.row_head_columns = 1
      scope(body.body, "row", 1)
    end
    return element
  end

  return { { Table = heads } }
end
