# Programs, their modules, man pages, completions, schemas and units, each where Debian puts them; and, as a component of its
# own, what programs of others need to be built with libmqttcore.
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME programs)
get_property(programs GLOBAL PROPERTY MQTTKIT_PROGRAMS)
if(programs)
  install(TARGETS ${programs} RUNTIME)
endif()
# All that installing takes: `cmake --build build/release --target shipped`, then install or cpack.
add_custom_target(shipped)
# Links by whose names the programs behave as mosquitto's do.
option(MQTTKIT_DROP_IN "Install mosquitto_pub, mosquitto_sub and mosquitto_rr as links to the programs" OFF)
if(MQTTKIT_DROP_IN)
  foreach(name IN ITEMS pub sub rr)
    if(TARGET mqtt-${name})
      install(CODE "
        set(link \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/mosquitto_${name}\")
        message(STATUS \"Installing: \${link}\")
        file(CREATE_LINK mqtt-${name} \"\${link}\" SYMBOLIC)")
    endif()
  endforeach()
endif()
get_property(modules GLOBAL PROPERTY MQTTKIT_MODULES)
add_dependencies(shipped ${programs} ${modules} mqttcore)
if(modules)
  if(MQTTKIT_PORTABLE)
    # Every glibc system with C++ programs has these; what was linked with older ones runs with newer ones.
    install(TARGETS ${modules} RUNTIME_DEPENDENCY_SET carried LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/mqttkit")
    install(RUNTIME_DEPENDENCY_SET carried PRE_EXCLUDE_REGEXES "^ld-linux" "^lib(c|m|gcc_s|stdc\\+\\+)\\.so"
      LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/mqttkit")
  else()
    install(TARGETS ${modules} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/mqttkit")
  endif()
endif()
install(DIRECTORY man/ DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" FILES_MATCHING PATTERN "*.1")
install(DIRECTORY man/ DESTINATION "${CMAKE_INSTALL_MANDIR}/man5" FILES_MATCHING PATTERN "*.5")
install(DIRECTORY man/ DESTINATION "${CMAKE_INSTALL_MANDIR}/man7" FILES_MATCHING PATTERN "*.7")
install(DIRECTORY completions/bash/ DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
install(DIRECTORY completions/zsh/ DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions")
install(DIRECTORY completions/fish/ DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
install(FILES docs/bench-report.schema.json docs/message.schema.json DESTINATION "${CMAKE_INSTALL_DATADIR}/mqttkit")
install(FILES docs/bench-scenario.toml docs/bridge.toml DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples")
# The bridge as a service of systemd's, and the user that it runs as. Where the program goes is known when it is installed; what
# a tarball holds goes anywhere.
if(NOT MQTTKIT_PORTABLE)
  install(CODE "
    set(CMAKE_INSTALL_FULL_BINDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
    set(unit \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/lib/systemd/system/mqtt-bridge@.service\")
    message(STATUS \"Installing: \${unit}\")
    configure_file(\"${PROJECT_SOURCE_DIR}/deploy/bridge/mqtt-bridge@.service.in\" \"\${unit}\" @ONLY)")
  install(FILES deploy/bridge/mqtt-bridge.sysusers DESTINATION lib/sysusers.d RENAME mqtt-bridge.conf)
endif()

# libmqttcore: what is in the folders of its layers themselves. Those below are modules, which the programs bring.
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)
foreach(layer IN ITEMS base wire session net client payload)
  file(GLOB headers CONFIGURE_DEPENDS "libmqttcore/${layer}/*.hpp")
  install(FILES ${headers} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/mqttcore/${layer}")
endforeach()
install(TARGETS mqttcore EXPORT mqttcore ARCHIVE)
include(CMakePackageConfigHelpers)
set(config "${CMAKE_INSTALL_LIBDIR}/cmake/mqttcore")
install(EXPORT mqttcore NAMESPACE mqttcore:: FILE mqttcore-config.cmake DESTINATION "${config}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/mqttcore-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/mqttcore-config-version.cmake" DESTINATION "${config}")
# Its prefix follows from where it is, so that it holds for any.
file(RELATIVE_PATH pkgconfig_to_prefix "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
configure_file(libmqttcore/mqttcore.pc.in "${PROJECT_BINARY_DIR}/mqttcore.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/mqttcore.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME programs)
