// SPDX-License-Identifier: GPL-3.0-or-later
// A self-contained HTML page: figures inline, no network, light and dark, prints well, usable by keyboard.
// Parts appear in the order of the calls. All text is plain text and gets escaped.
#pragma once

#include <string>
#include <vector>

#include "colonnade/report/column_viewer.h"

namespace colonnade {

/// Escapes text for HTML.
std::string escape_html(const std::string& text);

/// A figure to be seen at a glance: "R²", "0.82", "thickness alone: 0.41".
struct Card {
  std::string label, value;
  std::string note;  ///< may be empty
};

struct FileLink {
  std::string path;  ///< relative to the page
  std::string what;  ///< what is in it
};

class Page {
 public:
  explicit Page(std::string title, std::string subtitle = "");
  void paragraph(const std::string& text);
  void heading(const std::string& text);     ///< of a section
  void subheading(const std::string& text);  ///< within a section
  void notice(const std::string& text);      ///< set off: what the reader must not miss
  void warning(const std::string& text);     ///< set off more strongly: what may be wrong
  void list(const std::vector<std::string>& items);
  void cards(const std::vector<Card>& cards);
  /// A grid of figures that wraps on narrow screens. Fails on what is no SVG.
  void figures(const std::vector<std::string>& svgs, const std::string& caption);
  /// Columns of numbers are aligned right. Fails where a row has another length than the header. `links`: paths
  /// relative to the page behind each row's first cell (empty: none), or none at all.
  void table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
             const std::string& caption, bool folded = false, const std::vector<std::string>& links = {});
  void preformatted(const std::string& text, const std::string& caption, bool folded = true);
  /// Once a page.
  void viewer(const ColumnViewer& viewer);
  void files(const std::vector<FileLink>& files);
  /// What follows can be folded away under `summary`, until close_fold(). Folds may hold folds.
  void open_fold(const std::string& summary, bool open = false);
  /// A fold that is open where scripts do not run: for what the viewer shows, too.
  void open_fold_without_script(const std::string& summary);
  void close_fold();
  void footer(const std::string& text);  ///< version, seed; below a line at the end
  std::string html() const;

 private:
  std::string title_, subtitle_, body_, footer_;
  int open_folds_ = 0;
  bool scripted_ = false;
};

}  // namespace colonnade
