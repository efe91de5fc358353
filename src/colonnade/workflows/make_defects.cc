// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/make_defects.h"

#include <cmath>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/core/random.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/known_crystals.h"
#include "colonnade/structures/matrix3.h"
#include "colonnade/structures/structure_file.h"
#include "colonnade/structures/trajectory.h"
#include "colonnade/workflows/run_record.h"

namespace colonnade {
namespace {

constexpr std::uint64_t grain_stream = 1, point_stream = 2, thermal_stream = 3;
constexpr Matrix3 as_it_is{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

struct Specimen {
  Structure structure;
  std::array<int, 3> cells{0, 0, 0};  ///< of the crystal as it stands; 0: made otherwise
  Matrix3 rotation = as_it_is;        ///< from the crystal's frame
};

Specimen turned_specimen(Structure structure) {
  const auto& record = structure.metadata.at("defects").back();
  Specimen specimen{std::move(structure), {0, 0, 0}, as_it_is};
  if (record.contains("crystal_to_specimen")) specimen.rotation = record["crystal_to_specimen"].get<Matrix3>();
  return specimen;
}

Specimen make_specimen(const Structure& crystal, const DefectOptions& options) {
  std::array<int, 3> cells{};
  Vector3 size_A{};
  for (std::size_t k = 0; k < 3; ++k) {
    cells[k] = int(options.size[k]);
    size_A[k] = options.size[k] * length(crystal.cell[k]);
  }
  if (options.grains.any()) {
    Random random = Random(options.seed).stream(grain_stream);
    return turned_specimen(make_grains(crystal, size_A, options.grains, random));
  }
  if (!options.planar.twin.empty()) return turned_specimen(make_twinned(crystal, size_A, options.planar));
  if (!options.planar.fault.empty()) return turned_specimen(make_faulted(crystal, size_A, options.planar));
  if (options.dislocations.any()) {
    return turned_specimen(make_dislocated(crystal, size_A, options.dislocations, options.strain.elastic_GPa));
  }
  return {repeat(crystal, cells), cells, as_it_is};
}

void take_frame(Structure& structure, const DefectOptions& options) {
  const auto frames = read_trajectory(options.positions, {options.type_elements});
  if (options.frame < 1 || std::size_t(options.frame) > frames.size()) {
    fail("{} has {} frames and --frame asks for {}", options.positions, frames.size(), options.frame);
  }
  take_positions(structure, frames[std::size_t(options.frame) - 1]);
}

void require_target(const std::filesystem::path& out, bool overwrite) {
  const std::string extension = out.extension().string();
  if (extension != ".xyz" && extension != ".extxyz" && extension != ".cif") {
    fail("{}: name the specimen's file FILE.xyz or FILE.cif", out.string());
  }
  if (std::filesystem::is_directory(out)) fail("{} is a folder; name a file", out.string());
  if (!overwrite && std::filesystem::exists(out)) fail("{} exists; give another --out, or --overwrite", out.string());
}

/// "vacancies 960", "strain", ...
std::string line_of(const nlohmann::json& entry) {
  std::string text = entry.at("kind").get<std::string>();
  for (const char* key : {"count", "element", "from", "to", "site", "plane", "fault", "lamellae", "method", "potential",
                          "largest_move_A", "temperature_K", "rms_along_one_axis_A"}) {
    if (!entry.contains(key)) continue;
    const auto& value = entry[key];
    text += fmt::format(", {} {}", key,
                        value.is_string()         ? value.get<std::string>()
                        : value.is_number_float() ? fmt::format("{:.4g}", value.get<double>())
                                                  : value.dump());
  }
  return text;
}

}  // namespace

OptionTable DefectOptions::table() {
  OptionTable table;
  table.add("size", &size, "", "Cells along a, b and c; of a turned specimen as many edges along x, y and z");
  table.add("seed", &seed, "", "Of everything that is drawn");
  planar.describe(table);
  grains.describe(table);
  dislocations.describe(table);
  points.describe(table);
  strain.describe(table);
  relaxation.describe(table);
  table.add("positions.positions", &positions, "",
            "Take the positions of the same atoms from this structure or trajectory");
  table.add("positions.frame", &frame, "", "Which frame of the trajectory, from 1");
  table.add("positions.type_elements", &type_elements, "", "Elements of types 1, 2, ... of a LAMMPS dump");
  thermal.describe(table);
  return table;
}

void DefectOptions::check() const {
  if (size.size() != 3) fail("--size has {} numbers; give three, e.g. 40,30,20", size.size());
  for (const double cells : size) {
    if (!(cells >= 1 && cells <= 100000 && cells == std::floor(cells))) {
      fail("--size holds {}; give whole numbers of cells from 1", cells);
    }
  }
  planar.check();
  grains.check();
  dislocations.check();
  points.check();
  strain.check();
  relaxation.check();
  thermal.check();
  if ((planar.any() ? 1 : 0) + (grains.any() ? 1 : 0) + (dislocations.any() ? 1 : 0) > 1) {
    fail("twins or faults, grains, and dislocations are specimens of their own; give one of them");
  }
  if (relaxation.md_temperature_K > 0 && thermal.any()) {
    fail(
        "molecular dynamics moves the atoms thermally already; leave out --temperature and --sigma, or "
        "--md-temperature");
  }
}

Structure make_defects(const std::string& crystal_name, DefectOptions options) {
  options.check();
  const Structure crystal = crystal_from(crystal_name);
  Matrix3 gradient = as_it_is;
  Specimen specimen = make_specimen(crystal, options);
  if (options.strain.any()) gradient = deformation_of(options.strain, crystal, specimen.rotation);
  Structure& structure = specimen.structure;
  if (options.points.any()) {
    Random random = Random(options.seed).stream(point_stream);
    add_point_defects(structure, crystal, specimen.cells, options.points, random);
  }
  if (options.strain.any()) deform(structure, gradient);
  if (options.relaxation.any()) relax(structure, options.relaxation, options.seed);
  if (!options.positions.empty()) take_frame(structure, options);
  if (options.thermal.any()) {
    Random random = Random(options.seed).stream(thermal_stream);
    displace(structure, options.thermal, random);
  }
  std::vector<std::filesystem::path> inputs;
  if (std::filesystem::is_regular_file(crystal_name)) inputs.emplace_back(crystal_name);
  if (!options.positions.empty()) inputs.emplace_back(options.positions);
  structure.metadata["made_by"] = run_record("defects", options.table(), options.seed, inputs);
  structure.metadata["crystal"] = std::filesystem::path(crystal_name).filename().string();
  return std::move(structure);
}

Structure make_defects(const std::string& crystal, const DefectOptions& options, const std::filesystem::path& out,
                       bool overwrite) {
  require_target(out, overwrite);
  Structure specimen = make_defects(crystal, options);
  if (out.extension() == ".cif") {
    write_cif(out, specimen);
  } else {
    write_xyz(out, specimen);
  }
  return specimen;
}

nlohmann::json defects_summary(const Structure& specimen) {
  nlohmann::json summary{{"atoms", specimen.atoms.size()}, {"cell_A", specimen.cell}};
  for (const auto& [symbol, count] : composition(specimen)) summary["composition"][symbol] = count;
  summary["defects"] = specimen.metadata.value("defects", nlohmann::json::array());
  return summary;
}

std::string defects_text(const Structure& specimen) {
  const auto& cell = specimen.cell;
  std::string text =
      fmt::format("{} atoms ({}), {:.2f} x {:.2f} x {:.2f} nm", specimen.atoms.size(), composition_text(specimen),
                  length(cell[0]) / 10, length(cell[1]) / 10, length(cell[2]) / 10);
  int number = 0;
  for (const auto& entry : specimen.metadata.value("defects", nlohmann::json::array())) {
    text += fmt::format("\n{}. {}", ++number, line_of(entry));
  }
  return text;
}

}  // namespace colonnade
