# ombud_add_connector(name SOURCES … [LINK …] MANIFEST connector.json)
# Builds one connector as a module that exports exactly `ombud_connector_entry`, and lays it with its
# manifest into <binary dir>/connectors/<name>/, where a hub finds it by that name.
function(ombud_add_connector name)
  cmake_parse_arguments(C "" "MANIFEST" "SOURCES;LINK" ${ARGN})
  set(target connector_${name})
  set(folder ${CMAKE_BINARY_DIR}/connectors/${name})
  add_library(${target} MODULE ${C_SOURCES})
  target_link_libraries(${target} PRIVATE Ombud::sdk ${C_LINK})
  target_link_options(${target} PRIVATE
    "LINKER:--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/connector.map" "LINKER:--exclude-libs,ALL")
  if(NOT OMBUD_SANITIZE)  # whose functions are in the program that loads it
    target_link_options(${target} PRIVATE "LINKER:-z,defs")  # what is missing is missing at build time
  endif()
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name}
    CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY ${folder}
    LINK_DEPENDS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/connector.map)
  # The manifest gets the digest of the library it stands beside.
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${CMAKE_COMMAND} -DLIBRARY=$<TARGET_FILE:${target}> -DMANIFEST=${CMAKE_CURRENT_SOURCE_DIR}/${C_MANIFEST}
            -DTO=${folder}/connector.json -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/manifest.cmake
    VERBATIM)
endfunction()
