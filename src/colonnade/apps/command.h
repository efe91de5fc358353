// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs of the command line. Each parses, calls one workflow, prints.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "colonnade/core/options.h"

namespace colonnade {

/// What every verb knows: whether results are printed as JSON, and whether --threads was given.
struct Shared {
  bool json = false;
  bool threads_given = false;
};

/// Prints a result: JSON in one line with --json, else the text.
void print_result(const Shared& shared, const nlohmann::json& json, const std::string& text);

/// Prints what signals image files hold.
void list_signals(const Shared& shared, const std::vector<std::string>& files);

/// Adds a flag per option of the table (help with unit and default), `--config FILE` (or `config_positional`: CONFIG as
/// an argument, which may be left out) and `--write-config [FILE]`. `run` is called with the values settled: defaults,
/// then the config, then the flags.
void add_options(CLI::App& command, const OptionTable& table, bool config_positional, std::function<void()> run);

void add_simulate(CLI::App& app, const Shared& shared);
void add_dataset(CLI::App& app, const Shared& shared);
void add_train(CLI::App& app, const Shared& shared);
void add_train_columns(CLI::App& app, const Shared& shared);
void add_evaluate(CLI::App& app, const Shared& shared);
void add_calibrate(CLI::App& app, const Shared& shared);
void add_bound(CLI::App& app, const Shared& shared);
void add_score(CLI::App& app, const Shared& shared);
void add_reproduce(CLI::App& app, const Shared& shared);
void add_map(CLI::App& app, const Shared& shared);
void add_convert(CLI::App& app, const Shared& shared);
void add_crystal(CLI::App& app, const Shared& shared);
void add_defects(CLI::App& app, const Shared& shared);
void add_index(CLI::App& app, const Shared& shared);
void add_diffract(CLI::App& app, const Shared& shared);
void add_train_classifier(CLI::App& app, const Shared& shared);
void add_classify(CLI::App& app, const Shared& shared);
void add_demo(CLI::App& app, const Shared& shared);

}  // namespace colonnade
