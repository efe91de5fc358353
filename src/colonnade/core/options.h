// SPDX-License-Identifier: GPL-3.0-or-later
// Options described once: one table feeds the command line, the TOML config files (read and written), the record that
// every output carries, and the docs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <variant>
#include <vector>

namespace colonnade {

/// Values drawn uniformly between two ends (equal ends: a constant). In TOML [low, high] or one number.
struct Range {
  double low = 0, high = 0;
};

class OptionTable {
 public:
  using Value = std::variant<bool*, int*, std::uint64_t*, double*, std::string*, std::vector<double>*,
                             std::vector<std::string>*, Range*>;
  struct Option {
    std::string key;   ///< "section.name" or "name"; the flag is --name with '-' for '_'.
    Value value;       ///< Where the value lives; what is there when the option is added is its default.
    std::string unit;  ///< "nm", "keV", ...; empty for none.
    std::string help;
    std::string default_text;

    std::string name() const;  ///< the key without its section
    std::string flag() const;  ///< "--pixel-size"
  };

  /// Names (the last part of the key) are unique in a table; a second one is a programming error.
  void add(std::string key, Value value, std::string unit, std::string help);
  const std::vector<Option>& options() const { return options_; }

  /// Sets one option from text, as from the command line ("0.02", "Pt,Ni", "180:220" or "180,220" for a range).
  void set(const std::string& key, const std::string& text);
  /// Reads a TOML file; fails on an unknown key (names the nearest) and on a value of the wrong type.
  void read_toml(const std::filesystem::path& path);
  /// The table as TOML with units and help as comments; reading it back gives the same values.
  std::string to_toml() const;
  nlohmann::json to_json() const;
  /// Sets values from what to_json() gave; unknown keys fail.
  void from_json(const nlohmann::json& json);

 private:
  const Option& find(const std::string& key, const std::string& where) const;

  std::vector<Option> options_;
};

/// A value as text, as set() reads it.
std::string to_text(const OptionTable::Value& value);

}  // namespace colonnade
