// SPDX-License-Identifier: GPL-3.0-or-later
// Text as old programs store it, turned into UTF-8 (which JSON and people need).
#pragma once

#include <string>
#include <string_view>

namespace colonnade {

/// Little- or big-endian UTF-16; broken pairs become U+FFFD. Ends at the first zero.
std::string utf8_from_utf16(std::string_view bytes, bool big_endian);
std::string utf8_from_latin1(std::string_view bytes);
/// The text itself where it is sound UTF-8, else as Latin-1.
std::string sound_utf8(std::string_view bytes);

/// As sound_utf8(), with question marks in place of line ends and other control characters: for messages of one line.
std::string one_line(std::string_view bytes);

}  // namespace colonnade
