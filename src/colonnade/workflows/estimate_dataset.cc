// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/estimate_dataset.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/core/log.h"
#include "colonnade/core/parallel.h"
#include "colonnade/structures/elements.h"
#include "colonnade/workflows/stem_device.h"

namespace colonnade {
namespace {

constexpr double enough_seconds = 0.3;

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Measured {
  std::size_t probes = 0;
  double all_probes_seconds = 0;  ///< estimated
  double spent_seconds = 0;       ///< on the few
};

/// Computes some of the probes asked for, evenly chosen, until the time for each is known; the others are 0.
class FewProbes : public StemAlgorithm {
 public:
  FewProbes(std::unique_ptr<StemAlgorithm> algorithm, Measured& measured)
      : algorithm_(std::move(algorithm)), measured_(measured) {}

  std::vector<std::vector<float>> scan(const std::vector<ProbePosition>& positions, const std::string&) const override {
    const double start = now_seconds();
    std::vector<float> last;
    double per_probe = 0;
    // The first few warm the machine up; they count only where a probe is slow.
    const std::size_t first = 4 * std::size_t(thread_count());
    for (std::size_t count = first;; count *= 4) {
      std::vector<ProbePosition> few;
      const std::size_t step = std::max<std::size_t>(1, positions.size() / count);
      for (std::size_t i = step / 2; i < positions.size(); i += step) few.push_back(positions[i]);
      const double before = now_seconds();
      last = algorithm_->scan(few, "").back();
      const double seconds = now_seconds() - before;
      per_probe = seconds / double(few.size());
      if (step == 1 || seconds > (count == first ? 8 : 1) * enough_seconds) break;
    }
    measured_.probes += positions.size();
    measured_.spent_seconds += now_seconds() - start;
    measured_.all_probes_seconds += per_probe * double(positions.size());
    return std::vector<std::vector<float>>(positions.size(), std::vector<float>(last.size(), 0.0F));
  }
  nlohmann::json record() const override { return algorithm_->record(); }

 private:
  std::unique_ptr<StemAlgorithm> algorithm_;
  Measured& measured_;
};

std::string long_duration(double seconds) {
  constexpr double day = 86400;
  return seconds < 2 * day ? format_duration(seconds) : fmt::format("{:.0f} days", seconds / day);
}

std::string with_commas(int number) {
  std::string text = std::to_string(number);
  for (int place = int(text.size()) - 3; place > 0; place -= 3) text.insert(std::size_t(place), ",");
  return text;
}

}  // namespace

std::string DatasetEstimate::text(int particles, int processes) const {
  const double seconds = seconds_per_particle * particles;
  std::string line = fmt::format("{} particles would take about {} on this machine ({} thread{}, device {}): {} each",
                                 with_commas(particles), long_duration(seconds), threads, threads == 1 ? "" : "s",
                                 device, format_duration(seconds_per_particle));
  line += fmt::format(", {} probes a view, {} before the first", with_commas(probes),
                      format_duration(seconds_before_probes));
  if (processes > 1) {
    line += fmt::format("; with {} processes as fast as this one {}", processes, long_duration(seconds / processes));
  }
  return line;
}

DatasetEstimate estimate_dataset(const DatasetOptions& options, int particle, const StemAlgorithmFactory& algorithms) {
  Measured measured;
  DatasetOptions one_view = options;
  one_view.views = 1;
  const double start = now_seconds();
  make_particle_samples(
      one_view, particle,
      [&](const Structure& structure, const PeriodicCell& cell, const Optics& optics, const Signals& signals,
          const MultisliceOptions& multislice) -> std::unique_ptr<StemAlgorithm> {
        return std::make_unique<FewProbes>(algorithms(structure, cell, optics, signals, multislice), measured);
      });
  DatasetEstimate estimate;
  estimate.seconds_before_probes = now_seconds() - start - measured.spent_seconds;
  estimate.seconds_per_particle = options.views * (estimate.seconds_before_probes + measured.all_probes_seconds);
  estimate.probes = int(measured.probes);
  estimate.threads = thread_count();
  estimate.device = options.device;
  return estimate;
}

DatasetEstimate estimate_dataset(DatasetOptions options) {
  options = options.prepared();
  return estimate_dataset(options, 0, stem_algorithms_on(options.device));
}

}  // namespace colonnade
