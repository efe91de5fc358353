// SPDX-License-Identifier: GPL-3.0-or-later
// LAMMPS by its C interface (library.h of LAMMPS: lammps_open_no_mpi, lammps_command, lammps_create_atoms,
// lammps_gather_atoms, ...), loaded while the program runs, so that nothing of it is needed to build or to start.
#pragma once

#include <string>
#include <vector>

namespace colonnade {

/// Names under which the library is looked for; $COLONNADE_LAMMPS takes their place.
std::vector<std::string> lammps_library_names();

/// One LAMMPS. Only in a process of its own: LAMMPS ends its process on errors, and MPI starts but once.
class LammpsLibrary {
 public:
  /// `screen` is the file where LAMMPS writes what it says.
  explicit LammpsLibrary(const std::string& screen);
  ~LammpsLibrary();
  LammpsLibrary(const LammpsLibrary&) = delete;
  LammpsLibrary& operator=(const LammpsLibrary&) = delete;

  void command(const std::string& text);
  /// Atoms with ids from 1, types from 1, positions x y z each.
  void create_atoms(const std::vector<int>& types, const std::vector<double>& positions);
  double atom_count();
  double thermo(const std::string& keyword);
  int version();
  /// "x" or "f", three numbers each, by id.
  std::vector<double> gather(const std::string& name, std::size_t atoms);
  /// Low and high corner, xy, yz, xz.
  struct Box {
    double low[3], high[3], xy, yz, xz;
  };
  Box box();

 private:
  template <class Function>
  Function* function(const char* name);

  void* library_ = nullptr;
  void* handle_ = nullptr;
};

}  // namespace colonnade
