# What every target of ours is compiled and linked with; third-party code is only ever included as SYSTEM.
include(CheckCXXCompilerFlag)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${MQTTKIT_LTO})
include(CheckPIESupported)
check_pie_supported()

find_program(CCACHE ccache)
mark_as_advanced(CCACHE)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

add_library(mq_flags INTERFACE)
target_compile_options(mq_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
# g++ 12 sees overlapping copies in plain string concatenation (GCC bug 105651).
target_compile_options(mq_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)

if(MQTTKIT_SANITIZE)
  target_compile_options(mq_flags INTERFACE
    -fsanitize=${MQTTKIT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(mq_flags INTERFACE -fsanitize=${MQTTKIT_SANITIZE})
  if(MQTTKIT_FUZZ)
    target_compile_options(mq_flags INTERFACE -fsanitize=fuzzer-no-link)
  endif()
else()
  target_compile_options(mq_flags INTERFACE -fstack-protector-strong)
  foreach(flag IN ITEMS -fstack-clash-protection -fcf-protection)
    string(MAKE_C_IDENTIFIER "MQTTKIT_HAS${flag}" has_flag)
    check_cxx_compiler_flag(${flag} ${has_flag})
    if(${has_flag})
      target_compile_options(mq_flags INTERFACE ${flag})
    endif()
  endforeach()
  # glibc only warns when it is asked to fortify code that is not optimised.
  target_compile_definitions(mq_flags INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=3>)
  target_link_options(mq_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
endif()

# Loading libstdc++ dynamically costs a program 0.75 to 1.1 ms at every start.
add_library(mq_program_flags INTERFACE)
if(NOT MQTTKIT_SANITIZE)
  target_link_options(mq_program_flags INTERFACE
    $<$<CONFIG:Release>:-static-libstdc++> $<$<CONFIG:Release>:-static-libgcc>)
endif()
