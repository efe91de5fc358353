// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/eds.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>
#include <optional>

#include "colonnade/core/error.h"
#include "colonnade/structures/elements.h"

namespace colonnade {

namespace {

constexpr double avogadro = 6.02214076e23;
constexpr double barn_per_m2 = 1e28;
constexpr double A2_per_barn = 1e-8;
constexpr double deepest_K_eV = 20e3;

// "Pt=L" by atomic number.
std::map<int, std::string> by_element(const std::vector<std::string>& texts, const char* what) {
  std::map<int, std::string> result;
  for (const auto& text : texts) {
    const auto sign = text.find('=');
    if (sign == std::string::npos) fail("{} '{}' names no element; write for example Pt=...", what, text);
    const int number = element(text.substr(0, sign)).number;
    if (!result.emplace(number, text.substr(sign + 1)).second) {
      fail("{} is given twice for {}", what, element(number).symbol);
    }
  }
  return result;
}

std::map<int, double> numbers_by_element(const std::vector<std::string>& texts, const char* what) {
  std::map<int, double> result;
  for (const auto& [number, text] : by_element(texts, what)) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || !(value > 0) || !std::isfinite(value)) {
      fail("{} of {} is '{}'; give a number above 0", what, element(number).symbol, text);
    }
    result[number] = value;
  }
  return result;
}

/// The lists of EdsOptions, read.
struct OwnNumbers {
  std::map<int, Shell> shells;
  std::map<int, double> cross_sections, line_fractions, k_factors, zeta_factors;

  explicit OwnNumbers(const EdsOptions& options)
      : cross_sections(numbers_by_element(options.cross_sections, "the cross-section")),
        line_fractions(numbers_by_element(options.line_fractions, "the line fraction")),
        k_factors(numbers_by_element(options.k_factors, "the k factor")),
        zeta_factors(numbers_by_element(options.zeta_factors, "the zeta factor")) {
    for (const auto& [number, name] : by_element(options.lines, "the line")) shells[number] = parse_shell(name);
    for (const auto& [number, fraction] : line_fractions) {
      if (fraction > 1) fail("the line fraction of {} is {}; give at most 1", element(number).symbol, fraction);
    }
    for (const auto& [number, k] : k_factors) {
      if (zeta_factors.count(number) != 0) fail("{} has a k and a zeta factor; give one", element(number).symbol);
    }
    if (!k_factors.empty() && !reference()) fail("no k factor is 1; one element must be the reference, e.g. Ni=1");
  }

  std::optional<int> reference() const {
    for (const auto& [number, k] : k_factors) {
      if (k == 1) return number;
    }
    return std::nullopt;
  }

  void require_mapped(const std::vector<int>& mapped) const {
    const auto require = [&](const auto& values, const char* what) {
      for (const auto& [number, value] : values) {
        if (std::find(mapped.begin(), mapped.end(), number) == mapped.end()) {
          fail("{} is given for {}, which is not among the elements mapped", what, element(number).symbol);
        }
      }
    };
    require(shells, "a line");
    require(cross_sections, "a cross-section");
    require(line_fractions, "a line fraction");
    require(k_factors, "a k factor");
    require(zeta_factors, "a zeta factor");
  }
};

std::vector<Subshell> subshells_of(Shell shell) {
  if (shell == Shell::K) return {Subshell::K};
  return {Subshell::L1, Subshell::L2, Subshell::L3};
}

Shell usual_shell(int number) { return binding_energy_eV(number, Subshell::K) < deepest_K_eV ? Shell::K : Shell::L; }

double molar_mass_kg(int number) { return 1e-3 * element(number).mass_u; }

EdsLine make_line(int number, const OwnNumbers& own, const EdsOptions& options, double energy_keV) {
  EdsLine line;
  line.atomic_number = number;
  const auto shell = own.shells.find(number);
  line.shell = shell != own.shells.end() ? shell->second : usual_shell(number);
  for (const Subshell subshell : subshells_of(line.shell)) {
    const double barn = ionisation_cross_section_barn(number, subshell, energy_keV);
    if (barn == 0) continue;
    line.terms.push_back({barn, ionisation_impact_parameter_A(binding_energy_eV(number, subshell), energy_keV)});
  }
  if (line.terms.empty()) {
    fail("a beam of {} keV does not ionise the {} shell of {}; map its L lines", energy_keV, shell_name(line.shell),
         element(number).symbol);
  }
  line.source = "Casnati 1982, Hubbell 1994";
  if (const auto found = own.cross_sections.find(number); found != own.cross_sections.end()) {
    const double scale = found->second / line.cross_section_barn();
    for (auto& term : line.terms) term.cross_section_barn *= scale;
    line.source = "own cross-section, Hubbell 1994";
  }
  const auto fraction = own.line_fractions.find(number);
  line.counts_per_ionisation = fluorescence_yield(number, line.shell) *
                               (fraction != own.line_fractions.end() ? fraction->second : 1.0) *
                               options.solid_angle_sr / (4 * std::numbers::pi) * options.efficiency;
  return line;
}

// Counts of one electron on one atom for each unit of area are what factors fix, whatever the cross-section.
void set_counts_barn(EdsLine& line, double barn, const char* source) {
  line.counts_per_ionisation = barn / line.cross_section_barn();
  line.source = source;
}

void apply_factors(std::vector<EdsLine>& lines, const OwnNumbers& own) {
  for (auto& line : lines) {
    const auto zeta = own.zeta_factors.find(line.atomic_number);
    if (zeta == own.zeta_factors.end()) continue;
    set_counts_barn(line, barn_per_m2 * molar_mass_kg(line.atomic_number) / avogadro / zeta->second, "own zeta factor");
  }
  if (own.k_factors.empty()) return;
  const int reference = *own.reference();
  const auto known = std::find_if(lines.begin(), lines.end(),
                                  [reference](const EdsLine& line) { return line.atomic_number == reference; });
  const double per_mass = known->cross_section_barn() * known->counts_per_ionisation / molar_mass_kg(reference);
  for (auto& line : lines) {
    const auto k = own.k_factors.find(line.atomic_number);
    if (k == own.k_factors.end() || line.atomic_number == reference) continue;
    set_counts_barn(line, per_mass * molar_mass_kg(line.atomic_number) / k->second, "own k factor");
  }
}

}  // namespace

void EdsOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "eds_elements", &elements, "", "elements mapped by their X-rays; none: all of the specimen");
  table.add(prefix + "eds_lines", &lines, "",
            "shell mapped, by element, e.g. Pd=K,Pt=L; else K where it is bound by less than 20 keV, and L");
  table.add(prefix + "eds_electrons", &electrons, "", "electrons per pixel, all frames together");
  table.add(prefix + "eds_solid_angle", &solid_angle_sr, "sr", "solid angle of the X-ray detectors together");
  table.add(prefix + "eds_efficiency", &efficiency, "", "part of the X-rays within the solid angle that is counted");
  table.add(prefix + "eds_background", &background, "", "background counts per pixel of each map");
  table.add(prefix + "eds_background_fraction", &background_fraction, "",
            "background counts per pixel as a part of the map's mean");
  table.add(prefix + "eds_cross_sections", &cross_sections, "barn",
            "own ionisation cross-sections of the shell mapped, e.g. Ni=259");
  table.add(prefix + "eds_line_fractions", &line_fractions, "",
            "part of a shell's X-rays that a map takes, e.g. Ni=0.88 for K alpha alone; else 1");
  table.add(prefix + "eds_k_factors", &k_factors, "",
            "own Cliff-Lorimer factors by weight, e.g. Ni=1,Pt=1.9; one must be 1");
  table.add(prefix + "eds_zeta_factors", &zeta_factors, "kg/m2", "own zeta factors, e.g. Ni=600");
}

void EdsOptions::check() const {
  const auto require = [](bool right, const char* name, double value, const char* wanted) {
    if (!right || !std::isfinite(value)) fail("{} is {}; give {}", name, value, wanted);
  };
  require(electrons >= 0, "eds_electrons", electrons, "0 or more electrons per pixel");
  require(solid_angle_sr > 0 && solid_angle_sr <= 4 * std::numbers::pi, "eds_solid_angle", solid_angle_sr,
          "a solid angle above 0 and up to 12.57 sr");
  require(efficiency > 0 && efficiency <= 1, "eds_efficiency", efficiency, "an efficiency above 0 and up to 1");
  require(background >= 0, "eds_background", background, "0 or more counts per pixel");
  require(background_fraction >= 0, "eds_background_fraction", background_fraction, "0 or more");
  if (!elements.empty()) checked_elements(elements);
  const OwnNumbers read(*this);
}

std::string EdsLine::name() const { return fmt::format("{} {}", element(atomic_number).symbol, shell_name(shell)); }

double EdsLine::cross_section_barn() const {
  return std::accumulate(terms.begin(), terms.end(), 0.0,
                         [](double sum, const Term& term) { return sum + term.cross_section_barn; });
}

nlohmann::json EdsLine::record() const {
  double square = 0;
  for (const Term& term : terms) square += term.cross_section_barn * std::pow(term.impact_parameter_A, 2);
  return {{"element", element(atomic_number).symbol},
          {"shell", shell_name(shell)},
          {"ionisation_barn", cross_section_barn()},
          {"impact_parameter_rms_A", std::sqrt(square / cross_section_barn())},
          {"counts_per_ionisation", counts_per_ionisation},
          {"source", source}};
}

std::vector<EdsLine> eds_lines(const EdsOptions& options, const std::vector<int>& atomic_numbers, double energy_keV) {
  options.check();
  std::vector<int> mapped = atomic_numbers;
  if (!options.elements.empty()) {
    mapped.clear();
    for (const auto& symbol : options.elements) mapped.push_back(element(symbol).number);
  }
  if (mapped.empty()) fail("no element is given to map by X-rays");
  const OwnNumbers own(options);
  own.require_mapped(mapped);
  std::vector<EdsLine> lines;
  for (const int number : mapped) lines.push_back(make_line(number, own, options, energy_keV));
  apply_factors(lines, own);
  return lines;
}

LocalSignal eds_signal(const EdsLine& line, double displacement_A) {
  if (!(displacement_A >= 0) || !std::isfinite(displacement_A)) {
    fail("a thermal displacement of {} A; give 0 or more", displacement_A);
  }
  // Along one axis the impact parameter has half of its mean square.
  std::vector<std::pair<double, double>> gaussians;
  for (const auto& term : line.terms) {
    const double variance = std::pow(term.impact_parameter_A, 2) / 2 + std::pow(displacement_A, 2);
    gaussians.emplace_back(term.cross_section_barn * A2_per_barn, 2 * std::pow(std::numbers::pi, 2) * variance);
  }
  const auto kernel = [gaussians](double k) {
    double sum = 0;
    for (const auto& [area, decay] : gaussians) sum += area * std::exp(-decay * k * k);
    return sum;
  };
  return {line.name(), {{line.atomic_number, kernel}}};
}

std::vector<double> eds_expected(const EdsLine& line, const EdsOptions& options,
                                 const std::vector<float>& ionisations) {
  std::vector<double> counts;
  double mean = 0;
  for (const float value : ionisations) {
    counts.push_back(std::max(0.0, options.electrons * line.counts_per_ionisation * double(value)));
    mean += counts.back() / double(ionisations.size());
  }
  for (double& count : counts) count += options.background + options.background_fraction * mean;
  return counts;
}

std::vector<double> eds_counts(const std::vector<double>& expected, Random& random) {
  std::vector<double> counts;
  for (const double mean : expected) counts.push_back(double(random.poisson(mean)));
  return counts;
}

}  // namespace colonnade
