// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/image/formats/digital_micrograph_tags.h"

#include "colonnade/core/error.h"
#include "colonnade/image/formats/byte_cursor.h"
#include "colonnade/image/formats/byte_text.h"

namespace colonnade {

namespace {

using namespace std::string_view_literals;
using Json = nlohmann::json;

constexpr int deepest_group = 32;
constexpr std::int64_t most_tags = 500000, most_fields = 256;
constexpr std::int64_t longest_text = 1 << 16, longest_list = 64;

// Codes of the types in the file.
constexpr std::int64_t code_struct = 15, code_string = 18, code_array = 20, code_uint16 = 4;

class TagReader {
 public:
  explicit TagReader(const std::filesystem::path& path) : where_(path.string()), cursor_(path) {}

  DmTags read() {
    const auto version = cursor_.number<std::int32_t>(true);
    wide_ = version == 4;
    length();  // of the file, which programs that edit it do not keep right
    big_endian_ = cursor_.number<std::int32_t>(true) == 0;
    Json tree = group(0);
    return {std::move(tree), big_endian_};
  }

 private:
  [[noreturn]] void damaged(const std::string& what) {
    fail("{}: damaged: {} at position {}; copy it again", where_, what, cursor_.position());
  }

  /// Lengths and codes: 32 bits in version 3, 64 in version 4.
  std::int64_t length() { return wide_ ? cursor_.number<std::int64_t>(true) : cursor_.number<std::int32_t>(true); }

  Json group(int depth) {
    if (depth > deepest_group) damaged("groups nested too deep");
    cursor_.skip(2);  // sorted, open
    const std::int64_t count = length();
    if (count < 0 || count > most_tags) damaged(fmt::format("a group of {} tags", count));
    Json members = Json::object();
    int groups = 0, values = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      if (++tags_ > most_tags) damaged("too many tags");
      const auto kind = cursor_.number<std::uint8_t>();
      if (kind != 20 && kind != 21) damaged(fmt::format("a tag of kind {}", kind));
      const auto name_length = cursor_.number<std::uint16_t>(true);
      std::string name = utf8_from_latin1(cursor_.bytes(name_length));
      if (wide_) cursor_.skip(8);  // the tag's length
      if (name.empty()) name = kind == 20 ? fmt::format("TagGroup{}", groups) : fmt::format("Data{}", values);
      ++(kind == 20 ? groups : values);
      Json value = kind == 20 ? group(depth + 1) : data(name);
      members[name] = std::move(value);
    }
    return members;
  }

  Json data(const std::string& name) {
    if (cursor_.bytes(4) != "%%%%") damaged("a tag without its mark");
    const std::int64_t count = length();
    if (count < 1 || count > 4 + 2 * most_fields) damaged(fmt::format("a tag described by {} numbers", count));
    std::vector<std::int64_t> codes(std::size_t(count), 0);
    for (std::int64_t& code : codes) code = length();
    if (codes[0] == code_struct) return structure(codes, 0);
    if (codes[0] == code_array) return array(codes, name);
    if (codes[0] == code_string) return text(codes.size() > 1 ? codes[1] : 0);
    return number(codes[0]);
  }

  Json number(std::int64_t code) {
    switch (code) {
      case 2:
        return cursor_.number<std::int16_t>(big_endian_);
      case 3:
        return cursor_.number<std::int32_t>(big_endian_);
      case 4:
        return cursor_.number<std::uint16_t>(big_endian_);
      case 5:
        return cursor_.number<std::uint32_t>(big_endian_);
      case 6:
        return cursor_.number<float>(big_endian_);
      case 7:
        return cursor_.number<double>(big_endian_);
      case 8:
        return cursor_.number<std::uint8_t>() != 0;
      case 9:
        return int(cursor_.number<std::int8_t>());
      case 10:
        return int(cursor_.number<std::uint8_t>());
      case 11:
        return cursor_.number<std::int64_t>(big_endian_);
      case 12:
        return cursor_.number<std::uint64_t>(big_endian_);
      default:
        damaged(fmt::format("a value of type {}", code));
    }
  }

  /// The types of a structure's fields, described from codes[at] on: name's length, fields, then pairs of a name's
  /// length and a type.
  std::vector<std::int64_t> field_types(const std::vector<std::int64_t>& codes, std::size_t at) {
    if (at + 2 >= codes.size()) damaged("a structure without a description");
    const std::int64_t fields = codes[at + 2];
    if (fields < 0 || fields > most_fields || at + 2 + 2 * std::size_t(fields) >= codes.size()) {
      damaged(fmt::format("a structure of {} fields", fields));
    }
    std::vector<std::int64_t> types;
    for (std::size_t i = 0; i < std::size_t(fields); ++i) types.push_back(codes[at + 4 + 2 * i]);
    return types;
  }

  Json structure(const std::vector<std::int64_t>& codes, std::size_t at) {
    Json fields = Json::array();
    for (const std::int64_t type : field_types(codes, at)) fields.push_back(number(type));
    return fields;
  }

  std::string text(std::int64_t characters) {
    if (characters < 0 || characters > longest_text) damaged(fmt::format("a text of {} characters", characters));
    return utf8_from_utf16(cursor_.bytes(2 * std::uint64_t(characters)), big_endian_);
  }

  Json array(const std::vector<std::int64_t>& codes, const std::string& name) {
    if (codes.size() < 3) damaged("an array without a description");
    const std::int64_t type = codes[1], count = codes.back();
    std::uint64_t size = dm_type_size(type);
    if (type == code_struct) {
      for (const std::int64_t field : field_types(codes, 1)) size += dm_type_size(field);
    }
    if (size == 0 || count < 0) damaged(fmt::format("an array of {} values of type {}", count, type));
    if (std::uint64_t(count) > cursor_.left() / size) {
      fail("{}: truncated: '{}' has {} values of {} bytes from position {}, the file has {} bytes; copy it again",
           where_, one_line(name), count, size, cursor_.position(), cursor_.size());
    }
    if (name != "Data" && type == code_uint16 && count <= longest_text) return text(count);
    if (name != "Data" && type != code_struct && count <= longest_list) {
      Json list = Json::array();
      for (std::int64_t i = 0; i < count; ++i) list.push_back(number(type));
      return list;
    }
    Json place = {{"array_offset", cursor_.position()}, {"array_type", type}, {"array_count", count}};
    cursor_.skip(std::uint64_t(count) * size);
    return place;
  }

  std::string where_;
  ByteCursor cursor_;
  bool wide_ = false, big_endian_ = false;
  std::int64_t tags_ = 0;
};

}  // namespace

std::size_t dm_type_size(std::int64_t type) {
  switch (type) {
    case 8:
    case 9:
    case 10:
      return 1;
    case 2:
    case 4:
      return 2;
    case 3:
    case 5:
    case 6:
      return 4;
    case 7:
    case 11:
    case 12:
      return 8;
    default:
      return 0;
  }
}

int digital_micrograph_version(std::string_view head) {
  if (head.size() < 16) return 0;
  const std::string_view version = head.substr(0, 4);
  const bool is_three = version == "\0\0\0\x03"sv, is_four = version == "\0\0\0\x04"sv;
  const std::string_view order = head.substr(is_three ? 8 : 12, 4);  // behind the file's length
  if (order != "\0\0\0\x01"sv && order != "\0\0\0\0"sv) return 0;
  return is_three ? 3 : is_four ? 4 : 0;
}

DmTags read_dm_tags(const std::filesystem::path& path) { return TagReader(path).read(); }

}  // namespace colonnade
