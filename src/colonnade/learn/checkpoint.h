// SPDX-License-Identifier: GPL-3.0-or-later
// The state of a training run after an epoch, in one HDF5 file that is replaced as a whole. It carries what the run was
// made with, and is refused by a run made with anything else.
#pragma once

#include <ATen/core/Tensor.h>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace colonnade {

struct Checkpoint {
  int epochs_done = 0;
  std::int64_t steps = 0;
  double best_loss = 0;
  int best_epoch = 0;     ///< 0: none yet
  double loss_scale = 1;  ///< of mixed precision, and the good steps at it
  int good_steps = 0;
  nlohmann::json run;                                       ///< options, data and program that the run was made with
  std::vector<std::pair<std::string, at::Tensor>> tensors;  ///< read into and written from, by name
};

std::filesystem::path checkpoint_file(const std::filesystem::path& work_folder);
void write_checkpoint(const std::filesystem::path& work_folder, const Checkpoint& checkpoint);
/// Fills the checkpoint's tensors in place and its numbers; false where there is none. Fails where the file's run
/// differs from checkpoint.run, naming the first difference.
bool read_checkpoint(const std::filesystem::path& work_folder, Checkpoint& checkpoint);

/// A log of one JSON object per line, each with its "epoch": drops what lies behind `epochs` (and broken lines).
void truncate_log(const std::filesystem::path& log, int epochs);
void append_log(const std::filesystem::path& log, const nlohmann::json& line);

}  // namespace colonnade
