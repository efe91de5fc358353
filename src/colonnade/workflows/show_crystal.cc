// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/show_crystal.h"

#include <algorithm>
#include <cmath>

#include "colonnade/core/error.h"
#include "colonnade/structures/cell_parameters.h"
#include "colonnade/structures/crystal.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/known_crystals.h"
#include "colonnade/structures/structure_file.h"

namespace colonnade {
namespace {

constexpr int most_repeats = 1000;

Structure named(const std::string& text) {
  const auto found = find_crystals(text);
  return found.size() == 1 ? to_structure(*found.front()) : crystal_from(text);
}

Structure in_cell(Structure structure, const ShowCrystalOptions& options) {
  if (options.standard) structure = standard_cell(structure, options.tolerance_A);
  if (options.primitive) structure = primitive_cell(structure, options.tolerance_A);
  std::array<int, 3> times{};
  for (std::size_t k = 0; k < 3; ++k) times[k] = int(options.supercell[k]);
  if (times != std::array<int, 3>{1, 1, 1}) structure = repeat(structure, times);
  if (!options.zone.empty()) rotate(structure, zone_axis_rotation(structure, parse_zone_axis(options.zone)));
  return structure;
}

std::string of_metadata(const Structure& structure, const std::string& key) {
  const auto found = structure.metadata.find(key);
  return found != structure.metadata.end() && found->is_string() ? found->get<std::string>() : "";
}

/// One atom of each orbit: "Ti 2a".
struct Site {
  std::size_t atom;
  int multiplicity;
};

std::vector<Site> sites_of(const CrystalFacts& facts) {
  std::vector<Site> sites;
  const auto& equivalent = facts.symmetry.equivalent;
  for (std::size_t i = 0; i < equivalent.size(); ++i) {
    if (equivalent[i] == i) sites.push_back({i, int(std::count(equivalent.begin(), equivalent.end(), i))});
  }
  return sites;
}

std::string site_name(const CrystalFacts& facts, const Site& site) {
  return fmt::format("{} {}{}", element(facts.structure.atoms[site.atom].number).symbol, site.multiplicity,
                     facts.symmetry.wyckoff[site.atom]);
}

bool holds(const LibraryCrystal& crystal, const std::string& symbol) {
  return std::any_of(crystal.sites.begin(), crystal.sites.end(),
                     [&](const LibrarySite& site) { return site.element == symbol; });
}

int atoms_of(const LibraryCrystal& crystal) {
  int atoms = 0;
  for (const LibrarySite& site : crystal.sites) atoms += site.multiplicity;
  return atoms;
}

nlohmann::json json_of(const CellParameters& cell) {
  return {{"a_A", cell.a_A},           {"b_A", cell.b_A},
          {"c_A", cell.c_A},           {"alpha_deg", cell.alpha_deg},
          {"beta_deg", cell.beta_deg}, {"gamma_deg", cell.gamma_deg}};
}

}  // namespace

OptionTable ShowCrystalOptions::table() {
  OptionTable table;
  table.add("list", &list, "", "List the crystals of the library instead");
  table.add("group", &group, "", "Of the list: only this space group, 1 to 230; 0: all");
  table.add("system", &system, "", "Of the list: only this crystal system, such as cubic");
  table.add("element", &element, "", "Of the list: only crystals with this element");
  table.add("standard", &standard, "", "The conventional cell in the standard setting");
  table.add("primitive", &primitive, "", "The primitive cell");
  table.add("supercell", &supercell, "", "The cell so many times along a, b and c");
  table.add("zone", &zone, "", "Turn it: this direction [uvw] of its cell along the beam, z");
  table.add("tolerance", &tolerance_A, "A", "How far atoms may lie from where symmetry has them");
  return table;
}

void ShowCrystalOptions::check() const {
  if (group < 0 || group > 230) fail("--group is {}; give a space group from 1 to 230", group);
  if (!system.empty()) crystal_system_of_name(system);
  if (!element.empty()) colonnade::element(element);
  if (standard && primitive) fail("--standard and --primitive are two cells; give one of them");
  if (supercell.size() != 3) fail("--supercell needs three whole numbers, such as 2,2,1");
  for (const double times : supercell) {
    if (!(times >= 1 && times <= most_repeats && times == std::floor(times))) {
      fail("--supercell holds {}; give whole numbers from 1 to {}", times, most_repeats);
    }
  }
  if (!zone.empty()) parse_zone_axis(zone);
  if (!(tolerance_A > 0 && tolerance_A <= 1)) fail("--tolerance is {}; give 0 to 1 A", tolerance_A);
}

CrystalFacts show_crystal(const std::string& text, const ShowCrystalOptions& options) {
  options.check();
  CrystalFacts facts;
  facts.structure = in_cell(named(text), options);
  facts.symmetry = symmetry_of(facts.structure, options.tolerance_A);
  const std::string name = of_metadata(facts.structure, "crystal");
  const auto found = find_crystals(name);
  facts.name = found.size() == 1 && found.front()->name == name ? display_name(*found.front()) : text;
  facts.source = full_source(of_metadata(facts.structure, "source"));
  return facts;
}

nlohmann::json to_json(const CrystalFacts& facts) {
  const CrystalSymmetry& symmetry = facts.symmetry;
  nlohmann::json json{{"name", facts.name},
                      {"source", facts.source},
                      {"cell", json_of(cell_parameters(facts.structure))},
                      {"volume_A3", cell_volume_A3(facts.structure)},
                      {"density_g_cm3", density_g_cm3(facts.structure)},
                      {"space_group", symmetry.space_group},
                      {"symbol", symmetry.symbol},
                      {"hall_number", symmetry.hall_number},
                      {"point_group", symmetry.point_group},
                      {"system", name_of(symmetry.system)},
                      {"centring", std::string(1, symmetry.centring)},
                      {"standard_setting", symmetry.standard},
                      {"atoms", facts.structure.atoms.size()}};
  for (const auto& [symbol, count] : composition(facts.structure)) json["composition"][symbol] = count;
  for (const Site& site : sites_of(facts)) {
    const Fractional f = to_fractional(facts.structure, facts.structure.atoms[site.atom].position);
    json["sites"].push_back({{"element", element(facts.structure.atoms[site.atom].number).symbol},
                             {"wyckoff", std::string(1, symmetry.wyckoff[site.atom])},
                             {"multiplicity", site.multiplicity},
                             {"place", {f.a, f.b, f.c}}});
  }
  return json;
}

std::string to_text(const CrystalFacts& facts) {
  const CellParameters cell = cell_parameters(facts.structure);
  const CrystalSymmetry& symmetry = facts.symmetry;
  std::string text = facts.name + "\n";
  const auto line = [&](const std::string& label, const std::string& value) {
    text += fmt::format("  {:<12} {}\n", label, value);
  };
  line("cell",
       fmt::format("{:.5g} x {:.5g} x {:.5g} A, angles {:.5g}, {:.5g}, {:.5g}, volume {:.5g} A^3", cell.a_A, cell.b_A,
                   cell.c_A, cell.alpha_deg, cell.beta_deg, cell.gamma_deg, cell_volume_A3(facts.structure)));
  line("space group", fmt::format("{} {}{}", symmetry.space_group, symmetry.symbol,
                                  symmetry.standard ? fmt::format(" ({})", symmetry.spaced_symbol)
                                                    : ", in another cell or origin than the standard one"));
  line("system", fmt::format("{}, point group {}, centring {}", name_of(symmetry.system), symmetry.point_group,
                             symmetry.centring));
  line("atoms", fmt::format("{}: {}", facts.structure.atoms.size(), composition_text(facts.structure)));
  line("density", fmt::format("{:.4g} g/cm3", density_g_cm3(facts.structure)));
  for (const Site& site : sites_of(facts)) {
    const Fractional f = to_fractional(facts.structure, facts.structure.atoms[site.atom].position);
    line("site", fmt::format("{:<8} {:8.5f} {:8.5f} {:8.5f}", site_name(facts, site), f.a, f.b, f.c));
  }
  if (!facts.source.empty()) line("source", facts.source);
  text.pop_back();
  return text;
}

std::vector<const LibraryCrystal*> listed_crystals(const ShowCrystalOptions& options) {
  options.check();
  const std::string symbol = options.element.empty() ? "" : std::string(element(options.element).symbol);
  std::vector<const LibraryCrystal*> crystals;
  for (const LibraryCrystal& crystal : crystal_library()) {
    if (options.group > 0 && crystal.space_group != options.group) continue;
    if (!options.system.empty() && name_of(crystal_system(crystal.space_group)) != options.system) continue;
    if (!symbol.empty() && !holds(crystal, symbol)) continue;
    crystals.push_back(&crystal);
  }
  if (crystals.empty()) fail("no crystal of the library fits; leave out --group, --system or --element");
  return crystals;
}

nlohmann::json to_json(const std::vector<const LibraryCrystal*>& crystals) {
  nlohmann::json rows = nlohmann::json::array();
  for (const LibraryCrystal* crystal : crystals) {
    rows.push_back({{"name", crystal->name},
                    {"common_name", crystal->common},
                    {"formula", crystal->formula},
                    {"space_group", crystal->space_group},
                    {"symbol", symmetry_of_hall(crystal->hall_number).symbol},
                    {"system", name_of(crystal_system(crystal->space_group))},
                    {"cell", json_of(crystal->cell)},
                    {"atoms", atoms_of(*crystal)},
                    {"source", full_source(crystal->source)}});
  }
  return {{"crystals", rows}};
}

std::string to_text(const std::vector<const LibraryCrystal*>& crystals) {
  std::string text = fmt::format("{:<16}{:<28}{:<16}{:<13}{:>6}  {}\n", "name", "common name", "space group", "system",
                                 "atoms", "a, b, c in A");
  for (const LibraryCrystal* crystal : crystals) {
    const std::string group = fmt::format("{} {}", crystal->space_group, symmetry_of_hall(crystal->hall_number).symbol);
    text += fmt::format("{:<16}{:<28}{:<16}{:<13}{:>6}  {:.4f} {:.4f} {:.4f}\n", crystal->name, crystal->common, group,
                        name_of(crystal_system(crystal->space_group)), atoms_of(*crystal), crystal->cell.a_A,
                        crystal->cell.b_A, crystal->cell.c_A);
  }
  return text + fmt::format("{} crystals", crystals.size());
}

void write_crystal(const CrystalFacts& facts, const ShowCrystalOptions& options, const std::filesystem::path& out,
                   bool overwrite) {
  const std::string extension = out.extension().string();
  if (extension != ".cif" && extension != ".xyz") fail("--out {}: give a name that ends in .cif or .xyz", out.string());
  if (std::filesystem::exists(out) && !overwrite) fail("{} exists; give another --out, or --overwrite", out.string());
  if (extension == ".xyz") return write_xyz(out, facts.structure);
  if (!options.zone.empty()) {
    fail("--out {}: a CIF file cannot say how a crystal is turned; write .xyz, or leave out --zone", out.string());
  }
  if (!has_listable_operations(facts.symmetry)) return write_cif(out, facts.structure);
  write_cif(out, facts.structure, facts.symmetry);
}

}  // namespace colonnade
