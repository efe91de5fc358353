// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/dataset.h"

#include <chrono>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include "colonnade/core/test_errors.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/image/hdf5_file.h"
#include "colonnade/learn/synthetic_samples.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;
using testing::label_sigma_px;
using testing::synthetic_particle;

TEST(LabelMaps, AreSumsOfGaussiansWithTheCountAsPeak) {
  Sample sample;
  sample.image = Image(23, 31, 0.02);
  sample.columns = {{10, 12, {7, 0}}, {14.3, 12.6, {2, 3}}, {-2, 22.5, {4, 1}}};
  const double sigma = 2.5;
  const std::vector<Image> maps = label_maps(sample, {"Pt", "Ni"}, sigma);
  ASSERT_EQ(maps.size(), 2U);
  EXPECT_EQ(maps[1].title, "Ni");
  EXPECT_EQ(maps[0].intensity, "atoms");
  EXPECT_EQ(maps[0].pixel_size_nm, 0.02);
  for (std::size_t e = 0; e < 2; ++e) {
    for (int y = 0; y < 23; ++y) {
      for (int x = 0; x < 31; ++x) {
        double expected = 0;
        for (const auto& column : sample.columns) {
          expected += column.counts[e] *
                      std::exp(-(std::pow(x - column.x_px, 2) + std::pow(y - column.y_px, 2)) / (2 * sigma * sigma));
        }
        ASSERT_NEAR(maps[e].at(y, x), expected, 7 * std::exp(-12.5)) << e << " " << y << " " << x;
      }
    }
  }
}

TEST(LabelMaps, RefuseWhatDoesNotFit) {
  Sample sample;
  sample.image = Image(16, 16, 0.02);
  sample.columns = {{8, 8, {1, 2, 3}}};
  EXPECT_THAT(message_of([&] { label_maps(sample, {"Pt", "Ni"}, 2); }), HasSubstr("3 counts for 2 elements"));
  sample.columns.clear();
  EXPECT_THAT(message_of([&] { label_maps(sample, {"Pt", "Ni"}, 0); }), HasSubstr("sigma"));
}

TEST(Dataset, ReadsBackWhatWasWritten) {
  const TemporaryFolder folder;
  ParticleSamples written = synthetic_particle(17, 3, 20, 28, 0xFFFFFFFFFFFFFFF1ULL);
  written.views[1].image.metadata = {{"energy_keV", 200}};
  written.views[2].columns.clear();
  write_particle(folder.path(), written, label_sigma_px);
  const auto path = particle_file(folder.path(), 17);
  EXPECT_EQ(path.filename(), "particle_000017.h5");
  const ParticleSamples read = read_particle(path);
  EXPECT_EQ(read.particle, 17);
  EXPECT_EQ(read.seed, 0xFFFFFFFFFFFFFFF1ULL);
  EXPECT_EQ(read.elements, written.elements);
  EXPECT_EQ(read.options, written.options);
  EXPECT_EQ(read.label_sigma_px, label_sigma_px);
  ASSERT_EQ(read.views.size(), 3U);
  EXPECT_EQ(read.views[1].image.metadata["energy_keV"], 200);
  for (std::size_t v = 0; v < 3; ++v) {
    const Image& image = read.views[v].image;
    EXPECT_EQ(image.height, 20);
    EXPECT_EQ(image.width, 28);
    EXPECT_EQ(image.data, written.views[v].image.data);
    EXPECT_EQ(image.intensity, "fraction of beam");
    EXPECT_DOUBLE_EQ(image.pixel_size_nm, 0.05);
    ASSERT_EQ(read.views[v].columns.size(), written.views[v].columns.size());
    for (std::size_t c = 0; c < read.views[v].columns.size(); ++c) {
      EXPECT_EQ(read.views[v].columns[c].x_px, written.views[v].columns[c].x_px);
      EXPECT_EQ(read.views[v].columns[c].y_px, written.views[v].columns[c].y_px);
      EXPECT_EQ(read.views[v].columns[c].counts, written.views[v].columns[c].counts);
    }
  }
}

/// A particle with a detector's signal and two elements' X-rays, from 1e-9 to 1e-6.
ParticleSamples particle_with_signals(int views) {
  ParticleSamples samples = synthetic_particle(3, views, 18, 26, 5);
  Random random(9);
  for (Sample& view : samples.views) {
    view.image.title = "ADF";
    for (const char* name : {"MAADF", "Pt L", "Ni K"}) {
      Image& signal = view.signals.emplace_back(view.image);
      signal.title = name;
      signal.metadata = nlohmann::json::object();
      if (std::string(name) == "MAADF") continue;
      signal.intensity = "counts per electron";
      signal.metadata["element"] = std::string(name).substr(0, 2);
      for (float& value : signal.data) value = float(std::pow(10, random.uniform(-9, -6)));
    }
  }
  return samples;
}

TEST(Dataset, ReadsBackSignals) {
  const TemporaryFolder folder;
  ParticleSamples written = particle_with_signals(2);
  std::fill(written.views[0].signals[2].data.begin(), written.views[0].signals[2].data.end(), 0.0F);
  write_particle(folder.path(), written, label_sigma_px);
  const ParticleSamples read = read_particle(particle_file(folder.path(), 3));
  for (std::size_t v = 0; v < 2; ++v) {
    EXPECT_EQ(read.views[v].image.title, "ADF");
    EXPECT_EQ(read.views[v].image.data, written.views[v].image.data) << "the image keeps all bits";
    ASSERT_EQ(read.views[v].signals.size(), 3U);
    for (std::size_t s = 0; s < 3; ++s) {
      const Image &was = written.views[v].signals[s], &is = read.views[v].signals[s];
      EXPECT_EQ(is.title, was.title);
      EXPECT_EQ(is.intensity, was.intensity);
      EXPECT_EQ(signal_element(is), s == 0 ? "" : was.title.substr(0, 2));
      EXPECT_DOUBLE_EQ(is.pixel_size_nm, 0.05);
      ASSERT_EQ(is.data.size(), was.data.size());
      for (std::size_t i = 0; i < is.data.size(); ++i) ASSERT_NEAR(is.data[i], was.data[i], was.data[i] / 2048) << i;
    }
  }
}

TEST(Dataset, ASecondWritingOfSignalsLosesNothingMore) {
  const TemporaryFolder folder, again;
  write_particle(folder.path(), particle_with_signals(1), label_sigma_px);
  const ParticleSamples read = read_particle(particle_file(folder.path(), 3));
  write_particle(again.path(), read, label_sigma_px);
  EXPECT_EQ(read_file(particle_file(again.path(), 3)), read_file(particle_file(folder.path(), 3)));
}

TEST(Dataset, LabelsMayBeLeftOut) {
  const TemporaryFolder folder;
  write_particle(folder.path(), particle_with_signals(1), label_sigma_px, false);
  const auto path = particle_file(folder.path(), 3);
  EXPECT_FALSE(Hdf5File(path, Hdf5File::Mode::read).has("labels"));
  EXPECT_FALSE(read_particle(path).views.at(0).columns.empty());
  EXPECT_EQ(read_particle(path).label_sigma_px, label_sigma_px);
}

/// What was written before there were signals.
void write_version_1(const std::filesystem::path& path, const Sample& view) {
  Hdf5File file(path, Hdf5File::Mode::create);
  file.write_floats("images", view.image.data, {1, view.image.height, view.image.width}, true);
  std::vector<std::int64_t> counts;
  std::vector<double> positions;
  for (const auto& column : view.columns) {
    counts.insert(counts.end(), column.counts.begin(), column.counts.end());
    positions.insert(positions.end(), {column.x_px, column.y_px});
  }
  const std::int64_t columns = std::ssize(view.columns);
  file.write_integers("columns/view", std::vector<std::int64_t>(view.columns.size(), 0), {columns});
  file.write_doubles("columns/position_px", positions, {columns, 2});
  file.write_integers("columns/counts", counts, {columns, 2});
  file.write_number("/", "format_version", 1);
  file.write_text("/", "elements", R"(["Pt","Ni"])");
  file.write_number("/", "pixel_size_nm", 0.05);
  file.write_number("/", "particle", 8);
  file.write_text("/", "seed", "5");
  file.write_text("/", "options", "{}");
  file.write_number("/", "label_sigma_px", 1.5);
  file.write_text("images", "intensity", "fraction of beam");
  file.write_text("images", "view_000", R"({"energy_keV":200})");
  file.close();
}

TEST(Dataset, ReadsTheFormatWithoutSignals) {
  const TemporaryFolder folder;
  const Sample view = synthetic_particle(8, 1, 20, 28, 5).views[0];
  write_version_1(folder.path() / "particle_000008.h5", view);
  const ParticleSamples read = read_particle(folder.path() / "particle_000008.h5");
  EXPECT_EQ(read.views.at(0).image.data, view.image.data);
  EXPECT_EQ(read.views[0].image.title, "HAADF");
  EXPECT_TRUE(read.views[0].signals.empty());
  ASSERT_EQ(read.views[0].columns.size(), view.columns.size());
  EXPECT_EQ(read.views[0].columns[2].counts, view.columns[2].counts);
}

TEST(Dataset, RefusesSignalsThatDoNotFit) {
  const TemporaryFolder folder;
  const auto message = [&](const std::function<void(Sample&)>& spoil) {
    ParticleSamples samples = particle_with_signals(2);
    spoil(samples.views[1]);
    return message_of([&] { write_particle(folder.path(), samples, label_sigma_px); });
  };
  EXPECT_THAT(message([](Sample& s) { s.signals.pop_back(); }), HasSubstr("3 and 2 signals"));
  EXPECT_THAT(message([](Sample& s) { s.signals[1].title = "Fe K"; }), HasSubstr("\"Pt L\" in one view and \"Fe K\""));
  EXPECT_THAT(message([](Sample& s) { s.signals[0].intensity = "counts"; }), HasSubstr("signal 0"));
  EXPECT_THAT(message([](Sample& s) { s.signals[0] = Image(9, 9, 0.05); }), HasSubstr("signal 0"));
  EXPECT_THAT(message([](Sample& s) { s.signals[2].pixel_size_nm = 0.04; }), HasSubstr("signal Ni K differs"));
  EXPECT_THAT(message([](Sample& s) { s.signals[2].data[7] = INFINITY; }), HasSubstr("Ni K"));
}

TEST(Dataset, RefusesFilesWhoseSignalsAreDamaged) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "particle_000008.h5";
  const Sample view = synthetic_particle(8, 1, 20, 28, 5).views[0];
  const auto message = [&](std::vector<std::int64_t> shape, const std::string& list) {
    write_version_1(folder.path() / "old.h5", view);
    const Hdf5File old(folder.path() / "old.h5", Hdf5File::Mode::read);
    Hdf5File file(path, Hdf5File::Mode::create);
    for (const char* name : {"images", "columns/position_px"}) {
      file.write_floats(name, old.read_floats(name), old.shape(name));
    }
    for (const char* name : {"columns/view", "columns/counts"}) {
      file.write_integers(name, old.read_integers(name), old.shape(name));
    }
    for (const char* name : {"format_version", "pixel_size_nm", "particle", "label_sigma_px"}) {
      file.write_number("/", name, old.read_number("/", name));
    }
    for (const char* name : {"elements", "seed", "options"}) file.write_text("/", name, old.read_text("/", name));
    for (const char* name : {"intensity", "view_000"}) file.write_text("images", name, old.read_text("images", name));
    std::int64_t size = 1;
    for (const std::int64_t length : shape) size *= length;
    file.write_floats("signals", std::vector<float>(std::size_t(size), 1.0F), shape);
    file.write_text("signals", "signals", list);
    file.close();
    return message_of([&] { read_particle(path); });
  };
  const std::string good = R"({"name":"MAADF","intensity":"fraction of beam","scale":0.5})";
  EXPECT_EQ(message({1, 1, 20, 28}, "[" + good + "]"), "no error");
  EXPECT_THAT(message({1, 1, 20, 28}, "[" + good + "," + good + "]"), HasSubstr("do not fit"));
  EXPECT_THAT(message({2, 1, 20, 28}, "[" + good + "]"), HasSubstr("do not fit"));
  EXPECT_THAT(message({1, 20, 28}, "[" + good + "]"), HasSubstr("do not fit"));
  EXPECT_THAT(message({1, 1, 20, 28}, "7"), HasSubstr("do not fit"));
  EXPECT_THAT(message({1, 1, 20, 28}, "[{"), HasSubstr("no JSON"));
  EXPECT_THAT(message({1, 1, 20, 28}, R"([{"name":"MAADF","scale":1}])"), HasSubstr("list of signals"));
  EXPECT_THAT(message({1, 1, 20, 28}, R"([{"name":"MAADF","intensity":"a","scale":0}])"), HasSubstr("list of signals"));
  EXPECT_THAT(message({1, 1, 20, 28}, R"([{"name":3,"intensity":"a","scale":1}])"), HasSubstr("list of signals"));
  EXPECT_THAT(message({1, 1, 20, 28}, "[7]"), HasSubstr("list of signals"));
}

TEST(Dataset, StoresTheLabelsAsHalfFloats) {
  const TemporaryFolder folder;
  const ParticleSamples written = synthetic_particle(0, 2, 20, 28, 3);
  write_particle(folder.path(), written, label_sigma_px);
  const Hdf5File file(particle_file(folder.path(), 0), Hdf5File::Mode::read);
  EXPECT_EQ(file.shape("labels"), (std::vector<std::int64_t>{2, 2, 20, 28}));
  const std::vector<float> labels = file.read_floats("labels");
  for (std::size_t v = 0; v < 2; ++v) {
    const std::vector<Image> maps = label_maps(written.views[v], written.elements, label_sigma_px);
    for (std::size_t e = 0; e < 2; ++e) {
      for (std::size_t i = 0; i < maps[e].data.size(); ++i) {
        ASSERT_NEAR(labels[(v * 2 + e) * 20 * 28 + i], maps[e].data[i], 1e-6 + maps[e].data[i] / 2000);
      }
    }
  }
}

TEST(Dataset, SameSamplesGiveTheSameBytes) {
  const TemporaryFolder one, two;
  const ParticleSamples samples = synthetic_particle(4, 2, 20, 20, 8);
  write_particle(one.path(), samples, label_sigma_px);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // times in files have a resolution of 1 s
  write_particle(two.path(), samples, label_sigma_px);
  EXPECT_EQ(sha256_file(particle_file(one.path(), 4)), sha256_file(particle_file(two.path(), 4)));
  EXPECT_EQ(dataset_fingerprint({particle_file(one.path(), 4)}), dataset_fingerprint({particle_file(two.path(), 4)}));
}

TEST(Dataset, ListsFinishedParticlesOnly) {
  const TemporaryFolder folder;
  EXPECT_THAT(message_of([&] { particle_files(folder.path()); }), HasSubstr("no dataset"));
  EXPECT_THAT(message_of([&] { particle_files(folder.path() / "none"); }), HasSubstr("no such folder"));
  write_file(folder.path() / dataset_options_file, "seed = 1\n");
  EXPECT_THAT(message_of([&] { particle_files(folder.path()); }), HasSubstr("no finished particle"));
  for (const int particle : {12, 3, 100}) {
    write_particle(folder.path(), synthetic_particle(particle, 1, 16, 16, 1), label_sigma_px);
  }
  write_file(folder.path() / ".particle_000007.h5.partial-33", "half");
  write_file(folder.path() / "particle_0000x7.h5", "other");
  const auto files = particle_files(folder.path());
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].filename(), "particle_000003.h5");
  EXPECT_EQ(files[2].filename(), "particle_000100.h5");
  EXPECT_NE(dataset_fingerprint(files), dataset_fingerprint({files[0], files[1]}));
  EXPECT_EQ(dataset_fingerprint(files), dataset_fingerprint({files[2], files[1], files[0]}));
}

TEST(Dataset, RefusesBadSamples) {
  const TemporaryFolder folder;
  const auto message = [&](const std::function<void(ParticleSamples&)>& spoil, double sigma = 1.5) {
    ParticleSamples samples = synthetic_particle(0, 2, 16, 16, 1);
    spoil(samples);
    return message_of([&] { write_particle(folder.path(), samples, sigma); });
  };
  EXPECT_THAT(message([](ParticleSamples& s) { s.views.clear(); }), HasSubstr("no views"));
  EXPECT_THAT(message([](ParticleSamples& s) { s.elements.clear(); }), HasSubstr("no elements"));
  EXPECT_THAT(message([](ParticleSamples& s) { s.views[1].image = Image(16, 20, 0.05); }), HasSubstr("differ in size"));
  EXPECT_THAT(message([](ParticleSamples& s) { s.views[0].image.pixel_size_nm = 0; }), HasSubstr("pixel size"));
  EXPECT_THAT(message([](ParticleSamples& s) { s.views[1].columns[0].counts = {1}; }), HasSubstr("1 counts for 2"));
  EXPECT_THAT(message([](ParticleSamples& s) { s.views[0].image.data[5] = NAN; }), HasSubstr("NaN"));
  EXPECT_THAT(message([](ParticleSamples&) {}, -1), HasSubstr("sigma"));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Dataset, RefusesBadFiles) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "particle_000000.h5";
  EXPECT_THAT(message_of([&] { read_particle(path); }), HasSubstr("particle_000000.h5"));
  write_file(path, "this is no HDF5 file");
  EXPECT_THAT(message_of([&] { read_particle(path); }), HasSubstr("particle_000000.h5"));
  {
    Hdf5File file(path, Hdf5File::Mode::create);
    file.write_floats("images", {1, 2}, {2});
    file.close();
  }
  EXPECT_THAT(message_of([&] { read_particle(path); }), HasSubstr("no particle of a dataset"));
  {
    Hdf5File file(path, Hdf5File::Mode::create);
    file.write_integers("columns/counts", {1, 2}, {1, 2});
    file.write_number("/", "format_version", 99);
    file.close();
  }
  EXPECT_THAT(message_of([&] { read_particle(path); }), HasSubstr("format 99"));
}

TEST(Dataset, ATruncatedFileIsAnErrorWhereverItEnds) {
  const TemporaryFolder folder;
  write_particle(folder.path(), synthetic_particle(0, 2, 16, 16, 1), label_sigma_px);
  const std::string bytes = read_file(particle_file(folder.path(), 0));
  const auto path = folder.path() / "cut.h5";
  for (int part = 1; part < 20; ++part) {
    write_file(path, std::string_view(bytes).substr(0, bytes.size() * part / 20));
    EXPECT_THAT(message_of([&] { read_particle(path); }), HasSubstr("cut.h5")) << part;
  }
}

}  // namespace
}  // namespace colonnade
