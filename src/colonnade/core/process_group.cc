// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/process_group.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <thread>
#include <unistd.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

using Environment = std::function<const char*(const char*)>;

struct Starter {
  const char *rank, *size, *local_rank, *local_size;
};

// The outermost last: a torchrun or mpirun may itself have been started by Slurm.
constexpr Starter starters[] = {
    {"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"},
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"},
    {"PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS"},
    {"SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID", "SLURM_NTASKS_PER_NODE"},
};

std::optional<int> number(const Environment& environment, const char* name) {
  const char* text = environment(name);
  if (text == nullptr || *text == '\0') return std::nullopt;
  int value = 0;
  const char* end = text + std::strlen(text);
  const auto [rest, error] = std::from_chars(text, end, value);
  if (error != std::errc() || rest != end || value < 0) {
    fail("the environment variable {} is '{}', no number of a process; unset it to run alone", name, text);
  }
  return value;
}

}  // namespace

ProcessGroup process_group() {
  return process_group([](const char* name) -> const char* { return std::getenv(name); });
}

ProcessGroup process_group(const Environment& environment) {
  for (const Starter& starter : starters) {
    if (environment(starter.rank) == nullptr || environment(starter.size) == nullptr) continue;
    ProcessGroup group;
    group.rank = number(environment, starter.rank).value_or(0);
    group.size = number(environment, starter.size).value_or(1);
    group.local_rank = number(environment, starter.local_rank).value_or(0);
    group.local_size = std::max(number(environment, starter.local_size).value_or(1), group.local_rank + 1);
    if (group.rank >= group.size) {
      fail("{} is {} and {} is {}; the first must be less", starter.rank, group.rank, starter.size, group.size);
    }
    return group;
  }
  return {};
}

int threads_per_process(const ProcessGroup& group) {
  const int usable = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const bool bound = usable < sysconf(_SC_NPROCESSORS_ONLN);
  return bound ? usable : std::max(1, usable / group.local_size);
}

}  // namespace colonnade
