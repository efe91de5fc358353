// SPDX-License-Identifier: GPL-3.0-or-later
// Multislice for a given periodic cell and grid: what simulate_stem is built on, and what other algorithms are compared
// with. Everything that probes share is computed once; probes then run in parallel, each on its own.
//
// A window smaller than the cell follows each probe on whole pixels. Three things keep its error small: the probe is
// that of the whole cell, cut out (not a probe periodic in the window); its sub-pixel place is a Fourier phase; and the
// edges of detectors, hard on the whole cell's grid, are one step of the window's coarser Fourier grid wide.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "colonnade/simulate/detector.h"
#include "colonnade/simulate/multislice.h"
#include "colonnade/simulate/potential.h"
#include "colonnade/simulate/probe.h"
#include "colonnade/simulate/propagator.h"
#include "colonnade/simulate/stem_algorithm.h"
#include "colonnade/simulate/transmission.h"
#include "colonnade/simulate/window_tails.h"

namespace colonnade {

/// What the slices are made with. Checks the optics and the options.
TransmissionOptions transmission_options(const Optics& optics, const MultisliceOptions& options);

class Multislice : public StemAlgorithm {
 public:
  /// Uses slice_A, window_A, oversampling and parametrization of the options; the grid is the cell's, its sides even.
  /// A window needs equal pitch in x and y. Fails where a detector reaches beyond the band limit.
  Multislice(const Structure& structure, const PeriodicCell& cell, const Optics& optics, const Signals& signals,
             const MultisliceOptions& options);
  /// For given slices, slice_A apart; cell.grid must be theirs. Uses slice_A and window_A of the options.
  Multislice(TransmissionStack stack, const PeriodicCell& cell, const Optics& optics, const Signals& signals,
             const MultisliceOptions& options);
  Multislice(const Structure& structure, const PeriodicCell& cell, const Optics& optics,
             const std::vector<AnnularDetector>& detectors, const MultisliceOptions& options)
      : Multislice(structure, cell, optics, Signals{detectors, {}}, options) {}

  /// As scan(), of one position.
  std::vector<float> probe_intensities(double x_A, double y_A) const;
  std::vector<std::vector<float>> scan(const std::vector<ProbePosition>& positions,
                                       const std::string& label = "") const override;
  /// Holds at most 64 MB of patterns, or one for each thread.
  void scan_patterns(const std::vector<ProbePosition>& positions, const PatternGrid& grid, const PatternSink& sink,
                     const std::string& label = "") const override;
  nlohmann::json record() const override;

  const WaveGrid& window() const { return propagator_.grid(); }
  /// Fraction of the probe that the window holds at the first atoms; below 0.9 the constructor fails.
  double probe_in_window() const { return probe_in_window_; }
  int slice_count() const { return int(stack_.slice_indices().size()); }

 private:
  Multislice(const Structure& structure, TransmissionStack stack, const PeriodicCell& cell, const Optics& optics,
             const Signals& signals, const MultisliceOptions& options);
  using Complex = std::complex<float>;
  struct Workspace;

  bool windowed() const { return window().nx != cell_.grid.nx || window().ny != cell_.grid.ny; }
  void prepare_incident(const Optics& optics, double depth_A);
  void prepare_detectors(const std::vector<AnnularDetector>& detectors, double wavelength_A);
  void prepare_distances(double slice_A);
  void prepare_depths(const std::vector<double>& depths_A, double slice_A);
  void prepare_tails(const Structure& structure, const Optics& optics, const Signals& signals,
                     const MultisliceOptions& options);
  Workspace make_workspace() const;
  void place(const ProbePosition& position, Workspace& workspace) const;
  void start(const ProbePosition& position, Workspace& workspace) const;
  /// From the entrance to just behind the last slice, measuring at depths on the way unless `values` is null.
  void pass(const ProbePosition& position, Workspace& workspace, float* values) const;
  std::vector<float> run(const ProbePosition& position, Workspace& workspace) const;
  void write(const std::vector<double>& far, const std::vector<double>& local, float* values) const;

  PeriodicCell cell_;
  TransmissionStack stack_;
  Propagator propagator_;
  Propagator::Table<Complex> incident_;  ///< the probe, taken to the first slice that holds atoms
  int incident_blocks_ = 0;
  double probe_in_window_ = 0;
  std::map<int, Propagator::Table<Complex>> free_space_;  ///< by distance in slices
  std::vector<Propagator::Table<float>> weights_;         ///< one per detector, then the whole band
  LocalSignalMaps local_;
  std::unique_ptr<WindowTails> tails_;  ///< where a window leaves tails out and they are to be added
  std::vector<int> depths_;             ///< how many entries of the stack lie above each depth asked for
};

}  // namespace colonnade
