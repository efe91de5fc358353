// SPDX-License-Identifier: GPL-3.0-or-later
#include "colonnade/report/page.h"

#include <gmock/gmock.h>

#include "colonnade/core/error.h"
#include "colonnade/report/figure.h"

namespace colonnade {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t i = text.find(part); i != std::string::npos; i = text.find(part, i + 1)) ++found;
  return found;
}

Page full_page() {
  Page page("Report", "of a particle");
  page.cards({{"Columns", "137", "3 at the edge"}, {"R²", "0.82", ""}});
  page.heading("Maps");
  page.subheading("Pt");
  page.paragraph("Text");
  page.notice("Note");
  page.warning("Careful");
  page.list({"one", "two"});
  page.figures({to_svg(BarFigure{.title = "A"}), to_svg(ScatterFigure{.title = "B"})}, "Two figures.");
  page.table({"Element", "R²"}, {{"Pt", "0.82"}, {"Ni", "−0.1"}}, "Scores");
  page.table({"a"}, {{"1"}}, "Folded table", true);
  page.preformatted("x = 1", "Options");
  page.files({{"columns.csv", "all columns"}});
  page.footer("seed 1");
  return page;
}

TEST(Page, HoldsAllItsParts) {
  const std::string html = full_page().html();
  for (const char* part :
       {"<h1>Report</h1>", "of a particle", "<h2>Maps</h2>", "<h3>Pt</h3>", "<p>Text</p>", "Note", "Careful",
        "<li>two</li>", "<figcaption>Two figures.</figcaption>", "137", "3 at the edge",
        "<pre tabindex=\"0\">x = 1</pre>", "href=\"columns.csv\"", "seed 1", "Folded table (1 row)"}) {
    EXPECT_THAT(html, HasSubstr(part));
  }
  EXPECT_EQ(count(html, "<svg "), 2U);
}

TEST(Page, TagsAreBalanced) {
  const std::string html = full_page().html();
  for (const char* tag :
       {"html",  "head",  "body",  "main", "header",  "h1",      "h2", "h3",  "dl",     "div",   "figure", "svg",
        "table", "thead", "tbody", "tr",   "details", "summary", "ul", "pre", "footer", "style", "title"}) {
    const std::string open = std::string("<") + tag;
    EXPECT_EQ(count(html, open + ">") + count(html, open + " "), count(html, std::string("</") + tag + ">")) << tag;
  }
}

TEST(Page, AsksTheNetworkForNothing) {
  const std::string html = full_page().html();
  EXPECT_EQ(count(html, "http"), 1U + count(html, "xmlns=\"http://www.w3.org/2000/svg\""))
      << "one http-equiv beside the names";
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  for (const char* part : {"<script", "<link", "@import", "url(", "src=\""}) EXPECT_THAT(html, Not(HasSubstr(part)));
}

TEST(Page, ServesDarkScreensPaperAndKeyboards) {
  const std::string html = full_page().html();
  for (const char* part :
       {"prefers-color-scheme:dark", "@media print", ":focus-visible", "tabindex=\"0\"", "lang=\"en\"", "viewport"}) {
    EXPECT_THAT(html, HasSubstr(part));
  }
}

TEST(Page, EscapesEverywhere) {
  const std::string nasty = "<b>&\"x\"";
  Page page(nasty, nasty);
  page.cards({{nasty, nasty, nasty}});
  page.heading(nasty);
  page.subheading(nasty);
  page.paragraph(nasty);
  page.notice(nasty);
  page.warning(nasty);
  page.list({nasty});
  page.figures({to_svg(BarFigure{.title = nasty})}, nasty);
  page.table({nasty}, {{nasty}}, nasty);
  page.table({nasty}, {{nasty}}, nasty, true);
  page.preformatted(nasty, nasty);
  page.files({{nasty, nasty}});
  page.open_fold(nasty);
  page.footer(nasty);
  EXPECT_THAT(page.html(), Not(HasSubstr("<b>")));
  EXPECT_THAT(page.html(), HasSubstr("href=\"%3Cb%3E%26%22x%22\""));
}

TEST(Page, NumbersAreAlignedRight) {
  Page page("t");
  page.table({"Element", "R²", "Share", "Note", "Empty"},
             {{"Pt", "0.82", "50 / 91 %", "good", "–"},
              {"Ni", "−0.1 ± 0.2", "33 %", "3 outliers", ""},
              {"Co", "–", "≥ 5 nm", "", "n/a"}},
             "c");
  const std::string html = page.html();
  EXPECT_THAT(
      html,
      HasSubstr(
          "<th scope=\"col\">Element</th><th scope=\"col\" class=\"number\">R²</th>"
          "<th scope=\"col\" class=\"number\">Share</th><th scope=\"col\">Note</th><th scope=\"col\">Empty</th>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"number\">−0.1 ± 0.2</td>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">Pt</th>")) << "words in front name their row";
}

TEST(Page, FoldsNestAndAreClosed) {
  Page page("t");
  page.open_fold("outer", true);
  page.open_fold("inner");
  page.close_fold();
  page.paragraph("inside");
  const std::string html = page.html();
  EXPECT_EQ(count(html, "<details"), 2U);
  EXPECT_EQ(count(html, "</details>"), 2U);
  EXPECT_THAT(html, HasSubstr("<details open><summary>outer</summary>"));
  page.close_fold();
  EXPECT_THROW(page.close_fold(), Error);
}

TEST(Page, RefusesWhatDoesNotFit) {
  Page page("t");
  EXPECT_THAT([&] { page.table({"a", "b"}, {{"1"}}, "Scores"); }, ThrowsMessage<Error>(HasSubstr("'Scores'")));
  EXPECT_THROW(page.figures({"<img src=x>"}, ""), Error);
  EXPECT_THROW(page.figures({"text <svg></svg>"}, ""), Error);
}

TEST(Page, StripsTheXmlProlog) {
  Page page("t");
  page.figures({"<?xml version=\"1.0\"?>\n<svg xmlns=\"x\"></svg>"}, "");
  EXPECT_THAT(page.html(), Not(HasSubstr("<?xml")));
}

TEST(Page, EmptyPartsLeaveNothing) {
  Page page("t");
  const std::string before = page.html();
  page.cards({});
  page.list({});
  page.files({});
  page.figures({}, "caption");
  EXPECT_EQ(page.html(), before);
}

}  // namespace
}  // namespace colonnade
