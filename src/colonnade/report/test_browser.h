// SPDX-License-Identifier: GPL-3.0-or-later
// For tests of pages that are alive: runs them in a headless Chromium where there is one.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "colonnade/core/file.h"

namespace colonnade {

/// The browser's command, or empty.
inline std::string browser_command() {
  for (const char* name : {"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}) {
    if (std::system((std::string("command -v ") + name + " > /dev/null 2>&1").c_str()) == 0) return name;
  }
  return "";
}

struct LoadedPage {
  std::string dom;      ///< after its scripts have run
  std::string console;  ///< lines that the page wrote to the console: errors, warnings, refusals by its policy
};

/// Loads a page; `folder` takes the browser's own files.
inline LoadedPage load_in_browser(const std::filesystem::path& page, const std::filesystem::path& folder) {
  const auto dom = folder / "dom.html", log = folder / "browser.log";
  const std::string command = "timeout 60 " + browser_command() +
                              " --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir='" +
                              (folder / "browser").string() +
                              "' --window-size=1200,900 --virtual-time-budget=2000 --enable-logging=stderr "
                              "--dump-dom 'file://" +
                              page.string() + "' > '" + dom.string() + "' 2> '" + log.string() + "'";
  if (std::system(command.c_str()) != 0) return {"", "the browser failed: " + read_file(log)};
  LoadedPage result{read_file(dom), ""};
  const std::string text = read_file(log);
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string line = text.substr(start, end - start);
    if (line.find("CONSOLE") != std::string::npos) result.console += line + "\n";
    start = end + 1;
  }
  return result;
}

}  // namespace colonnade
