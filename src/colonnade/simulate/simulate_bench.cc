// SPDX-License-Identifier: GPL-3.0-or-later
// Whole images: time, memory and error of every algorithm beside independent codes.
// "large": a 7 nm particle in an 8 nm cell, 1024 x 1024, slices of 2 A, 200 kV, 17.5 mrad, 60-106.95 mrad, 256 x 256
// pixels of 0.02 nm. "small": a 2.5 nm particle in a 3 nm cell, 512 x 512, 84 x 84 probes over the cell, 60-100 mrad.
// The specimens are those of the reference data, or, where these are absent, particles of the same size and elements.
// error_percent: root mean square difference over the mean from this engine's multislice in the whole cell, at 256
// seeded pixels. These take minutes and are kept in a file of the working folder, as is a table of all results.
// Environment: COLONNADE_BENCH_FOLDER, where to keep them (default: benchmarks in the working folder).
#include <algorithm>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "colonnade/core/error.h"
#include "colonnade/core/random.h"
#include "colonnade/simulate/electron.h"
#include "colonnade/simulate/probe_sample.h"
#include "colonnade/simulate/reference_data.h"
#include "colonnade/simulate/scan_interpolation.h"
#include "colonnade/simulate/stem_algorithm.h"
#include "colonnade/structures/nanoparticle.h"

namespace colonnade {
namespace {

namespace fs = std::filesystem;

// What independent codes took on two cores (wall seconds, GB; README.md of the reference data), and how far their
// PRISM is from their own multislice: of the large image on 12 x 12 probes at 60-80 or 60-105 mrad, whichever is
// larger, of the small one on all probes.
struct Peer {
  const char *image, *code;
  double seconds, error_percent, memory_GB;
};
constexpr Peer peers[] = {
    {"large", "abTEM PRISM f=4", 373, 2.5, 5.8},    {"large", "abTEM PRISM f=8", 107, 4.9, 2.5},
    {"small", "abTEM multislice", 219, 0, 1.2},     {"small", "abTEM PRISM f=1", 115, 0, 0},
    {"small", "abTEM PRISM f=2", 29, 3.48, 0},      {"small", "abTEM PRISM f=4", 15, 14.8, 0},
    {"small", "Prismatic multislice", 169, 0, 0},   {"small", "Prismatic PRISM f=2", 84, 3.38, 0},
    {"small", "Prismatic PRISM f=4", 7.7, 14.5, 0},
};

struct Case {
  std::string name;
  Structure structure;
  PeriodicCell cell;
  Signals signals;
  double low_A = 0, pixel_A = 0;
  int pixels = 0;
};

Structure specimen(const char* file, double diameter_nm, double side_A) {
  const fs::path path = fs::path(COLONNADE_SHARED_DATA) / "reference" / "stem" / file;
  if (fs::exists(path)) return read_reference_structure(path);
  NanoparticleOptions options;
  options.diameter_nm = diameter_nm;
  options.shape = "sphere";
  Random random(7);
  Structure structure = make_nanoparticle(options, random);
  translate(structure, {side_A / 2, side_A / 2, side_A / 2});
  return structure;
}

const Case& image_case(const std::string& name) {
  static const std::map<std::string, Case> cases = [] {
    const auto square = [](int pixels, double side_A) {
      return PeriodicCell{{0, 0, 0}, {pixels, pixels, side_A / pixels, side_A / pixels}};
    };
    std::map<std::string, Case> all;
    all["large"] = {"large", specimen("paper.zxyz", 7, 80), square(1024, 80), {{{"HAADF", 60, 106.95}}}, 14.4, 0.2,
                    256};
    all["small"] = {"small", specimen("small.zxyz", 2.5, 30), square(512, 30), {{{"HAADF", 60, 100}}}, 0, 30.0 / 84,
                    84};
    return all;
  }();
  return cases.at(name);
}

// Linux keeps the highest memory of a process and forgets it when asked to.
void forget_peak_memory() { std::ofstream("/proc/self/clear_refs") << "5"; }
double peak_memory_GB() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stod(line.substr(6)) * 1024 / 1e9;
  }
  return 0;
}

fs::path folder() {
  const char* given = std::getenv("COLONNADE_BENCH_FOLDER");
  fs::path path = given != nullptr ? given : "benchmarks";
  fs::create_directories(path);
  return path;
}

std::vector<std::size_t> sampled_pixels(const Case& c) {
  Random random(20240);
  std::vector<std::size_t> pixels;
  for (int i = 0; i < 256; ++i) {
    const auto x = random.below(std::uint64_t(c.pixels)), y = random.below(std::uint64_t(c.pixels));
    pixels.push_back(std::size_t(y) * std::size_t(c.pixels) + x);
  }
  return pixels;
}

// Of the sampled pixels, computed once and kept.
std::vector<float> exact_values(const Case& c) {
  const fs::path path = folder() / ("exact_" + c.name + "_" + std::to_string(c.structure.atoms.size()) + ".txt");
  std::vector<float> values;
  std::ifstream kept(path);
  for (float value = 0; kept >> value;) values.push_back(value);
  const auto pixels = sampled_pixels(c);
  if (values.size() == pixels.size()) return values;
  MultisliceOptions options;
  options.window_A = 0;
  std::vector<ProbePosition> positions;
  for (const std::size_t pixel : pixels) {
    positions.push_back({c.low_A + c.pixel_A * double(pixel % std::size_t(c.pixels)),
                         c.low_A + c.pixel_A * double(pixel / std::size_t(c.pixels))});
  }
  values.clear();
  const auto algorithm = make_stem_algorithm(c.structure, c.cell, Optics{}, c.signals, options);
  for (const auto& probe : algorithm->scan(positions, "exact " + c.name)) values.push_back(probe[0]);
  std::ofstream file(path);
  file.precision(9);
  for (const float value : values) file << value << "\n";
  return values;
}

struct Setting {
  std::string algorithm;
  double window_A = 0;
  bool tails = false;
  double pitch_per_nyquist = 0.9;
  int interpolation = 4, rings = 5;
  MultisliceOptions options() const {
    MultisliceOptions result;
    result.algorithm = algorithm;
    result.window_A = window_A;
    result.window_tails = tails;
    result.prism_interpolation = interpolation;
    result.parent_rings = rings;
    return result;
  }
};

std::vector<float> image_of(const Case& c, const Setting& setting, std::size_t& probes) {
  const Optics optics;
  const double nyquist = electron_wavelength_A(optics.energy_keV) / (4e-3 * optics.semiangle_mrad);
  const ScanAxis axis(c.low_A, c.pixel_A, c.pixels, setting.pitch_per_nyquist * nyquist);
  std::vector<ProbePosition> positions;
  for (const double y : axis.samples_A()) {
    for (const double x : axis.samples_A()) positions.push_back({x, y});
  }
  probes = positions.size();
  const auto algorithm = make_stem_algorithm(c.structure, c.cell, optics, c.signals, setting.options());
  std::vector<float> samples;
  for (const auto& probe : algorithm->scan(positions, "")) samples.push_back(probe[0]);
  return interpolate_scan(axis, axis, samples);
}

void note(const std::string& line) {
  const fs::path path = folder() / "simulate.csv";
  const bool fresh = !fs::exists(path);
  std::ofstream file(path, std::ios::app);
  if (fresh) file << "image,method,wall_s,processor_s,peak_memory_GB,error_percent\n";
  file << line << "\n";
}

void BM_Image(benchmark::State& state, const std::string& name, const Setting& setting, const std::string& label) {
  const Case& c = image_case(name);
  const auto expected = exact_values(c);
  std::size_t probes = 0;
  for (auto _ : state) {
    forget_peak_memory();
    const auto start = std::chrono::steady_clock::now();
    const double processor_start = processor_seconds();
    const auto image = image_of(c, setting, probes);
    const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const double processor = processor_seconds() - processor_start, memory = peak_memory_GB();
    std::vector<float> found;
    for (const std::size_t pixel : sampled_pixels(c)) found.push_back(image[pixel]);
    const double error = 100 * rms_over_mean(expected, found);
    state.counters["probes"] = double(probes);
    state.counters["wall_s"] = wall;
    state.counters["processor_s"] = processor;
    state.counters["peak_GB"] = memory;
    state.counters["error_percent"] = error;
    note(fmt::format("{},\"{}\",{:.3f},{:.3f},{:.3f},{:.4f}", name, label, wall, processor, memory, error));
  }
}

void BM_Peer(benchmark::State& state, const Peer& peer) {
  for (auto _ : state) benchmark::DoNotOptimize(peer.seconds);
  state.counters["wall_s"] = peer.seconds;
  if (peer.error_percent > 0) state.counters["error_percent"] = peer.error_percent;
  if (peer.memory_GB > 0) state.counters["peak_GB"] = peer.memory_GB;
}

void add(const std::string& image, const std::string& label, const Setting& setting) {
  benchmark::RegisterBenchmark((image + "/" + label).c_str(), BM_Image, image, setting, label)
      ->Iterations(1)
      ->Unit(benchmark::kSecond);
}

const bool registered = [] {
  for (const Peer& peer : peers) {
    benchmark::RegisterBenchmark((std::string(peer.image) + "/peer: " + peer.code).c_str(), BM_Peer, peer)
        ->Iterations(1);
  }
  add("small", "window 3.75 A", {"multislice", 3.75, false, 1});
  add("small", "window 3.75 A + tails", {"multislice", 3.75, true, 1});
  add("small", "window 5 A + tails", {"multislice", 5, true, 1});
  add("small", "window 7.5 A + tails", {"multislice", 7.5, true, 1});
  add("small", "PRISM f=4", {"prism", 0, false, 1, 4});
  add("small", "PRISM f=2", {"prism", 0, false, 1, 2});
  add("small", "PRISM f=1", {"prism", 0, false, 1, 1});
  add("small", "partitioned PRISM f=2, 3 rings", {"partitioned_prism", 0, false, 1, 2, 3});
  add("large", "window 5 A", {"multislice", 5});
  add("large", "window 5 A + tails", {"multislice", 5, true});
  add("large", "window 5 A + tails, pitch 1.2", {"multislice", 5, true, 1.2});
  add("large", "window 5 A + tails, pitch 1.3", {"multislice", 5, true, 1.3});
  add("large", "window 7.5 A + tails", {"multislice", 7.5, true});
  add("large", "window 10 A + tails", {"multislice", 10, true});
  add("large", "partitioned PRISM f=8, 4 rings", {"partitioned_prism", 0, false, 0.9, 8, 4});
  add("large", "partitioned PRISM f=8, 5 rings", {"partitioned_prism", 0, false, 0.9, 8, 5});
  add("large", "PRISM f=8", {"prism", 0, false, 0.9, 8});
  return true;
}();

}  // namespace
}  // namespace colonnade
