# colonnade_gemmi: CIF files. gemmi is headers alone up to 0.5 (Debian 12) and has a library from 0.6 on (Ubuntu 24.04).
# An imported target, so that the installed package makes it anew on its user's machine.
if(NOT TARGET colonnade_gemmi)
  find_path(GEMMI_INCLUDE_DIR gemmi/cif.hpp REQUIRED)
  find_library(GEMMI_LIBRARY NAMES gemmi_cpp)
  mark_as_advanced(GEMMI_INCLUDE_DIR GEMMI_LIBRARY)
  add_library(colonnade_gemmi INTERFACE IMPORTED)
  target_include_directories(colonnade_gemmi INTERFACE ${GEMMI_INCLUDE_DIR})
  if(GEMMI_LIBRARY)
    target_link_libraries(colonnade_gemmi INTERFACE ${GEMMI_LIBRARY})
  endif()
endif()
