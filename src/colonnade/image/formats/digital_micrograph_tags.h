// SPDX-License-Identifier: GPL-3.0-or-later
// The tag tree of DigitalMicrograph's files, versions 3 and 4 (structure as found by C. Boothroyd, "Digital Micrograph
// file format", https://personal.ntu.edu.sg/cbb/info/dmformat/).
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

namespace colonnade {

/// 3 or 4: the first 16 bytes are those of such a file; 0: they are not.
int digital_micrograph_version(std::string_view head);

/// A tree of objects. Groups and values without a name are called TagGroup0, TagGroup1, ..., Data0, Data1, ... as
/// HyperSpy calls them. Structures become lists, arrays of 16-bit numbers texts; an array called "Data", and any that
/// is long, stays in the file: {"array_offset", "array_type", "array_count"}, the type by its code in the file.
struct DmTags {
  nlohmann::json tree;
  bool big_endian = false;
};
/// Fails on a file that ends early or whose tags make no sense; bounded in depth, number and size whatever they claim.
DmTags read_dm_tags(const std::filesystem::path& path);

/// Bytes of one number of an array of that code; 0 for a code that is none.
std::size_t dm_type_size(std::int64_t type);

}  // namespace colonnade
