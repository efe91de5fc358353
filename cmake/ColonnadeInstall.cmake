# The installed package: find_package(Colonnade COMPONENTS <rooms>) gives the targets Colonnade::<room>. Only the outside
# libraries of the named rooms (all rooms where none is named) are looked for, so structures needs no libtorch.
include(CMakePackageConfigHelpers)
set(COLONNADE_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/Colonnade)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/src/colonnade ${PROJECT_BINARY_DIR}/generated/colonnade
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h" REGEX "/[^/]*test[^/]*\\.h$" EXCLUDE)
install(TARGETS colonnade_settings EXPORT ColonnadeTargets)
install(EXPORT ColonnadeTargets NAMESPACE Colonnade:: DESTINATION ${COLONNADE_PACKAGE_DIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/colonnade/models)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# What each room needs, for the config file: its rooms, and its outside libraries by the name they are linked with.
get_property(COLONNADE_ROOMS GLOBAL PROPERTY COLONNADE_ROOMS)
set(COLONNADE_ROOM_TABLE "")
foreach(room ${COLONNADE_ROOMS})
  get_property(rooms GLOBAL PROPERTY COLONNADE_ROOMS_OF_${room})
  get_property(libraries GLOBAL PROPERTY COLONNADE_LIBRARIES_OF_${room})
  string(REGEX REPLACE "\\$<BUILD_INTERFACE:([^>]*)>" "\\1" libraries "${libraries}")
  string(APPEND COLONNADE_ROOM_TABLE "set(Colonnade_ROOMS_OF_${room} ${rooms})\n"
                                     "set(Colonnade_LIBRARIES_OF_${room} ${libraries})\n")
endforeach()
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/ColonnadeConfig.cmake.in
  ${PROJECT_BINARY_DIR}/ColonnadeConfig.cmake INSTALL_DESTINATION ${COLONNADE_PACKAGE_DIR}
  PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ColonnadeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ColonnadeConfig.cmake ${PROJECT_BINARY_DIR}/ColonnadeConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/ColonnadeGemmi.cmake ${PROJECT_SOURCE_DIR}/cmake/ColonnadeTorch.cmake
        DESTINATION ${COLONNADE_PACKAGE_DIR})
