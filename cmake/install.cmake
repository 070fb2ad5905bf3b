# Programs, man pages and completions, each where Debian puts them.
get_property(programs GLOBAL PROPERTY MQTTKIT_PROGRAMS)
if(programs)
  install(TARGETS ${programs} RUNTIME)
endif()
install(DIRECTORY man/ DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" FILES_MATCHING PATTERN "*.1")
install(DIRECTORY completions/bash/ DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
install(DIRECTORY completions/zsh/ DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions")
install(DIRECTORY completions/fish/ DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
