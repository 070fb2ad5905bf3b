# One function per kind of target. Sources are every *.cpp of the calling folder.

# mq_layer(NAME ROOT dir [PUBLIC lib...] [PRIVATE lib...])
# A static library of all but *_test.cpp; as long as the folder has no .cpp, only its headers and what it links.
function(mq_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "ROOT" "PUBLIC;PRIVATE")
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  if(sources)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC "${arg_ROOT}")
    target_link_libraries(${name} PUBLIC ${arg_PUBLIC} PRIVATE mq_flags ${arg_PRIVATE})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE "${arg_ROOT}")
    target_link_libraries(${name} INTERFACE ${arg_PUBLIC})
  endif()
endfunction()

# mq_module(NAME [lib...])
# A part of payload that needs a heavy library: the folder's sources are the library mq_payload_NAME, for tests, and with its
# module.cpp the module mqttkit-NAME.so, which exports mqttkit_NAME and nothing else.
function(mq_module name)
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  list(FILTER sources EXCLUDE REGEX "/module\\.cpp$")
  add_library(mq_payload_${name} STATIC ${sources})
  target_link_libraries(mq_payload_${name} PUBLIC mq_payload PRIVATE mq_flags ${ARGN})

  set(exports "${CMAKE_CURRENT_BINARY_DIR}/exports.map")
  file(GENERATE OUTPUT "${exports}" CONTENT "{ global: mqttkit_${name}; local: *; };\n")
  add_library(mqttkit-${name} MODULE module.cpp)
  target_link_libraries(mqttkit-${name} PRIVATE mq_payload_${name} mq_flags)
  target_link_options(mqttkit-${name} PRIVATE "-Wl,--version-script=${exports}")
  set_target_properties(mqttkit-${name} PROPERTIES PREFIX "" LINK_DEPENDS "${exports}"
    LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/modules")
  if(MQTTKIT_PORTABLE)
    # What it needs lies beside it, and so does what that needs: only the old kind of tag holds for both.
    target_link_options(mqttkit-${name} PRIVATE -Wl,--disable-new-dtags)
    set_target_properties(mqttkit-${name} PROPERTIES INSTALL_RPATH "$ORIGIN")
  endif()
  set_property(GLOBAL APPEND PROPERTY MQTTKIT_MODULES mqttkit-${name})
  set_property(GLOBAL APPEND PROPERTY MQTTKIT_MODULE_LIBRARIES mq_payload_${name})
endfunction()

# mq_prose(TARGET FILE NAME)
# Text from man/ for TARGET to compile: NAME_prose in "prose/NAME.hpp", NAME spelt with '_'. A line "@OTHER.in@" stands for
# what is in man/OTHER.in.
function(mq_prose target file name)
  set(page "${PROJECT_SOURCE_DIR}/man/${file}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${page}")
  file(READ "${page}" prose)
  string(REGEX MATCHALL "@[a-z-]+\\.in@\n" marks "${prose}")
  foreach(mark IN LISTS marks)
    string(REGEX REPLACE "@([^@]*)@\n" "${PROJECT_SOURCE_DIR}/man/\\1" part "${mark}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${part}")
    file(READ "${part}" content)
    string(REPLACE "${mark}" "${content}" prose "${prose}")
  endforeach()
  string(MAKE_C_IDENTIFIER "${name}" identifier)
  file(GENERATE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/prose/${identifier}.hpp" CONTENT
    "#pragma once\n#include <string_view>\nnamespace mq {\ninline constexpr std::string_view ${identifier}_prose = R\"roff(${prose})roff\";\n}\n")
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}")
endfunction()

# mq_program(NAME lib...)
# A program that is shipped: main.cpp (nothing is built without it), and all else in the folder as the library NAME-parts, which
# tests link too. The hand-written halves of its manual pages, NAME.1.in and NAME-COMMAND.1.in, are NAME_prose and so on.
function(mq_program name)
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  add_library(${name}-parts STATIC ${sources})
  target_link_libraries(${name}-parts PUBLIC ${ARGN} PRIVATE mq_flags)

  file(GLOB pages CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/man/${name}.1.in" "${PROJECT_SOURCE_DIR}/man/${name}-*.1.in")
  foreach(page IN LISTS pages)
    cmake_path(GET page FILENAME file)
    string(REPLACE ".1.in" "" prose "${file}")
    mq_prose(${name}-parts "${file}" ${prose})
  endforeach()

  file(GLOB main CONFIGURE_DEPENDS main.cpp)
  if(NOT main)
    return()
  endif()
  add_executable(${name} main.cpp)
  target_link_libraries(${name} PRIVATE ${name}-parts mq_flags mq_program_flags)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
  # A program is whole when the modules are there that it may load.
  get_property(modules GLOBAL PROPERTY MQTTKIT_MODULES)
  add_dependencies(${name} ${modules})
  set_property(GLOBAL APPEND PROPERTY MQTTKIT_PROGRAMS ${name})
endfunction()
