// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/make_dataset.h"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <numeric>

#include "colonnade/core/file.h"
#include "colonnade/core/parallel.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/structures/structure_file.h"
#include "colonnade/workflows/estimate_dataset.h"

namespace colonnade {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

/// Quick: detectors at small angles need no fine grid.
DatasetOptions small_options() {
  DatasetOptions options;
  options.seed = 11;
  options.size_px = 40;
  options.pixel_size_nm = 0.04;
  options.particle.elements = {"Pt", "Ni"};
  options.diameter_nm = {0.8, 1.0};
  options.view = {0, 0};
  options.detectors = {"ADF:30-45", "LAADF:24-30"};
  options.eds_maps = true;
  options.multislice.oversampling = 1;
  options.multislice.window_A = 5;
  return options;
}

double sum(const Image& image) { return std::accumulate(image.data.begin(), image.data.end(), 0.0); }

int atoms_of(const Sample& view, std::size_t element) {
  int atoms = 0;
  for (const auto& column : view.columns) atoms += column.counts[element];
  return atoms;
}

class DatasetSignals : public ::testing::Test {
 protected:
  static const Sample& view() {
    static const Sample sample = make_particle_samples(small_options().prepared(), 0).views.at(0);
    return sample;
  }
};

TEST_F(DatasetSignals, AreAllThereWithTheirNamesAndOptics) {
  std::vector<std::string> titles, intensities, elements;
  for (const Image& signal : view().signals) {
    titles.push_back(signal.title);
    intensities.push_back(signal.intensity);
    elements.push_back(signal_element(signal));
  }
  EXPECT_EQ(view().image.title, "ADF");
  EXPECT_THAT(titles, ElementsAre("LAADF", "Pt L", "Ni K"));
  EXPECT_THAT(intensities, ElementsAre("fraction of beam", "counts per electron", "counts per electron"));
  EXPECT_THAT(elements, ElementsAre("", "Pt", "Ni"));
  const auto& metadata = view().image.metadata;
  const auto& optics = metadata.at("simulation").at("options");
  const DatasetOptions options;
  const auto within = [&](const char* name, const Range& range, double unit) {
    EXPECT_GE(optics.at(name).get<double>(), range.low * unit) << name;
    EXPECT_LE(optics.at(name).get<double>(), range.high * unit) << name;
  };
  within("optics.energy", options.energy_keV, 1);
  within("optics.semiangle", options.semiangle_mrad, 1);
  within("optics.C10", options.C10_A, 1);
  within("optics.C12", options.C12_A, 1);
  within("optics.phi12", options.phi12_deg, 1);
  within("optics.C30", options.C30_um, 1e4);
  EXPECT_EQ(metadata.at("signals").at("LAADF").at("outer_mrad"), 30.0);
  EXPECT_EQ(metadata.at("signals").at("LAADF").at("thermal_diffuse"), "added");
  EXPECT_EQ(metadata.at("signals").at("Pt L").at("element"), "Pt");
  EXPECT_GE(metadata.at("particle").at("options").at("particle.diameter").get<double>(), 0.8);
}

/// Atoms that a map's X-rays would come from if no atom's surroundings drew the beam to it: a probe that is scanned
/// over everything then meets each atom with one electron per area.
double atoms_by_x_rays(const Sample& view, std::size_t signal) {
  const Image& map = view.signals[signal];
  const auto& line = view.image.metadata.at("signals").at(map.title);
  constexpr double nm2_per_barn = 1e-10;
  return sum(map) * map.pixel_size_nm * map.pixel_size_nm /
         (line.at("ionisation_barn").get<double>() * nm2_per_barn * line.at("counts_per_ionisation").get<double>());
}

TEST_F(DatasetSignals, XRaysAreThoseOfTheAtomsThatAreThere) {
  for (std::size_t e = 0; e < 2; ++e) {
    EXPECT_GT(atoms_of(view(), e), 5);
    EXPECT_GT(atoms_by_x_rays(view(), 1 + e), 0.95 * atoms_of(view(), e));
    EXPECT_LT(atoms_by_x_rays(view(), 1 + e), 1.6 * atoms_of(view(), e)) << "columns draw the beam in";
  }
}

TEST_F(DatasetSignals, AreTheSameOnAnyNumberOfThreads) {
  const int threads = thread_count();
  set_thread_count(threads == 1 ? 3 : 1);
  const Sample other = make_particle_samples(small_options().prepared(), 0).views.at(0);
  set_thread_count(threads);
  EXPECT_EQ(other.image.data, view().image.data);
  for (std::size_t s = 0; s < 3; ++s) EXPECT_EQ(other.signals[s].data, view().signals[s].data);
}

TEST_F(DatasetSignals, ASourceBlursAllOfThem) {
  DatasetOptions options = small_options();
  options.source_size_A = {1, 1};
  const Sample blurred = make_particle_samples(options.prepared(), 0).views.at(0);
  EXPECT_EQ(blurred.image.metadata.at("simulation").at("source_size_A"), 1.0);
  ASSERT_EQ(blurred.signals.size(), 3U);
  for (std::size_t s = 0; s < 3; ++s) {
    const Image &sharp = view().signals[s], &soft = blurred.signals[s];
    EXPECT_EQ(soft.width, 40);
    EXPECT_LT(extremes(soft).high, 0.9F * extremes(sharp).high);
    EXPECT_NEAR(sum(soft), sum(sharp), 0.01 * sum(sharp)) << "the particle lies within the field";
  }
  ASSERT_EQ(blurred.columns.size(), view().columns.size()) << "the same particle";
  EXPECT_EQ(blurred.columns[3].x_px, view().columns[3].x_px);
}

TEST_F(DatasetSignals, MayBeAveragesOfFrozenPhonons) {
  DatasetOptions options = small_options();
  options.multislice.thermal.model = "frozen_phonons";
  options.multislice.thermal.configurations = 2;
  options.eds_maps = false;
  const ParticleSamples one = make_particle_samples(options.prepared(), 0);
  const auto& motion = one.views.at(0).image.metadata.at("thermal_motion");
  EXPECT_EQ(motion.at("configurations"), 2);
  EXPECT_NEAR(sum(one.views[0].image), sum(view().image), 0.3 * sum(view().image));
  EXPECT_NE(one.views[0].image.data, view().image.data);
}

class DatasetStructures : public ::testing::Test {
 protected:
  DatasetStructures() : folder_(fs::temp_directory_path() / "colonnade_dataset_structures_test") {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    // Two columns of platinum atoms, and one of nickel, away from the origin.
    write_file(folder_ / "two.xyz", "5\n\nPt 70 80 10\nPt 70 80 14\nPt 70 80 18\nPt 74 80 10\nPt 74 80 14\n");
    write_file(folder_ / "one.xyz", "2\n\nNi 1 1 1\nNi 1 1 4.5\n");
  }
  ~DatasetStructures() override { fs::remove_all(folder_); }
  DatasetOptions options() const {
    DatasetOptions options = small_options();
    options.structures = {(folder_ / "two.xyz").string(), (folder_ / "one.xyz").string()};
    return options;
  }
  fs::path folder_;
};

TEST_F(DatasetStructures, StandInForDrawnParticles) {
  const Sample first = make_particle_samples(options().prepared(), 0).views.at(0),
               second = make_particle_samples(options().prepared(), 1).views.at(0),
               third = make_particle_samples(options().prepared(), 2).views.at(0);
  ASSERT_EQ(second.columns.size(), 1U);
  EXPECT_THAT(second.columns[0].counts, ElementsAre(0, 2));
  EXPECT_NEAR(second.columns[0].x_px, 20, 1e-6) << "in the middle of the field";
  EXPECT_EQ(extremes(second.signals[1]).high, 0) << "no X-rays of an element that is not there";
  EXPECT_GT(extremes(second.signals[2]).high, 0);
  for (const Sample* view : {&first, &third}) {
    ASSERT_EQ(view->columns.size(), 2U);
    const auto &a = view->columns[0], &b = view->columns[1];
    EXPECT_EQ(a.counts[0] + b.counts[0], 5);
    EXPECT_NEAR(std::hypot(a.x_px - b.x_px, a.y_px - b.y_px), 10, 1e-6) << "4 A";
    EXPECT_EQ(view->image.metadata.at("particle").at("file"), "two.xyz");
  }
  EXPECT_GT(std::abs(first.columns[0].x_px - third.columns[0].x_px), 1e-3) << "turned by another angle";
  EXPECT_EQ(first.image.metadata.at("particle").at("sha256"), sha256_file(folder_ / "two.xyz"));
}

TEST_F(DatasetStructures, OneAtomGivesItsCrossSection) {
  write_file(folder_ / "atom.xyz", "1\n\nNi 3 4 5\n");
  DatasetOptions alone = options();
  alone.structures = {(folder_ / "atom.xyz").string()};
  alone.multislice.window_A = 0;
  EXPECT_NEAR(atoms_by_x_rays(make_particle_samples(alone.prepared(), 0).views.at(0), 2), 1, 0.02);
}

TEST_F(DatasetStructures, MustBeThereAndOfTheElements) {
  DatasetOptions wrong = options();
  wrong.particle.elements = {"Pt"};
  EXPECT_THAT(message_of([&] { static_cast<void>(wrong.prepared()); }), HasSubstr("one.xyz holds Ni"));
  wrong.structures = {(folder_ / "none.xyz").string()};
  EXPECT_THAT(message_of([&] { static_cast<void>(wrong.prepared()); }), HasSubstr("none.xyz"));
}

TEST(DatasetOptions, RefusesWhatCannotBe) {
  const auto message = [](const std::function<void(DatasetOptions&)>& spoil) {
    DatasetOptions options = small_options();
    spoil(options);
    return message_of([&] { static_cast<void>(options.prepared()); });
  };
  EXPECT_EQ(message([](DatasetOptions&) {}), "no error");
  EXPECT_THAT(message([](DatasetOptions& o) { o.detectors.clear(); }), HasSubstr("optics.detectors"));
  EXPECT_THAT(message([](DatasetOptions& o) { o.detectors = {"CoM"}; }), HasSubstr("must be a ring"));
  EXPECT_THAT(message([](DatasetOptions& o) { o.detectors = {"ADF:30"}; }), HasSubstr("ADF:30"));
  EXPECT_THAT(message([](DatasetOptions& o) { o.detectors = {"ADF:30-40", "ADF:40-50"}; }), HasSubstr("ADF"));
  EXPECT_THAT(message([](DatasetOptions& o) { o.eds.lines = {"Au=L"}; }), HasSubstr("Au"));
  EXPECT_THAT(message([](DatasetOptions& o) { o.eds.solid_angle_sr = -1; }), HasSubstr("solid"));
  EXPECT_THAT(message([](DatasetOptions& o) { o.source_size_A = {-1, 1}; }), HasSubstr("source_size"));
  EXPECT_THAT(message([](DatasetOptions& o) { o.multislice.algorithm = "lensing"; }), HasSubstr("lensing"));
  EXPECT_THAT(message([](DatasetOptions& o) { o.multislice.thermal.model = "hot"; }), HasSubstr("hot"));
}

TEST(DatasetOptions, MotionOfElementsWithoutATabulatedOneIsCompleted) {
  DatasetOptions options = small_options();
  options.particle.elements = {"pt", "Ru"};
  const DatasetOptions prepared = options.prepared();
  EXPECT_THAT(prepared.particle.elements, ElementsAre("Pt", "Ru"));
  EXPECT_EQ(prepared.multislice.thermal.factors, "Ru:0.5");
}

// The model that ships was trained before there were several detectors and thermal motion.
TEST(DatasetOptions, OfOlderRecordsKeepTheirMeaning) {
  DatasetOptions options;
  options.read_record({{"optics.detector", "HAADF:60-100"}, {"multislice.slice", 2.0}, {"dataset.size", 96}});
  EXPECT_THAT(options.detectors, ElementsAre("HAADF:60-100"));
  EXPECT_EQ(options.multislice.slice_A, 2.0);
  EXPECT_EQ(options.multislice.thermal.model, "none");
  EXPECT_EQ(options.size_px, 96);
  DatasetOptions now = small_options(), again;
  again.read_record(now.table().to_json());
  EXPECT_EQ(again.table().to_json(), now.table().to_json());
}

/// The sum of a map within 0.08 nm of each column.
std::vector<double> sums_at(const Image& map, const std::vector<LabelledColumn>& columns) {
  std::vector<double> sums;
  for (const auto& column : columns) {
    double total = 0;
    for (int y = 0; y < map.height; ++y) {
      for (int x = 0; x < map.width; ++x) {
        if (std::hypot(x - column.x_px, y - column.y_px) < 4) total += double(map.at(y, x));
      }
    }
    sums.push_back(total);
  }
  return sums;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double n = double(a.size()), mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n,
               mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean_a) * (b[i] - mean_b);
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return ab / std::sqrt(aa * bb);
}

class TestSet : public ::testing::Test {
 protected:
  const fs::path folder_ = fs::path(COLONNADE_TEST_DATA) / "ptnipdcofe";
};

TEST_F(TestSet, IsWhatItsOptionsSayAndSmall) {
  DatasetOptions options;
  OptionTable table = options.table();
  table.read_toml(folder_ / dataset_options_file);
  const auto files = particle_files(folder_);
  EXPECT_EQ(int(files.size()), options.particles);
  EXPECT_GE(files.size(), 26U);
  std::uintmax_t bytes = 0;
  for (const auto& file : files) bytes += fs::file_size(file);
  EXPECT_LT(bytes, 7500000U);
  const ParticleSamples first = read_particle(files.front());
  EXPECT_EQ(first.seed, options.seed);
  // Options that have come since then are not in the record.
  const nlohmann::json now = table.to_json();
  for (const auto& [key, value] : first.options.items()) EXPECT_EQ(value, now.at(key)) << key;
}

TEST_F(TestSet, XRaysAreBrightWhereTheirElementIs) {
  const auto files = particle_files(folder_);
  for (std::size_t i = 0; i < files.size(); i += 10) {
    const Sample view = read_particle(files[i]).views.at(0);
    ASSERT_EQ(view.signals.size(), 6U);
    EXPECT_EQ(view.signals[0].title, "MAADF");
    for (std::size_t e = 0; e < 5; ++e) {
      std::vector<double> counts;
      for (const auto& column : view.columns) counts.push_back(column.counts[e]);
      EXPECT_GT(correlation(sums_at(view.signals[1 + e], view.columns), counts), 0.75) << files[i] << " " << e;
    }
    EXPECT_GT(extremes(view.image).high, 0.05F);
    EXPECT_LT(extremes(view.image).high, 0.4F);
  }
}

TEST(DatasetEstimate, CountsTheProbesOfAView) {
  DatasetOptions options = small_options();
  const auto probes = [](const DatasetOptions& o) { return estimate_dataset(o).probes; };
  const int once = probes(options);
  const ParticleSamples samples = make_particle_samples(options.prepared(), 0);
  const auto& scan = samples.views.at(0).image.metadata.at("simulation").at("scan_samples");
  EXPECT_EQ(once, scan.at(0).get<int>() * scan.at(1).get<int>());
}

}  // namespace
}  // namespace colonnade
