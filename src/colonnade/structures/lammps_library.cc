// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/lammps_library.h"

#include <array>
#include <cstdlib>
#include <dlfcn.h>

#include "colonnade/core/error.h"

namespace colonnade {

std::vector<std::string> lammps_library_names() {
  if (const char* given = std::getenv("COLONNADE_LAMMPS"); given != nullptr && *given != '\0') return {given};
  return {"liblammps.so", "liblammps.so.0", "liblammps.dylib"};
}

template <class Function>
Function* LammpsLibrary::function(const char* name) {
  void* const found = dlsym(library_, name);
  if (found == nullptr) fail("the LAMMPS library has no {}; install a version of 2021 or newer", name);
  return reinterpret_cast<Function*>(found);
}

LammpsLibrary::LammpsLibrary(const std::string& screen) {
  // Open MPI would start a daemon for a program that mpirun did not start; alone it needs none.
  setenv("OMPI_MCA_ess_singleton_isolated", "1", 1);  // NOLINT(concurrency-mt-unsafe): the process has one thread
  for (const std::string& name : lammps_library_names()) {
    // Open MPI's plug-ins look for its symbols among those of the whole program.
    library_ = dlopen(name.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (library_ != nullptr) break;
  }
  if (library_ == nullptr) {
    fail(
        "LAMMPS is not installed, and relaxation needs its library: apt install liblammps0 lammps-data (Ubuntu: "
        "liblammps-dev), or name the "
        "library by COLONNADE_LAMMPS=/path/liblammps.so");
  }
  std::array<std::string, 7> words{"colonnade", "-log", "none", "-screen", screen, "-nocite", ""};
  std::array<char*, 7> arguments{};
  for (std::size_t i = 0; i < 6; ++i) arguments[i] = words[i].data();
  handle_ = function<void*(int, char**, void**)>("lammps_open_no_mpi")(6, arguments.data(), nullptr);
  if (handle_ == nullptr) fail("LAMMPS did not start; try the program lmp by itself");
  if (function<int(void*, const char*)>("lammps_extract_setting")(handle_, "tagint") != 4) {
    fail("this LAMMPS was built with 64-bit atom ids (BIGBIG); install one with the usual ids");
  }
}

LammpsLibrary::~LammpsLibrary() {
  if (handle_ == nullptr) return;
  if (void* const close = dlsym(library_, "lammps_close"); close != nullptr) {
    reinterpret_cast<void (*)(void*)>(close)(handle_);
  }
  // Open MPI removes its folder of sockets only then.
  if (void* const end = dlsym(library_, "lammps_mpi_finalize"); end != nullptr) reinterpret_cast<void (*)()>(end)();
}

void LammpsLibrary::command(const std::string& text) {
  function<char*(void*, const char*)>("lammps_command")(handle_, text.c_str());
  // Where LAMMPS was built with exceptions it goes on after an error and has to be asked.
  if (function<int()>("lammps_config_has_exceptions")() == 0) return;
  if (function<int(void*)>("lammps_has_error")(handle_) == 0) return;
  std::array<char, 2048> message{};
  function<int(void*, char*, int)>("lammps_get_last_error_message")(handle_, message.data(), int(message.size()));
  fail("{}", message.data());
}

void LammpsLibrary::create_atoms(const std::vector<int>& types, const std::vector<double>& positions) {
  std::vector<int> ids(types.size());
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = int(i) + 1;
  using Create = int(void*, int, const int*, const int*, const double*, const double*, const int*, int);
  const int made = function<Create>("lammps_create_atoms")(handle_, int(ids.size()), ids.data(), types.data(),
                                                           positions.data(), nullptr, nullptr, 0);
  if (made != int(ids.size())) fail("LAMMPS took {} of {} atoms: some lie outside the cell", made, ids.size());
}

double LammpsLibrary::atom_count() { return function<double(void*)>("lammps_get_natoms")(handle_); }

double LammpsLibrary::thermo(const std::string& keyword) {
  return function<double(void*, const char*)>("lammps_get_thermo")(handle_, keyword.c_str());
}

int LammpsLibrary::version() { return function<int(void*)>("lammps_version")(handle_); }

std::vector<double> LammpsLibrary::gather(const std::string& name, std::size_t atoms) {
  std::vector<double> values(3 * atoms);
  std::string writable = name;
  constexpr int real = 1, columns = 3;
  function<void(void*, char*, int, int, void*)>("lammps_gather_atoms")(handle_, writable.data(), real, columns,
                                                                       values.data());
  return values;
}

LammpsLibrary::Box LammpsLibrary::box() {
  Box box{};
  std::array<int, 3> periodic{};
  int changes = 0;
  using Extract = void(void*, double*, double*, double*, double*, double*, int*, int*);
  function<Extract>("lammps_extract_box")(handle_, box.low, box.high, &box.xy, &box.yz, &box.xz, periodic.data(),
                                          &changes);
  return box;
}

}  // namespace colonnade
