// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/xml_tree.h"

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "colonnade/image/formats/byte_text.h"

namespace colonnade {

namespace {

using Json = nlohmann::json;

constexpr int deepest_element = 64;
constexpr std::string_view spaces = " \t\r\n";

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(spaces);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

/// A number of an entity as UTF-8, by way of UTF-16.
std::string character(std::uint32_t code) {
  std::string units;
  const auto add = [&](std::uint32_t unit) {
    units += char(unit & 0xFFU);
    units += char(unit >> 8);
  };
  if (code >= 0x10000 && code < 0x110000) {
    add(0xD800U + ((code - 0x10000U) >> 10));
    add(0xDC00U + ((code - 0x10000U) & 0x3FFU));
  } else {
    add(code < 0x10000 ? code : 0xFFFDU);
  }
  return utf8_from_utf16(units, false);
}

std::string entity(std::string_view name) {
  if (name == "lt") return "<";
  if (name == "gt") return ">";
  if (name == "amp") return "&";
  if (name == "quot") return "\"";
  if (name == "apos") return "'";
  if (!name.starts_with("#")) return "";
  const bool hexadecimal = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
  const std::string_view digits = name.substr(hexadecimal ? 2 : 1);
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, hexadecimal ? 16 : 10);
  return error == std::errc() && end == digits.data() + digits.size() && code > 0 ? character(code) : "";
}

std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text[at] == '&' ? text.find(';', at) : std::string_view::npos;
    const std::string replacement =
        end == std::string_view::npos || end - at > 12 ? "" : entity(text.substr(at + 1, end - at - 1));
    plain += replacement.empty() ? std::string(1, text[at]) : replacement;
    at = replacement.empty() ? at + 1 : end + 1;
  }
  return sound_utf8(plain);
}

void add(Json& object, const std::string& name, Json value) {
  if (!object.contains(name)) {
    object[name] = std::move(value);
    return;
  }
  Json& present = object[name];
  if (!present.is_array()) present = Json::array({std::move(present)});
  present.push_back(std::move(value));
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Json parse() {
    pass_over_others();
    Json root = Json::object();
    return element(root, 0) ? root : Json();
  }

 private:
  bool at(std::string_view mark) const { return text_.substr(at_, mark.size()) == mark; }
  /// Moves behind the next `mark`; false where there is none.
  bool behind(std::string_view mark) {
    const auto found = text_.find(mark, at_);
    if (found == std::string_view::npos) return false;
    at_ = found + mark.size();
    return true;
  }
  void skip_spaces() { at_ = std::min(text_.find_first_not_of(spaces, at_), text_.size()); }
  /// Declarations, comments and the like; false where one does not end.
  bool pass_over_others() {
    for (skip_spaces();; skip_spaces()) {
      if (at("<!--")) {
        if (!behind("-->")) return false;
      } else if (at("<?")) {
        if (!behind("?>")) return false;
      } else if (at("<!") && !at("<![CDATA[")) {
        if (!behind(">")) return false;
      } else {
        return true;
      }
    }
  }
  std::string_view name() {
    const auto end = std::min(text_.find_first_of(" \t\r\n/>=", at_), text_.size());
    const std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    return word;
  }
  bool attributes(Json& members) {
    for (skip_spaces(); at_ < text_.size() && !at(">") && !at("/>"); skip_spaces()) {
      const std::string_view key = name();
      skip_spaces();
      if (key.empty() || !at("=")) return false;
      ++at_;
      skip_spaces();
      if (!at("\"") && !at("'")) return false;
      const char quote = text_[at_++];
      const auto end = text_.find(quote, at_);
      if (end == std::string_view::npos) return false;
      add(members, sound_utf8(key), decoded(text_.substr(at_, end - at_)));
      at_ = end + 1;
    }
    return at_ < text_.size();
  }
  /// Children and text up to the closing tag.
  bool content(std::string_view tag, Json& members, std::string& words, int depth) {
    while (at_ < text_.size()) {
      if (at("</")) {
        at_ += 2;
        return name() == tag && behind(">");
      }
      if (at("<![CDATA[")) {
        const std::size_t start = at_ + 9;
        if (!behind("]]>")) return false;
        words += sound_utf8(text_.substr(start, at_ - 3 - start));
      } else if (at("<!") || at("<?")) {
        if (!pass_over_others()) return false;
      } else if (at("<")) {
        if (!element(members, depth + 1)) return false;
      } else {
        const auto end = std::min(text_.find('<', at_), text_.size());
        words += decoded(text_.substr(at_, end - at_));
        at_ = end;
      }
    }
    return false;
  }
  bool element(Json& parent, int depth) {
    if (depth > deepest_element || !at("<")) return false;
    ++at_;
    const std::string_view tag = name();
    if (tag.empty()) return false;
    Json members = Json::object();
    std::string words;
    if (!attributes(members)) return false;
    const bool closed = at("/>");
    at_ += closed ? 2 : 1;
    if (!closed && !content(tag, members, words, depth)) return false;
    words = trimmed(words);
    if (!members.empty() && !words.empty()) members["text"] = words;
    add(parent, sound_utf8(tag), members.empty() ? Json(words) : std::move(members));
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

nlohmann::json parse_xml(std::string_view text) { return Parser(text).parse(); }

}  // namespace colonnade
