// SPDX-License-Identifier: GPL-3.0-or-later
// Text made safe for XML and HTML, and bytes made text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace colonnade {

/// Text for element content or a quoted attribute of XML or HTML. What XML 1.0 forbids (control characters, broken
/// UTF-8) becomes U+FFFD, so that a file name from anywhere cannot spoil a document.
std::string escape_markup(std::string_view text);

/// Length in bytes of the well-formed UTF-8 character at `position`; 0 where there is none.
std::size_t utf8_length(std::string_view text, std::size_t position);

std::string base64(const std::vector<std::uint8_t>& bytes);

}  // namespace colonnade
