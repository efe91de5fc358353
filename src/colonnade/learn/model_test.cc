// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/model.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/file.h"
#include "colonnade/core/test_errors.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/image/hdf5_file.h"
#include "colonnade/learn/network.h"
#include "colonnade/learn/synthetic_samples.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;

Model small_model(const std::vector<std::string>& elements, std::uint64_t seed = 3) {
  auto network = std::make_unique<Model::Network>();
  network->layers = std::make_shared<ElementNetwork>(std::vector<int>{8, 8, 16}, static_cast<int>(elements.size()));
  Random random(seed);
  network->layers->initialise(random);
  const torch::NoGradGuard no_gradient;
  for (auto& [name, weight] : named_weights(*network->layers)) {  // as after training: nothing is exactly 0 or 1
    if (weight.dim() == 1) weight += 0.1 * torch::rand({weight.size(0)});
    if (name == "output.bias") weight += 1;
  }
  Model model(std::move(network));
  model.record.elements = elements;
  model.record.pixel_size_nm = 0.05;
  model.record.widths = {8, 8, 16};
  model.record.label_sigma_px = 1.5;
  model.record.options = {{"training", {{"epochs", 3}}}};
  model.record.data_fingerprint = "abc";
  model.record.seed = 0xFFFFFFFFFFFFFFF0ULL;
  model.record.epochs = 7;
  model.record.scores = {{"mean_r2", 0.5}};
  model.record.count_errors = {{{0.1, 0.2}}, {{0.3}}};
  model.record.version = "0.1.0";
  return model;
}

Image test_image(int height, int width) {
  Random random(11);
  return testing::synthetic_sample(height, width, random).image;
}

double largest_difference(const std::vector<Image>& a, const std::vector<Image>& b) {
  double largest = 0;
  for (std::size_t e = 0; e < a.size(); ++e) {
    for (std::size_t i = 0; i < a[e].data.size(); ++i) {
      largest = std::max(largest, std::abs(double(a[e].data[i]) - b[e].data[i]));
    }
  }
  return largest;
}

TEST(Model, LoadedPredictsTheSame) {
  const TemporaryFolder folder;
  const Model model = small_model({"Pt", "Ni"});
  const Image image = test_image(40, 56);
  const std::vector<Image> maps = model.predict(image);
  ASSERT_EQ(maps.size(), 2U);
  EXPECT_EQ(maps[1].title, "Ni");
  EXPECT_EQ(maps[1].intensity, "atoms");
  EXPECT_EQ(maps[1].height, 40);
  EXPECT_EQ(maps[1].width, 56);
  EXPECT_GT(extremes(maps[0]).high, extremes(maps[0]).low);
  model.save(folder.path() / "full.h5", false);
  model.save(folder.path() / "half.h5");
  const Model full = Model::load(folder.path() / "full.h5");
  EXPECT_LT(largest_difference(maps, full.predict(image)), 1e-4);  // other order of the axes in memory
  EXPECT_EQ(to_json(full.record), to_json(model.record));
  const double difference = largest_difference(maps, Model::load(folder.path() / "half.h5").predict(image));
  EXPECT_GT(difference, 0);
  EXPECT_LT(difference, 0.02 * extremes(maps[0]).high);
  EXPECT_LT(std::filesystem::file_size(folder.path() / "half.h5"),
            std::filesystem::file_size(folder.path() / "full.h5"));
}

TEST(Model, TilesGiveWhatTheWholeGives) {
  const Model model = small_model({"Pt"});
  const Image image = test_image(203, 331);
  const std::vector<Image> whole = model.predict(image);
  EXPECT_LT(largest_difference(whole, model.predict(image, 160)), 1e-4);
  EXPECT_LT(largest_difference(whole, model.predict(image, 64)), 1e-4);  // smaller than the overlaps
}

TEST(Model, AnySizeFromSixteenPixels) {
  const Model model = small_model({"Pt"});
  for (const auto& [height, width] : {std::pair{16, 16}, {17, 31}, {16, 203}}) {
    const std::vector<Image> maps = model.predict(test_image(height, width));
    EXPECT_EQ(maps[0].height, height);
    EXPECT_EQ(maps[0].width, width);
    EXPECT_EQ(maps[0].data.size(), std::size_t(height) * width);
    EXPECT_GE(extremes(maps[0]).low, 0);
  }
}

TEST(Model, PaddingMirrorsTheImage) {
  Model model = small_model({"Pt"});
  model.record.normalisation = "beam";
  const Image image = test_image(25, 26);  // padded to 28 x 28
  Image extended(28, 28, 0.05);
  extended.intensity = "fraction of beam";
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 28; ++x) extended.at(y, x) = image.at(y < 25 ? y : 48 - y, x < 26 ? x : 50 - x);
  }
  const Image expected = crop(model.predict(extended)[0], 0, 0, 25, 26);
  EXPECT_LT(largest_difference({expected}, model.predict(image)), 1e-6);
}

TEST(Model, BeamNormalisationIsAffineAndWantsFractions) {
  ModelRecord record;
  record.normalisation = "beam";
  record.intensity_mean = 0.05;
  record.intensity_deviation = 0.02;
  Image image = test_image(16, 16);
  const Image result = normalised(image, record);
  EXPECT_NEAR(result.data[7], (image.data[7] - 0.05) / 0.02, 1e-4);
  EXPECT_EQ(result.intensity, "normalised");
  image.intensity = "counts";
  EXPECT_THAT(message_of([&] { normalised(image, record); }), HasSubstr("fractions of the incident beam"));
}

TEST(Model, RefusesImagesItCannotRead) {
  const Model model = small_model({"Pt"});
  EXPECT_THAT(message_of([&] { model.predict(test_image(15, 40)); }), HasSubstr("at least 16 px"));
  Image image = test_image(32, 32);
  image.pixel_size_nm = 0.0512;
  EXPECT_THAT(message_of([&] { model.predict(image); }), HasSubstr("resample"));
  image.pixel_size_nm = 0;
  EXPECT_THAT(message_of([&] { model.predict(image); }), HasSubstr("resample"));
  image.pixel_size_nm = 0.0505;
  EXPECT_EQ(model.predict(image).size(), 1U);
  image.data[3] = NAN;
  EXPECT_THAT(message_of([&] { model.predict(image); }), HasSubstr("NaN"));
}

TEST(Model, RefusesFilesOfAnotherKindOrFormat) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "model.h5";
  EXPECT_THAT(message_of([&] { Model::load(path); }), HasSubstr("model.h5"));
  write_file(path, "no HDF5");
  EXPECT_THAT(message_of([&] { Model::load(path); }), HasSubstr("model.h5"));
  const auto write = [&](double format, const nlohmann::json& record) {
    Hdf5File file(path, Hdf5File::Mode::create);
    file.write_floats("weights/output.bias", {1, 2}, {2});
    file.write_number("/", "format_version", format);
    file.write_text("/", "record", record.dump());
    file.close();
  };
  nlohmann::json record = to_json(small_model({"Pt", "Ni"}).record);
  write(2, record);
  EXPECT_THAT(message_of([&] { Model::load(path); }), HasSubstr("a model of format 2, this program reads format 1"));
  write(1, record);
  EXPECT_THAT(message_of([&] { Model::load(path); }), HasSubstr("lacks the weights"));
  record["elements"] = {"Pt"};
  record.erase("widths");
  write(1, record);
  EXPECT_THAT(message_of([&] { Model::load(path); }), HasSubstr("has no widths"));
  record["widths"] = "wide";
  write(1, record);
  EXPECT_THAT(message_of([&] { Model::load(path); }), HasSubstr("of the wrong kind"));
  record["widths"] = {8, 8};
  record["normalisation"] = "magic";
  write(1, record);
  EXPECT_THAT(message_of([&] { Model::load(path); }), HasSubstr("\"magic\""));
}

TEST(Model, RefusesWeightsOfAnotherShape) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "model.h5";
  Model model = small_model({"Pt", "Ni"});
  model.record.widths = {8, 8, 24};
  model.save(path);
  EXPECT_THAT(message_of([&] { Model::load(path); }), HasSubstr("do not have the shape"));
}

TEST(Model, ATruncatedFileIsAnErrorWhereverItEnds) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "model.h5";
  small_model({"Pt"}).save(path);
  const std::string bytes = read_file(path);
  for (int part = 1; part < 16; ++part) {
    write_file(path, std::string_view(bytes).substr(0, bytes.size() * part / 16));
    EXPECT_THAT(message_of([&] { Model::load(path); }), HasSubstr("model.h5")) << part;
  }
}

TEST(Model, CountErrorsServeAllCounts) {
  const CountError error{{0.1, 0.5, 0.9}};
  EXPECT_EQ(error.at(-1), 0.1);
  EXPECT_EQ(error.at(0.4), 0.1);
  EXPECT_EQ(error.at(1.4), 0.5);
  EXPECT_EQ(error.at(30), 0.9);
  EXPECT_EQ(CountError{}.at(3), 0);
}

TEST(FindModel, TakesTheBestForExactlyTheElements) {
  const TemporaryFolder folder;
  const auto save = [&](const char* name, const std::vector<std::string>& elements, double r2) {
    Model model = small_model(elements);
    model.record.scores = r2 > 0 ? nlohmann::json{{"mean_r2", r2}} : nlohmann::json();
    model.save(folder.path() / name);
  };
  save("a.h5", {"Pt", "Ni"}, 0.3);
  save("b.h5", {"Ni", "Pt"}, 0.6);
  save("c.h5", {"Ni", "Pt", "Co"}, 0.9);
  save("d.h5", {"Pt", "Ni"}, 0);
  write_file(folder.path() / "broken.h5", "no HDF5");
  write_file(folder.path() / "notes.txt", "no model");
  const auto missing = folder.path() / "none";
  EXPECT_EQ(find_model({missing, folder.path()}, {"Pt", "Ni"}).filename(), "b.h5");
  EXPECT_EQ(find_model({folder.path()}, {"Co", "Pt", "Ni"}).filename(), "c.h5");
  EXPECT_TRUE(find_model({folder.path()}, {"Pt"}).empty());
  EXPECT_TRUE(find_model({missing}, {"Pt"}).empty());
  EXPECT_EQ(read_model_record(folder.path() / "c.h5").elements, (std::vector<std::string>{"Ni", "Pt", "Co"}));
}

}  // namespace
}  // namespace colonnade
