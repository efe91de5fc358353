// SPDX-License-Identifier: GPL-3.0-or-later
// For tests: what stands in an SVG, read by glib's own parser, which refuses what is not well-formed.
#pragma once

#include <glib.h>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <vector>

namespace colonnade {

struct SvgElement {
  std::string tag, text, hover;  ///< text of <text>; hover: its <title>
  std::map<std::string, std::string> attributes;

  double number(const std::string& name) const {
    const auto found = attributes.find(name);
    return found == attributes.end() ? 0 : std::stod(found->second);
  }
  std::string attribute(const std::string& name) const {
    const auto found = attributes.find(name);
    return found == attributes.end() ? "" : found->second;
  }
};

class SvgReader {
 public:
  explicit SvgReader(const std::string& svg) {
    const GMarkupParser parser = {start, nullptr, text, nullptr, nullptr};
    GMarkupParseContext* context = g_markup_parse_context_new(&parser, GMarkupParseFlags(0), this, nullptr);
    GError* error = nullptr;
    const bool good = g_markup_parse_context_parse(context, svg.data(), gssize(svg.size()), &error) != 0 &&
                      g_markup_parse_context_end_parse(context, &error) != 0;
    EXPECT_TRUE(good) << (error != nullptr ? error->message : "");
    g_clear_error(&error);
    g_markup_parse_context_free(context);
  }

  std::vector<SvgElement> all(const std::string& tag, const std::string& attribute = "",
                              const std::string& value = "") const {
    std::vector<SvgElement> found;
    for (const auto& element : elements_) {
      if (element.tag == tag && (attribute.empty() || element.attribute(attribute) == value)) found.push_back(element);
    }
    return found;
  }
  bool says(const std::string& words) const {
    for (const auto& element : elements_) {
      if (element.tag == "text" && element.text == words) return true;
    }
    return false;
  }
  /// The rectangles that carry hover text: the bars of a chart.
  std::vector<SvgElement> bars() const {
    std::vector<SvgElement> found;
    for (const auto& element : all("rect")) {
      if (!element.hover.empty()) found.push_back(element);
    }
    return found;
  }

 private:
  static void start(GMarkupParseContext*, const gchar* tag, const gchar** names, const gchar** values, gpointer self,
                    GError**) {
    auto& elements = static_cast<SvgReader*>(self)->elements_;
    if (std::string(tag) == "title") return;
    elements.push_back({tag, "", "", {}});
    for (; *names != nullptr; ++names, ++values) elements.back().attributes[*names] = *values;
  }
  static void text(GMarkupParseContext* context, const gchar* text, gsize size, gpointer self, GError**) {
    auto& elements = static_cast<SvgReader*>(self)->elements_;
    const std::string tag = g_markup_parse_context_get_element(context), words(text, size);
    if (tag == "title") elements.back().hover += words;
    if (tag == "text") elements.back().text += words;
  }

  std::vector<SvgElement> elements_;
};

}  // namespace colonnade
