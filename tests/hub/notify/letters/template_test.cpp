// What a template says, and what is found wrong before it can say anything.
#include "notify/letters/template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace ombud::notify {
namespace {

using testing::HasSubstr;

const Names kNames{
    {"name", "text"}, {"text_html"}, {"urgent"}, {{"files", {{"title", "size"}, {}, {}, {}}}}};

Template right(std::string_view source, Form form = Form::text) {
  std::vector<TemplateMistake> mistakes;
  Template compiled = Template::compile(source, form, kNames, mistakes);
  for (const auto& mistake : mistakes) ADD_FAILURE() << mistake.line << ": " << mistake.detail;
  return compiled;
}

std::vector<TemplateMistake> wrong(std::string_view source, Form form = Form::text) {
  std::vector<TemplateMistake> mistakes;
  Template::compile(source, form, kNames, mistakes);
  return mistakes;
}

Values some() {
  Values values;
  values.texts = {{"name", "Åsa <b>"}, {"text", ""}, {"text_html", "<em>hej</em>"}};
  Values one, two;
  one.texts = {{"title", "a.txt"}, {"size", "1 kB"}};
  two.texts = {{"title", "b.txt"}, {"size", ""}};
  values.lists["files"] = {one, two};
  return values;
}

TEST(Template, EscapesInHtmlAndNotInText) {
  EXPECT_EQ(right("Hej {{name}}!").fill(some()), "Hej Åsa <b>!");
  EXPECT_EQ(right("Hej {{ name }}, {{{text_html}}}", Form::html).fill(some()),
            "Hej Åsa &lt;b&gt;, <em>hej</em>");
}

TEST(Template, WhatAValueHoldsIsNeverATemplate) {
  Values values;
  values.texts["name"] = "{{text}} {{#urgent}} {{{text_html}}}";
  EXPECT_EQ(right("{{name}}").fill(values), "{{text}} {{#urgent}} {{{text_html}}}");
}

TEST(Template, SectionsOfTextsFlagsAndLists) {
  EXPECT_EQ(right("{{#text}}T{{/text}}{{^text}}none{{/text}}").fill(some()), "none");
  EXPECT_EQ(right("{{#urgent}}!{{/urgent}}{{^urgent}}.{{/urgent}}").fill(some()), ".");
  EXPECT_EQ(
      right("{{#files}}{{title}}{{#size}} ({{size}}){{/size}} of {{name}};{{/files}}").fill(some()),
      "a.txt (1 kB) of Åsa <b>;b.txt of Åsa <b>;");
  EXPECT_EQ(right("{{^files}}no files{{/files}}").fill(Values()), "no files");
}

// Mustache's rule for standalone lines, in sections that are there and in those that are not.
TEST(Template, LinesThatHoldOnlyATagLeaveNothingBehind) {
  const auto letter = right(
      "a\n  {{#text}}\nnot there\n{{/text}}  \n{{! whoever reads this }}\nb\n{{#files}}\n- "
      "{{title}}\n{{/files}}\n\nc {{#urgent}}\nd{{/urgent}}\n");
  EXPECT_EQ(letter.fill(some()), "a\nb\n- a.txt\n- b.txt\n\nc \n");
  EXPECT_EQ(right("{{#urgent}}\r\nx\r\n{{/urgent}}\r\ny\r\n").fill(some()), "y\r\n");
  EXPECT_EQ(right("{{^urgent}}\nx\n{{/urgent}}").fill(some()), "x\n");
}

TEST(Template, EveryMistakeIsToldWithItsLineAndWhatToWrite) {
  const auto all = wrong(
      "Hej {{nmae}}\n{{#files}}\n{{tilte}} {{{name}}}\n{{/files}}\n{{/urgent}}\n"
      "{{> frame}}\n{{#text}}\n\n{{urgent}}");
  ASSERT_EQ(all.size(), 7U);
  EXPECT_EQ(all[0].line, 1);
  EXPECT_THAT(all[0].detail, HasSubstr("Did you mean \"name\"?"));
  EXPECT_EQ(all[1].line, 3);
  EXPECT_THAT(all[1].detail, HasSubstr("Did you mean \"title\"?"));
  EXPECT_EQ(all[2].line, 3);
  EXPECT_EQ(all[3].line, 5);
  EXPECT_THAT(all[3].detail, HasSubstr("never opened"));
  EXPECT_EQ(all[4].line, 6);
  EXPECT_EQ(all[5].line, 9);
  EXPECT_THAT(all[5].detail, HasSubstr("{{#urgent}}"));
  EXPECT_EQ(all[6].line, 7);
  EXPECT_THAT(all[6].detail, HasSubstr("{{/text}}"));
}

TEST(Template, CrossedAndUnendedTagsAreMistakes) {
  ASSERT_EQ(wrong("{{#text}}{{#urgent}}{{/text}}{{/urgent}}").size(), 2U);
  ASSERT_EQ(wrong("a\nb {{name\n}}").size(), 1U);
  EXPECT_EQ(wrong("a\nb {{name\n}}")[0].line, 2);
  for (const char* broken : {"{{", "{{{", "{{}", "{{{name}}", "{{}}", "{{#}}{{/}}", "{{=<% %>=}}",
                             "{{&name}}", "{{.}}", "{{name.title}}"}) {
    EXPECT_FALSE(wrong(broken).empty()) << broken;
  }
}

TEST(Template, NamesOfAListAreKnownInsideItOnly) {
  EXPECT_EQ(wrong("{{title}}").size(), 1U);
  EXPECT_EQ(wrong("{{^files}}{{title}}{{/files}}").size(), 1U);
}

TEST(Template, HtmlTakesReadyHtmlWithThreeBracesAndNothingElseSo) {
  EXPECT_EQ(wrong("{{text_html}}", Form::html).size(), 1U);
  EXPECT_EQ(wrong("{{{name}}}", Form::html).size(), 1U);
  EXPECT_EQ(wrong("{{text_html}}", Form::text).size(), 1U);
}

// Whatever a file holds: it is compiled or its mistakes are told, and what compiled can be filled.
TEST(Template, TakesAnything) {
  const std::vector<std::string> pieces{
      "{{",    "}}",     "{{{",       "}}}",        "#",          "^",        "/",    "!",
      ">",     " ",      "\n",        "{",          "}",          "name",     "text", "files",
      "title", "urgent", "text_html", "{{#files}}", "{{/files}}", "{{name}}", "é"};
  std::minstd_rand random(7);
  int right_ones = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string source;
    for (auto i = random() % 12; i > 0; --i) source += pieces[random() % pieces.size()];
    const Form form = round % 2 == 0 ? Form::text : Form::html;
    std::vector<TemplateMistake> mistakes;
    const Template compiled = Template::compile(source, form, kNames, mistakes);
    for (const auto& mistake : mistakes) EXPECT_GE(mistake.line, 1) << source;
    if (!mistakes.empty()) continue;
    ++right_ones;
    compiled.fill(some());
    compiled.fill(Values());
  }
  EXPECT_GT(right_ones, 1000);
}

TEST(Template, SectionsMayNotNestWithoutEnd) {
  std::string deep, end;
  for (std::size_t i = 0; i <= kSectionDepthMax; ++i) {
    deep += "{{#urgent}}";
    end += "{{/urgent}}";
  }
  EXPECT_EQ(wrong(deep + end).size(), 1U);
}

}  // namespace
}  // namespace ombud::notify
