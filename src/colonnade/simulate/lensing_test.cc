// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/simulate/lensing.h"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>

#include "colonnade/core/file.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/random.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/simulate/lensing_calibration.h"
#include "colonnade/simulate/probe_sample.h"
#include "colonnade/simulate/thermal_diffuse.h"
#include "colonnade/structures/nanoparticle.h"

namespace colonnade {
namespace {

using testing::HasSubstr;

// A kernel as narrow as an inner shell or a trembling nucleus.
LocalSignal gaussian_signal(const std::string& name, const std::map<int, double>& cross_sections_A2, double width_A) {
  LocalSignal signal{name, {}};
  for (const auto& [number, value] : cross_sections_A2) {
    signal.kernels[number] = [value = value, width_A](double k) {
      return value * std::exp(-2 * std::pow(std::numbers::pi * width_A * k, 2));
    };
  }
  return signal;
}

LensingSource small_source() {
  MultisliceOptions options;
  options.sampling_A = 0.2;
  options.window_A = 6.5;
  return multislice_source({}, Signals{{}, {gaussian_signal("ADF", {{78, 6.5e-3}, {28, 1e-3}}, 0.15)}}, options);
}

LensingOptions small_options() {
  LensingOptions options;
  options.elements = {"Pt", "Ni"};
  options.diameter_nm = {1.2, 2.6};
  options.pieces = 4;
  options.piece_A = 13.6;
  options.wave_sampling_A = 0.25;
  return options;
}

const LensingModel& small_model() {
  static const LensingModel model = calibrate_lensing(small_source(), small_options());
  return model;
}

std::vector<double> true_cross_sections(const LensingSource& source, const LensingPiece& piece,
                                        const std::vector<LensedColumn>& lensed) {
  const Image image =
      simulate_stem(piece.structure, source.optics, source.signals, piece.field, source.options, "").front();
  const auto columns = columns_of(piece.structure);
  const auto sums = cell_integrals(image, voronoi_cells(columns, piece.field, lensing_cell_radius_A), columns.size());
  std::vector<double> result;
  for (const LensedColumn& one : lensed) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].x_A == one.column.x_A && columns[i].y_A == one.column.y_A) result.push_back(sums[i]);
    }
  }
  return result;
}

std::vector<LensedColumn> inside_columns(const LensingModel& model, const LensingPiece& piece) {
  auto lensed = model.cross_sections(piece.structure, piece.field);
  std::erase_if(lensed,
                [&](const LensedColumn& one) { return !cell_inside(one.column, piece.field, lensing_cell_radius_A); });
  return lensed;
}

std::vector<double> first_signal(const std::vector<LensedColumn>& lensed) {
  std::vector<double> values;
  for (const LensedColumn& one : lensed) values.push_back(one.cross_sections_A2.front());
  return values;
}

TEST(Lensing, ErrorOnANewPieceIsWhatTheCalibrationStates) {
  const LensingErrors& stated = small_model().fits().front().errors;
  EXPECT_GT(stated.columns, 40);
  EXPECT_LT(stated.rms_over_mean, 0.05);
  EXPECT_GT(stated.image_correlation, 0.97);
  LensingOptions other = small_options();
  other.seed = 77;
  const LensingPiece piece = make_lensing_piece(other, small_source(), 0);
  const auto lensed = inside_columns(small_model(), piece);
  const auto found = lensing_errors(first_signal(lensed), true_cross_sections(small_source(), piece, lensed));
  EXPECT_GT(found.columns, 10);
  EXPECT_LT(found.rms_over_mean, 2 * stated.rms_over_mean);
}

TEST(Lensing, ImagesIntegrateToTheCrossSections) {
  const LensingPiece piece = make_lensing_piece(small_options(), small_source(), 0);
  const Image image = small_model().images(piece.structure, piece.field).front();
  const auto columns = columns_of(piece.structure);
  const auto sums = cell_integrals(image, voronoi_cells(columns, piece.field, lensing_cell_radius_A), columns.size());
  for (const LensedColumn& one : inside_columns(small_model(), piece)) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].x_A != one.column.x_A || columns[i].y_A != one.column.y_A) continue;
      EXPECT_NEAR(sums[i] / one.cross_sections_A2.front(), 1, 0.02);
    }
  }
  EXPECT_EQ(image.intensity, "fraction of beam");
  EXPECT_EQ(image.title, "ADF");
  EXPECT_EQ(image.metadata["simulation"]["errors"]["rms_over_mean"], small_model().fits().front().errors.rms_over_mean);
}

// One column of a crystal, its upper half platinum or its lower: the same atoms, another order.
TEST(Lensing, OrderMattersAsMultisliceSays) {
  LensingPiece piece = make_lensing_piece(small_options(), small_source(), 0);
  const auto lensed = inside_columns(small_model(), piece);
  const auto longest = std::max_element(lensed.begin(), lensed.end(), [](const LensedColumn& a, const LensedColumn& b) {
    return a.column.atoms.size() < b.column.atoms.size();
  });
  const auto at = std::size_t(longest - lensed.begin());
  const auto& atoms = longest->column.atoms;
  ASSERT_GT(atoms.size(), 6U);
  std::vector<double> predicted, truth;
  for (const bool heavy_first : {true, false}) {
    for (Atom& atom : piece.structure.atoms) {
      if (std::hypot(atom.position.x - longest->column.x_A, atom.position.y - longest->column.y_A) > 0.5) continue;
      const bool upper = atom.position.z < atoms[atoms.size() / 2].position.z - 0.1;
      atom.number = upper == heavy_first ? 78 : 28;
    }
    const auto now = inside_columns(small_model(), piece);
    predicted.push_back(first_signal(now)[at]);
    truth.push_back(true_cross_sections(small_source(), piece, now)[at]);
  }
  const double change = predicted[0] - predicted[1], true_change = truth[0] - truth[1];
  EXPECT_GT(std::abs(true_change), 0.02 * truth[0]);
  EXPECT_NEAR(change / true_change, 1, 0.5)
      << truth[0] << " " << truth[1] << " " << predicted[0] << " " << predicted[1];
}

TEST(Lensing, PureColumnsReproduceTheirCalibration) {
  LensingOptions options = small_options();
  options.elements = {"Pt"};
  std::vector<LensingPiece> pieces;
  for (int i = 0; i < options.pieces; ++i) pieces.push_back(make_lensing_piece(options, small_source(), i));
  const LensingModel model = calibrate_lensing(small_source(), options, pieces);
  EXPECT_LT(model.fits().front().errors.rms_over_mean, 0.02);
  const auto lensed = inside_columns(model, pieces.front());
  const auto found = lensing_errors(first_signal(lensed), true_cross_sections(small_source(), pieces.front(), lensed));
  EXPECT_LT(found.rms_over_mean, 0.015);
}

TEST(Lensing, SavedModelsPredictTheSame) {
  const std::filesystem::path path = "lensing.json";
  small_model().save(path);
  const LensingModel loaded = LensingModel::load(path, small_source());
  const LensingPiece piece = make_lensing_piece(small_options(), small_source(), 1);
  EXPECT_EQ(first_signal(small_model().cross_sections(piece.structure, piece.field)),
            first_signal(loaded.cross_sections(piece.structure, piece.field)));
  EXPECT_EQ(small_model().images(piece.structure, piece.field).front().data,
            loaded.images(piece.structure, piece.field).front().data);
  EXPECT_EQ(loaded.record(), small_model().record());
  // calibrated_lensing() takes what is there.
  EXPECT_EQ(calibrated_lensing(path, small_source(), small_options()).record(), small_model().record());
}

TEST(Lensing, RefusesWhatItWasNotCalibratedFor) {
  const std::filesystem::path path = "lensing.json";
  small_model().save(path);
  LensingSource other = small_source();
  other.optics.aberrations.C10 = -50;
  EXPECT_THAT(message_of([&] { LensingModel::load(path, other); }), HasSubstr("C10"));
  other = small_source();
  other.options.slice_A = 1;
  EXPECT_THAT(message_of([&] { LensingModel::load(path, other); }), HasSubstr("slice"));
  other = small_source();
  other.signals.local = {gaussian_signal("ADF", {{78, 6.6e-3}, {28, 1e-3}}, 0.15)};
  EXPECT_THAT(message_of([&] { LensingModel::load(path, other); }), HasSubstr("signals"));
  write_file("broken.json", "{\"method\": \"atomic lensing\"}");
  EXPECT_THAT(message_of([&] { LensingModel::load("broken.json", small_source()); }), HasSubstr("damaged"));
  LensingPiece piece = make_lensing_piece(small_options(), small_source(), 0);
  piece.structure.atoms.front().number = 79;
  EXPECT_THAT(message_of([&] { small_model().cross_sections(piece.structure, piece.field); }), HasSubstr("Au"));
}

TEST(Lensing, RefusesTooLittleToCalibrateWith) {
  LensingOptions options = small_options();
  options.pieces = 1;
  EXPECT_THAT(message_of([&] { options.check(); }), HasSubstr("pieces"));
  options = small_options();
  options.diameter_nm = {1, 1};
  options.pieces = 2;
  options.piece_A = 8;
  EXPECT_THAT(message_of([&] { calibrate_lensing(small_source(), options); }), HasSubstr("too few"));
}

// A simulator of one's own, here one whose images are twice as bright (a factor that floating point carries exactly),
// and another number of threads.
TEST(Lensing, LearnsAnySimulatorTheSameWhateverTheThreads) {
  LensingSource source = small_source();
  source.simulator = "twice";
  source.simulate = [](const Structure& structure, const FieldOfView& field) {
    const LensingSource plain = small_source();
    auto images = simulate_stem(structure, plain.optics, plain.signals, field, plain.options, "");
    for (float& value : images.front().data) value *= 2;
    return images;
  };
  const auto& once = small_model().fits().front();
  const int threads = thread_count();
  set_thread_count(threads == 1 ? 2 : 1);
  const LensingModel model = calibrate_lensing(source, small_options());
  set_thread_count(threads);
  const auto& twice = model.fits().front();
  ASSERT_EQ(once.coefficients.size(), twice.coefficients.size());
  for (std::size_t i = 0; i < once.coefficients.size(); ++i) EXPECT_EQ(twice.coefficients[i], 2 * once.coefficients[i]);
  EXPECT_EQ(twice.profile.coefficients(), once.profile.coefficients());
  EXPECT_EQ(twice.errors.rms_over_mean, once.errors.rms_over_mean);
}

// The figures of docs/design/lensing.md: thermal HAADF and two X-ray signals of a 7 nm particle of five elements that
// the calibration has not seen, on a part of its image; and the time for the whole one.
TEST(SlowLensing, FiveElementsSevenNanometres) {
  MultisliceOptions options;
  options.thermal.model = "absorptive";
  const Optics optics;
  Signals signals;
  signals.local.push_back(thermal_diffuse_signal({"HAADF", 60, 200}, {78, 28, 46, 27, 26}, options.thermal, optics,
                                                 Parametrization::lobato));
  signals.local.push_back(gaussian_signal("Pt L", {{78, 1e-5}}, 0.15));
  signals.local.push_back(gaussian_signal("Fe K", {{26, 1e-5}}, 0.15));
  const LensingSource source = multislice_source(optics, signals, options);
  const double start = processor_seconds();
  const LensingModel model = calibrate_lensing(source, LensingOptions{});
  std::printf("calibration: %.0f s of processor time\n", processor_seconds() - start);
  NanoparticleOptions particle;
  particle.diameter_nm = 7;
  particle.rotation_deg = 33;
  Random random(4711);
  const Structure view = view_of(make_nanoparticle(particle, random), 51.2, 0.1, 8, random);
  const double before = processor_seconds();
  model.images(view, FieldOfView{});
  const double seconds = processor_seconds() - before;
  std::printf("image of 256 x 256 px, 3 signals: %.2f s of processor time\n", seconds);
  const FieldOfView part{13, 20, 90, 90, 0.02};
  const LensingPiece piece{view, part};
  const auto lensed = inside_columns(model, piece);
  const auto images = model.images(view, part);
  const auto truth = simulate_stem(view, source.optics, source.signals, part, source.options, "");
  const auto columns = columns_of(view);
  for (std::size_t signal = 0; signal < images.size(); ++signal) {
    const auto sums =
        cell_integrals(truth[signal], voronoi_cells(columns, part, lensing_cell_radius_A), columns.size());
    std::vector<double> predicted, right;
    for (const LensedColumn& one : lensed) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].x_A != one.column.x_A || columns[i].y_A != one.column.y_A) continue;
        predicted.push_back(one.cross_sections_A2[signal]);
        right.push_back(sums[i]);
      }
    }
    const LensingErrors errors = lensing_errors(predicted, right);
    const LensingErrors& stated = model.fits()[signal].errors;
    const double correlation = image_correlation(images[signal], truth[signal]);
    std::printf("%s: stated %.2f %% of the mean, %.2f %% column by column, correlation %.4f; found %.2f, %.2f, %.4f\n",
                truth[signal].title.c_str(), 100 * stated.rms_over_mean, 100 * stated.rms_relative,
                stated.image_correlation, 100 * errors.rms_over_mean, 100 * errors.rms_relative, correlation);
    EXPECT_GT(correlation, signal == 0 ? 0.99 : 0.97);
    EXPECT_LT(errors.rms_over_mean, signal == 0 ? 0.025 : 0.04);
  }
}

}  // namespace
}  // namespace colonnade
