# Compiler settings that every room shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
include(GNUInstallDirs)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

include(CheckLinkerFlag)
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  check_linker_flag(CXX -fuse-ld=mold COLONNADE_MOLD_WORKS)
  if(COLONNADE_MOLD_WORKS)
    add_link_options(-fuse-ld=mold)
  endif()
endif()

add_library(colonnade_settings INTERFACE)
add_library(Colonnade::settings ALIAS colonnade_settings)
set_target_properties(colonnade_settings PROPERTIES EXPORT_NAME settings)
target_compile_features(colonnade_settings INTERFACE cxx_std_20)
target_include_directories(colonnade_settings INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
  $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

# What only the project's own sources are compiled with (not its users').
add_library(colonnade_private_settings INTERFACE)
target_compile_options(colonnade_private_settings INTERFACE
  -Wall -Wextra -Wno-missing-field-initializers
  "$<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-maybe-uninitialized>"  # false positives of GCC 12 (bugs 105651, 105593)
  $<$<CONFIG:Release>:-O3>
  -fno-math-errno -fno-trapping-math
  $<$<BOOL:${COLONNADE_NATIVE}>:-march=native>
  "$<$<BOOL:${COLONNADE_SANITIZE}>:-fsanitize=address,undefined;-fno-omit-frame-pointer>"
  "$<$<BOOL:${COLONNADE_FUZZ}>:-O1;-fsanitize=fuzzer-no-link,address,undefined;-fno-sanitize-recover=undefined>")
target_link_options(colonnade_private_settings INTERFACE
  $<$<BOOL:${COLONNADE_SANITIZE}>:-fsanitize=address,undefined>)
