# colonnade_torch: libtorch, the system's or the one in COLONNADE_TORCH_ROOT. Rooms link it as ${TORCH_LIBRARIES}.
#
# With COLONNADE_TORCH_ROOT (the folder `torch` of a Python wheel, or an unpacked libtorch) its own CMake files are not
# used: those of a CUDA build insist on a CUDA toolkit, which only compiling CUDA code would need.
if(NOT TARGET colonnade_torch)
  add_library(colonnade_torch INTERFACE IMPORTED)
  if(COLONNADE_TORCH_ROOT)
    set(torch_include ${COLONNADE_TORCH_ROOT}/include)
    set(torch_lib ${COLONNADE_TORCH_ROOT}/lib)
    if(NOT EXISTS ${torch_include}/torch/csrc/api/include/torch/torch.h OR NOT EXISTS ${torch_lib}/libtorch.so)
      message(FATAL_ERROR "COLONNADE_TORCH_ROOT=${COLONNADE_TORCH_ROOT} holds no libtorch: it must be the folder with "
                          "include/ and lib/libtorch.so, such as .../site-packages/torch")
    endif()
    set(torch_config ${COLONNADE_TORCH_ROOT}/share/cmake/Torch/TorchConfig.cmake)
    if(EXISTS ${torch_config})
      file(STRINGS ${torch_config} old_abi REGEX "GLIBCXX_USE_CXX11_ABI=0")
      if(old_abi)
        message(FATAL_ERROR "The libtorch in ${COLONNADE_TORCH_ROOT} is built with the old C++ ABI "
                            "(_GLIBCXX_USE_CXX11_ABI=0) and cannot be linked with the system's libraries; take a "
                            "wheel of version 2.7 or newer, or a libtorch archive named cxx11-abi")
      endif()
    endif()
    target_include_directories(colonnade_torch INTERFACE
      ${torch_include} ${torch_include}/torch/csrc/api/include)
    # --no-as-needed: nothing refers to libtorch_cuda by name; it registers itself when it is loaded.
    # --allow-shlib-undefined: the wheel's libraries find the rest of CUDA at run time, beside themselves.
    target_link_libraries(colonnade_torch INTERFACE ${torch_lib}/libtorch.so ${torch_lib}/libtorch_cpu.so
                                                    ${torch_lib}/libc10.so -Wl,--allow-shlib-undefined)
    foreach(library torch_cuda c10_cuda)
      if(EXISTS ${torch_lib}/lib${library}.so)
        target_link_libraries(colonnade_torch INTERFACE
          -Wl,--push-state,--no-as-needed,${torch_lib}/lib${library}.so,--pop-state)
      endif()
    endforeach()
    target_link_options(colonnade_torch INTERFACE -Wl,-rpath,${torch_lib})
  else()
    find_package(Torch QUIET)
    if(NOT Torch_FOUND)
      message(FATAL_ERROR "No libtorch: install libtorch-dev (Debian), or give one with -DCOLONNADE_TORCH_ROOT "
                          "(docs/building.md)")
    endif()
    target_link_libraries(colonnade_torch INTERFACE ${TORCH_LIBRARIES})
  endif()
  set(TORCH_LIBRARIES colonnade_torch)
endif()
