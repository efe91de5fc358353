// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/workflows/run_record.h"

#include "colonnade/core/file.h"
#include "colonnade/core/version.h"

namespace colonnade {

nlohmann::json run_record(const std::string& command, const OptionTable& options, std::uint64_t seed,
                          const std::vector<std::filesystem::path>& inputs) {
  nlohmann::json record{{"command", command}, {"version", version}, {"seed", seed}, {"options", options.to_json()}};
  record["inputs"] = nlohmann::json::array();
  for (const auto& input : inputs) {
    record["inputs"].push_back({{"file", input.filename().string()}, {"sha256", sha256_file(input)}});
  }
  return record;
}

}  // namespace colonnade
