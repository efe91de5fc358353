// SPDX-License-Identifier: GPL-3.0-or-later
// Training in processes of their own: several that train one network, and one that is killed.
#include <algorithm>
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/image/hdf5_file.h"
#include "colonnade/learn/synthetic_samples.h"
#include "colonnade/learn/training.h"
#include "colonnade/learn/training_worker.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;
using testing::WorkerJob;

TrainingOptions quick_options() {
  TrainingOptions options;
  options.widths = {4, 8};
  options.epochs = 2;
  options.batch = 4;
  options.learning_rate = 3e-4;
  options.test_fraction = 0.25;
  options.dose_per_A2 = 1e5;
  options.device = "cpu";
  return options;
}

/// The model of the process of that rank, weights in full precision.
std::filesystem::path model_of(const std::filesystem::path& work, int rank) {
  return work / ("model_" + std::to_string(rank) + ".h5");
}

TEST(TrainingWorker, DISABLED_Trains) {
  const char* dataset = std::getenv("COLONNADE_WORKER_DATASET");
  const char* folder = std::getenv("COLONNADE_WORKER_FOLDER");
  const char* texts = std::getenv("COLONNADE_WORKER_OPTIONS");
  if (dataset == nullptr || folder == nullptr || texts == nullptr) GTEST_SKIP() << "started by other tests only";
  const ProcessGroup group = process_group();
  // A folder of its own for each rank: only the first may need the work folder.
  const std::filesystem::path work = group.rank == 0 ? std::filesystem::path(folder) : "/nonexistent/folder";
  TrainingOptions options;
  OptionTable table;
  options.describe(table);
  table.from_json(nlohmann::json::parse(texts));
  const Model model = train(dataset, options, work, {}, group);
  model.save(model_of(folder, group.rank), false);
}

/// Starts `size` processes as torchrun would; returns their exit codes.
std::vector<int> run_group(WorkerJob job, int size) {
  const int port = testing::free_port();
  std::vector<pid_t> processes;
  const std::vector<std::string> own = job.environment;
  for (int rank = 0; rank < size; ++rank) {
    job.environment = own;
    const auto add = [&](const std::string& name, int value) {
      job.environment.push_back(name + "=" + std::to_string(value));
    };
    add("RANK", rank);
    add("WORLD_SIZE", size);
    add("LOCAL_RANK", rank);
    add("LOCAL_WORLD_SIZE", size);
    add("MASTER_PORT", port);
    job.environment.emplace_back("MASTER_ADDR=127.0.0.1");
    processes.push_back(testing::start_worker(job));
  }
  std::vector<int> codes;
  for (const pid_t process : processes) codes.push_back(testing::wait_for_worker(process));
  return codes;
}

double largest_difference(const std::filesystem::path& one, const std::filesystem::path& other) {
  const Hdf5File first(one, Hdf5File::Mode::read), second(other, Hdf5File::Mode::read);
  double largest = 0;
  std::size_t values = 0;
  for (const std::string& name : first.members("weights")) {
    const auto a = first.read_floats("weights/" + name), b = second.read_floats("weights/" + name);
    EXPECT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, double(std::abs(a[i] - b[i])));
    values += a.size();
  }
  EXPECT_GT(values, 1000U);
  return largest;
}

class TrainingProcesses : public ::testing::Test {
 protected:
  void SetUp() override { testing::write_synthetic_dataset(data_.path(), 4, 3, 24); }
  void train_alone(const TrainingOptions& options) {
    train(data_.path(), options, alone_.path()).save(model_of(alone_.path(), 0), false);
  }
  TemporaryFolder data_, alone_, together_;
};

nlohmann::json last_line(const std::filesystem::path& work) {
  const std::string text = read_file(work / "log.jsonl");
  return nlohmann::json::parse(text.substr(text.rfind('\n', text.size() - 2) + 1));
}

// Nine training samples in batches of four: the last has one, so that a process has nothing to do there. Rounding is
// not the same, and Adam's steps are as long for a gradient that is nearly nothing: equal to within a part of a step.
TEST_F(TrainingProcesses, TwoGiveTheWeightsOfOne) {
  const TrainingOptions options = quick_options();
  train_alone(options);
  ASSERT_THAT(run_group({data_.path(), together_.path(), options, {}}, 2), ::testing::Each(0));
  EXPECT_EQ(sha256_file(model_of(together_.path(), 0)), sha256_file(model_of(together_.path(), 1)));
  EXPECT_LT(largest_difference(model_of(together_.path(), 0), model_of(alone_.path(), 0)), 1e-4);
  const auto one = last_line(alone_.path()), two = last_line(together_.path());
  EXPECT_EQ(two["epoch"], 2);
  for (const char* loss : {"train_loss", "test_loss"}) {
    EXPECT_NEAR(two[loss].get<double>() / one[loss].get<double>(), 1, 1e-4) << loss;
  }
  for (const char* scores : {"r2", "train_r2"}) {
    EXPECT_NEAR(two[scores]["Pt"].get<double>(), one[scores]["Pt"].get<double>(), 1e-3) << scores;
  }
}

/// Lines of the log so far.
std::ptrdiff_t epochs_logged(const std::filesystem::path& work) {
  if (!std::filesystem::exists(work / "log.jsonl")) return 0;
  const std::string text = read_file(work / "log.jsonl");
  return std::count(text.begin(), text.end(), '\n');
}

TEST_F(TrainingProcesses, KilledAtAnyMomentItEndsWithTheSameBytes) {
  TrainingOptions options = quick_options();
  options.epochs = 24;
  options.keep_best = true;
  options.schedule = "cosine";
  train_alone(options);
  const WorkerJob job{data_.path(), together_.path(), options, {}};
  const pid_t process = testing::start_worker(job);
  while (epochs_logged(together_.path()) < 3) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  kill(process, SIGKILL);
  ASSERT_EQ(testing::wait_for_worker(process), 128 + SIGKILL) << "it ended before it could be killed";
  ASSERT_LT(epochs_logged(together_.path()), options.epochs);
  ASSERT_EQ(testing::wait_for_worker(testing::start_worker(job)), 0);
  EXPECT_EQ(sha256_file(model_of(together_.path(), 0)), sha256_file(model_of(alone_.path(), 0)));
  EXPECT_EQ(epochs_logged(together_.path()), options.epochs);
  EXPECT_EQ(last_line(together_.path())["r2"], last_line(alone_.path())["r2"]);
}

}  // namespace
}  // namespace colonnade
