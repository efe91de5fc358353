// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/column_viewer.h"

#include <cmath>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "colonnade/core/test_errors.h"
#include "colonnade/core/test_folder.h"
#include "colonnade/report/page.h"
#include "colonnade/report/test_browser.h"

namespace colonnade {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Three columns in a row, 20 px apart.
ColumnViewer three_columns() {
  ColumnViewer viewer;
  viewer.image = Image(40, 80, 0.02);
  for (std::size_t i = 0; i < viewer.image.data.size(); ++i) viewer.image.data[i] = float(i % 7);
  viewer.x_px = {20, 40, 60};
  viewer.y_px = {20, 20, 20};
  viewer.counts.push_back({"Pt", "", {1.5, 4.25, 2}, {0.5, 1, 0.75}, {1, 3, 1}, {2, 5, 3}, {0, 2, 0}, {3, 6, 4}});
  viewer.numbers.push_back({"Cross-section", "nm²", {0.001, 0.002, std::nan("")}});
  viewer.remarks = {"", "</script><b>\"edge\"", ""};
  return viewer;
}

nlohmann::json data_of(const std::string& html) {
  const std::string open = "id=\"column-viewer-data\">";
  const std::size_t start = html.find(open) + open.size();
  return nlohmann::json::parse(html.substr(start, html.find("</script>", start) - start));
}

TEST(ColumnViewer, HoldsEveryNumber) {
  const auto data = data_of(viewer_html(three_columns()));
  EXPECT_EQ(data["width"], 80);
  EXPECT_DOUBLE_EQ(data["nm"], 0.02);
  EXPECT_EQ(data["counts"][0]["name"], "Pt");
  EXPECT_EQ(data["counts"][0]["colour"], "#65686c");
  EXPECT_EQ(data["counts"][0]["mean"], (std::vector<double>{1.5, 4.25, 2}));
  EXPECT_EQ(data["counts"][0]["high95"], (std::vector<double>{3, 6, 4}));
  EXPECT_TRUE(data["numbers"][0]["values"][2].is_null());
  EXPECT_EQ(data["remark"], (std::vector<int>{-1, 0, -1}));
  EXPECT_EQ(data["remarks"][0], "</script><b>\"edge\"");
  EXPECT_EQ(data["maps"]["viridis"].size(), data["maps"]["magma"].size());
}

TEST(ColumnViewer, NothingInItCanEndItsElement) {
  const std::string html = viewer_html(three_columns());
  EXPECT_THAT(html, Not(HasSubstr("<b>")));
}

TEST(ColumnViewer, ListsOfOtherLengthsAreRefused) {
  ColumnViewer viewer = three_columns();
  viewer.counts[0].deviation.pop_back();
  EXPECT_THAT(message_of([&] { viewer_html(viewer); }), HasSubstr("3 columns"));
}

TEST(ColumnViewer, OneAPageAndAllowedByItsPolicyAlone) {
  Page page("A page");
  EXPECT_THAT(page.html(), Not(HasSubstr("script")));
  page.viewer(three_columns());
  EXPECT_THAT(page.html(), HasSubstr("script-src 'sha256-"));
  EXPECT_THAT(message_of([&] { page.viewer(three_columns()); }), HasSubstr("has a viewer already"));
}

class ViewerInBrowser : public testing::Test {
 protected:
  void SetUp() override {
    if (browser_command().empty()) GTEST_SKIP() << "no Chromium here (Debian: chromium)";
    page_.viewer(three_columns());
    page_.open_fold_without_script("Figures");
    page_.close_fold();
  }
  LoadedPage load(const std::string& html) {
    write_file(folder_.path() / "page.html", html);
    return load_in_browser(folder_.path() / "page.html", folder_.path());
  }
  /// The page with a script of the test's behind its own, under a policy that lets it run.
  LoadedPage load_with(const std::string& script) {
    std::string html = page_.html();
    const std::size_t start = html.find("script-src '"), end = html.find('\'', start + 12);
    html.replace(start, end + 1 - start, "script-src 'unsafe-inline'");
    html.insert(html.find("</body>"), "<script>setTimeout(() => {" + script + "}, 300);</script>\n");
    return load(html);
  }

  TemporaryFolder folder_;
  Page page_{"Three columns"};
};

TEST_F(ViewerInBrowser, RunsAsItIsWithoutAWordOfComplaint) {
  const LoadedPage loaded = load(page_.html());
  EXPECT_EQ(loaded.console, "");
  EXPECT_THAT(loaded.dom, HasSubstr("data-ready=\"yes\""));
  EXPECT_THAT(loaded.dom, HasSubstr("Point at a column"));
  EXPECT_THAT(loaded.dom, HasSubstr("arrow keys go from column to column"));
  EXPECT_THAT(loaded.dom, HasSubstr("aria-pressed=\"false\""));
  EXPECT_THAT(loaded.dom, Not(HasSubstr("<details class=\"without-script\" open")));
}

TEST_F(ViewerInBrowser, PointerAndKeysReadColumns) {
  // The view is fitted to the columns: the second one stands in the middle of the map, the third right of it.
  const LoadedPage loaded = load_with(R"(
    const stage = document.querySelector('.stage'), box = stage.getBoundingClientRect(), read = [];
    const panel = () => document.querySelector('.panel').textContent;
    stage.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + box.width / 2, clientY: box.top + box.height / 2}));
    read.push('POINTER ' + panel());
    stage.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + 2, clientY: box.top + 2}));
    read.push('AWAY ' + panel());
    stage.focus();
    stage.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
    stage.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
    read.push('KEY ' + panel());
    read.push('SPOKEN ' + document.querySelector('.spoken').textContent);
    document.querySelector('.small button').click();
    read.push('LAYER ' + stage.getAttribute('aria-label') + ' ' + document.querySelector('.bar').hidden);
    document.body.dataset.read = read.join('|');)");
  EXPECT_EQ(loaded.console, "");
  EXPECT_THAT(loaded.dom, HasSubstr("POINTER Column 2x 0.800 nm, y 0.400 nmLeft out of sums:"));
  EXPECT_THAT(loaded.dom, HasSubstr("Pt4.3 ± 1.0"));
  EXPECT_THAT(loaded.dom, HasSubstr("Cross-section: 0.002 nm²"));
  EXPECT_THAT(loaded.dom, HasSubstr("AWAY Point at a column"));
  EXPECT_THAT(loaded.dom, HasSubstr("KEY Column 3x 1.200 nm"));
  EXPECT_THAT(loaded.dom, HasSubstr("SPOKEN Column 3: Pt 2.0 plus or minus 0.8"));
  EXPECT_THAT(loaded.dom, HasSubstr("LAYER Map of Pt with 3 columns; arrow keys go from column to column false"));
}

}  // namespace
}  // namespace colonnade
