// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/lensing.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"
#include "colonnade/core/units.h"
#include "colonnade/core/version.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/structures/elements.h"

namespace colonnade {

namespace {

using nlohmann::json;

constexpr int format_version = 1, ring_probes = 4;
constexpr double local_sampling_A = 0.1, coarse_sampling_A = 0.16, longer = 1.1;

template <class Options>
json options_json(Options options) {
  OptionTable table;
  options.describe(table);
  return table.to_json();
}

json signals_json(const Signals& signals) {
  json result = json::array();
  for (const auto& detector : signals.detectors) {
    result.push_back(
        {{"detector", detector.name}, {"inner_mrad", detector.inner_mrad}, {"outer_mrad", detector.outer_mrad}});
  }
  for (const auto& signal : signals.local) {
    json kernels = json::object();
    for (const auto& [number, kernel] : signal.kernels) {
      kernels[std::string(element(number).symbol)] = {kernel(0), kernel(0.5), kernel(1), kernel(2), kernel(4)};
    }
    result.push_back({{"local", signal.name}, {"kernel_at_0_0.5_1_2_4_per_A", kernels}});
  }
  return result;
}

// Scattering of single atoms in a small angle's approximation, in units that cancel: only ratios of elements matter.
double born_strength(int number, const AnnularDetector& detector, const LensingSource& source) {
  const Parametrization parametrization = parse_parametrization(source.options.parametrization);
  const double wavelength = electron_wavelength_A(source.optics.energy_keV);
  constexpr int steps = 200;
  double sum = 0;
  for (int i = 0; i < steps; ++i) {
    const double share = (i + 0.5) / steps;
    const double k = (detector.inner_mrad + share * (detector.outer_mrad - detector.inner_mrad)) * 1e-3 / wavelength;
    sum += std::pow(scattering_factor(parametrization, number, k), 2) * k / steps;
  }
  return sum;
}

// One set of strengths per signal, detectors first.
std::vector<AtomStrengths> strengths_of(const LensingSource& source, const std::vector<int>& numbers) {
  std::vector<AtomStrengths> result;
  for (const auto& detector : source.signals.detectors) {
    auto& strengths = result.emplace_back();
    for (const int number : numbers) strengths[number] = born_strength(number, detector, source);
  }
  for (const auto& signal : source.signals.local) {
    auto& strengths = result.emplace_back();
    for (const auto& [number, kernel] : signal.kernels) strengths[number] = kernel(0);
  }
  return result;
}

std::vector<ProbePosition> probes_of(const LensingWaves& waves, const std::vector<AtomColumn>& columns,
                                     const std::vector<int>& chosen) {
  std::vector<ProbePosition> probes;
  for (const int index : chosen) {
    const AtomColumn& column = columns[index];
    probes.push_back({column.x_A, column.y_A});
    for (std::size_t ring = 0; ring < waves.rings_A.size(); ++ring) {
      for (int i = 0; i < ring_probes; ++i) {
        const double angle = (2.0 * i + double(ring % 2)) * std::numbers::pi / ring_probes;
        probes.push_back(
            {column.x_A + waves.rings_A[ring] * std::cos(angle), column.y_A + waves.rings_A[ring] * std::sin(angle)});
      }
    }
  }
  return probes;
}

// [probe][signal...] by a narrow and, for local signals, coarse multislice.
std::vector<std::vector<float>> send_waves(const LensingSource& source, const LensingWaves& waves,
                                           const Structure& structure, const std::vector<ProbePosition>& probes) {
  MultisliceOptions options = source.options;
  options.algorithm = "multislice";
  options.window_A = waves.window_A;
  options.margin_A = 1;
  if (waves.sampling_A > 0) {
    options.sampling_A = waves.sampling_A;
  } else if (source.signals.detectors.empty()) {
    options.sampling_A = coarse_sampling_A;
  }
  ProbeArea area{probes.front().x_A, probes.front().x_A, probes.front().y_A, probes.front().y_A, double(probes.size())};
  for (const ProbePosition& probe : probes) {
    area.low_x_A = std::min(area.low_x_A, probe.x_A);
    area.high_x_A = std::max(area.high_x_A, probe.x_A);
    area.low_y_A = std::min(area.low_y_A, probe.y_A);
    area.high_y_A = std::max(area.high_y_A, probe.y_A);
  }
  const Specimen specimen = specimen_around(structure, source.optics, source.signals.detectors, area, options);
  return make_stem_algorithm(specimen.atoms, specimen.cell, source.optics, source.signals, options)->scan(probes, "");
}

void require_same(const json& stored, const json& wanted, const std::string& file, const std::string& where) {
  if (stored == wanted) return;
  if (stored.is_object() && wanted.is_object()) {
    for (const auto& [name, value] : wanted.items()) {
      require_same(stored.value(name, json()), value, file, where.empty() ? name : fmt::format("{}.{}", where, name));
    }
  }
  fail("the lensing calibration in {} was made with {} = {} and {} is asked for; calibrate anew", file, where,
       stored.dump(), wanted.dump());
}

json errors_json(const LensingErrors& errors) {
  return {{"rms_over_mean", errors.rms_over_mean},
          {"rms_relative", errors.rms_relative},
          {"image_correlation", errors.image_correlation},
          {"held_out_columns", errors.columns}};
}

}  // namespace

json LensingSource::key() const {
  return {{"optics", options_json(optics)},
          {"multislice", options_json(options)},
          {"signals", signals_json(signals)},
          {"simulator", simulator}};
}

std::vector<std::string> LensingSource::signal_names() const {
  std::vector<std::string> names;
  for (const auto& detector : signals.detectors) names.push_back(detector.name);
  for (const auto& signal : signals.local) names.push_back(signal.name);
  return names;
}

LensingSource multislice_source(const Optics& optics, const Signals& signals, MultisliceOptions options) {
  if (signals.detectors.empty() && options.sampling_A == 0) options.sampling_A = local_sampling_A;
  return {optics, signals, options, {}, "simulate_stem"};
}

std::vector<std::vector<std::vector<double>>> lensing_regressors(const LensingSource& source, const LensingWaves& waves,
                                                                 const Structure& structure,
                                                                 const std::vector<AtomColumn>& columns,
                                                                 const std::vector<int>& chosen) {
  const std::size_t signals = source.signals.values_per_depth() - 1;
  std::vector<std::vector<std::vector<double>>> result(signals);
  if (chosen.empty()) return result;
  const auto met = send_waves(source, waves, structure, probes_of(waves, columns, chosen));
  const std::size_t per_column = 1 + ring_probes * waves.rings_A.size();
  const LensingFeatures features(columns);
  const auto strengths = strengths_of(source, elements_of(structure.atoms));
  for (std::size_t signal = 0; signal < signals; ++signal) {
    const auto rows = features.rows(strengths[signal]);
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      std::vector<double> row{met[i * per_column][signal]};
      for (std::size_t first = 1; first < per_column; first += ring_probes) {
        double sum = 0;
        for (std::size_t j = first; j < first + ring_probes; ++j) sum += met[i * per_column + j][signal] / ring_probes;
        row.push_back(sum);
      }
      const auto& own = rows[chosen[i]];
      row.insert(row.end(), own.begin(), own.end());
      result[signal].push_back(std::move(row));
    }
  }
  return result;
}

LensingModel::LensingModel(LensingSource source, LensingWaves waves, std::vector<Fit> fits, json calibration)
    : source_(std::move(source)),
      waves_(std::move(waves)),
      fits_(std::move(fits)),
      calibration_(std::move(calibration)) {
  const std::size_t signals = source_.signals.values_per_depth() - 1;
  if (fits_.size() != signals)
    fail("a calibration of {} signals was given for {}; calibrate anew", fits_.size(), signals);
  const std::size_t regressors = 1 + waves_.rings_A.size() + LensingFeatures::names().size();
  for (const Fit& fit : fits_) {
    if (fit.coefficients.size() == regressors) continue;
    fail("a calibration of {} coefficients was given, {} are needed; calibrate anew", fit.coefficients.size(),
         regressors);
  }
}

std::vector<LensedColumn> LensingModel::predict(const Structure& structure, const FieldOfView& field,
                                                double border_A) const {
  field.check();
  const std::set<std::string> known = calibration_.at("elements").get<std::set<std::string>>();
  for (const int number : elements_of(structure.atoms)) {
    if (known.count(std::string(element(number).symbol)) == 0) {
      fail("the lensing calibration has not seen {}; calibrate with it among the elements", element(number).symbol);
    }
  }
  if (structure.atoms.empty()) return {};
  const auto columns = columns_of(structure);
  std::size_t longest = 0;
  std::vector<int> chosen;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!cell_inside(columns[i], field, -border_A)) continue;
    chosen.push_back(int(i));
    longest = std::max(longest, columns[i].atoms.size());
  }
  const auto seen = calibration_.at("longest_column_atoms").get<double>();
  if (double(longest) > longer * seen) {
    warn("columns of up to {} atoms are predicted from a lensing calibration that saw {} at most", longest, seen);
  }
  const auto regressors = lensing_regressors(source_, waves_, structure, columns, chosen);
  std::vector<LensedColumn> result;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    LensedColumn& lensed = result.emplace_back(LensedColumn{columns[chosen[i]], {}});
    for (std::size_t signal = 0; signal < fits_.size(); ++signal) {
      double sum = 0;
      const auto& row = regressors[signal][i];
      for (std::size_t j = 0; j < row.size(); ++j) sum += row[j] * fits_[signal].coefficients[j];
      lensed.cross_sections_A2.push_back(sum);
    }
  }
  return result;
}

std::vector<LensedColumn> LensingModel::cross_sections(const Structure& structure, const FieldOfView& field) const {
  return predict(structure, field, 0);
}

std::vector<Image> LensingModel::images(const Structure& structure, const FieldOfView& field) const {
  const auto lensed = predict(structure, field, ColumnProfile::reach_A());
  std::vector<AtomColumn> columns;
  for (const LensedColumn& column : lensed) columns.push_back(column.column);
  const auto names = source_.signal_names();
  std::vector<Image> images;
  for (std::size_t signal = 0; signal < fits_.size(); ++signal) {
    std::vector<double> values;
    for (const LensedColumn& column : lensed) values.push_back(column.cross_sections_A2[signal]);
    Image& image = images.emplace_back(fits_[signal].profile.render(columns, values, field, lensing_cell_radius_A));
    image.intensity = "fraction of beam";
    image.title = names[signal];
    image.metadata["simulation"] = record();
    image.metadata["simulation"]["errors"] = errors_json(fits_[signal].errors);
    image.metadata["simulation"]["low_A"] = {{"x", field.low_x_A}, {"y", field.low_y_A}};
  }
  return images;
}

json LensingModel::record() const {
  return {{"method", "atomic lensing"},
          {"version", version},
          {"defocus_sign", defocus_statement},
          {"calibrated_for", source_.key()},
          {"waves", {{"sampling_A", waves_.sampling_A}, {"window_A", waves_.window_A}, {"rings_A", waves_.rings_A}}},
          {"calibration", calibration_}};
}

void LensingModel::save(const std::filesystem::path& path) const {
  json contents = record();
  contents["format"] = format_version;
  contents["signals"] = json::array();
  const auto names = source_.signal_names();
  for (std::size_t i = 0; i < fits_.size(); ++i) {
    contents["signals"].push_back({{"name", names[i]},
                                   {"coefficients", fits_[i].coefficients},
                                   {"round", fits_[i].profile.round()},
                                   {"profile", fits_[i].profile.coefficients()},
                                   {"errors", errors_json(fits_[i].errors)}});
  }
  write_file(path, contents.dump(1) + "\n");
}

LensingModel LensingModel::load(const std::filesystem::path& path, const LensingSource& source) {
  const json contents = json::parse(read_file(path), nullptr, false);
  if (contents.is_discarded() || !contents.is_object() || contents.value("method", "") != "atomic lensing") {
    fail("{} is no lensing calibration", path.string());
  }
  try {
    if (contents.at("format").get<int>() != format_version) {
      fail("the lensing calibration in {} has format {}, this program reads {}; calibrate anew", path.string(),
           contents.at("format").dump(), format_version);
    }
    require_same(contents.at("calibrated_for"), source.key(), path.string(), "");
    const json& stored = contents.at("waves");
    LensingWaves waves{stored.at("sampling_A"), stored.at("window_A"), stored.at("rings_A")};
    std::vector<Fit> fits;
    for (const json& signal : contents.at("signals")) {
      const json& errors = signal.at("errors");
      fits.push_back({signal.at("coefficients"),
                      ColumnProfile(signal.at("round"), signal.at("profile")),
                      {errors.at("rms_over_mean"), errors.at("rms_relative"), errors.at("image_correlation"),
                       errors.at("held_out_columns")}});
    }
    return {source, waves, std::move(fits), contents.at("calibration")};
  } catch (const json::exception& error) {
    fail("the lensing calibration in {} is damaged ({}); calibrate anew", path.string(), error.what());
  }
}

}  // namespace colonnade
