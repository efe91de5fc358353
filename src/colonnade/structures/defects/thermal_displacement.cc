// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/structures/defects/thermal_displacement.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>

#include "colonnade/core/error.h"
#include "colonnade/structures/debye_waller.h"
#include "colonnade/structures/defects/record.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/xyz_comment.h"

namespace colonnade {
namespace {

constexpr double largest_sigma_A = 0.8, largest_temperature_K = 5000;

struct Preset {
  const char* name;
  double sigma_A;
};

constexpr Preset presets[] = {
    {"paper_100K", 0.032}, {"paper_300K", 0.060}, {"physical_100K", 0.067}, {"physical_300K", 0.100}};

std::optional<Vector3> widths_from(const std::string& text) {
  Vector3 widths{};
  std::size_t start = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    const auto end = std::min(text.find('/', start), text.size());
    const auto value = parse_number<double>(text.substr(start, end - start));
    if (!value || !(*value >= 0 && *value <= largest_sigma_A)) return std::nullopt;
    if (k == 0 && end == text.size()) return Vector3{*value, *value, *value};
    if ((end == text.size()) != (k == 2)) return std::nullopt;
    widths[k] = *value;
    start = end + 1;
  }
  return widths;
}

struct Widths {
  std::optional<Vector3> of_all;
  std::map<int, Vector3> by_element;
};

[[noreturn]] void refuse(const std::string& text) {
  fail(
      "sigma '{}' is not understood; give A (0 to {}), e.g. 0.06, Al:0.1,Si:0.08, Al:0.1/0.1/0.09, or paper_100K, "
      "paper_300K, physical_100K, physical_300K",
      text, largest_sigma_A);
}

Widths widths_of(const std::vector<std::string>& texts) {
  Widths widths;
  for (const std::string& text : texts) {
    const auto* const preset =
        std::find_if(std::begin(presets), std::end(presets), [&](const Preset& p) { return text == p.name; });
    const auto colon = text.find(':');
    const std::string value = colon == std::string::npos ? text : text.substr(colon + 1);
    const auto given = preset != std::end(presets) ? Vector3{preset->sigma_A, preset->sigma_A, preset->sigma_A}
                                                   : widths_from(value).value_or(Vector3{-1, -1, -1});
    if (given[0] < 0) refuse(text);
    if (colon == std::string::npos) {
      if (texts.size() > 1) refuse(text);
      widths.of_all = given;
    } else if (!widths.by_element.emplace(element(text.substr(0, colon)).number, given).second) {
      fail("sigma of {} stands there twice; give it once", text.substr(0, colon));
    }
  }
  return widths;
}

}  // namespace

void ThermalDisplacementOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "temperature", &temperature_K, "K",
            "Atoms displaced as Debye's model has them at this temperature; below 0: not");
  table.add(prefix + "sigma", &sigma, "A",
            "Displacement along one direction: 0.06, Al:0.1,Si:0.08, Al:0.1/0.1/0.09 (x/y/z), or paper_100K, "
            "paper_300K, physical_100K, physical_300K; goes before the temperature for the elements it names");
}

void ThermalDisplacementOptions::check() const {
  if (!(temperature_K <= largest_temperature_K)) {
    fail("a temperature of {} K is beyond {} K; give less", temperature_K, largest_temperature_K);
  }
  widths_of(sigma);
}

Vector3 displacement_widths(const ThermalDisplacementOptions& options, int atomic_number) {
  const Widths given = widths_of(options.sigma);
  if (given.of_all) return *given.of_all;
  if (const auto found = given.by_element.find(atomic_number); found != given.by_element.end()) return found->second;
  const Element& of = element(atomic_number);
  if (options.temperature_K < 0)
    fail("no sigma of {} is given; add {}:0.1, or give --temperature", of.symbol, of.symbol);
  const double debye = debye_temperature_K(atomic_number);
  if (debye == 0) fail("no Debye temperature of {} is known; give --sigma {}:0.1 (A)", of.symbol, of.symbol);
  const double sigma = debye_sigma_A(of.mass_u, debye, options.temperature_K);
  return {sigma, sigma, sigma};
}

void displace(Structure& structure, const ThermalDisplacementOptions& options, Random& random) {
  options.check();
  std::map<int, Vector3> widths;
  nlohmann::json used = nlohmann::json::object();
  for (const auto& [symbol, count] : composition(structure)) {
    const int number = element(symbol).number;
    used[symbol] = widths[number] = displacement_widths(options, number);
  }
  double squares = 0;
  for (Atom& atom : structure.atoms) {
    const Vector3& width = widths.at(atom.number);
    Vector3 by{};
    for (std::size_t k = 0; k < 3; ++k) by[k] = width[k] * random.normal();
    atom.position.x += by[0];
    atom.position.y += by[1];
    atom.position.z += by[2];
    squares += dot(by, by);
  }
  nlohmann::json entry{{"kind", "thermal displacement"}, {"sigma_A", used}};
  if (options.temperature_K >= 0) entry["temperature_K"] = options.temperature_K;
  if (!structure.atoms.empty()) entry["rms_along_one_axis_A"] = std::sqrt(squares / 3 / double(structure.atoms.size()));
  record_defect(structure, std::move(entry));
}

}  // namespace colonnade
