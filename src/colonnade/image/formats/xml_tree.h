// SPDX-License-Identifier: GPL-3.0-or-later
// XML as programs of microscopes write it into their files, as JSON: an element becomes its text or an object of its
// attributes and children; several children of one name become a list. No entities but the five named ones and
// numbers; comments, declarations and processing instructions are passed over.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace colonnade {

/// An object with the root element's name. Null where the text is not well-formed, or nests deeper than 64 elements.
nlohmann::json parse_xml(std::string_view text);

}  // namespace colonnade
