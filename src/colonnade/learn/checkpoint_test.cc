// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/checkpoint.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/learn/synthetic_samples.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;

Checkpoint sample_checkpoint() {
  Checkpoint checkpoint;
  checkpoint.epochs_done = 3;
  checkpoint.steps = 123456789012;
  checkpoint.best_loss = 0.1;
  checkpoint.best_epoch = 2;
  checkpoint.run = {{"seed", 4}, {"data", "abc"}};
  checkpoint.tensors = {{"a.weight", at::arange(6).to(at::kFloat).view({2, 3}) / 7}, {"b", at::ones({4})}};
  return checkpoint;
}

TEST(Checkpoint, ReadsBackWhatWasWritten) {
  const TemporaryFolder folder;
  const Checkpoint written = sample_checkpoint();
  Checkpoint read;
  read.run = written.run;
  read.tensors = {{"a.weight", at::zeros({2, 3})}, {"b", at::zeros({4})}};
  EXPECT_FALSE(read_checkpoint(folder.path(), read));
  write_checkpoint(folder.path(), written);
  ASSERT_TRUE(read_checkpoint(folder.path(), read));
  EXPECT_EQ(read.epochs_done, 3);
  EXPECT_EQ(read.steps, 123456789012);
  EXPECT_EQ(read.best_loss, 0.1);
  EXPECT_EQ(read.best_epoch, 2);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_TRUE(at::equal(read.tensors[i].second, written.tensors[i].second));
}

TEST(Checkpoint, RefusesAnotherRunAndSaysWhy) {
  const TemporaryFolder folder;
  Checkpoint checkpoint = sample_checkpoint();
  write_checkpoint(folder.path(), checkpoint);
  const auto message = [&] {
    try {
      read_checkpoint(folder.path(), checkpoint);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(message(), "no error");
  checkpoint.run["seed"] = 5;
  EXPECT_THAT(message(), HasSubstr("another seed (4, now 5); give another work folder, or delete"));
  checkpoint.run = {{"seed", 4}, {"data", "abc"}, {"batch", 2}};
  EXPECT_THAT(message(), HasSubstr("another batch (null, now 2)"));
  checkpoint = sample_checkpoint();
  checkpoint.tensors[1].second = at::ones({5});
  EXPECT_THAT(message(), HasSubstr("b is missing or of another shape"));
  write_file(checkpoint_file(folder.path()), "no HDF5");
  EXPECT_THAT(message(), HasSubstr("checkpoint.h5"));
}

TEST(Checkpoint, TheLogEndsWithTheLastEpochKept) {
  const TemporaryFolder folder;
  const auto log = folder.path() / "log.jsonl";
  truncate_log(log, 3);
  EXPECT_FALSE(std::filesystem::exists(log));
  for (int epoch = 1; epoch <= 4; ++epoch) append_log(log, {{"epoch", epoch}, {"train_loss", 1.0 / epoch}});
  write_file(log, read_file(log) + "{\"epoch\": 5, \"tra");
  truncate_log(log, 3);
  EXPECT_EQ(read_file(log),
            "{\"epoch\":1,\"train_loss\":1.0}\n{\"epoch\":2,\"train_loss\":0.5}\n"
            "{\"epoch\":3,\"train_loss\":0.3333333333333333}\n");
}

}  // namespace
}  // namespace colonnade
