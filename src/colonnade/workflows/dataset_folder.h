// SPDX-License-Identifier: GPL-3.0-or-later
// A dataset's folder as one of the processes that fill it sees it. Any number of processes, on any machines that share
// the folder, may fill it at once, be killed and be started again: a particle is made by who holds its claim, and a
// claim ends with its process (core/claims.h). The claims are locks on the empty file ".claims".
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "colonnade/core/claims.h"
#include "colonnade/core/process_group.h"
#include "colonnade/workflows/make_dataset.h"

namespace colonnade {

class DatasetFolder {
 public:
  /// Makes the folder, or joins one that was made with the same options (another number of particles and another device
  /// are no other options). Removes what killed processes left half-written. Fails where the folder holds something
  /// else.
  DatasetFolder(std::filesystem::path folder, DatasetOptions options);

  bool has(int particle) const { return std::filesystem::exists(particle_file(folder_, particle)); }
  /// True when the particle is there neither whole nor under way, and from now on is this process's.
  bool claim(int particle);
  void release(int particle) { claims_->release(particle); }

  /// The particles that are not there, those of this process's share (number modulo processes) first, then the others',
  /// so that who is done helps the rest. Without locks only its own share.
  std::vector<int> missing(int particles, const ProcessGroup& group) const;

 private:
  void settle_options(DatasetOptions& options);
  void remove_leftovers();

  std::filesystem::path folder_;
  std::unique_ptr<Claims> claims_;
};

}  // namespace colonnade
