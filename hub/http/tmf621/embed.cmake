# Writes the contracts V4 and V5 as C++ constants to TO.
set(text "#include \"http/tmf621/contract.hpp\"\n\nnamespace ombud::http::tmf {\n\n")
foreach(version V4 V5)
  file(READ ${${version}} contract)
  # One literal may not be longer than 64 KiB everywhere: lines are literals of their own.
  string(REPLACE "\n" ")json\"\n    R\"json(" contract "${contract}")
  string(APPEND text "const std::string_view k${version}Text =\n    R\"json(${contract})json\";\n")
endforeach()
string(APPEND text "\n}  // namespace ombud::http::tmf\n")
file(WRITE ${TO} "${text}")
