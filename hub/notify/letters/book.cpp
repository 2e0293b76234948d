#include "notify/letters/book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/nearest.hpp"
#include "notify/letters/built_in.hpp"
#include "notify/letters/markup.hpp"
#include "notify/letters/words.hpp"

namespace ombud::notify {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSubject = "Subject:";
constexpr std::size_t kPreheaderBytesMax = 140;
constexpr std::size_t kGreetingBytesMax = 120;
constexpr std::array<std::string_view, 2> kLanguages{"sv", "en"};
constexpr std::string_view kDefault = "default";

// --- What templates may name
// ----------------------------------------------------------------------

const Names& letter_names() {
  static const Names names{
      {"person", "desk", "reference", "subject", "text", "author", "signer", "status", "url",
       "settings_url", "language", "link_days", "begins", "ends", "for_whom", "answer_by",
       "approvers"},
      {"text_html"},
      {"approved", "rejected", "undecided", "over", "planned", "cancelled", "under_way", "reminder",
       "waits", "may_reply", "with_files", "with_links", "footer"},
      {{"files", {{"name", "size", "url"}, {}, {}, {}}},
       {"quoted", {{"author", "at", "text"}, {"text_html"}, {}, {}}}}};
  return names;
}
const Names& digest_names() {
  static const Names names{
      {"person", "desk", "url", "settings_url", "language", "count"},
      {},
      {"one"},
      {{"items", {{"what", "reference", "subject", "text", "url", "at"}, {"text_html"}, {}, {}}}}};
  return names;
}
const Names& layout_names() {
  static const Names names{
      {"language", "desk", "reference", "subject", "preheader"}, {"content", "ending"}, {}, {}};
  return names;
}

const Names& names_of(std::string_view kind) {
  return kind == "digest" ? digest_names() : letter_names();
}

// --- Files
// ----------------------------------------------------------------------------------------

struct Place {
  std::string customer, language, kind;
  bool html = false;
};
// Where a file belongs, or what is wrong with its name. Own files begin with the customer.
Result<Place> place_of(const std::string& path, bool own) {
  std::vector<std::string> parts;
  for (const fs::path& part : fs::path(path)) parts.push_back(part.string());
  Place place;
  if (own) {
    if (parts.size() < 2) {
      return problem(ProblemKind::invalid,
                     "lies beside the folders: put it into default/sv, default/en, or a folder "
                     "named by a customer's key");
    }
    place.customer = parts.front();
    parts.erase(parts.begin());
  }
  const fs::path file(parts.back());
  if (parts.size() == 1) {
    if (file == "layout.html") {
      place.kind = "layout";
      place.html = true;
      return place;
    }
    return problem(ProblemKind::invalid,
                   "is no letter: here stands layout.html, and sv/ and en/ hold the letters");
  }
  place.language = parts.front();
  if (std::find(kLanguages.begin(), kLanguages.end(), place.language) == kLanguages.end()) {
    return problem(ProblemKind::invalid,
                   fmt::format("\"{}\" is no language: there are sv and en", place.language));
  }
  std::vector<std::string> known = letter_kinds();
  known.emplace_back("ending");
  place.kind = file.stem().string();
  place.html = file.extension() == ".html";
  const bool form = place.html || file.extension() == ".txt";
  if (parts.size() > 2 || !form ||
      std::find(known.begin(), known.end(), place.kind) == known.end()) {
    const auto meant = nearest(place.kind, known);
    return problem(ProblemKind::invalid,
                   fmt::format("is no letter. {}",
                               meant ? fmt::format("Did you mean {}{}?", *meant,
                                                   form ? file.extension().string() : ".txt")
                                     : fmt::format("There are {}, each .txt and .html",
                                                   joined(known, "and"))));
  }
  return place;
}

// What is about no customer is written as for everybody.
std::string_view own_or_default(std::string_view customer) {
  return customer.empty() ? kDefault : customer;
}

std::string key_of(std::string_view customer, std::string_view language, std::string_view kind) {
  return fmt::format("{}/{}/{}", customer, language, kind);
}

// --- Compiling
// ------------------------------------------------------------------------------------

struct Written {
  std::string file, content;
};

// The first line of a letter's text, and the rest with the number of its first line.
struct Parts {
  std::string_view subject, body;
  int body_line = 1;
};
std::optional<Parts> taken_apart(std::string_view text, std::vector<TemplateMistake>& mistakes) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::size_t end = text.find('\n');
  std::string_view first = text.substr(0, end);
  if (!first.starts_with(kSubject)) {
    mistakes.push_back({1, "the subject is missing: begin the file with a line \"Subject: …\""});
    return std::nullopt;
  }
  Parts parts;
  first.remove_prefix(kSubject.size());
  while (!first.empty() && (first.back() == '\r' || first.back() == ' ')) first.remove_suffix(1);
  while (!first.empty() && first.front() == ' ') first.remove_prefix(1);
  if (first.empty()) {
    mistakes.push_back({1, "the subject is empty: write it after \"Subject:\""});
    return std::nullopt;
  }
  parts.subject = first;
  std::string_view rest = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  parts.body_line = 2;
  while (rest.starts_with('\n') || rest.starts_with("\r\n")) {
    rest.remove_prefix(rest.find('\n') + 1);
    ++parts.body_line;
  }
  parts.body = rest;
  if (rest.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    mistakes.push_back({0, "the text is missing: a letter has words below its subject"});
    return std::nullopt;
  }
  return parts;
}

Template compile_html(std::string_view source, const Names& names,
                      std::vector<TemplateMistake>& mistakes) {
  for (TemplateMistake& mistake : markup_mistakes(source)) mistakes.push_back(std::move(mistake));
  return Template::compile(source, Form::html, names, mistakes);
}

// --- Filling in
// -----------------------------------------------------------------------------------

std::string_view language_of(std::string_view wanted) {
  return wanted == "en" ? "en" : "sv";
}

// An address that can stand in a letter, or none.
std::string address(std::string_view url) {
  if (!url.starts_with("https://") && !url.starts_with("http://")) return {};
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '<' || c == '>' || c == '"') {
      return {};
    }
  }
  return std::string(url);
}

// Whose words the letter itself speaks, so that a name of the desk's may stand below it.
bool is_signed(Kind kind) {
  return kind == Kind::replied || kind == Kind::waiting_for_you || kind == Kind::solved ||
         kind == Kind::closed || kind == Kind::reopened;
}
// Letters that say themselves what an answer does, or that take none.
bool asks_for_more(Kind kind) {
  return kind != Kind::waiting_for_you && kind != Kind::solved && kind != Kind::approval_needed &&
         kind != Kind::major_incident;
}

Values values_of(const LetterFacts& facts, const LetterPolicy& policy, Form form) {
  const std::string_view language = language_of(facts.language);
  Values all;
  auto& texts = all.texts;
  texts["person"] = one_line(facts.person_name, kNameBytesMax);
  texts["desk"] = one_line(facts.desk_name, kNameBytesMax);
  texts["reference"] = one_line(facts.reference, kNameBytesMax);
  texts["subject"] = one_line(facts.subject, kSubjectBytesMax);
  if (texts["subject"].empty()) texts["subject"] = no_subject(language);
  std::string said = many_lines(facts.text);
  if (facts.kind == Kind::approval_needed) said = first_lines(said, kOrderLinesMax);
  if (form == Form::html) texts["text_html"] = html_of(said);
  texts["text"] = said;
  texts["author"] = one_line(facts.author, kNameBytesMax);
  texts["for_whom"] = one_line(facts.for_whom, kNameBytesMax);
  // It stands there anyway.
  if (texts["author"] == texts["desk"] && texts["for_whom"].empty()) texts["author"].clear();
  if (is_signed(facts.kind)) texts["signer"] = texts["author"];
  texts["status"] = one_line(facts.status, kNameBytesMax);
  texts["url"] = address(facts.url);
  texts["settings_url"] = address(facts.settings_url);
  texts["language"] = language;
  texts["link_days"] = std::to_string(policy.link_days);
  const bool decided = facts.kind == Kind::approval_decided && facts.approved.has_value();
  all.flags["approved"] = decided && *facts.approved;
  all.flags["rejected"] = decided && !*facts.approved;
  all.flags["undecided"] = !decided;
  all.flags["waits"] = facts.kind == Kind::registered && facts.waits;
  texts["approvers"] = one_line(facts.approvers, kSubjectBytesMax);
  using Phase = LetterFacts::Phase;
  const bool incident = facts.kind == Kind::major_incident;
  all.flags["under_way"] = incident && facts.phase == Phase::under_way;
  all.flags["planned"] = incident && facts.phase == Phase::planned;
  all.flags["over"] = incident && facts.phase == Phase::over;
  all.flags["cancelled"] = incident && facts.phase == Phase::cancelled;
  const auto time = [&](const std::optional<Instant>& at) {
    return at ? time_words(*at, facts.zone, language) : std::string();
  };
  texts["begins"] = time(facts.begins_at);
  texts["ends"] = time(facts.ends_at);
  texts["answer_by"] = time(facts.answer_by);
  all.flags["reminder"] = facts.kind == Kind::approval_needed && facts.reminder;
  all.flags["may_reply"] = !facts.reference.empty() && asks_for_more(facts.kind);
  all.flags["footer"] = all.flags["may_reply"] || !texts["settings_url"].empty();
  all.flags["with_files"] = !facts.files.empty();
  for (const LetterFacts::File& file : facts.files) {
    Values entry;
    entry.texts["name"] = one_line(file.name, kNameBytesMax);
    entry.texts["size"] = size_words(file.bytes, language);
    entry.texts["url"] = address(file.url);
    if (!entry.texts["url"].empty()) all.flags["with_links"] = true;
    all.lists["files"].push_back(std::move(entry));
  }
  const std::string last = many_lines(cut_utf8(facts.quoted_text, kQuotedBytesMax));
  if (policy.quote_last && !last.empty()) {
    Values entry;
    const bool cut = facts.quoted_text.size() > kQuotedBytesMax;
    const std::string shown = cut ? last + "\n[…]" : last;
    entry.texts["author"] = one_line(facts.quoted_author, kNameBytesMax);
    entry.texts["at"] =
        facts.quoted_at ? time_words(*facts.quoted_at, facts.zone, language) : std::string();
    entry.texts["text"] = quoted(shown, kQuotedLinesMax);
    if (form == Form::html) entry.texts["text_html"] = html_of(first_lines(shown, kQuotedLinesMax));
    all.lists["quoted"].push_back(std::move(entry));
  }
  return all;
}

Values values_of(const DigestFacts& facts, Form form) {
  const std::string_view language = language_of(facts.language);
  Values all;
  auto& texts = all.texts;
  texts["person"] = one_line(facts.person_name, kNameBytesMax);
  texts["desk"] = one_line(facts.desk_name, kNameBytesMax);
  texts["url"] = address(facts.url);
  texts["settings_url"] = address(facts.settings_url);
  texts["language"] = language;
  texts["count"] = std::to_string(facts.items.size());
  all.flags["one"] = facts.items.size() == 1;
  all.flags["footer"] = !texts["settings_url"].empty();
  for (const DigestFacts::Item& item : facts.items) {
    Values entry;
    entry.texts["what"] = what_words(item.kind, language);
    entry.texts["reference"] = one_line(item.reference, kNameBytesMax);
    entry.texts["subject"] = one_line(item.subject, kSubjectBytesMax);
    if (entry.texts["subject"].empty()) entry.texts["subject"] = no_subject(language);
    std::string said = many_lines(cut_utf8(item.text, kDigestBytesMax));
    if (item.text.size() > kDigestBytesMax) said += " […]";
    said = first_lines(said, kDigestLinesMax);
    if (form == Form::html) entry.texts["text_html"] = html_of(said);
    entry.texts["text"] = std::move(said);
    entry.texts["url"] = address(item.url);
    entry.texts["at"] = time_words(item.at, facts.zone, language);
    all.lists["items"].push_back(std::move(entry));
  }
  return all;
}

std::string_view without_empty_ends(std::string_view text) {
  while (!text.empty() && (text.front() == '\n' || text.front() == '\r')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

// What mail programs show beside the subject: the first words after the greeting.
std::string first_words(std::string_view body) {
  const std::size_t end = body.find("\n\n");
  if (end != std::string_view::npos && end <= kGreetingBytesMax &&
      body.substr(0, end).find('\n') == std::string_view::npos) {
    body.remove_prefix(end);
  }
  return one_line(body, kPreheaderBytesMax);
}

std::string paragraph(std::string_view text) {
  return "<div dir=\"auto\" style=\"margin:0 0 "
         "16px;overflow-wrap:anywhere;word-break:break-word\">" +
         html_of(text) + "</div>\n";
}

}  // namespace

const std::vector<std::string>& letter_kinds() {
  static const std::vector<std::string> kinds = [] {
    std::vector<std::string> all;
    for (int kind = 0; kind <= static_cast<int>(Kind::major_incident); ++kind) {
      all.emplace_back(to_text(static_cast<Kind>(kind)));
    }
    all.emplace_back("digest");
    return all;
  }();
  return kinds;
}

LetterFiles read_letter_files(const fs::path& folder, const std::string& name,
                              std::vector<LetterFinding>& findings) {
  LetterFiles files;
  std::error_code error;
  if (!fs::is_directory(folder, error)) return files;
  fs::recursive_directory_iterator at(folder, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const std::string path = fs::relative(at->path(), folder, error).string();
    if (error) break;
    std::error_code unknown;
    if (at->path().filename().string().starts_with('.') || path.ends_with('~') ||
        at->path().filename() == "README.md" || !at->is_regular_file(unknown)) {
      continue;
    }
    const std::string shown = fmt::format("{}/{}", name, path);
    if (files.size() >= kLetterFilesMax) {
      findings.push_back(
          {shown, 0, fmt::format("is one file too many: {} are the most", kLetterFilesMax)});
      break;
    }
    std::ifstream in(at->path(), std::ios::binary);
    std::string text(kTemplateBytesMax + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (!in.is_open() || in.bad()) {
      findings.push_back({shown, 0, "cannot be read: let the hub's user read it"});
      continue;
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > kTemplateBytesMax) {
      findings.push_back(
          {shown, 0, fmt::format("is larger than {} KiB", kTemplateBytesMax >> 10U)});
      continue;
    }
    files[path] = std::move(text);
  }
  if (error) findings.push_back({name, 0, "cannot be read: " + error.message()});
  return files;
}

LetterBook::LetterBook(LetterPolicy policy) : LetterBook(policy, {}, "letters") {}

LetterBook::LetterBook(LetterPolicy policy, const LetterFiles& own, const std::string& name,
                       std::vector<LetterFinding> findings)
    : policy_(policy), findings_(std::move(findings)) {
  const std::size_t before = findings_.size();
  take_in(built_in_letters(), "built_in", false);
  OMBUD_ASSERT(findings_.size() == before);  // tests fill in every one of them
  take_in(own, name, true);
  std::stable_sort(findings_.begin(), findings_.end(),
                   [](const LetterFinding& a, const LetterFinding& b) {
                     return a.file != b.file ? a.file < b.file : a.line < b.line;
                   });
}

void LetterBook::take_in(const LetterFiles& files, const std::string& name, bool own) {
  struct Pair {
    Place place;
    std::optional<Written> text, html;
  };
  std::map<std::string, Pair> pairs;
  for (const auto& [path, content] : files) {
    const std::string shown = fmt::format("{}/{}", name, path);
    const auto place = place_of(path, own);
    if (!place) {
      findings_.push_back({shown, 0, place.error().detail});
      continue;
    }
    Pair& pair = pairs[key_of(place->customer, place->language, place->kind)];
    pair.place = *place;
    (place->html ? pair.html : pair.text) = Written{shown, content};
  }
  for (const auto& [key, pair] : pairs) {
    const auto& [place, text, html] = pair;
    const std::size_t before = findings_.size();
    const auto note = [this](const Written& in, std::vector<TemplateMistake>& mistakes) {
      for (TemplateMistake& mistake : mistakes) {
        findings_.push_back({in.file, mistake.line, std::move(mistake.detail)});
      }
      mistakes.clear();
    };
    std::vector<TemplateMistake> mistakes;
    for (const auto* part : {&text, &html}) {
      if (*part && !is_utf8((*part)->content)) {
        mistakes.push_back({0, "is not UTF-8: save it as such"});
        note(**part, mistakes);
      }
    }
    if (place.kind == "layout") {
      Template layout = compile_html(html->content, layout_names(), mistakes);
      for (const char* needed : {"content", "ending"}) {
        if (mistakes.empty() && !layout.uses(needed)) {
          mistakes.push_back(
              {0, fmt::format("never says {{{{{{{}}}}}}}, where the letter goes", needed)});
        }
      }
      note(*html, mistakes);
      if (findings_.size() == before) layouts_[place.customer] = std::move(layout);
      continue;
    }
    const Names& names = names_of(place.kind);
    Piece piece;
    if (!text) {
      mistakes.push_back({0, fmt::format("has no text part: write {}.txt beside it", place.kind)});
      note(*html, mistakes);
    } else if (place.kind == "ending") {
      piece.text = Template::compile(text->content, Form::text, names, mistakes);
    } else if (const auto parts = taken_apart(text->content, mistakes)) {
      piece.subject = Template::compile(parts->subject, Form::text, names, mistakes);
      piece.text = Template::compile(parts->body, Form::text, names, mistakes, parts->body_line);
    }
    if (text) note(*text, mistakes);
    if (html) {
      piece.html = compile_html(html->content, names, mistakes);
      piece.has_html = true;
      note(*html, mistakes);
    }
    if (findings_.size() == before) {
      if (place.kind == to_text(Kind::major_incident)) check_phases(text->file, piece);
      pieces_[key] = std::move(piece);
    } else {
      const LetterFinding& first = findings_[before];
      problems_[key] =
          fmt::format("{}{}: {}", first.file, first.line == 0 ? "" : fmt::format(":{}", first.line),
                      first.detail);
    }
  }
}

// One letter speaks of all that happens to a major incident. Where it has no words for a case, it
// would say the wrong thing: then another one does.
void LetterBook::check_phases(const std::string& file, Piece& piece) {
  const auto says = [&](std::string_view name, std::string_view when) {
    const bool there = piece.text.uses(name) && (!piece.has_html || piece.html.uses(name));
    if (!there) {
      findings_.push_back(
          {file, 0,
           fmt::format("never asks for {{{{#{}}}}}{}: of one that {} the built-in letter is sent. "
                       "Give it words of its own between {{{{#{}}}}} and {{{{/{}}}}}",
                       name, piece.has_html ? " in both its parts" : "", when, name, name),
           true});
    }
    return there;
  };
  piece.says_over = says("over", "is over");
  piece.says_planned = says("planned", "is announced before it begins");
  piece.says_cancelled = says("cancelled", "was planned and will not happen");
}

bool LetterBook::Piece::fits(LetterFacts::Phase phase) const {
  switch (phase) {
    case LetterFacts::Phase::under_way:
      return true;
    case LetterFacts::Phase::planned:
      return says_planned;
    case LetterFacts::Phase::over:
      return says_over;
    case LetterFacts::Phase::cancelled:
      return says_cancelled;
  }
  return true;
}

const LetterBook::Piece* LetterBook::piece(std::string_view customer, std::string_view language,
                                           std::string_view kind, LetterFacts::Phase phase) const {
  for (const std::string_view whose : {own_or_default(customer), kDefault, std::string_view()}) {
    const auto found = pieces_.find(key_of(whose, language, kind));
    if (found != pieces_.end() && found->second.fits(phase)) return &found->second;
  }
  OMBUD_ASSERT(false);
  return nullptr;
}

const Template& LetterBook::layout(std::string_view customer) const {
  for (const std::string_view whose : {own_or_default(customer), kDefault}) {
    const auto found = layouts_.find(whose);
    if (found != layouts_.end()) return found->second;
  }
  return layouts_.find("")->second;
}

std::string LetterBook::frame(std::string_view customer, std::string_view language,
                              Frame parts) const {
  Values values;
  values.texts["language"] = language;
  values.texts["desk"] = std::move(parts.desk);
  values.texts["reference"] = std::move(parts.reference);
  values.texts["subject"] = std::move(parts.subject);
  values.texts["preheader"] = std::move(parts.preheader);
  values.texts["content"] = std::move(parts.content);
  values.texts["ending"] = std::move(parts.ending);
  return layout(customer).fill(values);
}

LetterText LetterBook::finish(std::string_view customer, std::string_view language,
                              const Piece& letter, const Values& text, const Values& html) const {
  const Piece& ending = *piece(customer, language, "ending");
  LetterText out;
  out.subject = one_line(letter.subject.fill(text), kSubjectBytesMax);
  const std::string body(without_empty_ends(letter.text.fill(text)));
  const std::string below(without_empty_ends(ending.text.fill(text)));
  out.text = body + (below.empty() ? "" : "\n\n" + below) + "\n";
  const auto known = [&text](const char* name) {
    const auto found = text.texts.find(name);
    return found == text.texts.end() ? std::string() : found->second;
  };
  out.html = frame(customer, language,
                   {known("desk"), known("reference"), out.subject, first_words(body),
                    letter.has_html ? letter.html.fill(html) : paragraph(body),
                    ending.has_html ? ending.html.fill(html) : paragraph(below)});
  return out;
}

LetterText LetterBook::write(const LetterFacts& facts) const {
  const std::string_view language = language_of(facts.language);
  return finish(facts.customer, language,
                *piece(facts.customer, language, to_text(facts.kind), facts.phase),
                values_of(facts, policy_, Form::text), values_of(facts, policy_, Form::html));
}

LetterText LetterBook::write_digest(const DigestFacts& facts) const {
  const std::string_view language = language_of(facts.language);
  return finish(facts.customer, language, *piece(facts.customer, language, "digest"),
                values_of(facts, Form::text), values_of(facts, Form::html));
}

std::string LetterBook::framed(std::string_view customer, std::string_view language,
                               std::string_view desk, std::string_view subject,
                               std::string_view text) const {
  const std::string said = many_lines(text);
  return frame(customer, language_of(language),
               {one_line(desk, kNameBytesMax), "", one_line(subject, kSubjectBytesMax),
                first_words(said), paragraph(said), ""});
}

std::vector<LetterBook::Entry> LetterBook::entries() const {
  std::map<std::string, bool> customers{{std::string(kDefault), true}};
  const auto note = [&customers](const std::string& key) {
    const std::string customer = key.substr(0, key.find('/'));
    if (!customer.empty()) customers[customer];
  };
  for (const auto& [key, piece] : pieces_) note(key);
  for (const auto& [key, why] : problems_) note(key);
  std::vector<Entry> all;
  for (const std::string& kind : letter_kinds()) {
    for (const std::string_view language : kLanguages) {
      for (const auto& [customer, everybody] : customers) {
        const std::string key = key_of(customer, language, kind);
        const auto broken = problems_.find(key);
        const bool own = pieces_.contains(key);
        if (!everybody && !own && broken == problems_.end()) continue;
        all.push_back({kind, std::string(language), everybody ? std::string() : customer, own,
                       broken == problems_.end() ? std::string() : broken->second});
      }
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Entry& a, const Entry& b) { return a.customer < b.customer; });
  return all;
}

void LiveLetters::replace(std::shared_ptr<const LetterBook> book) {
  const std::lock_guard lock(mutex_);
  book_ = std::move(book);
}

std::shared_ptr<const LetterBook> LiveLetters::book() const {
  const std::lock_guard lock(mutex_);
  return book_;
}

}  // namespace ombud::notify
