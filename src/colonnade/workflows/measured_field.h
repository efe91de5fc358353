// SPDX-License-Identifier: GPL-3.0-or-later
// From a dataset's sample to what an experiment would have measured of its columns: counting noise at a dose in every
// signal, and cross-sections at the columns.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "colonnade/columns/signal_response.h"
#include "colonnade/core/random.h"
#include "colonnade/learn/dataset.h"
#include "colonnade/simulate/probe.h"

namespace colonnade {

/// Electrons per square Angstrom; 0: no noise.
struct Doses {
  double annular = 0;
  double x_rays = 0;
};

/// Electrons per nm^2 for a signal of this kind.
double dose_per_nm2(const SignalKind& kind, const Doses& doses);

/// The settings that a response is fitted with: energy, semi-angle, and what aberrations come down to for a column, the
/// part of the probe's intensity near its centre at the surface and deeper.
Conditions conditions_of(const Optics& optics);
/// Of a simulated image, by its metadata.
Conditions conditions_of(const Image& image);

/// All signals of a sample, annular detectors first; noise drawn from `random`.
struct NoisySample {
  std::vector<Image> images;
  std::vector<SignalKind> kinds;
};
NoisySample with_noise(const Sample& sample, const Doses& doses, Random& random);

/// Where the labels say that columns are.
std::vector<Column> places_of(const Sample& sample);

/// The columns of the sample in these signals (empty: all), where they really are.
KnownColumns measured_columns(const Sample& sample, const std::vector<std::string>& signals, const Doses& doses,
                              Random random);

/// The views of particles, and their columns as measured without noise.
struct LabelledFields {
  std::vector<std::string> elements;
  std::vector<Sample> views;          ///< empty where only the columns were asked for
  std::vector<KnownColumns> clean;    ///< one per view
  std::vector<std::size_t> particle;  ///< of each view
  std::size_t particles = 0;
};
/// Fails where the files' elements or signals differ. Images stay in memory only with `keep_views`.
LabelledFields read_fields(const std::vector<std::filesystem::path>& files, bool keep_views);

/// The field in these signals (empty: all) at these doses, its sections as they are without noise.
KnownColumns at_doses(const KnownColumns& clean, const std::vector<std::string>& signals, const Doses& doses);

/// What people use together: the first detector, all detectors if there are several, and everything if there are
/// X-rays.
std::vector<std::vector<std::string>> usual_sets(const std::vector<SignalKind>& kinds);

/// The dose at which a column's X-rays are `counts` for each of its atoms on average over the files' columns and
/// elements.
double dose_for_counts_per_atom(const std::vector<KnownColumns>& fields, double counts);

/// The names of a dataset's signals that are meant by "HAADF", "annular" (all detectors), "X-rays", or a name.
std::vector<std::string> chosen_signals(const std::vector<SignalKind>& kinds, const std::vector<std::string>& wanted);

}  // namespace colonnade
