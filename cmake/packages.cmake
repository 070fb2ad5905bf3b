# What cpack makes: of any build that is shipped Debian packages, one of the programs and one of libmqttcore for developers (-G DEB);
# of the preset "portable" a tarball of the programs (-G TGZ).
set(MQTTKIT_MAINTAINER "mqttkit authors <mqttkit@example.org>" CACHE STRING "Who answers for the packages, NAME <ADDRESS>")

set(CPACK_PACKAGE_NAME mqttkit)
set(CPACK_PACKAGE_VENDOR "mqttkit authors")
# The default, which CPack knows to leave out: each package has a description of its own.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_NAME} built using CMake")
set(CPACK_PACKAGE_CONTACT "${MQTTKIT_MAINTAINER}")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_RESOURCE_FILE_README "${PROJECT_SOURCE_DIR}/README.md")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_THREADS 0)
# Manual pages, licences and changelogs as Debian wants them, and all without debugging information.
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/cmake/finish_packages.cmake")
set(CPACK_MQTTKIT_SOURCE_DIR "${PROJECT_SOURCE_DIR}")

if(MQTTKIT_PORTABLE)
  set(CPACK_GENERATOR TGZ)
  # Whole: of components cpack packs the files alone that were installed, not those that are added.
  set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};mqttkit;programs;/")
  set(CPACK_PACKAGE_FILE_NAME "mqttkit-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR}")
else()
  set(CPACK_GENERATOR DEB)
  set(CPACK_COMPONENTS_ALL programs development)
endif()

set(debian "${PROJECT_SOURCE_DIR}/deploy/debian")
file(STRINGS "${debian}/changelog" entry LIMIT_COUNT 1)
if(NOT entry MATCHES "^mqttkit \\(${PROJECT_VERSION}-([^)]+)\\)")
  message(FATAL_ERROR "deploy/debian/changelog begins with '${entry}', not with an entry for ${PROJECT_VERSION}")
endif()
set(CPACK_DEBIAN_PACKAGE_RELEASE "${CMAKE_MATCH_1}")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_PROGRAMS_PACKAGE_NAME mqttkit)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PROGRAMS_DESCRIPTION "MQTT on the command line
Programs that speak MQTT 5.0, 3.1.1 and 3.1: mqtt-pub, mqtt-sub, mqtt-rr,
mqtt-bench and mqtt-bridge.

They have the option letters of mosquitto's clients, one exit code for each
kind of failure, and a deadline that covers the whole run. They decode and
encode JSON, CBOR, MessagePack, Protocol Buffers, Avro and Sparkplug B, and
hold payloads to schemas.")
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_SHLIBDEPS ON)
# OpenSSL is loaded when the first TLS connection is made, which dpkg-shlibdeps can't see.
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_DEPENDS libssl3)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_SUGGESTS mosquitto)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_CONTROL_EXTRA "${debian}/postinst;${debian}/prerm;${debian}/postrm")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libmqttcore-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_MULTIARCH same)
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "MQTT client library for C++23
Packets of MQTT 5.0, 3.1.1 and 3.1 for both sides, sessions without input and
output, and clients over TCP, TLS and WebSocket.

The library is an archive, with its headers, a file for pkg-config and a
package for CMake.")
# OpenSSL is loaded here too; the payload formats that need libraries are modules of the programs.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS
  "libssl3, mqttkit (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")

include(CPack)
