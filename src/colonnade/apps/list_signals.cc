// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/ranges.h>

#include "colonnade/apps/command.h"
#include "colonnade/core/error.h"
#include "colonnade/image/formats/image_file.h"

namespace colonnade {

void list_signals(const Shared& shared, const std::vector<std::string>& files) {
  nlohmann::json json = nlohmann::json::object();
  std::string text;
  std::vector<std::string> failed;
  for (const std::string& file : files) {
    if (files.size() > 1) text += (text.empty() ? "" : "\n\n") + file + "\n";
    try {
      const auto list = signal_list(file);
      json[file] = to_json(list);
      text += to_text(list);
    } catch (const Error& error) {
      if (files.size() == 1) throw;
      json[file] = {{"error", error.what()}};
      text += error.what();
      failed.push_back(file);
    }
  }
  print_result(shared, {{"signals", json}}, text);
  if (!failed.empty()) {
    fail("{} of {} files hold no signal that is read: {}", failed.size(), files.size(), fmt::join(failed, ", "));
  }
}

}  // namespace colonnade
