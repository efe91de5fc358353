// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/relaxation.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <dlfcn.h>
#include <map>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/structures/defects/record.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/lammps_library.h"
#include "colonnade/structures/lammps_process.h"
#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/potential_file.h"

namespace colonnade {
namespace {

constexpr double vacuum_A = 30;

/// The box that LAMMPS gets: the structure's cell, with vacuum where it is not periodic, turned to LAMMPS's frame.
struct Box {
  Matrix3 cell{};      ///< in the structure's frame
  Vector3 corner{};    ///< of the box in the structure's frame
  Matrix3 rotation{};  ///< rows: LAMMPS's axes in the structure's frame
};

Matrix3 cell_of(const Structure& structure) {
  if (structure.has_cell()) {
    require_cell(structure);
    if (determinant(structure.cell) < 0) fail("the cell's vectors are left-handed; exchange two of them");
    return structure.cell;
  }
  return {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
}

Box box_of(const Structure& structure) {
  Box box;
  box.cell = cell_of(structure);
  const Matrix3 planes = reciprocal(box.cell);
  Vector3 low{}, factor{1, 1, 1};
  for (std::size_t k = 0; k < 3; ++k) {
    if (structure.periodic[k]) continue;
    double least = 1e300, most = -1e300;
    for (const Atom& atom : structure.atoms) {
      const double f = dot(planes[k], {atom.position.x, atom.position.y, atom.position.z});
      least = std::min(least, f);
      most = std::max(most, f);
    }
    const double empty = vacuum_A * length(planes[k]);
    low[k] = least - empty / 2;
    factor[k] = most - least + empty;
  }
  box.corner = combine(low, box.cell);
  for (std::size_t k = 0; k < 3; ++k) box.cell[k] = scaled(box.cell[k], factor[k]);
  const Vector3 x = scaled(box.cell[0], 1 / length(box.cell[0]));
  const Vector3 normal = cross(box.cell[0], box.cell[1]);
  const Vector3 z = scaled(normal, 1 / length(normal));
  box.rotation = {x, cross(z, x), z};
  return box;
}

struct Types {
  std::map<int, int> of_number;
  std::vector<std::string> names;  ///< in the potential, by type
};

Types types_of(const Structure& structure, const Potential& potential) {
  std::map<std::string, std::string> names;
  for (const std::string& text : potential.names) {
    const auto colon = text.find(':');
    if (colon == std::string::npos) fail("potential name '{}' is not understood; write Al:AlS", text);
    names[std::string(element(text.substr(0, colon)).symbol)] = text.substr(colon + 1);
  }
  Types types;
  for (const auto& [symbol, count] : composition(structure)) {
    types.of_number.emplace(element(symbol).number, int(types.names.size()) + 1);
    types.names.push_back(names.contains(symbol) ? names[symbol] : symbol);
  }
  return types;
}

/// "eam/alloy" and "meam" and their files become LAMMPS's commands.
std::vector<std::string> potential_commands(const Potential& potential, const Types& types) {
  std::string listed;
  for (const std::string& name : types.names) listed += " " + name;
  std::string coefficients = "pair_coeff * *";
  std::size_t start = 0;
  while (start <= potential.file.size()) {
    const std::size_t end = std::min(potential.file.find(' ', start), potential.file.size());
    const auto path = find_potential(potential.file.substr(start, end - start));
    if (start == 0) check_potential(path, potential.pair_style, types.names);
    if (path.string().find(' ') != std::string::npos)
      fail("{}: LAMMPS cannot read a path with spaces; move the file", path.string());
    coefficients += " " + path.string() + (potential.pair_style == "eam" ? "" : listed);
    start = end + 1;
  }
  if (potential.pair_style == "eam" && types.names.size() > 1) {
    fail("an eam file has one element and the specimen {}; take eam/alloy", types.names.size());
  }
  return {"pair_style " + potential.pair_style, coefficients, "neighbor 1.0 bin",
          "neigh_modify every 1 delay 0 check yes", "thermo_style custom step pe temp"};
}

std::vector<std::string> work_commands(const Structure& structure, const RelaxationOptions& options,
                                       std::uint64_t seed) {
  std::vector<std::string> commands;
  if (options.relax_cell) {
    std::string fix = "fix cell all box/relax";
    for (std::size_t k = 0; k < 3; ++k) {
      if (structure.periodic[k]) fix += fmt::format(" {} 0.0", "xyz"[k]);
    }
    commands.push_back(fix + " vmax 0.001");
  }
  commands.emplace_back("min_style cg");
  const std::string minimise =
      fmt::format("minimize 0 {:g} {} {}", options.force_tolerance_eV_A, options.most_steps, 10 * options.most_steps);
  // With the cell each minimisation keeps its first cell as reference; further ones bring the pressure to zero.
  for (int i = 0; i < (options.relax_cell ? 4 : 1); ++i) commands.push_back(minimise);
  if (options.relax_cell) commands.emplace_back("unfix cell");
  if (options.md_temperature_K > 0) {
    // Half of the kinetic energy goes into the springs.
    commands.push_back(fmt::format("velocity all create {:g} {} mom yes rot no dist gaussian",
                                   2 * options.md_temperature_K, seed % 899999999 + 1));
    commands.emplace_back("timestep 0.001");
    commands.push_back(fmt::format("fix heat all nvt temp {0:g} {0:g} 0.1", options.md_temperature_K));
    commands.push_back(fmt::format("run {}", std::lround(options.md_ps * 1000)));
  } else {
    commands.emplace_back("run 0");
  }
  return commands;
}

Vector3 fractions_in(const Matrix3& planes, const Vector3& corner, const Position& p) {
  return multiply(planes, Vector3{p.x - corner[0], p.y - corner[1], p.z - corner[2]});
}

LammpsJob job_for(const Structure& structure, const Box& box, const Types& types) {
  LammpsJob job;
  std::array<Vector3, 3> turned{};
  for (std::size_t k = 0; k < 3; ++k) turned[k] = multiply(box.rotation, box.cell[k]);
  job.lx = turned[0][0];
  job.xy = turned[1][0];
  job.ly = turned[1][1];
  job.xz = turned[2][0];
  job.yz = turned[2][1];
  job.lz = turned[2][2];
  job.masses_u.resize(types.names.size());
  for (const auto& [number, type] : types.of_number) job.masses_u[std::size_t(type) - 1] = element(number).mass_u;
  const Matrix3 planes = reciprocal(box.cell);
  for (const Atom& atom : structure.atoms) {
    Vector3 f = fractions_in(planes, box.corner, atom.position);
    for (double& part : f) {
      part -= std::floor(part);
      if (part >= 1) part = 0;
    }
    const Vector3 at = multiply(box.rotation, combine(f, box.cell));
    job.types.push_back(types.of_number.at(atom.number));
    job.positions.insert(job.positions.end(), at.begin(), at.end());
  }
  return job;
}

/// Moves the atoms by what LAMMPS moved them, in fractions of the cell, so that none jumps across a boundary.
double take_result(Structure& structure, const Box& box, const LammpsResult& result) {
  const Matrix3 lammps_cell{Vector3{result.lx, 0, 0}, Vector3{result.xy, result.ly, 0},
                            Vector3{result.xz, result.yz, result.lz}};
  const Matrix3 lammps_planes = reciprocal(lammps_cell), planes = reciprocal(box.cell);
  Matrix3 new_cell{};
  for (std::size_t k = 0; k < 3; ++k) new_cell[k] = multiply(transposed(box.rotation), lammps_cell[k]);
  double farthest = 0;
  for (std::size_t i = 0; i < structure.atoms.size(); ++i) {
    Position& p = structure.atoms[i].position;
    const double* x = result.positions.data() + 3 * i;
    const Vector3 now =
        multiply(lammps_planes, Vector3{x[0] - result.low[0], x[1] - result.low[1], x[2] - result.low[2]});
    const Vector3 before = fractions_in(planes, box.corner, p);
    Vector3 moved{};
    for (std::size_t k = 0; k < 3; ++k) {
      moved[k] = now[k] - before[k];
      moved[k] -= std::round(moved[k]);
    }
    farthest = std::max(farthest, length(combine(moved, new_cell)));
    for (std::size_t k = 0; k < 3; ++k) moved[k] += before[k];
    const Vector3 at = combine(moved, new_cell);
    p = {at[0] + box.corner[0], at[1] + box.corner[1], at[2] + box.corner[2]};
  }
  for (std::size_t k = 0; k < 3; ++k) {
    if (structure.periodic[k]) structure.cell[k] = new_cell[k];
  }
  return farthest;
}

}  // namespace

void RelaxationOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "relax", &relax, "", "Relax by LAMMPS: pair style and file(s), e.g. eam/alloy,Al_zhou.eam.alloy");
  table.add(prefix + "potential_names", &names, "",
            "Elements' names in the potential where they are not the symbols: Al:AlS");
  table.add(prefix + "relax_cell", &relax_cell, "", "The cell, too, to zero pressure along its periodic axes");
  table.add(prefix + "force_tolerance", &force_tolerance_eV_A, "eV/A",
            "The norm of all forces at which relaxation ends");
  table.add(prefix + "most_steps", &most_steps, "", "Steps after which relaxation ends in any case");
  table.add(prefix + "md_temperature", &md_temperature_K, "K",
            "Molecular dynamics at this temperature after it; 0: none");
  table.add(prefix + "md_time", &md_ps, "ps", "How long before the snapshot is taken");
}

Potential RelaxationOptions::potential() const {
  if (relax.size() < 2) fail("a relaxation needs pair style and file; give --relax eam/alloy,Al_zhou.eam.alloy");
  Potential potential{relax[0], relax[1], names};
  for (std::size_t i = 2; i < relax.size(); ++i) potential.file += " " + relax[i];
  return potential;
}

void RelaxationOptions::check() const {
  if (any()) potential();
  if (!any() && (relax_cell || md_temperature_K > 0)) {
    fail("moving atoms by forces needs a potential; give --relax eam/alloy,Al_zhou.eam.alloy");
  }
  if (!(force_tolerance_eV_A > 0 && force_tolerance_eV_A < 10)) {
    fail("a force tolerance of {} eV/A is outside 0 to 10", force_tolerance_eV_A);
  }
  if (most_steps < 1 || most_steps > 10000000)
    fail("{} steps of relaxation are not possible; give 1 or more", most_steps);
  if (!(md_temperature_K >= 0 && md_temperature_K <= 10000)) {
    fail("molecular dynamics at {} K is not possible; give 0 to 10000", md_temperature_K);
  }
  if (!(md_ps >= 0.01 && md_ps <= 10000))
    fail("molecular dynamics of {} ps is not possible; give 0.01 to 10000", md_ps);
}

bool lammps_available() {
  for (const std::string& name : lammps_library_names()) {
    // Not loaded to stay: what it links to starts threads and reads the environment.
    if (void* const library = dlopen(name.c_str(), RTLD_LAZY | RTLD_LOCAL); library != nullptr) {
      dlclose(library);
      return true;
    }
  }
  return false;
}

Relaxation relax(Structure& structure, const RelaxationOptions& options, std::uint64_t seed) {
  options.check();
  if (structure.atoms.empty()) fail("a structure without atoms cannot be relaxed");
  if (options.relax_cell &&
      std::find(structure.periodic.begin(), structure.periodic.end(), true) == structure.periodic.end()) {
    fail("a specimen that is nowhere periodic has no cell to relax; leave out --relax-cell");
  }
  const Potential potential = options.potential();
  const Types types = types_of(structure, potential);
  const Box box = box_of(structure);
  LammpsJob job = job_for(structure, box, types);
  job.commands_before = potential_commands(potential, types);
  job.commands = work_commands(structure, options, seed);
  info("LAMMPS moves {} atoms by {}", structure.atoms.size(), potential.file);
  const LammpsResult result = run_lammps(job);
  Relaxation relaxation{result.energy_before_eV, result.energy_eV, 0, 0, result.temperature_K};
  for (std::size_t i = 0; i < structure.atoms.size(); ++i) {
    const double* f = result.forces.data() + 3 * i;
    relaxation.largest_force_eV_A = std::max(relaxation.largest_force_eV_A, length({f[0], f[1], f[2]}));
  }
  relaxation.largest_move_A = take_result(structure, box, result);
  nlohmann::json entry{{"kind", options.md_temperature_K > 0 ? "molecular dynamics" : "relaxation"},
                       {"pair_style", potential.pair_style},
                       {"potential", potential.file},
                       {"lammps", result.version},
                       {"cell", options.relax_cell},
                       {"energy_before_eV", relaxation.energy_before_eV},
                       {"energy_eV", relaxation.energy_eV},
                       {"largest_force_eV_A", relaxation.largest_force_eV_A},
                       {"largest_move_A", relaxation.largest_move_A}};
  if (options.md_temperature_K > 0) entry["temperature_K"] = relaxation.temperature_K;
  record_defect(structure, std::move(entry));
  return relaxation;
}

Relaxation take_positions(Structure& structure, const Structure& relaxed, double farthest_A) {
  if (structure.atoms.size() != relaxed.atoms.size()) {
    fail("the relaxed structure has {} atoms and the specimen {}; give the same atoms in the same order",
         relaxed.atoms.size(), structure.atoms.size());
  }
  const bool periodic = relaxed.has_cell() && structure.has_cell();
  const Matrix3 planes = periodic ? reciprocal(structure.cell) : Matrix3{};
  Relaxation relaxation;
  for (std::size_t i = 0; i < structure.atoms.size(); ++i) {
    const Atom &from = structure.atoms[i], &to = relaxed.atoms[i];
    if (from.number != to.number) {
      fail("atom {} is {} in the specimen and {} in the relaxed structure; give the same atoms in the same order",
           i + 1, element(from.number).symbol, element(to.number).symbol);
    }
    Vector3 way{to.position.x - from.position.x, to.position.y - from.position.y, to.position.z - from.position.z};
    if (periodic) {
      Vector3 f = multiply(planes, way);
      for (std::size_t k = 0; k < 3; ++k) f[k] -= structure.periodic[k] ? std::round(f[k]) : 0;
      way = combine(f, structure.cell);
    }
    if (!(length(way) <= farthest_A)) {
      fail("atom {} lies {:.2f} A from where it was, beyond {} A; is it the same specimen?", i + 1, length(way),
           farthest_A);
    }
    relaxation.largest_move_A = std::max(relaxation.largest_move_A, length(way));
  }
  structure.atoms = relaxed.atoms;
  if (relaxed.has_cell()) structure.cell = relaxed.cell;
  record_defect(structure, {{"kind", "positions taken"}, {"largest_move_A", relaxation.largest_move_A}});
  return relaxation;
}

}  // namespace colonnade
