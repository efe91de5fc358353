// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/page.h"

#include <cctype>
#include <fmt/format.h>
#include <string_view>
#include <utility>

#include "colonnade/core/error.h"
#include "colonnade/core/file.h"
#include "colonnade/report/markup.h"
#include "colonnade/report/page_style.h"

namespace colonnade {
namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n"), last = text.find_last_not_of(" \t\r\n");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

enum class Kind { blank, number, word };

/// A number may carry a sign, an error, a unit of up to three letters, or a second number ("50 / 91 %").
Kind kind_of(const std::string& cell) {
  std::string text = trimmed(cell);
  if (text.empty() || text == "-" || text == "–" || text == "—" || text == "n/a") return Kind::blank;
  for (const char* sign : {"−", "≥", "≤", "±", "-", "+", "<", ">", "~"}) {
    if (text.starts_with(sign)) text = trimmed(text.substr(std::string_view(sign).size()));
  }
  if (text == "inf" || text == "nan") return Kind::number;
  if (text.empty() || (std::isdigit(static_cast<unsigned char>(text[0])) == 0 && text[0] != '.')) return Kind::word;
  for (std::size_t i = 0, run = 0; i < text.size(); ++i) {
    run = std::isalpha(static_cast<unsigned char>(text[i])) != 0 ? run + 1 : 0;
    if (run > 3) return Kind::word;
  }
  return Kind::number;
}

std::vector<bool> columns_of_numbers(std::size_t columns, const std::vector<std::vector<std::string>>& rows) {
  std::vector<bool> numbers(columns, false);
  for (std::size_t column = 0; column < columns; ++column) {
    bool any = false, all = true;
    for (const auto& row : rows) {
      const Kind kind = kind_of(row[column]);
      any = any || kind == Kind::number;
      all = all && kind != Kind::word;
    }
    numbers[column] = any && all;
  }
  return numbers;
}

std::string cell(const std::string& text, bool number, const char* scope, const std::string& link = "") {
  const char* tag = *scope != '\0' ? "th" : "td";
  const std::string inside =
      link.empty() ? escape_html(text) : fmt::format("<a href=\"{}\">{}</a>", link, escape_html(text));
  return fmt::format("<{0}{1}{2}>{3}</{0}>", tag, *scope != '\0' ? fmt::format(" scope=\"{}\"", scope) : "",
                     number ? " class=\"number\"" : "", inside);
}

/// A relative path as the address of a link; bytes that mean something in an address are written as %xx.
std::string address_of(const std::string& path) {
  std::string out;
  for (const unsigned char byte : path) {
    const bool plain = std::isalnum(byte) != 0 || std::string_view("-._~/").find(char(byte)) != std::string_view::npos;
    out += plain ? std::string(1, char(byte)) : fmt::format("%{:02X}", byte);
  }
  return out;
}

std::string inline_svg(const std::string& svg) {
  const auto start = svg.find("<svg");
  const bool prolog_only =
      start != std::string::npos && (start == 0 || svg.starts_with("<?xml") || svg.starts_with("<!--"));
  if (!prolog_only) fail("a figure of the page is no SVG: it begins with '{}'", svg.substr(0, 20));
  return svg.substr(start);
}

/// What a content security policy calls this one script by.
std::string script_hash(std::string_view script) {
  const std::string hex = sha256(script);
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    bytes.push_back(std::uint8_t(std::stoul(hex.substr(i, 2), nullptr, 16)));
  return "sha256-" + base64(bytes);
}

}  // namespace

std::string escape_html(const std::string& text) { return escape_markup(text); }

Page::Page(std::string title, std::string subtitle) : title_(std::move(title)), subtitle_(std::move(subtitle)) {}

void Page::paragraph(const std::string& text) { body_ += fmt::format("<p>{}</p>\n", escape_html(text)); }

void Page::heading(const std::string& text) { body_ += fmt::format("<h2>{}</h2>\n", escape_html(text)); }

void Page::subheading(const std::string& text) { body_ += fmt::format("<h3>{}</h3>\n", escape_html(text)); }

void Page::notice(const std::string& text) {
  body_ += fmt::format("<p class=\"notice\" role=\"note\">{}</p>\n", escape_html(text));
}

void Page::warning(const std::string& text) {
  body_ += fmt::format("<p class=\"warning\" role=\"note\">{}</p>\n", escape_html(text));
}

void Page::list(const std::vector<std::string>& items) {
  if (items.empty()) return;
  body_ += "<ul>\n";
  for (const auto& item : items) body_ += fmt::format("<li>{}</li>\n", escape_html(item));
  body_ += "</ul>\n";
}

void Page::cards(const std::vector<Card>& cards) {
  if (cards.empty()) return;
  body_ += "<dl class=\"cards\">\n";
  for (const auto& card : cards) {
    body_ +=
        fmt::format("<div><dt>{}</dt><dd class=\"value\">{}</dd>", escape_html(card.label), escape_html(card.value));
    if (!card.note.empty()) body_ += fmt::format("<dd class=\"note\">{}</dd>", escape_html(card.note));
    body_ += "</div>\n";
  }
  body_ += "</dl>\n";
}

void Page::figures(const std::vector<std::string>& svgs, const std::string& caption) {
  if (svgs.empty()) return;
  body_ += "<figure>\n<div class=\"grid\">\n";
  for (const auto& svg : svgs) body_ += "<div>" + inline_svg(svg) + "</div>\n";
  body_ += "</div>\n";
  if (!caption.empty()) body_ += fmt::format("<figcaption>{}</figcaption>\n", escape_html(caption));
  body_ += "</figure>\n";
}

void Page::table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                 const std::string& caption, bool folded, const std::vector<std::string>& links) {
  for (const auto& row : rows) {
    if (row.size() != header.size()) {
      fail("a row of the table '{}' has {} cells under {} headings; give one per heading", caption, row.size(),
           header.size());
    }
  }
  const auto numbers = columns_of_numbers(header.size(), rows);
  if (folded) open_fold(fmt::format("{} ({} {})", caption, rows.size(), rows.size() == 1 ? "row" : "rows"));
  body_ += fmt::format("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table>\n",
                       escape_html(caption.empty() ? "Table" : caption));
  if (!folded && !caption.empty()) body_ += fmt::format("<caption>{}</caption>\n", escape_html(caption));
  body_ += "<thead><tr>";
  for (std::size_t i = 0; i < header.size(); ++i) body_ += cell(header[i], numbers[i], "col");
  body_ += "</tr></thead>\n<tbody>\n";
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto& row = rows[r];
    const std::string link = r < links.size() ? address_of(links[r]) : "";
    body_ += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      body_ += cell(row[i], numbers[i], i == 0 && !numbers[0] ? "row" : "", i == 0 ? link : "");
    }
    body_ += "</tr>\n";
  }
  body_ += "</tbody>\n</table></div>\n";
  if (folded) close_fold();
}

void Page::preformatted(const std::string& text, const std::string& caption, bool folded) {
  if (folded) {
    open_fold(caption);
  } else if (!caption.empty()) {
    paragraph(caption);
  }
  body_ += fmt::format("<pre tabindex=\"0\">{}</pre>\n", escape_html(text));
  if (folded) close_fold();
}

void Page::files(const std::vector<FileLink>& files) {
  if (files.empty()) return;
  body_ += "<ul>\n";
  for (const auto& file : files) {
    body_ += fmt::format("<li><a href=\"{}\">{}</a>{}{}</li>\n", address_of(file.path), escape_html(file.path),
                         file.what.empty() ? "" : ": ", escape_html(file.what));
  }
  body_ += "</ul>\n";
}

void Page::viewer(const ColumnViewer& viewer) {
  if (scripted_) fail("the page '{}' has a viewer already", title_);
  body_ += viewer_html(viewer);
  scripted_ = true;
}

void Page::open_fold_without_script(const std::string& summary) {
  body_ += fmt::format("<details class=\"without-script\" open><summary>{}</summary>\n", escape_html(summary));
  ++open_folds_;
}

void Page::open_fold(const std::string& summary, bool open) {
  body_ += fmt::format("<details{}><summary>{}</summary>\n", open ? " open" : "", escape_html(summary));
  ++open_folds_;
}

void Page::close_fold() {
  if (open_folds_ == 0) fail("the page '{}' has no open fold to close; open one first", title_);
  body_ += "</details>\n";
  --open_folds_;
}

void Page::footer(const std::string& text) { footer_ += fmt::format("<p>{}</p>\n", escape_html(text)); }

std::string Page::html() const {
  // The policy forbids the page to fetch anything: what it shows is what it holds.
  const std::string script = scripted_ ? fmt::format("; script-src '{}'", script_hash(viewer_script)) : "";
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src "
      "data:{2}\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<main>\n<header>\n<h1>{0}</h1>\n",
      escape_html(title_), page_style, script);
  if (!subtitle_.empty()) out += fmt::format("<p class=\"subtitle\">{}</p>\n", escape_html(subtitle_));
  out += "</header>\n" + body_;
  for (int i = 0; i < open_folds_; ++i) out += "</details>\n";
  if (!footer_.empty()) out += "<footer>\n" + footer_ + "</footer>\n";
  out += "</main>\n";
  if (scripted_) out += fmt::format("<script>{}</script>\n", viewer_script);
  return out + "</body>\n</html>\n";
}

}  // namespace colonnade
