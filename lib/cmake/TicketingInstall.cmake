# What `cmake --install` lays down, in three components:
#   Development  libraries, public headers, .proto files and the CMake package: find_package(ticketing)
#   Bindings     the C library and its pkg-config file, the JNI library and its jar
#   Programs     servers and clients, in bin
# Every module is exported as ticketing::<module>; ticketing::testing stays in the build tree.
include(CMakePackageConfigHelpers)

set(ticketing_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/ticketing")
set(TICKETING_PROTO_INSTALL_DIR "${CMAKE_INSTALL_DATADIR}/ticketing/proto")

get_property(ticketing_modules GLOBAL PROPERTY TICKETING_MODULES)
list(REMOVE_ITEM ticketing_modules ticketing_testing)
if(TARGET ticketing_messages)
  set_target_properties(ticketing_messages PROPERTIES EXPORT_NAME messages)
endif()
install(TARGETS ${ticketing_modules} EXPORT ticketing
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT Development)
if(TARGET ticketing_c)
  install(TARGETS ticketing_c EXPORT ticketing
          LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT Bindings
          RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT Bindings
          ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT Bindings)
endif()

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/ticketing"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT Development
        FILES_MATCHING PATTERN "*.h" PATTERN "testing" EXCLUDE)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/lib/wire/proto/" DESTINATION "${TICKETING_PROTO_INSTALL_DIR}"
        COMPONENT Development FILES_MATCHING PATTERN "*.proto")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/ticketing"
        COMPONENT Development)

install(EXPORT ticketing FILE ticketingTargets.cmake NAMESPACE ticketing::
        DESTINATION "${ticketing_package_dir}" COMPONENT Development)
configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/ticketingConfig.cmake.in" "${PROJECT_BINARY_DIR}/ticketingConfig.cmake"
  INSTALL_DESTINATION "${ticketing_package_dir}" PATH_VARS CMAKE_INSTALL_INCLUDEDIR TICKETING_PROTO_INSTALL_DIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/ticketingConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/ticketingConfig.cmake"
              "${PROJECT_BINARY_DIR}/ticketingConfigVersion.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/TicketingDeps.cmake"
        DESTINATION "${ticketing_package_dir}" COMPONENT Development)

# Every executable made in a folder or below it.
function(ticketing_executables_below folder result)
  get_property(targets DIRECTORY "${folder}" PROPERTY BUILDSYSTEM_TARGETS)
  get_property(folders DIRECTORY "${folder}" PROPERTY SUBDIRECTORIES)
  set(found "")
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "EXECUTABLE")
      list(APPEND found ${target})
    endif()
  endforeach()
  foreach(below IN LISTS folders)
    ticketing_executables_below("${below}" more)
    list(APPEND found ${more})
  endforeach()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

if(TICKETING_BUILD_PROGRAMS)
  foreach(folder servers clients)
    ticketing_executables_below("${PROJECT_SOURCE_DIR}/${folder}" programs)
    if(programs)
      install(TARGETS ${programs} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT Programs)
    endif()
  endforeach()
endif()
