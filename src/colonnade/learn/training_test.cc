// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/training.h"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/learn/synthetic_samples.h"
#include "colonnade/learn/training_data.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;

TrainingOptions quick_options() {
  TrainingOptions options;
  options.widths = {8, 8, 16};
  options.epochs = 4;
  options.batch = 3;
  options.test_fraction = 0.34;
  options.dose_per_A2 = 1e5;
  options.device = "cpu";
  return options;
}

std::vector<nlohmann::json> log_lines(const std::filesystem::path& work_folder) {
  std::istringstream stream(read_file(work_folder / "log.jsonl"));
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

std::string weights_hash(const Model& model, const std::filesystem::path& folder) {
  model.save(folder / "model.h5", false);
  return sha256_file(folder / "model.h5");
}

class Training : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    data_ = new TemporaryFolder;
    testing::write_synthetic_dataset(data_->path(), 3, 2, 32);
  }
  static void TearDownTestSuite() {
    delete data_;
    data_ = nullptr;
  }
  static std::string trained(const TrainingOptions& options, const std::filesystem::path& work,
                             const std::function<bool(int)>& stop = {}) {
    return weights_hash(train(data_->path(), options, work, stop), work);
  }
  static std::string message_of(const TrainingOptions& options, const std::filesystem::path& work) {
    try {
      train(data_->path(), options, work);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
  static inline TemporaryFolder* data_ = nullptr;
};

TEST_F(Training, SameSeedSameBytes) {
  const TemporaryFolder one, two, three;
  TrainingOptions options = quick_options();
  const std::string first = trained(options, one.path());
  EXPECT_EQ(trained(options, two.path()), first);
  options.seed = 2;
  EXPECT_NE(trained(options, three.path()), first);
}

TEST_F(Training, SameSeedSameBytesOnTwoThreads) {
  const TemporaryFolder one, two;
  TrainingOptions options = quick_options();
  options.epochs = 1;
  set_thread_count(2);
  const std::string first = trained(options, one.path());
  const std::string second = trained(options, two.path());
  set_thread_count(1);
  EXPECT_EQ(first, second);
}

TEST_F(Training, AKilledRunEndsWithTheSameWeights) {
  for (const char* schedule : {"constant", "cosine"}) {
    const TemporaryFolder whole, parts;
    TrainingOptions options = quick_options();
    options.schedule = schedule;
    options.keep_best = true;
    const std::string expected = trained(options, whole.path());
    trained(options, parts.path(), [](int epochs) { return epochs == 1; });
    // Killed between the log and the checkpoint of the second epoch, in the middle of a line.
    write_file(parts.path() / "log.jsonl",
               read_file(parts.path() / "log.jsonl") + "{\"epoch\":2,\"train_loss\":0.5}\n{\"epoch\":3,");
    EXPECT_THROW(trained(options, parts.path(),
                         [](int epochs) -> bool {
                           if (epochs == 3) throw std::runtime_error("killed");
                           return false;
                         }),
                 std::runtime_error);
    EXPECT_EQ(trained(options, parts.path()), expected) << schedule;
    const auto lines = log_lines(parts.path()), all = log_lines(whole.path());
    ASSERT_EQ(lines.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(lines[i]["epoch"], int(i) + 1);
      EXPECT_EQ(lines[i]["train_loss"], all[i]["train_loss"]);
      EXPECT_EQ(lines[i]["test_loss"], all[i]["test_loss"]);
      EXPECT_EQ(lines[i]["r2"], all[i]["r2"]);
    }
    EXPECT_EQ(trained(options, parts.path()), expected);  // nothing left to do
  }
}

TEST_F(Training, EndsWhenPatienceDoes) {
  const TemporaryFolder whole, parts;
  TrainingOptions options = quick_options();
  options.learning_rate = 0.3;  // throws the weights about, so that some epoch is the best for long
  options.epochs = 30;
  options.patience = 3;
  const std::string expected = trained(options, whole.path());
  const auto lines = log_lines(whole.path());
  std::size_t best = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i]["test_loss"] < lines[best]["test_loss"]) best = i;
  }
  ASSERT_LT(lines.size(), 30U);
  EXPECT_EQ(lines.size(), best + 4);
  trained(options, parts.path(), [&](int epochs) { return epochs == static_cast<int>(best) + 2; });
  EXPECT_EQ(trained(options, parts.path()), expected);
  EXPECT_EQ(trained(options, parts.path()), expected);  // nothing left to do
  EXPECT_EQ(log_lines(parts.path()).size(), lines.size());
  options.patience = 4;  // more patience goes on from there
  trained(options, parts.path());
  EXPECT_GT(log_lines(parts.path()).size(), lines.size());
}

TEST_F(Training, MoreEpochsGoOnFewerDoNot) {
  const TemporaryFolder whole, parts;
  TrainingOptions options = quick_options();
  const std::string expected = trained(options, whole.path());
  options.epochs = 2;
  trained(options, parts.path());
  options.epochs = 4;
  const Model model = train(data_->path(), options, parts.path());
  EXPECT_EQ(model.record.epochs, 4);
  EXPECT_EQ(weights_hash(model, parts.path()), expected);
  options.epochs = 3;
  EXPECT_THAT(message_of(options, parts.path()), HasSubstr("4 epochs are done there, more than the 3"));
}

TEST_F(Training, RefusesACheckpointOfAnotherRun) {
  const TemporaryFolder work;
  TrainingOptions options = quick_options();
  options.epochs = 1;
  trained(options, work.path());
  options.learning_rate = 5e-4;
  EXPECT_THAT(message_of(options, work.path()), HasSubstr("another learning_rate (0.001, now 0.0005)"));
  options.learning_rate = 1e-3;
  const TemporaryFolder other;
  testing::write_synthetic_dataset(other.path(), 4, 2, 32);
  EXPECT_THROW(train(other.path(), options, work.path()), Error);
}

TEST_F(Training, RecordsWhatItWasMadeWith) {
  const TemporaryFolder work;
  TrainingOptions options = quick_options();
  options.epochs = 1;
  options.normalisation = "beam";
  const Model model = train(data_->path(), options, work.path());
  EXPECT_EQ(model.record.elements, (std::vector<std::string>{"Pt", "Ni"}));
  EXPECT_EQ(model.record.pixel_size_nm, 0.05);
  EXPECT_EQ(model.record.label_sigma_px, testing::label_sigma_px);
  EXPECT_EQ(model.record.widths, (std::vector<int>{8, 8, 16}));
  EXPECT_EQ(model.record.options["dataset"]["kind"], "synthetic");
  EXPECT_EQ(model.record.options["training"]["training.batch"], 3);
  EXPECT_EQ(model.record.data_fingerprint.size(), 64U);
  EXPECT_GT(model.record.intensity_mean, 0.02);
  EXPECT_GT(model.record.intensity_deviation, 0.01);
  const auto lines = log_lines(work.path());
  ASSERT_EQ(lines.size(), 1U);
  for (const char* field : {"epoch", "train_loss", "test_loss", "r2", "train_r2", "seconds", "learning_rate"}) {
    EXPECT_TRUE(lines[0].contains(field)) << field;
  }
  EXPECT_TRUE(lines[0]["r2"]["Pt"].is_number());
  EXPECT_TRUE(lines[0]["train_r2"]["Ni"].is_number());
}

TEST_F(Training, CropsAndRefusesCropsThatAreTooLarge) {
  const TemporaryFolder work;
  TrainingOptions options = quick_options();
  options.epochs = 1;
  options.crop_px = 16;
  EXPECT_EQ(message_of(options, work.path()), "no error");
  options.crop_px = 64;
  const TemporaryFolder other;
  EXPECT_THAT(message_of(options, other.path()), HasSubstr("crop_px is 64, but the images are 32 x 32"));
}

TEST_F(Training, BatchesDependOnSeedEpochAndSampleOnly) {
  const TrainingOptions options = quick_options();
  const TrainingData data = read_training_data(split_particles(particle_files(data_->path()), 0, 1));
  ASSERT_EQ(data.training.size(), 6U);
  ModelRecord record;
  record.elements = data.elements;
  record.label_sigma_px = data.label_sigma_px;
  const Random random(4);
  const std::vector<std::int64_t> three{0, 5, 2}, one{2};
  const Batch together = training_batch(data.training, three, options, record, random);
  const Batch alone = training_batch(data.training, one, options, record, random);
  const std::size_t pixels = 32 * 32;
  ASSERT_EQ(alone.images.size(), pixels);
  ASSERT_EQ(together.labels.size(), 3 * 2 * pixels);
  EXPECT_TRUE(std::equal(alone.images.begin(), alone.images.end(), together.images.begin() + 2 * pixels));
  EXPECT_TRUE(std::equal(alone.labels.begin(), alone.labels.end(), together.labels.begin() + 4 * pixels));
  EXPECT_NE(training_batch(data.training, one, options, record, Random(5)).images, alone.images);
}

TEST_F(Training, SplitByImageHasParticlesOnBothSides) {
  const TemporaryFolder folder;
  testing::write_synthetic_dataset(folder.path(), 4, 5, 32);
  TrainingOptions options = quick_options();
  options.test_fraction = 0.4;
  options.split_by_image = true;
  const auto files = particle_files(folder.path());
  const TrainingData data = read_training_data(files, options);
  const auto held_out = held_out_images(20, 0.4, options.seed);
  ASSERT_EQ(data.test.size(), 8U);
  ASSERT_EQ(data.training.size(), 12U);
  std::size_t image = 0, in_test = 0, in_training = 0;
  int on_both_sides = 0;
  for (const auto& file : files) {
    int out = 0;
    const ParticleSamples particle = read_particle(file);
    for (const Sample& view : particle.views) {
      out += held_out[image];
      const Sample& kept = held_out[image++] ? data.test[in_test++] : data.training[in_training++];
      EXPECT_EQ(kept.image.data, view.image.data);
    }
    on_both_sides += out > 0 && out < 5;
  }
  EXPECT_GT(on_both_sides, 0);
}

TEST(TrainingFit, LearnsFourImagesByHeart) {
  const TemporaryFolder data, work;
  testing::write_synthetic_dataset(data.path(), 1, 4, 48);
  TrainingOptions options;
  options.widths = {8, 16, 16};
  options.epochs = 120;
  options.batch = 4;
  options.learning_rate = 1e-2;
  options.schedule = "cosine";
  options.test_fraction = 0;
  options.contrast = options.illumination = options.blur_px = 0;
  options.rotation = false;
  options.device = "cpu";
  const Model model = train(data.path(), options, work.path());
  const auto lines = log_lines(work.path());
  EXPECT_LT(lines.back()["train_loss"].get<double>(), lines.front()["train_loss"].get<double>() / 50);
  const ParticleSamples particle = read_particle(particle_file(data.path(), 0));
  for (std::size_t e = 0; e < 2; ++e) {
    double count = 0, sum = 0, squares = 0, residuals = 0;
    for (const Sample& view : particle.views) {
      const Image map = model.predict(view.image)[e];
      for (const LabelledColumn& column : view.columns) {
        const double truth = column.counts[e];
        const double predicted = map.at(int(std::lround(column.y_px)), int(std::lround(column.x_px)));
        count += 1;
        sum += truth;
        squares += truth * truth;
        residuals += (truth - predicted) * (truth - predicted);
      }
    }
    EXPECT_GT(1 - residuals / (squares - sum * sum / count), 0.95) << e;
  }
}

}  // namespace
}  // namespace colonnade
