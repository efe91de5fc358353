// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/process_group.h"

#include <gtest/gtest.h>
#include <map>
#include <string>
#include <thread>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

ProcessGroup of(const std::map<std::string, std::string>& variables) {
  return process_group([&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

void expect_is(const ProcessGroup& group, int rank, int size, int local_rank, int local_size) {
  EXPECT_EQ(group.rank, rank);
  EXPECT_EQ(group.size, size);
  EXPECT_EQ(group.local_rank, local_rank);
  EXPECT_EQ(group.local_size, local_size);
}

TEST(ProcessGroup, EveryStarter) {
  expect_is(of({}), 0, 1, 0, 1);
  expect_is(of({{"RANK", "5"}, {"WORLD_SIZE", "8"}, {"LOCAL_RANK", "1"}, {"LOCAL_WORLD_SIZE", "4"}}), 5, 8, 1, 4);
  expect_is(of({{"OMPI_COMM_WORLD_RANK", "2"}, {"OMPI_COMM_WORLD_SIZE", "3"}}), 2, 3, 0, 1);
  expect_is(of({{"PMI_RANK", "0"}, {"PMI_SIZE", "2"}, {"MPI_LOCALRANKID", "0"}, {"MPI_LOCALNRANKS", "2"}}), 0, 2, 0, 2);
  expect_is(of({{"SLURM_PROCID", "7"}, {"SLURM_NTASKS", "8"}, {"SLURM_LOCALID", "3"}}), 7, 8, 3, 4);
}

TEST(ProcessGroup, TheInnermostStarterCounts) {
  expect_is(of({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "1"}, {"RANK", "1"}, {"WORLD_SIZE", "2"}}), 1, 2, 0, 1);
  expect_is(of({{"RANK", "1"}}), 0, 1, 0, 1);
}

TEST(ProcessGroup, NonsenseIsRefused) {
  EXPECT_THROW(of({{"RANK", "two"}, {"WORLD_SIZE", "4"}}), Error);
  EXPECT_THROW(of({{"RANK", "-1"}, {"WORLD_SIZE", "4"}}), Error);
  EXPECT_THROW(of({{"RANK", "4"}, {"WORLD_SIZE", "4"}}), Error);
}

TEST(ProcessGroup, CoresAreShared) {
  ProcessGroup group;
  const int alone = threads_per_process(group);
  EXPECT_EQ(alone, std::max(1, int(std::thread::hardware_concurrency())));
  group.local_size = 1000000;
  EXPECT_LE(threads_per_process(group), alone);
  EXPECT_GE(threads_per_process(group), 1);
}

}  // namespace
}  // namespace colonnade
