# colonnade_room(<name> ROOMS <rooms it links> LIBRARIES <public> PRIVATE_LIBRARIES <private>) makes the library
# colonnade_<name> of every source in the folder, the executable colonnade_<name>_test of every *_test.cc and
# colonnade_<name>_bench of every *_bench.cc. No precompiled headers: measured, they save less than a tenth of the
# build, hide missing includes, and have GCC 12 warn of what is right.
function(colonnade_room name)
  cmake_parse_arguments(ARG "" "" "ROOMS;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  # A folder with a CMakeLists.txt of its own is a room of its own, e.g. simulate/device, room simulate_device.
  file(GLOB own CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt)
  foreach(file ${own})
    get_filename_component(folder ${file} DIRECTORY)
    list(FILTER sources EXCLUDE REGEX "^${folder}/")
  endforeach()
  set(tests ${sources})
  set(benches ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|_bench|/main)\\.cc$")
  # For the installed package: what a user of this room must find (cmake/ColonnadeInstall.cmake).
  set_property(GLOBAL APPEND PROPERTY COLONNADE_ROOMS ${name})
  set_property(GLOBAL PROPERTY COLONNADE_ROOMS_OF_${name} ${ARG_ROOMS})
  set_property(GLOBAL PROPERTY COLONNADE_LIBRARIES_OF_${name} ${ARG_LIBRARIES} ${ARG_PRIVATE_LIBRARIES})
  list(TRANSFORM ARG_ROOMS PREPEND Colonnade::)

  add_library(colonnade_${name} STATIC ${sources})
  add_library(Colonnade::${name} ALIAS colonnade_${name})
  set_target_properties(colonnade_${name} PROPERTIES EXPORT_NAME ${name})
  target_link_libraries(colonnade_${name}
    PUBLIC Colonnade::settings ${ARG_ROOMS} ${ARG_LIBRARIES}
    PRIVATE ${ARG_PRIVATE_LIBRARIES} $<BUILD_INTERFACE:colonnade_private_settings>)
  install(TARGETS colonnade_${name} EXPORT ColonnadeTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})

  if(COLONNADE_TESTS AND tests)
    add_executable(colonnade_${name}_test ${tests})
    # Tests are compiled more often than they run: less optimisation, a quicker build.
    set_source_files_properties(${tests} PROPERTIES COMPILE_OPTIONS "$<$<CONFIG:Release>:-O1>")
    target_link_libraries(colonnade_${name}_test PRIVATE
      colonnade_${name} ${ARG_PRIVATE_LIBRARIES} colonnade_private_settings GTest::gmock GTest::gtest_main)
    target_compile_definitions(colonnade_${name}_test PRIVATE
      COLONNADE_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
      COLONNADE_TEST_DATA="${PROJECT_SOURCE_DIR}/testdata"
      COLONNADE_SHARED_DATA="${PROJECT_SOURCE_DIR}/../shared/data"
      COLONNADE_PROGRAM="${PROJECT_BINARY_DIR}/bin/colonnade")
    include(GoogleTest)
    # Tests in a suite whose name begins with Slow carry the label "slow" and stay out of the default run.
    gtest_discover_tests(colonnade_${name}_test DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120 TEST_PREFIX ${name}. TEST_FILTER -Slow*
                         PROPERTIES TIMEOUT 300)
    gtest_discover_tests(colonnade_${name}_test DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120 TEST_PREFIX ${name}. TEST_FILTER Slow*
                         PROPERTIES LABELS slow TIMEOUT 3600)
  endif()
  if(COLONNADE_BENCHMARKS AND benches)
    add_executable(colonnade_${name}_bench ${benches})
    target_link_libraries(colonnade_${name}_bench PRIVATE
      colonnade_${name} ${ARG_PRIVATE_LIBRARIES} colonnade_private_settings benchmark::benchmark_main)
    target_compile_definitions(colonnade_${name}_bench PRIVATE
      COLONNADE_SHARED_DATA="${PROJECT_SOURCE_DIR}/../shared/data")
  endif()
endfunction()
