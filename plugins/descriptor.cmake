# ombud_descriptor_header(path/to/connector.json)
# Writes descriptor.inc with kId, kVersion, kSchema, kCapabilities and kLookupLagMs, so that what a
# library says of itself is what its manifest says.
function(ombud_descriptor_header manifest)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${manifest})
  file(READ ${manifest} text)
  string(JSON id GET "${text}" id)
  string(JSON version GET "${text}" version)
  string(JSON lag GET "${text}" lookup_lag_ms)
  string(JSON schema GET "${text}" config_schema)
  string(JSON count LENGTH "${text}" capabilities)
  set(capabilities "")
  math(EXPR last "${count} - 1")
  foreach(index RANGE ${last})
    string(JSON capability GET "${text}" capabilities ${index})
    string(APPEND capabilities "\"${capability}\", ")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/descriptor.inc @ONLY CONTENT
"// Generated from connector.json.
constexpr const char* kId = \"@id@\";
constexpr const char* kVersion = \"@version@\";
constexpr std::int64_t kLookupLagMs = @lag@;
constexpr const char* kCapabilities[] = {@capabilities@nullptr};
constexpr const char* kSchema = R\"schema(@schema@)schema\";
")
endfunction()
