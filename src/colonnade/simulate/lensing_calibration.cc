// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/lensing_calibration.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <memory>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/progress.h"
#include "colonnade/core/random.h"
#include "colonnade/core/units.h"
#include "colonnade/simulate/probe_sample.h"
#include "colonnade/structures/elements.h"
#include "colonnade/structures/nanoparticle.h"

namespace colonnade {

namespace {

using nlohmann::json;

constexpr double pixel_nm = 0.02, margin_beyond_window_A = 2, least_margin_A = 6;
constexpr double first_spread = 0.9, golden = 0.6180339887498949;
constexpr int smallest_share = 2;  // held-in columns per coefficient
const std::vector<double> ridges = {1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4};

bool is_round(const Aberrations& a) { return a.C12 == 0 && a.C21 == 0 && a.C23 == 0 && a.C32 == 0 && a.C34 == 0; }

json options_json(LensingOptions options) {
  OptionTable table;
  options.describe(table);
  return table.to_json();
}

// A piece after simulation: its columns, which of them lie wholly inside, and what they and the image turned out to be.
struct MeasuredPiece {
  LensingPiece piece;
  std::vector<AtomColumn> columns;
  std::vector<int> all, inside;                              ///< those near the field; of `all`, those inside
  std::vector<std::vector<std::vector<double>>> regressors;  ///< [signal][of all][regressor]
  std::vector<std::vector<double>> truth;                    ///< [signal][of all], right for those inside
  std::vector<Image> images;
};

MeasuredPiece measure(const LensingSource& source, const LensingWaves& waves, const LensingPiece& piece) {
  MeasuredPiece result;
  result.piece = piece;
  result.columns = columns_of(piece.structure);
  for (std::size_t i = 0; i < result.columns.size(); ++i) {
    if (!cell_inside(result.columns[i], piece.field, -ColumnProfile::reach_A())) continue;
    if (cell_inside(result.columns[i], piece.field, lensing_cell_radius_A))
      result.inside.push_back(int(result.all.size()));
    result.all.push_back(int(i));
  }
  result.images = source.simulate
                      ? source.simulate(piece.structure, piece.field)
                      : simulate_stem(piece.structure, source.optics, source.signals, piece.field, source.options, "");
  if (result.images.size() != source.signals.values_per_depth() - 1) {
    fail("the simulator '{}' gave {} images for {} signals", source.simulator, result.images.size(),
         source.signals.values_per_depth() - 1);
  }
  result.regressors = lensing_regressors(source, waves, piece.structure, result.columns, result.all);
  const auto cells = voronoi_cells(result.columns, piece.field, lensing_cell_radius_A);
  for (const Image& image : result.images) {
    const auto sums = cell_integrals(image, cells, result.columns.size());
    auto& truth = result.truth.emplace_back();
    for (const int index : result.all) truth.push_back(sums[index]);
  }
  return result;
}

// Sums of squares and products of one piece's columns, so that leaving a piece out costs a subtraction.
struct Normal {
  Eigen::MatrixXd matrix;
  Eigen::VectorXd right;
  double rows = 0;

  explicit Normal(Eigen::Index size) : matrix(Eigen::MatrixXd::Zero(size, size)), right(Eigen::VectorXd::Zero(size)) {}
  void add(const Normal& other, double sign) {
    matrix += sign * other.matrix;
    right += sign * other.right;
    rows += sign * other.rows;
  }
  // Ridge regression with each regressor scaled to a mean square of one.
  Eigen::VectorXd solve(double ridge) const {
    const Eigen::VectorXd scale = (matrix.diagonal() / std::max(rows, 1.0)).cwiseMax(1e-300).cwiseSqrt().cwiseInverse();
    Eigen::MatrixXd scaled = scale.asDiagonal() * matrix * scale.asDiagonal();
    scaled.diagonal().array() += ridge * std::max(rows, 1.0);
    return scale.cwiseProduct(scaled.ldlt().solve(scale.cwiseProduct(right)));
  }
};

Eigen::Map<const Eigen::VectorXd> as_vector(const std::vector<double>& values) {
  return {values.data(), Eigen::Index(values.size())};
}

Normal normal_of(const MeasuredPiece& piece, std::size_t signal) {
  const auto& rows = piece.regressors[signal];
  Normal result(rows.empty() ? 0 : Eigen::Index(rows.front().size()));
  for (const int i : piece.inside) {
    const auto row = as_vector(rows[i]);
    result.matrix += row * row.transpose();
    result.right += piece.truth[signal][i] * row;
    result.rows += 1;
  }
  return result;
}

std::vector<double> applied(const Eigen::VectorXd& coefficients, const std::vector<std::vector<double>>& rows) {
  std::vector<double> values;
  for (const auto& row : rows) values.push_back(as_vector(row).dot(coefficients));
  return values;
}

// What each piece's columns are predicted to be by a fit to the other pieces, with the ridge that does best.
struct HeldOut {
  double ridge = 0;
  std::vector<std::vector<double>> predicted;  ///< [piece][of all]
  LensingErrors errors;
};

HeldOut hold_out(const std::vector<MeasuredPiece>& pieces, std::size_t signal, const std::vector<Normal>& parts,
                 const Normal& whole) {
  HeldOut best;
  for (const double ridge : ridges) {
    HeldOut tried{ridge, {}, {}};
    std::vector<double> predicted, truth;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      Normal others = whole;
      others.add(parts[i], -1);
      tried.predicted.push_back(applied(others.solve(ridge), pieces[i].regressors[signal]));
      for (const int j : pieces[i].inside) {
        predicted.push_back(tried.predicted.back()[j]);
        truth.push_back(pieces[i].truth[signal][j]);
      }
    }
    tried.errors = lensing_errors(predicted, truth);
    if (best.predicted.empty() || tried.errors.rms_over_mean < best.errors.rms_over_mean) best = std::move(tried);
  }
  return best;
}

ColumnProfile::Example example_of(const MeasuredPiece& piece, std::size_t signal,
                                  const std::vector<double>& predicted) {
  ColumnProfile::Example example{piece.images[signal], piece.piece.field, {}, predicted};
  for (const int index : piece.all) example.columns.push_back(piece.columns[index]);
  for (const int i : piece.inside) example.cross_sections_A2[i] = piece.truth[signal][i];
  return example;
}

// The correlation of held-out pieces' images: their columns and their shape come from the other pieces.
double held_out_correlation(const std::vector<ColumnProfile::Example>& examples, const HeldOut& held_out, bool round) {
  double sum = 0;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    std::vector<ColumnProfile::Example> others;
    for (std::size_t j = 0; j < examples.size(); ++j) {
      if (j != i) others.push_back(examples[j]);
    }
    const Image image =
        ColumnProfile::fit(others, round)
            .render(examples[i].columns, held_out.predicted[i], examples[i].field, lensing_cell_radius_A);
    sum += image_correlation(image, examples[i].image) / double(examples.size());
  }
  return sum;
}

LensingModel::Fit fit_signal(const std::vector<MeasuredPiece>& pieces, std::size_t signal, bool round) {
  std::vector<Normal> parts;
  for (const auto& piece : pieces) parts.push_back(normal_of(piece, signal));
  Normal whole(parts.front().matrix.rows());
  for (const auto& part : parts) whole.add(part, 1);
  const HeldOut held_out = hold_out(pieces, signal, parts, whole);
  const Eigen::VectorXd coefficients = whole.solve(held_out.ridge);
  std::vector<ColumnProfile::Example> examples;
  for (const auto& piece : pieces) {
    examples.push_back(example_of(piece, signal, applied(coefficients, piece.regressors[signal])));
  }
  LensingModel::Fit fit{
      {coefficients.begin(), coefficients.end()}, ColumnProfile::fit(examples, round), held_out.errors};
  fit.errors.image_correlation = held_out_correlation(examples, held_out, round);
  return fit;
}

void require_enough(const std::vector<MeasuredPiece>& pieces, std::size_t regressors) {
  std::size_t columns = 0, most = 0;
  for (const auto& piece : pieces) {
    columns += piece.inside.size();
    most = std::max(most, piece.inside.size());
  }
  if (pieces.size() < 2 || columns - most < smallest_share * regressors) {
    fail(
        "{} pieces with {} columns are too few to calibrate {} coefficients and to state an error; use more or larger "
        "pieces",
        pieces.size(), columns, regressors);
  }
}

LensingWaves waves_of(const LensingSource& source, const LensingOptions& options) {
  LensingWaves waves{options.wave_sampling_A, options.wave_window_A, options.rings_A};
  if (waves.rings_A.empty() && !source.signals.detectors.empty()) waves.rings_A = {0.45, 0.9};
  return waves;
}

}  // namespace

void LensingOptions::describe(OptionTable& table, const std::string& section) {
  const std::string prefix = section.empty() ? "" : section + ".";
  table.add(prefix + "elements", &elements, "", "elements of the alloy to calibrate for");
  table.add(prefix + "lattice", &lattice_A, "A", "fcc lattice parameter; 0: by Vegard's law");
  table.add(prefix + "zone_axis", &zone_axis, "", "crystal direction along the beam");
  table.add(prefix + "diameter", &diameter_nm, "nm", "diameters of the particles that pieces are cut from");
  table.add(prefix + "aggregation", &aggregation, "", "clustering of like atoms in every second piece");
  table.add(prefix + "roughness", &roughness, "", "part of the outermost atoms taken away");
  table.add(prefix + "pieces", &pieces, "", "number of pieces simulated in full");
  table.add(prefix + "piece", &piece_A, "A", "side of a piece");
  table.add(prefix + "seed", &seed, "", "seed of the pieces");
  table.add(prefix + "wave_sampling", &wave_sampling_A, "A",
            "pixel of the waves sent down columns; 0: as simulated where there are detectors, else 0.16");
  table.add(prefix + "wave_window", &wave_window_A, "A", "side of the square in which they are propagated");
  table.add(prefix + "rings", &rings_A, "A",
            "radii around a column's centre with four more waves each; none: 0.45 and 0.9 where there are detectors");
}

void LensingOptions::check() const {
  checked_elements(elements);
  if (pieces < 2) fail("{} pieces leave none to hold out; use 2 or more", pieces);
  if (!(piece_A >= 8 && piece_A <= 100)) fail("pieces of {} A are not in 8 to 100 A", piece_A);
  if (!(wave_sampling_A == 0 || (wave_sampling_A >= 0.02 && wave_sampling_A <= 0.4))) {
    fail("wave_sampling {} A is not in 0.02 to 0.4 A, nor 0 for automatic", wave_sampling_A);
  }
  if (!(wave_window_A >= 3 && wave_window_A <= 50)) fail("wave_window {} A is not in 3 to 50 A", wave_window_A);
  for (const double ring : rings_A) {
    if (!(ring > 0 && ring < wave_window_A / 2)) fail("a ring of {} A does not lie within the waves' window", ring);
  }
  if (!(diameter_nm.low <= diameter_nm.high && aggregation.low <= aggregation.high &&
        roughness.low <= roughness.high)) {
    fail("diameter, aggregation and roughness of lensing pieces go from a smaller to a larger number");
  }
}

LensingPiece make_lensing_piece(const LensingOptions& options, const LensingSource& source, int piece) {
  Random random = Random(options.seed).stream(std::uint64_t(piece));
  const auto draw = [&](const Range& range) { return random.uniform(range.low, range.high); };
  const double spread = std::fmod(first_spread + piece * golden, 1.0);
  NanoparticleOptions particle;
  particle.elements = checked_elements(options.elements);
  particle.lattice_A = options.lattice_A;
  particle.zone_axis = options.zone_axis;
  particle.diameter_nm = options.diameter_nm.low + spread * (options.diameter_nm.high - options.diameter_nm.low);
  particle.rotation_deg = random.uniform(0, 360);
  particle.roughness = draw(options.roughness);
  particle.aggregation = piece % 2 == 1 ? draw(options.aggregation) : 0;
  const Structure whole = make_nanoparticle(particle, random);
  const double margin = std::max(least_margin_A, source.options.window_A / 2 + margin_beyond_window_A);
  constexpr double farthest = 0.9;
  LensingPiece result;
  result.structure = view_of(whole, options.piece_A, random.uniform(0, farthest), margin, random);
  result.field.pixel_size_nm = pixel_nm;
  result.field.width_px = result.field.height_px = int(std::lround(options.piece_A / (pixel_nm * angstrom_per_nm)));
  return result;
}

LensingModel calibrate_lensing(const LensingSource& source, const LensingOptions& options, const std::string& label) {
  options.check();
  std::vector<LensingPiece> pieces;
  for (int i = 0; i < options.pieces; ++i) pieces.push_back(make_lensing_piece(options, source, i));
  return calibrate_lensing(source, options, pieces, label);
}

LensingModel calibrate_lensing(const LensingSource& source, const LensingOptions& options,
                               const std::vector<LensingPiece>& pieces, const std::string& label) {
  options.check();
  source.signals.check();
  const double start = processor_seconds();
  const LensingWaves waves = waves_of(source, options);
  std::unique_ptr<Progress> progress;
  if (!label.empty()) progress = std::make_unique<Progress>(label, std::int64_t(pieces.size()));
  std::vector<MeasuredPiece> measured;
  std::size_t longest = 0;
  for (const LensingPiece& piece : pieces) {
    measured.push_back(measure(source, waves, piece));
    for (const AtomColumn& column : measured.back().columns) longest = std::max(longest, column.atoms.size());
    if (progress) progress->advance();
  }
  require_enough(measured, 1 + waves.rings_A.size() + LensingFeatures::names().size());
  std::vector<LensingModel::Fit> fits;
  int columns = 0;
  for (const auto& piece : measured) columns += int(piece.inside.size());
  for (std::size_t signal = 0; signal + 1 < source.signals.values_per_depth(); ++signal) {
    fits.push_back(fit_signal(measured, signal, is_round(source.optics.aberrations)));
  }
  info("Lensing calibrated on {} columns in {:.0f} s of processor time", columns, processor_seconds() - start);
  return {source,
          waves,
          std::move(fits),
          {{"options", options_json(options)},
           {"elements", checked_elements(options.elements)},
           {"columns", columns},
           {"pieces", pieces.size()},
           {"longest_column_atoms", longest}}};
}

LensingModel calibrated_lensing(const std::filesystem::path& path, const LensingSource& source,
                                const LensingOptions& options, const std::string& label) {
  if (std::filesystem::exists(path)) {
    try {
      LensingModel model = LensingModel::load(path, source);
      if (model.record().at("calibration").at("options") == options_json(options)) return model;
      info("{} has a lensing calibration with other options", path.string());
    } catch (const Error& error) {
      info("{}", error.what());
    }
  }
  LensingModel model = calibrate_lensing(source, options, label);
  model.save(path);
  return model;
}

LensingErrors lensing_errors(const std::vector<double>& predicted, const std::vector<double>& truth) {
  LensingErrors errors;
  double squares = 0, relative = 0, mean = 0;
  int positive = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const double difference = predicted.at(i) - truth[i];
    squares += difference * difference;
    mean += truth[i];
    if (truth[i] <= 0) continue;
    relative += std::pow(difference / truth[i], 2);
    ++positive;
  }
  errors.columns = int(truth.size());
  const double count = std::max<double>(1, double(truth.size()));
  if (mean > 0) errors.rms_over_mean = std::sqrt(squares / count) / (mean / count);
  if (positive > 0) errors.rms_relative = std::sqrt(relative / positive);
  return errors;
}

double image_correlation(const Image& a, const Image& b) {
  if (a.data.size() != b.data.size()) fail("images of {} and {} pixels do not compare", a.data.size(), b.data.size());
  const double mean_a = mean(a), mean_b = mean(b);
  double aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.data.size(); ++i) {
    const double x = a.data[i] - mean_a, y = b.data[i] - mean_b;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

}  // namespace colonnade
