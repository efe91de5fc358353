// SPDX-License-Identifier: GPL-3.0-or-later
// What several real processes do together is in training_process_test.cc.
#include "colonnade/learn/collective.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <thread>

#include "colonnade/core/test_errors.h"
#include "colonnade/learn/collective_threads.h"

namespace colonnade {
namespace {

using ::testing::HasSubstr;
using Environment = std::map<std::string, std::string>;

MeetingPoint meeting(const ProcessGroup& group, const Environment& environment) {
  return meeting_point(group, [&](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  });
}

TEST(MeetingPoint, IsWhereTheEnvironmentSays) {
  const ProcessGroup local{1, 4, 1, 4}, far{1, 4, 0, 1};
  const MeetingPoint usual = meeting(local, {});
  EXPECT_EQ(usual.address, "127.0.0.1");
  EXPECT_EQ(usual.port, 29500);
  EXPECT_FALSE(usual.hosted);
  const MeetingPoint torchrun = meeting(far, {{"MASTER_ADDR", "node7"},
                                              {"MASTER_PORT", "1234"},
                                              {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                                              {"TORCHELASTIC_RESTART_COUNT", "2"}});
  EXPECT_EQ(torchrun.address, "node7");
  EXPECT_EQ(torchrun.port, 1234);
  EXPECT_TRUE(torchrun.hosted);
  EXPECT_EQ(torchrun.prefix, "/2");
  EXPECT_THAT(message_of([&] { meeting(far, {}); }), HasSubstr("set MASTER_ADDR"));
  for (const char* port : {"", "x", "0", "70000", "12a"}) {
    EXPECT_THAT(message_of([&] { meeting(local, {{"MASTER_PORT", port}}); }), HasSubstr("MASTER_PORT is"));
  }
}

TEST(Collective, OneAloneNeedsNone) { EXPECT_EQ(join_processes({}, {}, at::kCPU), nullptr); }

TEST(Collective, AllFailWhereOneDiffers) {
  testing::CollectiveThreads threads(3);
  std::string messages[2][3];
  std::vector<std::thread> processes;
  for (int rank = 0; rank < 3; ++rank) {
    processes.emplace_back([&, rank] {
      testing::CollectiveThreads::Member member(threads, rank);
      messages[0][rank] = message_of([&] { member.require_same("batch 4", "batch"); });
      messages[1][rank] = message_of([&] { member.require_same(rank == 1 ? "batch 3" : "batch 4", "batch"); });
    });
  }
  for (std::thread& process : processes) process.join();
  EXPECT_THAT(messages[0], ::testing::Each("no error"));
  EXPECT_THAT(messages[1], ::testing::Each(HasSubstr("1 of the 3 processes have another batch than the first")));
}

}  // namespace
}  // namespace colonnade
