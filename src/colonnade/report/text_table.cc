// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/text_table.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "colonnade/core/error.h"

namespace colonnade {
namespace {

void check_rows(const TextTable& table) {
  for (const auto& row : table.rows) {
    if (row.size() == table.header.size()) continue;
    fail("the table '{}' has a row of {} cells under {} headings", table.title, row.size(), table.header.size());
  }
}

/// Signs that take a place on the screen: bytes but for those that continue a sign of UTF-8.
std::size_t signs(const std::string& text) {
  return std::size_t(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

/// Most of the column's cells that say something begin like a number.
bool numeric(const TextTable& table, std::size_t column) {
  int numbers = 0, words = 0;
  for (const auto& row : table.rows) {
    if (row[column].empty() || row[column] == "-") continue;
    const bool number = row[column].find_first_of("0123456789") < 3;
    ++(number ? numbers : words);
  }
  return column > 0 && numbers > words;
}

std::string escaped(std::string cell) {
  for (std::size_t at = 0; (at = cell.find('|', at)) != std::string::npos; at += 2) cell.insert(at, 1, '\\');
  return cell;
}

std::string markdown_row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + escaped(cell) + " |";
  return line + "\n";
}

}  // namespace

std::string to_text(const TextTable& table) {
  check_rows(table);
  std::vector<std::size_t> widths;
  std::vector<bool> right;
  for (std::size_t c = 0; c < table.header.size(); ++c) {
    std::size_t width = signs(table.header[c]);
    for (const auto& row : table.rows) width = std::max(width, signs(row[c]));
    widths.push_back(width);
    right.push_back(numeric(table, c));
  }
  std::string text = table.title.empty() ? "" : table.title + "\n";
  const auto add = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const std::string space(widths[c] - signs(cells[c]), ' ');
      line += (right[c] ? space + cells[c] : cells[c] + space) + "  ";
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  add(table.header);
  for (const auto& row : table.rows) add(row);
  if (!table.note.empty()) text += table.note + "\n";
  return text;
}

std::string to_markdown(const TextTable& table) {
  check_rows(table);
  std::string text = table.title.empty() ? "" : "**" + table.title + "**\n\n";
  text += markdown_row(table.header) + "|";
  for (std::size_t c = 0; c < table.header.size(); ++c) text += numeric(table, c) ? "---:|" : "---|";
  text += "\n";
  for (const auto& row : table.rows) text += markdown_row(row);
  if (!table.note.empty()) text += "\n" + table.note + "\n";
  return text;
}

}  // namespace colonnade
