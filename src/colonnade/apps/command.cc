// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/apps/command.h"

#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/core/log.h"

namespace colonnade {
namespace {

/// What the command line said, kept until the config has been read.
struct Given {
  OptionTable table;
  std::vector<std::pair<std::string, std::string>> flags;
  std::string config, write_config;
};

std::string described(const OptionTable::Option& option) {
  std::string text = option.help;
  if (!option.unit.empty()) text += " [" + option.unit + "]";
  if (!option.default_text.empty()) text += " (default " + option.default_text + ")";
  return text;
}

void add_flag(CLI::App& command, const std::shared_ptr<Given>& given, const OptionTable::Option& option) {
  const auto keep = [given, key = option.key](const std::string& text) { given->flags.emplace_back(key, text); };
  const auto turn = [keep](std::int64_t count) { keep(count > 0 ? "true" : "false"); };
  const bool is_switch = std::holds_alternative<bool*>(option.value);
  auto* flag = is_switch ? command.add_flag_function(option.flag(), turn, described(option))
                         : command.add_option_function<std::string>(option.flag(), keep, described(option));
  const auto point = option.key.find('.');
  if (point != std::string::npos) flag->group(option.key.substr(0, point));
  flag->type_name("");
  flag->take_last();
}

void settle(Given& given) {
  if (!given.config.empty()) given.table.read_toml(given.config);
  for (const auto& [key, text] : given.flags) given.table.set(key, text);
}

}  // namespace

void print_result(const Shared& shared, const nlohmann::json& json, const std::string& text) {
  std::puts(shared.json ? json.dump().c_str() : text.c_str());
  std::fflush(stdout);
}

void add_options(CLI::App& command, const OptionTable& table, bool config_positional, std::function<void()> run) {
  auto given = std::make_shared<Given>();
  given->table = table;
  const std::string help = "TOML file of options; --write-config makes one";
  command.add_option(config_positional ? "config" : "--config", given->config, help)->type_name("FILE");
  auto* write = command.add_option("--write-config", given->write_config,
                                   "Write the options as they stand to a TOML file (or -, the screen) and stop");
  write->type_name("FILE");
  write->expected(0, 1);
  for (const auto& option : table.options()) add_flag(command, given, option);
  command.callback([given, write, run = std::move(run)] {
    settle(*given);
    if (write->count() == 0) return run();
    if (given->write_config.empty() || given->write_config == "-") {
      std::fputs(given->table.to_toml().c_str(), stdout);
      return;
    }
    if (std::filesystem::exists(given->write_config)) {
      fail("{} exists; give another name to --write-config", given->write_config);
    }
    write_file(given->write_config, given->table.to_toml());
    info("Options written to {}", given->write_config);
  });
}

}  // namespace colonnade
