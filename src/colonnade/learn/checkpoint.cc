// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/learn/checkpoint.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fstream>
#include <sstream>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/image/hdf5_file.h"

namespace colonnade {
namespace {

constexpr int format_version = 2;

void require_same_run(const nlohmann::json& wanted, const nlohmann::json& found, const std::filesystem::path& file) {
  for (const auto& [name, value] : wanted.items()) {
    const nlohmann::json there = found.is_object() && found.contains(name) ? found[name] : nlohmann::json();
    if (there == value) continue;
    const auto shown = [](const nlohmann::json& json) {
      const std::string text = json.dump();
      return text.size() > 60 ? text.substr(0, 57) + "..." : text;
    };
    fail(
        "{}: this checkpoint was made with another {} ({}, now {}); give another work folder, or delete this one to "
        "start afresh",
        file.string(), name, shown(there), shown(value));
  }
}

void read_tensor(const Hdf5File& file, const std::filesystem::path& path, const std::string& name, at::Tensor& tensor) {
  const std::string dataset = "tensors/" + name;
  if (!file.has(dataset) || file.shape(dataset) != tensor.sizes().vec()) {
    fail("{}: the checkpoint's {} is missing or of another shape; delete the checkpoint to start afresh", path.string(),
         name);
  }
  std::vector<float> values = file.read_floats(dataset, tensor.numel());
  tensor.copy_(at::from_blob(values.data(), tensor.sizes(), at::kFloat));
}

}  // namespace

std::filesystem::path checkpoint_file(const std::filesystem::path& work_folder) {
  return work_folder / "checkpoint.h5";
}

void write_checkpoint(const std::filesystem::path& work_folder, const Checkpoint& checkpoint) {
  PendingFile pending(checkpoint_file(work_folder));
  Hdf5File file(pending.temporary(), Hdf5File::Mode::create);
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const at::Tensor values = tensor.detach().cpu().contiguous();
    const float* begin = values.data_ptr<float>();
    file.write_floats("tensors/" + name, {begin, begin + values.numel()}, values.sizes().vec());
  }
  file.write_number("/", "format_version", format_version);
  file.write_number("/", "epochs_done", checkpoint.epochs_done);
  file.write_number("/", "steps", double(checkpoint.steps));
  file.write_number("/", "best_loss", checkpoint.best_loss);
  file.write_number("/", "best_epoch", checkpoint.best_epoch);
  file.write_number("/", "loss_scale", checkpoint.loss_scale);
  file.write_number("/", "good_steps", checkpoint.good_steps);
  file.write_text("/", "run", checkpoint.run.dump());
  file.close();
  pending.commit();
}

bool read_checkpoint(const std::filesystem::path& work_folder, Checkpoint& checkpoint) {
  const std::filesystem::path path = checkpoint_file(work_folder);
  if (!std::filesystem::exists(path)) return false;
  const Hdf5File file(path, Hdf5File::Mode::read);
  if (!file.has_attribute("/", "run") || file.read_number("/", "format_version") != format_version) {
    fail("{}: this is no checkpoint of this version; delete it to start afresh", path.string());
  }
  require_same_run(checkpoint.run, nlohmann::json::parse(file.read_text("/", "run"), nullptr, false), path);
  checkpoint.epochs_done = static_cast<int>(file.read_number("/", "epochs_done"));
  checkpoint.steps = static_cast<std::int64_t>(file.read_number("/", "steps"));
  checkpoint.best_loss = file.read_number("/", "best_loss");
  checkpoint.best_epoch = static_cast<int>(file.read_number("/", "best_epoch"));
  checkpoint.loss_scale = file.read_number("/", "loss_scale");
  checkpoint.good_steps = static_cast<int>(file.read_number("/", "good_steps"));
  const at::NoGradGuard no_gradient;
  for (auto& [name, tensor] : checkpoint.tensors) read_tensor(file, path, name, tensor);
  return true;
}

void truncate_log(const std::filesystem::path& log, int epochs) {
  if (!std::filesystem::exists(log)) return;
  std::istringstream lines(read_file(log));
  std::string kept;
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("epoch") || !json["epoch"].is_number_integer()) continue;
    if (json["epoch"].get<int>() <= epochs) kept += line + "\n";
  }
  write_file(log, kept);
}

void append_log(const std::filesystem::path& log, const nlohmann::json& line) {
  std::ofstream stream(log, std::ios::app);
  stream << line.dump() << "\n" << std::flush;
  if (!stream) fail("cannot write {}; is the disk full?", log.string());
}

}  // namespace colonnade
