# How everything here is compiled, and the three functions that declare targets.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
add_compile_options(-fPIC)  # everywhere alike: connectors are modules, and precompiled headers must agree
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(OMBUD_CCACHE ccache)
if(OMBUD_CCACHE)
  # Precompiled headers carry times that ccache must not look at.
  foreach(language C CXX)
    set(CMAKE_${language}_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${OMBUD_CCACHE})
  endforeach()
endif()
find_program(OMBUD_MOLD mold)
if(OMBUD_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(ombud_flags INTERFACE)
target_compile_options(ombud_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
  $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>  # false on every Asio 1.81 coroutine (asio issue 1391)
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<COMPILE_LANGUAGE:CXX>>:-fcoroutines>)
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  target_compile_options(ombud_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")  # lets ccache work
endif()
target_compile_definitions(ombud_flags INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  RAPIDJSON_HAS_STDSTRING=1)
target_include_directories(ombud_flags INTERFACE ${CMAKE_SOURCE_DIR}/hub)
if(OMBUD_SANITIZE)
  add_compile_options(-fsanitize=${OMBUD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${OMBUD_SANITIZE})
  if(OMBUD_FUZZ)
    add_compile_options(-fsanitize-ignorelist=${CMAKE_SOURCE_DIR}/tests/fuzz/sanitizers.ignore)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # g++ warns about code that only its own instrumentation creates
    target_compile_options(ombud_flags INTERFACE -Wno-maybe-uninitialized -Wno-stringop-overflow)
  endif()
endif()

# One precompiled header for everything that knows Asio, one for the rest.
function(ombud_pch name)
  cmake_parse_arguments(P "" "" "HEADERS;LINK" ${ARGN})
  file(WRITE ${CMAKE_BINARY_DIR}/pch/${name}.cpp "// carries the precompiled header\n")
  add_library(${name} OBJECT ${CMAKE_BINARY_DIR}/pch/${name}.cpp)
  target_link_libraries(${name} PRIVATE ombud_flags ${P_LINK})
  target_precompile_headers(${name} PRIVATE ${P_HEADERS})
endfunction()

# ombud_room(name DEPENDS rooms… LINK packages… [ASIO])
# One folder of the house: a static library of every source in it, but not of a folder below that has a
# CMakeLists.txt of its own. DEPENDS names only rooms below.
function(ombud_room name)
  cmake_parse_arguments(ROOM "ASIO" "" "DEPENDS;LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  file(GLOB inner CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt)
  foreach(folder IN LISTS inner)
    get_filename_component(folder ${folder} DIRECTORY)
    list(FILTER sources EXCLUDE REGEX "^${folder}/")
  endforeach()
  add_library(ombud_${name} STATIC ${sources})
  list(TRANSFORM ROOM_DEPENDS PREPEND ombud_)
  target_link_libraries(ombud_${name} PUBLIC ombud_flags ${ROOM_DEPENDS} ${ROOM_LINK})
  if(ROOM_ASIO)
    target_precompile_headers(ombud_${name} REUSE_FROM ombud_pch_asio)
  else()
    target_precompile_headers(ombud_${name} REUSE_FROM ombud_pch_std)
  endif()
endfunction()

# ombud_test(name SOURCES … LINK … [LABEL quick|full|real [threads]])
# One GoogleTest program; LABEL says from which tier on it runs (quick is part of full), and whether
# threads meet in it, so that it runs under the thread sanitizer too.
function(ombud_test name)
  cmake_parse_arguments(TEST "ASIO" "TIMEOUT" "LABEL;SOURCES;LINK;ENVIRONMENT" ${ARGN})
  if(NOT TEST_LABEL)
    set(TEST_LABEL quick)
  endif()
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 120)
  endif()
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE ombud_flags fmt::fmt ${TEST_LINK} GTest::gmock GTest::gtest_main)
  if(TEST_ASIO)
    target_precompile_headers(${name} REUSE_FROM ombud_pch_asio)
  else()
    target_precompile_headers(${name} REUSE_FROM ombud_pch_std)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES LABELS "${TEST_LABEL}" TIMEOUT ${TEST_TIMEOUT}
    ENVIRONMENT "OMBUD_BIN=${CMAKE_BINARY_DIR}/bin;OMBUD_SOURCE=${CMAKE_SOURCE_DIR};TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/support/tsan.supp;${TEST_ENVIRONMENT}")
endfunction()

# Takes in every folder here that has a CMakeLists.txt, in the order of their names.
function(ombud_add_folders)
  file(GLOB folders CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt)
  list(SORT folders)
  foreach(folder IN LISTS folders)
    get_filename_component(folder ${folder} DIRECTORY)
    add_subdirectory(${folder})
  endforeach()
endfunction()
