# What `cmake --install <build> [--prefix /usr/local]` lays down: programs, connectors, pages, words and an example
# unit for systemd. The SDK is a component of its own that comes only when asked for (sdk/CMakeLists.txt).

# By copy, not install(TARGETS): a manifest holds the digest of its library, so no byte of it may change.
install(PROGRAMS $<TARGET_FILE:ombud> $<TARGET_FILE:ombud-host> DESTINATION bin COMPONENT hub)
foreach(connector rest email queue subscriber)
  install(FILES $<TARGET_FILE:connector_${connector}> ${CMAKE_BINARY_DIR}/connectors/${connector}/connector.json
    DESTINATION lib/ombud/connectors/${connector} COMPONENT hub)
endforeach()
install(DIRECTORY ${CMAKE_SOURCE_DIR}/plugins/rest/profiles DESTINATION lib/ombud/connectors/rest COMPONENT hub
  FILES_MATCHING PATTERN "*.toml" PATTERN "*.yml")
if(TARGET web)
  # No page of an earlier version stays: their names hold digests, so they would pile up.
  install(CODE "file(REMOVE_RECURSE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/share/ombud/web\")" COMPONENT hub)
  install(DIRECTORY ${CMAKE_BINARY_DIR}/share/ombud/web DESTINATION share/ombud COMPONENT hub)
endif()

install(FILES README.md DESTINATION share/doc/ombud COMPONENT hub)
install(DIRECTORY config/ DESTINATION share/doc/ombud/config COMPONENT hub
  FILES_MATCHING PATTERN "*.toml" PATTERN "*.toml.example" PATTERN "cmake" EXCLUDE PATTERN "packages" EXCLUDE)
# The prefix is known only now.
install(CODE "
  set(prefix \${CMAKE_INSTALL_PREFIX})
  file(MAKE_DIRECTORY \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/share/doc/ombud\")
  configure_file(\"${CMAKE_SOURCE_DIR}/config/ombud.service.in\"
    \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/share/doc/ombud/ombud.service\" @ONLY FILE_PERMISSIONS
    OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  message(STATUS \"Installing: \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/share/doc/ombud/ombud.service\")
" COMPONENT hub)
