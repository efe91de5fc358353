// SPDX-License-Identifier: GPL-3.0-or-later
// Atomic lensing: column cross-sections (A^2: the image, as a fraction of the beam, integrated over a column's Voronoi
// cell) and images of mixed columns, predicted from a calibration; for ADF and for signals made at the atoms (EDS,
// thermal diffuse scattering). The idea is that of K. H. W. van den Bos, A. De Backer, G. T. Martinez, N. Winckelmans,
// S. Bals, P. D. Nellist, S. Van Aert, Phys. Rev. Lett. 116, 246101 (2016): the atoms above focus the beam for those
// below. Here the focusing is not looked up from pure columns: a narrow, coarse wave is sent down each column once (and
// at a few more places where a detector's far field is asked for), and a linear calibration takes what it meets, and
// sums over the atoms that say what the wave leaves out, to the cross-section. Why: docs/design/lensing.md.
// A model holds for one kind of optics, signals and wave options, for its elements, and down to its depth.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "colonnade/image/image.h"
#include "colonnade/simulate/lensing_columns.h"
#include "colonnade/simulate/lensing_features.h"
#include "colonnade/simulate/lensing_profile.h"
#include "colonnade/simulate/stem_algorithm.h"

namespace colonnade {

/// What is to be predicted: one image per signal, detectors first, as a fraction of the beam.
using LensingSimulator = std::function<std::vector<Image>(const Structure& structure, const FieldOfView& field)>;

struct LensingSource {
  Optics optics;
  /// What is predicted. Where `simulate` is of another kind (frozen phonons, a device), signals that behave alike:
  /// thermal_diffuse_signal() for an ADF detector.
  Signals signals;
  MultisliceOptions options;
  LensingSimulator simulate;                ///< empty: simulate_stem() of the three above
  std::string simulator = "simulate_stem";  ///< name of the simulator, part of the key

  /// Everything that a calibration depends on.
  nlohmann::json key() const;
  std::vector<std::string> signal_names() const;
};

/// The source of local signals alone (no detector): where `options.sampling_A` is 0, 0.1 A, fine enough for
/// channelling.
LensingSource multislice_source(const Optics& optics, const Signals& signals, MultisliceOptions options);

/// The coarse waves that are sent down the columns.
struct LensingWaves {
  double sampling_A = 0;        ///< 0: that of the simulation where there are detectors, else 0.16 A
  double window_A = 5.2;        ///< side of the square in which each is propagated
  std::vector<double> rings_A;  ///< besides the column's centre, four probes on each circle of these radii
};

struct LensingErrors {
  double rms_over_mean = 0;      ///< root mean square error of held-out columns over their mean cross-section
  double rms_relative = 0;       ///< root mean square of error over cross-section, column by column
  double image_correlation = 0;  ///< mean over held-out pieces; 0 where not measured
  int columns = 0;
};

struct LensedColumn {
  AtomColumn column;
  std::vector<double> cross_sections_A2;  ///< one per signal
};

class LensingModel {
 public:
  /// What the calibration found, one entry per signal.
  struct Fit {
    std::vector<double> coefficients;
    ColumnProfile profile;
    LensingErrors errors;
  };

  LensingModel(LensingSource source, LensingWaves waves, std::vector<Fit> fits, nlohmann::json calibration);

  /// Columns whose centre lies in the field. Fails on elements that the calibration has not seen; warns where columns
  /// are more than a tenth longer than it has seen.
  std::vector<LensedColumn> cross_sections(const Structure& structure, const FieldOfView& field) const;
  /// One image per signal; what the calibration was and how large its errors are stands in the metadata.
  std::vector<Image> images(const Structure& structure, const FieldOfView& field) const;

  const std::vector<Fit>& fits() const { return fits_; }
  nlohmann::json record() const;
  void save(const std::filesystem::path& path) const;
  /// Fails, naming what differs, where the file's calibration was made for another source.
  static LensingModel load(const std::filesystem::path& path, const LensingSource& source);

 private:
  std::vector<LensedColumn> predict(const Structure& structure, const FieldOfView& field, double border_A) const;

  LensingSource source_;
  LensingWaves waves_;
  std::vector<Fit> fits_;
  nlohmann::json calibration_;
};

/// The regressors of columns: [signal][column][regressor], what the coarse waves meet (centre, then rings), then
/// LensingFeatures. `chosen` are indices into `columns`, which are all columns of the structure.
std::vector<std::vector<std::vector<double>>> lensing_regressors(const LensingSource& source, const LensingWaves& waves,
                                                                 const Structure& structure,
                                                                 const std::vector<AtomColumn>& columns,
                                                                 const std::vector<int>& chosen);

/// Radius that bounds the cells of columns at a particle's rim.
inline constexpr double lensing_cell_radius_A = 1.9;

}  // namespace colonnade
