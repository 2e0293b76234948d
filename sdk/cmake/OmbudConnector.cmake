# ombud_add_connector(name SOURCES … [LINK …] MANIFEST connector.json
#                     [DIALECT dialect.cpp … [DIALECT_LINK …]] [SETTINGS settings.json]
#                     [PREVIOUS connector.json of the last release])
# Builds one connector as a module that exports exactly `ombud_connector_entry`, and lays it with its
# manifest into <binary dir>/connectors/<name>/, where a hub finds it by that name. The sources may
# include "ombud_manifest.h", which has OMBUD_MANIFEST: the descriptor, as connector.json says it.
#
# With a DIALECT (see <ombud/conformance/dialect.hpp>) or SETTINGS the conformance kit's cases become
# tests, a level each: conform.<name>.load and .behave with the label quick, .faults and .hostile with
# the label full. Needs enable_testing() before.
function(ombud_add_connector name)
  cmake_parse_arguments(C "" "MANIFEST;SETTINGS;PREVIOUS" "SOURCES;LINK;DIALECT;DIALECT_LINK" ${ARGN})
  set(target connector_${name})
  set(folder ${CMAKE_BINARY_DIR}/connectors/${name})
  cmake_path(ABSOLUTE_PATH C_MANIFEST BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  ombud_manifest_header(${C_MANIFEST} ${CMAKE_CURRENT_BINARY_DIR}/${name}_manifest/ombud_manifest.h)
  add_library(${target} MODULE ${C_SOURCES})
  target_link_libraries(${target} PRIVATE Ombud::sdk ${C_LINK})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${name}_manifest)
  target_link_options(${target} PRIVATE
    "LINKER:--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/connector.map" "LINKER:--exclude-libs,ALL")
  if(NOT OMBUD_SANITIZE)  # whose functions are in the program that loads it
    target_link_options(${target} PRIVATE "LINKER:-z,defs")  # what is missing is missing at build time
  endif()
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name}
    CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON C_STANDARD 11 C_STANDARD_REQUIRED ON
    CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY ${folder}
    LINK_DEPENDS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/connector.map)
  # The manifest gets the digest of the library it stands beside.
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -DLIBRARY=$<TARGET_FILE:${target}> -DMANIFEST=${C_MANIFEST}
            -DTO=${folder}/connector.json -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/manifest.cmake
    VERBATIM)

  if(NOT CMAKE_TESTING_ENABLED OR NOT (C_DIALECT OR C_SETTINGS))
    return()
  endif()
  set(inputs)
  if(C_DIALECT)
    add_library(dialect_${name} MODULE ${C_DIALECT})
    target_link_libraries(dialect_${name} PRIVATE Ombud::sdk ${C_DIALECT_LINK})
    set_target_properties(dialect_${name} PROPERTIES PREFIX "" OUTPUT_NAME ${name}
      CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
      LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/dialects)
    list(APPEND inputs --dialect $<TARGET_FILE:dialect_${name}>)
  endif()
  foreach(file SETTINGS PREVIOUS)
    if(C_${file})
      cmake_path(ABSOLUTE_PATH C_${file} BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
      string(TOLOWER ${file} option)
      list(APPEND inputs --${option} ${C_${file}})
    endif()
  endforeach()
  foreach(level load behave faults hostile)
    set(label quick)
    if(level MATCHES "faults|hostile")
      set(label full)
    endif()
    add_test(NAME conform.${name}.${level}
      COMMAND Ombud::conform $<TARGET_FILE:${target}> ${inputs} --case ${level})
    set_tests_properties(conform.${name}.${level} PROPERTIES LABELS ${label} TIMEOUT 600)
  endforeach()
endfunction()

# Writes a C and C++ header with OMBUD_MANIFEST, the descriptor of that connector.json, so that what a
# library says of itself is what its manifest says.
function(ombud_manifest_header manifest to)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${manifest})
  file(READ ${manifest} text)
  foreach(member id version config_schema lookup_lag_ms)
    string(JSON ${member} ERROR_VARIABLE missing GET "${text}" ${member})
    if(missing)
      set(${member} "")
    endif()
  endforeach()
  if(id STREQUAL "" OR version STREQUAL "")
    message(FATAL_ERROR "${manifest} needs an \"id\" and a \"version\".")
  endif()
  if(lookup_lag_ms STREQUAL "")
    set(lookup_lag_ms 0)
  endif()
  string(REPLACE "\\" "\\\\" config_schema "${config_schema}")
  string(REPLACE "\"" "\\\"" config_schema "${config_schema}")
  string(REPLACE "\n" "\\n\"\n  \"" config_schema "${config_schema}")
  string(JSON count ERROR_VARIABLE missing LENGTH "${text}" capabilities)
  set(capabilities "")
  if(NOT missing AND count GREATER 0)
    math(EXPR last "${count} - 1")
    foreach(index RANGE ${last})
      string(JSON capability GET "${text}" capabilities ${index})
      string(APPEND capabilities "\"${capability}\", ")
    endforeach()
  endif()
  file(CONFIGURE OUTPUT ${to} @ONLY CONTENT
"/* Generated from connector.json. */
#ifndef OMBUD_MANIFEST
static const char *const ombud_manifest_capabilities[] = {@capabilities@0};
static const char ombud_manifest_schema[] =
  \"@config_schema@\";
#ifdef __cplusplus
#define OMBUD_MANIFEST (ombud_descriptor{\"@id@\", \"@version@\", ombud_manifest_schema, ombud_manifest_capabilities, @lookup_lag_ms@})
#else
#define OMBUD_MANIFEST {\"@id@\", \"@version@\", ombud_manifest_schema, ombud_manifest_capabilities, @lookup_lag_ms@}
#endif
#endif
")
endfunction()
