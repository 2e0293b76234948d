#include "email/letter.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "email/words.hpp"

namespace ombud::email {
namespace {

constexpr std::size_t kSubjectBytesMax = 255;

void replace(std::string& text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  if (at != std::string::npos) text.replace(at, what.size(), with);
}

// "2026-11-22 09:30 UTC"; the text as it is if it is no time.
std::string readable_time(std::string_view rfc3339) {
  const auto at = parse_rfc3339(rfc3339);
  if (!at) return std::string(rfc3339);
  const std::string text = to_rfc3339(*at);
  return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

std::string readable_size(std::size_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  if (bytes < 1 << 20) return fmt::format("{} kB", bytes / 1024);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / (1024 * 1024));
}

class Body {
 public:
  explicit Body(Language language) : language_(language) {}
  Body& line(std::string_view text = {}) {
    text_ += text;
    text_ += '\n';
    return *this;
  }
  Body& line(Text text) { return line(say(text, language_)); }
  Body& fact(Text label, std::string_view value) {
    if (!value.empty()) line(fmt::format("{}: {}", say(label, language_), value));
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  Language language_;
  std::string text_;
};

std::string_view kind_word(std::string_view kind, Language language) {
  if (kind == "incident") return say(Text::kind_incident, language);
  if (kind == "order") return say(Text::kind_order, language);
  if (kind == "question") return say(Text::kind_question, language);
  return kind;
}

std::string_view priority_word(std::string_view priority, Language language) {
  if (priority == "low") return say(Text::priority_low, language);
  if (priority == "normal") return say(Text::priority_normal, language);
  if (priority == "high") return say(Text::priority_high, language);
  if (priority == "urgent") return say(Text::priority_urgent, language);
  return priority;
}

std::string status_sentence(std::string_view status, Language language) {
  if (status == "new") return std::string(say(Text::now_new, language));
  if (status == "in_progress") return std::string(say(Text::now_in_progress, language));
  if (status == "waiting") return std::string(say(Text::now_waiting, language));
  if (status == "resolved") return std::string(say(Text::now_resolved, language));
  if (status == "closed") return std::string(say(Text::now_closed, language));
  if (status == "withdrawn") return std::string(say(Text::now_withdrawn, language));
  return fmt::format("{}: {}", say(Text::label_status, language), status);
}

std::string user_line(json::View user) {
  std::string line;
  for (const char* member : {"name", "email", "phone"}) {
    const std::string_view value = user[member].text();
    if (!value.empty()) line += (line.empty() ? "" : ", ") + std::string(value);
  }
  return line;
}

// The first word of each status: what a supplier can write at the top of a reply.
std::string command_list(const Settings& settings) {
  std::string list;
  std::string_view last;
  for (const CommandWord& command : settings.commands) {
    if (command.status == last) continue;
    last = command.status;
    // In a Swedish mail the Swedish words; they are the ones with a letter beyond ASCII or none at
    // all.
    const CommandWord* best = &command;
    for (const CommandWord& other : settings.commands) {
      const bool swedish = std::any_of(other.word.begin(), other.word.end(),
                                       [](char c) { return static_cast<unsigned char>(c) > 0x7F; });
      if (settings.language == Language::sv && other.status == command.status && swedish) {
        best = &other;
        break;
      }
    }
    list += (list.empty() ? "" : ", ") + best->word;
  }
  return list;
}

void facts(Body& body, json::View ticket, Language language) {
  body.fact(Text::label_reference, ticket["reference"].text());
  body.fact(Text::label_kind, kind_word(ticket["kind"].text(), language));
  body.fact(Text::label_priority, priority_word(ticket["priority"].text(), language));
  body.fact(Text::label_service, ticket["service"].text());
  body.fact(Text::label_customer, ticket["customer"].text());
  body.fact(Text::label_user, user_line(ticket["user"]));
  if (ticket["opened_at"].present()) {
    body.fact(Text::label_opened, readable_time(ticket["opened_at"].text()));
  }
  if (ticket["due_at"].present())
    body.fact(Text::label_due, readable_time(ticket["due_at"].text()));
}

void footer(Body& body, const Settings& settings, std::string_view desk) {
  std::string how(say(Text::how_to_answer, settings.language));
  replace(how, "{commands}", command_list(settings));
  body.line().line(how).line().line("-- ").line(desk);
}

std::string desk_name(json::View document, const Settings& settings) {
  const std::string_view name = document["desk"]["name"].text();
  if (!name.empty()) return std::string(name);
  return settings.from.name.empty() ? settings.from.address : settings.from.name;
}

std::string new_ticket(json::View ticket, const Settings& settings) {
  Body body(settings.language);
  body.line(Text::greeting).line().line(Text::hand_over).line();
  facts(body, ticket, settings.language);
  body.line().line(fmt::format("{}:", say(Text::label_description, settings.language)));
  body.line(ticket["description"].text());
  footer(body, settings, desk_name(ticket, settings));
  return body.take();
}

std::string changed_ticket(json::View ticket, const Settings& settings) {
  Body body(settings.language);
  body.line(status_sentence(ticket["status"].text(), settings.language));
  body.line().line(Text::update_facts);
  facts(body, ticket, settings.language);
  body.line().line("-- ").line(desk_name(ticket, settings));
  return body.take();
}

std::string comment_text(json::View comment, const Settings& settings) {
  Body body(settings.language);
  const std::string_view author = comment["author"].text();
  if (!author.empty()) {
    std::string intro(say(Text::comment_from, settings.language));
    replace(intro, "{author}", author);
    body.line(intro).line();
  }
  body.line(comment["text"].text());
  if (!comment["public"].boolean(true)) body.line().line(Text::comment_private);
  body.line().line("-- ").line(desk_name(comment, settings));
  return body.take();
}

std::string follow_up_subject(json::View document, Language language) {
  const std::string_view subject = document["subject"].text();
  return "Re: " + std::string(subject.empty() ? say(Text::update_subject, language) : subject);
}

// The files of a notice: their bytes come one after the other, in the order of the document.
Result<std::vector<File>> files_of(const Order& order) {
  const json::View list = order.document["attachments"];
  const std::string_view bytes = order.content ? std::string_view(*order.content) : "";
  std::vector<File> files;
  std::size_t at = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const json::View entry = list.at(i);
    const std::int64_t size = entry["size"].integer(-1);
    if (size < 0 || static_cast<std::size_t>(size) > bytes.size() - at) {
      return problem(ProblemKind::invalid,
                     fmt::format("The bytes of {} attachments came, and they are fewer than the "
                                 "document says.",
                                 list.size()));
    }
    File file{std::string(cut_utf8(entry["name"].text("attachment"), 255)),
              std::string(entry["media_type"].text()),
              std::string(bytes.substr(at, static_cast<std::size_t>(size)))};
    at += static_cast<std::size_t>(size);
    const std::string_view digest = entry["sha256"].text();
    if (!digest.empty() && digest != sha256_hex(file.bytes)) {
      return problem(ProblemKind::invalid,
                     fmt::format("The file \"{}\" is not the one that the desk chose: its bytes "
                                 "have changed.",
                                 header_text(file.name)));
    }
    files.push_back(std::move(file));
  }
  if (at != bytes.size()) {
    return problem(ProblemKind::invalid, "More bytes of attachments came than the document names.");
  }
  return files;
}

Result<Letter> notice(const Order& order, Letter letter) {
  const json::View document = order.document;
  letter.to = {std::string(document["to"]["name"].text()),
               std::string(document["to"]["address"].text())};
  if (!is_address(letter.to.address)) {
    return problem(ProblemKind::invalid,
                   fmt::format("\"{}\" is no mail address: correct the user's address and send the "
                               "notice again.",
                               header_text(letter.to.address)));
  }
  letter.subject = std::string(cut_utf8(document["subject"].text(), kSubjectBytesMax));
  letter.text = document["text"].text();
  letter.html = document["html"].text();
  letter.language = document["language"].text();
  letter.reply_to = document["reply_to"].text();
  if (!letter.reply_to.empty() && !is_address(letter.reply_to)) {
    return problem(ProblemKind::invalid,
                   fmt::format("\"{}\" is no mail address for answers: see [desk] email.",
                               header_text(letter.reply_to)));
  }
  letter.unsubscribe = document["list_unsubscribe"].text();
  auto files = files_of(order);
  if (!files) return files.error();
  letter.files = std::move(*files);
  letter.automatic = document["automatic"].boolean(true);
  const auto parents = message_ids(document["in_reply_to"].text());
  const auto thread = message_ids(document["references"].text());
  if (!parents.empty()) letter.in_reply_to = parents.front();
  if (!thread.empty()) letter.references = thread;
  if (!parents.empty() && std::find(letter.references.begin(), letter.references.end(),
                                    parents.front()) == letter.references.end()) {
    letter.references.push_back(parents.front());
  }
  return letter;
}

}  // namespace

Result<Letter> write_letter(const Order& order, const Settings& settings) {
  const json::View document = order.document;
  const std::string_view schema = document["schema"].text();
  Letter letter;
  letter.from = settings.from;
  letter.to = {"", settings.to};
  letter.message_id = fmt::format("<{}@{}>", order.correlation, settings.domain);
  letter.reference = document["reference"].text();
  letter.language = settings.language == Language::sv ? "sv" : "en";
  letter.link = settings.domain;
  if (message_ids(letter.message_id).size() != 1) {
    return problem(ProblemKind::invalid,
                   "The correlation of this delivery cannot stand in a Message-ID.");
  }
  const auto root = message_ids(order.external_id);
  if (!order.external_id.empty() && root.empty()) {
    return problem(
        ProblemKind::invalid,
        fmt::format("The thread \"{}\" is no Message-ID in angle brackets: the ticket was "
                    "given to another kind of connector before; hand it over anew.",
                    header_text(order.external_id)));
  }
  if (!root.empty()) {
    letter.in_reply_to = root.front();
    letter.references = {root.front()};
  }

  if (schema == "ombud.notice/1") return notice(order, std::move(letter));
  if (settings.to.empty()) {
    return problem(ProblemKind::invalid,
                   "This link has no supplier address: write `to = \"…\"` into its [settings].");
  }
  if (schema == "ombud.ticket/1") {
    if (root.empty()) {
      letter.subject = document["subject"].text();
      letter.text = new_ticket(document, settings);
    } else {
      letter.subject = follow_up_subject(document, settings.language);
      letter.text = changed_ticket(document, settings);
    }
  } else if (schema == "ombud.comment/1") {
    letter.subject = follow_up_subject(document, settings.language);
    letter.text = comment_text(document, settings);
  } else if (schema == "ombud.attachment/1") {
    if (!order.content) {
      return problem(ProblemKind::invalid, "The attachment came without its bytes.");
    }
    File file{std::string(cut_utf8(document["name"].text("attachment"), 255)),
              std::string(document["media_type"].text()), *order.content};
    std::string intro(say(Text::attachment_text, settings.language));
    replace(intro, "{size}", readable_size(file.bytes.size()));
    replace(intro, "{name}", header_text(file.name));
    Body body(settings.language);
    body.line(intro).line().line("-- ").line(desk_name(document, settings));
    letter.subject = follow_up_subject(document, settings.language);
    letter.text = body.take();
    letter.files.push_back(std::move(file));
  } else {
    return problem(
        ProblemKind::invalid,
        fmt::format("This connector does not know the document \"{}\".", header_text(schema)));
  }
  letter.subject = std::string(cut_utf8(letter.subject, kSubjectBytesMax));
  return letter;
}

}  // namespace ombud::email
