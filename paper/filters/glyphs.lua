-- What the fonts of the PDF cannot show: file names may be in any script, and Typst refuses, or dies of, a character
-- that no font has. The fonts are those that come with Typst, so that every machine sets the same PDF.

-- First and last character of the ranges that they have and that run from left to right: Latin, Greek and Cyrillic with
-- accents, punctuation, currency, letter-like signs, arrows, mathematics, frames and shapes. A test sets all of them.
local RANGES = {
  { 0x00, 0x36F }, { 0x391, 0x3A1 }, { 0x3A3, 0x482 }, { 0x48A, 0x4FF }, { 0x1E00, 0x1EFF }, { 0x200B, 0x200B }, { 0x2010, 0x2027 },
  { 0x202F, 0x2040 }, { 0x2044, 0x2052 }, { 0x2060, 0x2060 }, { 0x2070, 0x2071 }, { 0x2074, 0x208E }, { 0x20A0, 0x20BF },
  { 0x2100, 0x211E }, { 0x2126, 0x2151 }, { 0x2153, 0x2184 }, { 0x2190, 0x23FF }, { 0x2460, 0x25FF },
  { 0xFB00, 0xFB06 }, { 0xFFFD, 0xFFFD },
}

local glyphs = { RANGES = RANGES }

local function shown(code)
  for _, range in ipairs(RANGES) do
    if code >= range[1] and code <= range[2] then
      return true
    end
  end
  return false
end

-- JSON with the others as \u6d41 in their strings; a line may end before each.
function glyphs.escaped(json)
  return (json:gsub("[\xC2-\xF4][\x80-\xBF]+", function(letter)
    local code = utf8.codepoint(letter)
    if not shown(code) then
      return "\u{200b}" .. (code > 0xFFFF and ("\\\\U%08x"):format(code) or ("\\\\u%04x"):format(code))
    end
  end))
end

return glyphs
