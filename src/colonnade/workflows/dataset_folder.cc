// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/dataset_folder.h"

#include <cstdlib>
#include <string>
#include <system_error>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/version.h"

namespace colonnade {
namespace fs = std::filesystem;
namespace {

constexpr const char* claims_file = ".claims";
// The claim on the folder's options; particles have the numbers below.
constexpr std::int64_t options_claim = std::int64_t(1) << 40;

/// Whether anything lies in the folder but what a process that has just begun a dataset leaves there.
bool holds_something_else(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name != claims_file && !name.starts_with(fmt::format(".{}.partial-", dataset_options_file))) return true;
  }
  return false;
}

nlohmann::json compared(DatasetOptions options) {
  options.particles = 0;
  options.device = "";
  return options.table().to_json();
}

/// The particle that a half-written file (core/file.h) is of, or -1.
int particle_under_way(const std::string& name) {
  const std::string prefix = ".particle_";
  if (!name.starts_with(prefix) || name.find(".h5.partial-") == std::string::npos) return -1;
  return std::atoi(name.c_str() + prefix.size());
}

}  // namespace

DatasetFolder::DatasetFolder(fs::path folder, DatasetOptions options) : folder_(std::move(folder)) {
  const bool known = fs::exists(folder_ / dataset_options_file);
  if (!known && fs::exists(folder_)) {
    // Another process may be writing the options at this moment: they are looked for once more, afterwards.
    const bool foreign = !fs::is_directory(folder_) || holds_something_else(folder_);
    if (foreign && !fs::exists(folder_ / dataset_options_file)) {
      fail("{} exists and is no dataset; give another --out", folder_.string());
    }
  }
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) fail("cannot make the folder {}: {}", folder_.string(), error.message());
  claims_ = std::make_unique<Claims>(folder_ / claims_file);
  claims_->wait_for(options_claim);
  settle_options(options);
  claims_->release(options_claim);
  remove_leftovers();
}

void DatasetFolder::settle_options(DatasetOptions& options) {
  const fs::path file = folder_ / dataset_options_file;
  if (fs::exists(file)) {
    DatasetOptions before;
    OptionTable table = before.table();
    table.read_toml(file);
    if (compared(before) != compared(options)) {
      fail("{} holds a dataset made with other options; give another --out, or use its own {}", folder_.string(),
           dataset_options_file);
    }
    if (before.particles >= options.particles) return;
  }
  write_file(file,
             fmt::format("# Colonnade {}: the options that made this dataset\n{}", version, options.table().to_toml()));
}

void DatasetFolder::remove_leftovers() {
  if (!claims_->locks_work()) return;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const int particle = particle_under_way(entry.path().filename().string());
    if (particle < 0 || !claims_->claim(particle)) continue;
    std::error_code ignored;
    fs::remove(entry.path(), ignored);
    claims_->release(particle);
  }
}

bool DatasetFolder::claim(int particle) {
  if (has(particle) || !claims_->claim(particle)) return false;
  // It may have been finished between the two questions.
  if (!has(particle)) return true;
  claims_->release(particle);
  return false;
}

std::vector<int> DatasetFolder::missing(int particles, const ProcessGroup& group) const {
  std::vector<int> found;
  const int turns = claims_->locks_work() ? group.size : 1;
  for (int turn = 0; turn < turns; ++turn) {
    for (int particle = (group.rank + turn) % group.size; particle < particles; particle += group.size) {
      if (!has(particle)) found.push_back(particle);
    }
  }
  return found;
}

}  // namespace colonnade
