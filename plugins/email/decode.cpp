#include "email/decode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "email/announcement.hpp"
#include "email/incoming.hpp"
#include "email/trim.hpp"

namespace ombud::email {
namespace {

constexpr std::size_t kEventIdBytesMax = 255;
constexpr std::size_t kReferenceMax = 40;

// The local part, if the id is one of ours.
std::optional<std::string> own_correlation(std::string_view id, const Settings& settings) {
  const std::string tail = "@" + settings.domain + ">";
  if (!id.starts_with('<') || !id.ends_with(tail)) return std::nullopt;
  return std::string(id.substr(1, id.size() - 1 - tail.size()));
}

// "OMB-1042" of the first tag like "[OMB-1042]": capitals, a hyphen, digits.
std::string tag_in(std::string_view subject) {
  for (std::size_t open = subject.find('['); open != std::string_view::npos;
       open = subject.find('[', open + 1)) {
    const std::size_t close = subject.find(']', open);
    if (close == std::string_view::npos) return {};
    const std::string_view tag = subject.substr(open + 1, close - open - 1);
    const std::size_t hyphen = tag.find('-');
    if (tag.size() > kReferenceMax || hyphen == std::string_view::npos || hyphen == 0) continue;
    const std::string_view letters = tag.substr(0, hyphen), digits = tag.substr(hyphen + 1);
    const bool fits =
        std::all_of(letters.begin(), letters.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) &&
        !digits.empty() &&
        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (fits) return std::string(tag);
  }
  return {};
}

// Which ticket the mail is about.
struct Thread {
  std::string external_id;  // Message-ID of our first mail, if References shows it
  std::string correlation;
  std::string echo_of;    // the mail is one of ours, come back
  std::string reference;  // the tag in the subject
};

Thread thread_of(const Incoming& mail, const Settings& settings) {
  Thread thread;
  thread.reference = tag_in(mail.subject);
  if (const auto own = own_correlation(mail.message_id, settings)) thread.echo_of = *own;
  for (const std::string& id : mail.references) {  // the oldest of ours began the thread
    if (const auto own = own_correlation(id, settings)) {
      thread.external_id = id;
      thread.correlation = *own;
      return thread;
    }
  }
  for (const auto* ids : {&mail.in_reply_to, &mail.returned}) {
    for (const std::string& id : *ids) {
      if (const auto own = own_correlation(id, settings)) {
        thread.correlation = *own;
        return thread;
      }
    }
  }
  return thread;
}

// A tag of another shape than the desk's own numbers is the supplier's.
bool belongs_to_no_ticket(const Thread& thread) {
  return thread.external_id.empty() && thread.correlation.empty() && thread.echo_of.empty() &&
         !thread.reference.starts_with("OMB-");
}

class Changes {
 public:
  Changes(const Incoming& mail, Thread thread, std::string event_id)
      : mail_(mail), thread_(std::move(thread)), event_id_(std::move(event_id)) {}

  void begin(json::Writer& out, std::string_view type, std::string_view suffix) const {
    out.begin_object()
        .field("schema", "ombud.change/1")
        .field("event_id", event_id_ + std::string(suffix));
    out.field("external_id", thread_.external_id).field("type", type);
    if (!thread_.correlation.empty()) out.field("correlation", thread_.correlation);
    if (!thread_.echo_of.empty()) out.field("echo_of", thread_.echo_of);
    if (!thread_.reference.empty()) out.field("reference", thread_.reference);
    if (mail_.sent_at_ms) out.field("at", to_rfc3339(instant_of(*mail_.sent_at_ms)));
  }
  void add(json::Writer& out) {
    out.end_object();
    documents_.push_back(out.take());
  }
  std::vector<std::string> take() { return std::move(documents_); }

 private:
  const Incoming& mail_;
  Thread thread_;
  std::string event_id_;
  std::vector<std::string> documents_;
};

std::string author_of(const Incoming& mail) {
  if (mail.from.name.empty()) return mail.from.address;
  if (mail.from.address.empty()) return mail.from.name;
  return fmt::format("{} <{}>", mail.from.name, mail.from.address);
}

// `says_nothing_else`: the mail carried a command, so an empty text needs no comment.
std::string comment_text(const Incoming& mail, std::string text, bool says_nothing_else) {
  for (const Enclosure& file : mail.enclosures) {
    if (!file.too_large) continue;
    text += fmt::format("{}[{}, {} bytes, is too large to be carried over: see the original mail]",
                        text.empty() ? "" : "\n", file.name, file.size);
  }
  if (text.empty() && mail.enclosures.empty() && !says_nothing_else)
    text = mail.subject.empty() ? "(empty mail)" : mail.subject;
  return text;
}

// The brackets stay: the hub's own ids have none, so the two can never be taken for each other.
std::string event_id_of(const Incoming& mail, std::string_view raw) {
  const bool fits = !mail.message_id.empty() && mail.message_id.size() + 16 <= kEventIdBytesMax;
  return fits ? mail.message_id : "sha256:" + sha256_hex(raw);
}

}  // namespace

std::optional<std::string> announcement_in(std::string_view raw, const Settings& settings) {
  const Incoming mail = read_mail(raw);
  if (!belongs_to_no_ticket(thread_of(mail, settings))) return std::nullopt;
  return announcement_of(mail, event_id_of(mail, raw), settings);
}

std::vector<std::string> changes_of(std::string_view raw, const Settings& settings) {
  const Incoming mail = read_mail(raw);
  const bool person = mail.origin == Origin::person;
  const std::string event_id = event_id_of(mail, raw);
  Thread thread = thread_of(mail, settings);
  if (belongs_to_no_ticket(thread)) {
    if (auto announced = announcement_of(mail, event_id, settings)) return {*std::move(announced)};
  }
  Changes changes(mail, std::move(thread), event_id);

  // A bounce or an automatic answer is kept whole: the reason often stands below a quoting line.
  std::string text = person ? trim_reply(mail.text) : mail.text;
  Command command;
  if (person) command = find_command(text, settings.commands);
  if (!command.status.empty()) text = command.text_without;
  text = comment_text(mail, std::move(text), !command.status.empty());
  if (!text.empty()) {
    json::Writer out;
    changes.begin(out, "comment", "");
    out.begin_object("comment").field("id", event_id).field("text", text).field("public", person);
    out.field("author", author_of(mail)).end_object();
    changes.add(out);
  }
  for (const Enclosure& file : mail.enclosures) {
    const std::string suffix = fmt::format("#{}", file.part);
    json::Writer out;
    changes.begin(out, "attachment", suffix);
    out.begin_object("attachment").field("id", event_id + suffix).field("name", file.name);
    out.field("media_type", file.media_type).field("size", file.size).field("public", person);
    if (!file.too_large) out.field("content", to_base64(file.bytes));
    out.end_object();
    changes.add(out);
  }
  if (!command.status.empty()) {
    json::Writer out;
    changes.begin(out, "status", "#status");
    out.field("status", command.status).field("status_text", command.word);
    changes.add(out);
  }
  return changes.take();
}

}  // namespace ombud::email
