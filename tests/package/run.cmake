# Installs the build into a folder of its own, then configures, builds and runs the project beside this file against it.
# cmake -DBUILD=<build folder> -DSOURCE=<this folder> -DLINK_FLAGS=<flags> -DCXX=<compiler> -P run.cmake
set(work ${BUILD}/package-test)
file(REMOVE_RECURSE ${work})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message("${output}")
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "Exit code ${status} from: ${command}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix)
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${work}/build -G Ninja -DCMAKE_PREFIX_PATH=${work}/prefix -DCMAKE_CXX_COMPILER=${CXX}
    -DCMAKE_EXE_LINKER_FLAGS=${LINK_FLAGS})
run(${CMAKE_COMMAND} --build ${work}/build)

# An fcc particle of equal volume to a sphere of 2 nm has 4/3 pi 10^3 / (a^3 / 4) atoms: 318 for a = 3.75 (Pt and Ni).
run(${work}/build/make_particle)
if(NOT output MATCHES "^Colonnade [0-9.]+: ([0-9]+) atoms, .*Pt" OR CMAKE_MATCH_1 LESS 200 OR CMAKE_MATCH_1 GREATER 450)
  message(FATAL_ERROR "make_particle printed: ${output}")
endif()
run(${work}/build/make_image)
if(NOT output STREQUAL "mean 2\n")
  message(FATAL_ERROR "make_image printed: ${output}")
endif()
run(${work}/prefix/bin/colonnade --version)
file(REMOVE_RECURSE ${work})
