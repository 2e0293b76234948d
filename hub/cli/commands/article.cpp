// ombud article list, show, add, publish, archive: knowledge articles, written as Markdown files.
#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <ostream>

#include "cli/commands/words.hpp"
#include "cli/context.hpp"

namespace ombud::cli {
namespace {

constexpr std::size_t kFileBytesMax = 128U << 10U;  // as the hub takes it

Cell state_cell(json::View article) {
  const std::string_view state = article["state"].text();
  const bool newer =
      state == "published" && article["version"].integer() > article["published_version"].integer();
  return {std::string(state) + (newer ? " (newer draft)" : ""),
          state == "draft" || newer ? Paint::yellow
          : state == "published"    ? Paint::green
                                    : Paint::dim};
}

std::string texts_of(json::View list) {
  std::string all;
  for (std::size_t i = 0; i < list.size(); ++i) {
    all += (i == 0 ? "" : ", ") + std::string(list.at(i).text());
  }
  return all;
}

std::string readers_of(json::View article) {
  return article["audience"].text() == "all" ? "all customers" : texts_of(article["customers"]);
}

Exit list(Context& on, const Values& with) {
  Query query;
  query.add("q", with.text("WORDS")).add("state", with.text("--state"));
  query.add("service", with.text("--service")).add("language", with.text("--language"));
  query.add("cursor", with.text("--cursor"));
  return on.list("/articles" + query.text(), false, [&](json::View page) {
    const json::View items = page["items"];
    if (items.size() == 0) {
      on.out() << "There are no such articles. Write one: ombud article add FILE.md\n";
      return;
    }
    Table table({"ARTICLE", "STATE", "LANGUAGE", "FOR", "HELPFUL", "CHANGED", "TITLE"});
    for (std::size_t i = 0; i < items.size(); ++i) {
      const json::View article = items.at(i);
      table.add({{article["id"].dump(), Paint::bold},
                 state_cell(article),
                 {std::string(article["language"].text())},
                 {readers_of(article)},
                 {fmt::format("{} of {}", article["helpful"].integer(),
                              article["helpful"].integer() + article["unhelpful"].integer())},
                 {on.when(article["updated_at"])},
                 {std::string(article["title"].text())}});
    }
    table.print(on.out(), on.style, on.columns);
    on.print_more(page);
  });
}

Exit show(Context& on, const Values& with) {
  const auto id = on.number(with.text("ARTICLE"), "article");
  if (!id) return on.fail(id.error());
  return on.finish(on.get(fmt::format("/articles/{}", *id)), [&](json::View article) {
    on.out() << on.style(Paint::bold, fmt::format("Article {}", *id)) << "  "
             << printable(article["title"].text()) << '\n';
    Facts facts(on);
    facts.add("state", state_cell(article)).add("language", article["language"]);
    facts.add("summary", article["summary"]).add("services", article["services"]);
    facts.add("readers", Cell{readers_of(article)}).add("written by", article["author"]);
    facts.add_time("changed", article["updated_at"]);
    facts.print();
    on.out() << '\n' << printable(article["text"].text(), true) << '\n';
  });
}

// A first line "# Title" is the title and no part of the text.
struct Written {
  std::string title, text;
};
Written taken_apart(std::string text) {
  Written written;
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  const std::size_t begin = text.find_first_not_of("\r\n");
  if (begin != std::string::npos && text.compare(begin, 2, "# ") == 0) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    written.title = text.substr(begin + 2, end - begin - 2);
    while (!written.title.empty() &&
           (written.title.back() == '\r' || written.title.back() == ' ')) {
      written.title.pop_back();
    }
    text.erase(0, std::min(end + 1, text.size()));
  }
  written.text = text.substr(std::min(text.find_first_not_of("\r\n"), text.size()));
  return written;
}

Outcome<Written> written_in(Context& on, const std::string& name) {
  const std::filesystem::path file = on.world.directory / name;
  std::ifstream in(file, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in.is_open() || in.bad()) {
    return Failure{Exit::failed, fmt::format("{} cannot be read.", file.string()), {}, {}, {}};
  }
  if (text.size() > kFileBytesMax) {
    return Failure{Exit::failed,
                   fmt::format("{} is larger than {}.", file.string(), size_words(kFileBytesMax)),
                   {},
                   "Make it several articles.",
                   {}};
  }
  return taken_apart(std::move(text));
}

std::string body_of(const Written& written, const std::string& title, const Values& with) {
  json::Writer body;
  body.begin_object().field("title", title).field("text", written.text);
  body.field_if("summary", with.maybe("--summary")).field_if("language", with.maybe("--language"));
  body.begin_array("services");
  for (const std::string& service : with.list("--service")) body.value(service);
  body.end_array().begin_array("customers");
  for (const std::string& customer : with.list("--customer")) body.value(customer);
  return body.end_array().end_object().take();
}

Exit add(Context& on, const Values& with) {
  const auto files = with.list("FILE");
  if (files.size() > 1 && (with.maybe("--title") || with.maybe("--article"))) {
    return on.usage("--title and --article go with one file.");
  }
  for (const std::string& file : files) {
    const auto written = written_in(on, file);
    if (!written) return on.fail(written.error());
    const std::string title = with.text("--title", written->title);
    if (title.empty()) {
      return on.usage(
          fmt::format("{} has no title: begin it with a line \"# Title\", or add --title.", file));
    }
    const std::string body = body_of(*written, title, with);
    const auto old = with.maybe("--article");
    auto answer = old ? on.put("/articles/" + escape_url(*old), body) : on.post("/articles", body);
    if (answer && with.flag("--publish")) {
      answer = on.post(fmt::format("/articles/{}/publish", answer->root()["id"].integer()), "{}");
    }
    const Exit done = on.finish(answer, [&](json::View article) {
      const bool published = article["state"].text() == "published" &&
                             article["published_version"].integer() == article["version"].integer();
      on.out() << fmt::format("Article {}: {}. {}\n", article["id"].integer(), printable(title),
                              published
                                  ? "Users read it now."
                                  : fmt::format("Users read it after: ombud article publish {}",
                                                article["id"].integer()));
    });
    if (done != Exit::ok) return done;
  }
  return Exit::ok;
}

Exit act(Context& on, const Values& with, std::string_view action, std::string_view said) {
  for (const std::string& written : with.list("ARTICLE")) {
    const auto id = on.number(written, "article");
    if (!id) return on.fail(id.error());
    const Exit done = on.finish(on.post(fmt::format("/articles/{}/{}", *id, action), "{}"),
                                [&](json::View article) {
                                  on.out() << fmt::format("Article {}: {}. {}\n", *id,
                                                          printable(article["title"].text()), said);
                                });
    if (done != Exit::ok) return done;
  }
  return Exit::ok;
}

}  // namespace

std::vector<Command> article_commands() {
  using Kind = Argument::Kind;
  const Argument articles{
      .name = "ARTICLE", .help = "their numbers in the list", .kind = Kind::list, .required = true};
  return {
      {.group = "article",
       .name = "list",
       .summary = "List knowledge articles, or search them.",
       .arguments = {{.name = "WORDS", .help = "words or their beginnings, the best match first"},
                     {.name = "--state",
                      .help = "only those",
                      .choices = {"draft", "published", "archived"}},
                     {.name = "--service", .help = "only those about this one"},
                     {.name = "--language",
                      .help = "what is written in it comes first",
                      .choices = {"sv", "en"}},
                     {.name = "--cursor", .help = "the next page, as the last one said"}},
       .examples = {"ombud article list", "ombud article list \"byta lösenord\""},
       .run = list},
      {.group = "article",
       .name = "show",
       .summary = "Show one article as it was written.",
       .arguments = {{.name = "ARTICLE", .help = "its number in the list", .required = true}},
       .examples = {"ombud article show 4"},
       .run = show},
      {.group = "article",
       .name = "add",
       .summary = "Write articles from Markdown files, or a new text of one.",
       .arguments = {{.name = "FILE",
                      .help = "CommonMark, at most 128 KiB; a first line \"# Title\" is the title",
                      .kind = Kind::list,
                      .required = true},
                     {.name = "--title", .help = "instead of the file's own"},
                     {.name = "--summary", .help = "one or two sentences, for lists"},
                     {.name = "--language",
                      .help = "sv, if it is left out",
                      .choices = {"sv", "en"}},
                     {.name = "--service", .help = "what it is about", .kind = Kind::list},
                     {.name = "--customer",
                      .help = "only this one may read it; all, if it is left out",
                      .kind = Kind::list},
                     {.name = "--article", .help = "a new text of this one, by its number"},
                     {.name = "--publish", .help = "users read it at once", .kind = Kind::flag}},
       .examples = {"ombud article add losenord.md --service accounts --publish",
                    "ombud article add losenord.md --article 4"},
       .more =
           "Without HTML: what looks like it is shown as it stands. Links go to http, https and "
           "mailto. Every text is kept.",
       .run = add},
      {.group = "article",
       .name = "publish",
       .summary = "Users read the newest text from now on.",
       .arguments = {articles},
       .examples = {"ombud article publish 4 5"},
       .run = [](Context& on,
                 const Values& with) { return act(on, with, "publish", "Users read it now."); }},
      {.group = "article",
       .name = "archive",
       .summary = "Users read it no longer; publishing brings it back.",
       .arguments = {articles},
       .examples = {"ombud article archive 4"},
       .run =
           [](Context& on, const Values& with) {
             return act(on, with, "archive", "Users read it no longer.");
           }},
  };
}

}  // namespace ombud::cli
