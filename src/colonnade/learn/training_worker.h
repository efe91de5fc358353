// SPDX-License-Identifier: GPL-3.0-or-later
// A training run in a process of its own, for tests that kill it or run several at once: this test program again, with
// one test that is left out otherwise. (A plain fork would not do: libtorch's threads do not survive it.)
#pragma once

#include <csignal>
#include <cstdlib>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <spawn.h>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "colonnade/core/options.h"
#include "colonnade/learn/training.h"

namespace colonnade::testing {

/// What the other process is to do: train, then write the model beside the checkpoints.
struct WorkerJob {
  std::filesystem::path dataset, work;
  TrainingOptions options;
  std::vector<std::string> environment;  ///< "NAME=value"
};

inline pid_t start_worker(const WorkerJob& job) {
  TrainingOptions options = job.options;
  OptionTable table;
  options.describe(table);
  std::vector<std::string> texts{"COLONNADE_WORKER_DATASET=" + job.dataset.string(),
                                 "COLONNADE_WORKER_FOLDER=" + job.work.string(),
                                 "COLONNADE_WORKER_OPTIONS=" + table.to_json().dump()};
  texts.insert(texts.end(), job.environment.begin(), job.environment.end());
  for (char** inherited = environ; *inherited != nullptr; ++inherited) {
    if (!std::string(*inherited).starts_with("GTEST_")) texts.emplace_back(*inherited);
  }
  std::vector<char*> environment;
  for (std::string& text : texts) environment.push_back(text.data());
  environment.push_back(nullptr);
  std::string words[] = {"worker", "--gtest_filter=TrainingWorker.DISABLED_Trains", "--gtest_also_run_disabled_tests",
                         "--gtest_brief=1"};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  pid_t process = 0;
  if (posix_spawn(&process, "/proc/self/exe", nullptr, nullptr, arguments, environment.data()) != 0) return -1;
  return process;
}

/// The exit status; 128 + the signal where one ended it.
inline int wait_for_worker(pid_t process) {
  int status = 0;
  if (waitpid(process, &status, 0) != process) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

inline int free_port() {
  const int socket_number = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  bind(socket_number, reinterpret_cast<sockaddr*>(&address), length);
  getsockname(socket_number, reinterpret_cast<sockaddr*>(&address), &length);
  close(socket_number);
  return ntohs(address.sin_port);
}

}  // namespace colonnade::testing
