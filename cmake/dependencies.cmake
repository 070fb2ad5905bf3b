# Everything the toolkit needs must be there when it is configured. A library is linked by the one layer that wraps it.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(doctest REQUIRED)
find_package(Protobuf REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libcbor REQUIRED IMPORTED_TARGET libcbor)
pkg_check_modules(avro REQUIRED IMPORTED_TARGET avro-c)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
if(MQTTKIT_PORTABLE)
  # Debian's other archives are missing (libjq, libcbor) or not for modules: libprotobuf's and RE2's have thread-local
  # variables that only a program can hold. Those libraries are carried along, see install.cmake.
  foreach(library IN ITEMS sqlite3 zlib zstd)
    list(GET ${library}_LIBRARIES 0 name)
    find_library(MQTTKIT_${library}_ARCHIVE lib${name}.a REQUIRED)
    set_target_properties(PkgConfig::${library} PROPERTIES INTERFACE_LINK_LIBRARIES "${MQTTKIT_${library}_ARCHIVE}")
  endforeach()
endif()
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
find_path(JQ_INCLUDE_DIR jq.h REQUIRED)
find_library(JQ_LIBRARY jq REQUIRED)
# What only a benchmark compares with: Debian's package brings half a desktop along.
find_path(VALIJSON_INCLUDE_DIR valijson/validator.hpp)

# Asio as net uses it: header-only, only what is going to stay, and one thread for each context, which needs no
# memory fence around every handler (and g++'s thread sanitizer doesn't know fences).
add_library(mq_asio INTERFACE)
target_link_libraries(mq_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(mq_asio INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_FENCED_BLOCK BOOST_ERROR_CODE_HEADER_ONLY)

# OpenSSL's headers alone: net loads the library when it is needed, see net/open_ssl.ipp.
add_library(mq_openssl_headers INTERFACE)
target_include_directories(mq_openssl_headers SYSTEM INTERFACE ${OPENSSL_INCLUDE_DIR})
target_link_libraries(mq_openssl_headers INTERFACE ${CMAKE_DL_LIBS})
