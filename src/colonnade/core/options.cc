// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/core/options.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <sstream>
#include <toml++/toml.h>
#include <type_traits>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"

namespace colonnade {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

std::vector<std::string> split_list(const std::string& text, const std::string& separators) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : text + separators[0]) {
    if (separators.find(c) == std::string::npos) {
      part += c;
      continue;
    }
    const auto first = part.find_first_not_of(" \t"), last = part.find_last_not_of(" \t");
    if (first != std::string::npos) parts.push_back(part.substr(first, last - first + 1));
    part.clear();
  }
  return parts;
}

template <class Number>
Number parse_number(const std::string& text, const std::string& option) {
  Number value{};
  const char* end = text.data() + text.size();
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const auto [stopped, error] = std::from_chars(begin, end, value);
  if (error == std::errc::result_out_of_range) fail("{}: {} is out of range", option, text);
  if (error != std::errc() || stopped != end) {
    fail("{}: '{}' is not a{} number", option, text, std::is_integral_v<Number> ? " whole" : "");
  }
  return value;
}

bool parse_bool(const std::string& text, const std::string& option) {
  if (text == "true" || text == "yes" || text == "on" || text == "1") return true;
  if (text == "false" || text == "no" || text == "off" || text == "0") return false;
  fail("{}: '{}' is neither true nor false", option, text);
}

Range checked_range(const std::vector<double>& ends, const std::string& option) {
  if (ends.empty() || ends.size() > 2) fail("{}: a range is one number or two, low and high", option);
  const Range range{ends.front(), ends.back()};
  if (range.low > range.high)
    fail("{}: the range's low end {} is above its high end {}", option, range.low, range.high);
  return range;
}

void set_from_text(const OptionTable::Option& option, const std::string& text, const std::string& where) {
  const auto numbers = [&](const std::string& separators) {
    std::vector<double> values;
    for (const auto& part : split_list(text, separators)) values.push_back(parse_number<double>(part, where));
    return values;
  };
  std::visit(
      Overloaded{[&](bool* value) { *value = parse_bool(text, where); }, [&](std::string* value) { *value = text; },
                 [&](std::vector<double>* value) { *value = numbers(","); },
                 [&](std::vector<std::string>* value) { *value = split_list(text, ","); },
                 [&](Range* value) { *value = checked_range(numbers(":,"), where); },
                 [&](auto* number) { *number = parse_number<std::remove_pointer_t<decltype(number)>>(text, where); }},
      option.value);
}

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

template <class T>
std::string joined(const std::vector<T>& items, const std::string& separator, bool quote) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += separator;
    if constexpr (std::is_same_v<T, std::string>) {
      text += quote ? quoted(item) : item;
    } else {
      text += fmt::format("{}", item);
    }
  }
  return text;
}

/// A double as TOML writes it: always with a point or an exponent.
std::string toml_number(double value) {
  std::string text = fmt::format("{}", value);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string toml_value(const OptionTable::Value& value) {
  return std::visit(
      Overloaded{[](const bool* v) { return std::string(*v ? "true" : "false"); },
                 [](const double* v) { return toml_number(*v); }, [](const std::string* v) { return quoted(*v); },
                 [](const std::vector<double>* v) { return "[" + joined(*v, ", ", false) + "]"; },
                 [](const std::vector<std::string>* v) { return "[" + joined(*v, ", ", true) + "]"; },
                 [](const Range* v) { return fmt::format("[{}, {}]", toml_number(v->low), toml_number(v->high)); },
                 [](const auto* v) { return fmt::format("{}", *v); }},
      value);
}

/// The text of a TOML node as set() reads it; fails on tables.
std::string text_of(const toml::node& node, const std::string& where) {
  if (const auto* array = node.as_array()) {
    std::vector<std::string> parts;
    for (const auto& item : *array) parts.push_back(text_of(item, where));
    return joined(parts, ",", false);
  }
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  fail("{}: a value of a kind that no option takes", where);
}

void require_kind(const OptionTable::Option& option, const toml::node& node, const std::string& where) {
  const bool number = node.is_number();
  const bool fits = std::visit(
      Overloaded{
          [&](const bool*) { return node.is_boolean(); }, [&](const std::string*) { return node.is_string(); },
          [&](const double*) { return number; }, [&](const std::vector<double>*) { return node.is_array() || number; },
          [&](const std::vector<std::string>*) { return node.is_array() || node.is_string(); },
          [&](const Range*) { return node.is_array() || number; }, [&](const auto*) { return node.is_integer(); }},
      option.value);
  if (!fits) fail("{}: a value of the wrong kind; it looks like {}", where, toml_value(option.value));
}

}  // namespace

std::string OptionTable::Option::name() const { return key.substr(key.rfind('.') + 1); }

std::string OptionTable::Option::flag() const {
  std::string text = "--" + name();
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

void OptionTable::add(std::string key, Value value, std::string unit, std::string help) {
  Option option{std::move(key), value, std::move(unit), std::move(help), to_text(value)};
  for (const auto& other : options_) {
    if (other.flag() == option.flag()) fail("two options are called {}: a mistake in the program", option.flag());
  }
  options_.push_back(std::move(option));
}

const OptionTable::Option& OptionTable::find(const std::string& key, const std::string& where) const {
  std::vector<std::string> keys;
  for (const auto& option : options_) {
    if (option.key == key) return option;
    keys.push_back(option.key);
  }
  // A name that stands in another section is nearer than one that is spelt alike.
  const auto name = [](const std::string& full) { return full.substr(full.rfind('.') + 1); };
  for (const auto& known : keys) {
    if (name(known) == name(key)) fail("{}: there is no option '{}'; did you mean '{}'?", where, key, known);
  }
  const std::string nearest = nearest_word(key, keys);
  if (nearest.empty()) fail("{}: there is no option '{}'", where, key);
  fail("{}: there is no option '{}'; did you mean '{}'?", where, key, nearest);
}

void OptionTable::set(const std::string& key, const std::string& text) {
  const Option& option = find(key, "options");
  set_from_text(option, text, option.flag());
}

void OptionTable::read_toml(const std::filesystem::path& path) {
  require_file(path, "config");
  toml::table table;
  try {
    table = toml::parse(read_file(path));
  } catch (const toml::parse_error& error) {
    fail("{}, line {}: not valid TOML: {}", path.string(), error.source().begin.line, std::string(error.description()));
  }
  const auto read_value = [&](const std::string& key, const toml::node& node) {
    const std::string where = fmt::format("{}, line {}", path.string(), node.source().begin.line);
    const Option& option = find(key, where);
    require_kind(option, node, fmt::format("{}: {}", where, key));
    set_from_text(option, text_of(node, where), fmt::format("{}: {}", where, key));
  };
  for (const auto& [name, node] : table) {
    const std::string section(name.str());
    if (const auto* members = node.as_table()) {
      for (const auto& [member, value] : *members) read_value(section + "." + std::string(member.str()), value);
    } else {
      read_value(section, node);
    }
  }
}

std::string OptionTable::to_toml() const {
  // TOML wants keys without a section first; sections follow in the order of their first option.
  std::vector<std::string> sections{""};
  const auto section_of = [](const Option& option) {
    const auto point = option.key.rfind('.');
    return point == std::string::npos ? std::string() : option.key.substr(0, point);
  };
  for (const auto& option : options_) {
    if (std::find(sections.begin(), sections.end(), section_of(option)) == sections.end()) {
      sections.push_back(section_of(option));
    }
  }
  std::string text;
  for (const auto& section : sections) {
    std::string body;
    for (const auto& option : options_) {
      if (section_of(option) != section) continue;
      body += fmt::format("# {}{}\n{} = {}\n", option.help, option.unit.empty() ? "" : " [" + option.unit + "]",
                          option.name(), toml_value(option.value));
    }
    if (body.empty()) continue;
    if (!text.empty()) text += "\n";
    if (!section.empty()) text += fmt::format("[{}]\n", section);
    text += body;
  }
  return text;
}

nlohmann::json OptionTable::to_json() const {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& option : options_) {
    std::visit(Overloaded{[&](const Range* value) {
                            json[option.key] = {value->low, value->high};
                          },
                          [&](const auto* value) { json[option.key] = *value; }},
               option.value);
  }
  return json;
}

void OptionTable::from_json(const nlohmann::json& json) {
  for (const auto& [key, value] : json.items()) {
    const Option& option = find(key, "the recorded options");
    try {
      std::visit(Overloaded{[&, &item = value](Range* range) {
                              *range = {item.at(0), item.at(1)};
                            },
                            [&, &item = value](auto* target) { item.get_to(*target); }},
                 option.value);
    } catch (const nlohmann::json::exception&) {
      fail("the recorded options: '{}' has a value of the wrong kind", key);
    }
  }
}

std::string to_text(const OptionTable::Value& value) {
  return std::visit(Overloaded{[](const bool* v) { return std::string(*v ? "true" : "false"); },
                               [](const std::string* v) { return *v; },
                               [](const std::vector<double>* v) { return joined(*v, ",", false); },
                               [](const std::vector<std::string>* v) { return joined(*v, ",", false); },
                               [](const Range* v) {
                                 return v->low == v->high ? fmt::format("{}", v->low)
                                                          : fmt::format("{}:{}", v->low, v->high);
                               },
                               [](const auto* v) { return fmt::format("{}", *v); }},
                    value);
}

}  // namespace colonnade
