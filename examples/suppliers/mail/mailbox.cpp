#include "mail/mailbox.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "email/incoming.hpp"

namespace ombud::example {
namespace {

constexpr std::size_t kTextShownBytesMax = 4000;

std::string quoted(const std::string& text) {
  std::string lines = "> ";
  for (const char c : text) {
    lines += c;
    if (c == '\n') lines += "> ";
  }
  return lines;
}

}  // namespace

Mailbox::Mailbox(const std::string& path, Now now, std::string owner)
    : journal_(path), now_(std::move(now)), owner_(std::move(owner)) {
  for (const std::string& line : journal_.take_lines()) apply(line);
}

void Mailbox::apply(std::string_view line) {
  const auto parsed = json::parse(line);
  if (!parsed) throw std::runtime_error("The mailbox file is damaged: " + parsed.error().detail);
  if ((*parsed)["reply"].is_integer()) {
    ++replies_;
    return;
  }
  KeptMail mail;
  mail.number = static_cast<int>(mails_.size()) + 1;
  mail.envelope_from = (*parsed)["from"].text();
  mail.envelope_to = (*parsed)["to"].text();
  mail.raw = from_base64((*parsed)["raw"].text()).value_or("");
  std::string id = email::read_mail(mail.raw).message_id;
  for (std::size_t i = 0; i < message_ids_.size() && mail.copy_of == 0 && !id.empty(); ++i) {
    if (message_ids_[i] == id) mail.copy_of = static_cast<int>(i) + 1;
  }
  message_ids_.push_back(std::move(id));
  mails_.push_back(std::move(mail));
}

void Mailbox::keep(std::string_view from, std::string_view to, std::string_view raw) {
  json::Writer line;
  line.begin_object().field("from", from).field("to", to).field("raw", to_base64(raw)).end_object();
  const std::string text = line.take();
  const std::scoped_lock lock(mutex_);
  journal_.append(text);
  apply(text);
}

std::optional<Mailbox::Reply> Mailbox::reply(int number, const std::string& text, bool automatic) {
  const std::scoped_lock lock(mutex_);
  if (number < 1 || number > static_cast<int>(mails_.size())) return std::nullopt;
  const KeptMail& kept = mails_[static_cast<std::size_t>(number) - 1];
  const email::Incoming mail = email::read_mail(kept.raw);
  json::Writer line;
  line.begin_object().field("reply", number).end_object();
  const std::string recorded = line.take();
  journal_.append(recorded);
  apply(recorded);

  const std::int64_t now = now_();
  email::Letter letter;
  letter.from = {owner_, kept.envelope_to};
  letter.to = mail.from;
  letter.subject = (mail.subject.starts_with("Re: ") ? "" : "Re: ") + mail.subject;
  const std::string domain = kept.envelope_to.substr(kept.envelope_to.find('@') + 1);
  letter.message_id = fmt::format("<reply-{}-{}@{}>", replies_, now, domain);
  letter.in_reply_to = mail.message_id;
  letter.references = mail.references;
  if (!mail.message_id.empty()) letter.references.push_back(mail.message_id);
  letter.automatic = automatic;
  const std::string when = to_rfc3339(instant_of(now * 1000)).substr(0, 10);
  letter.text = fmt::format("{}\n\n-- \n{}\n\nOn {}, {} <{}> wrote:\n{}\n", text, owner_, when,
                            mail.from.name, mail.from.address, quoted(mail.text));
  return Reply{kept.envelope_to, mail.from.address, email::compose(letter, now)};
}

std::string Mailbox::mails_json() const {
  const std::scoped_lock lock(mutex_);
  json::Writer out;
  out.begin_array();
  for (const KeptMail& kept : mails_) {
    const email::Incoming mail = email::read_mail(kept.raw);
    out.begin_object()
        .field("number", kept.number)
        .field("from", kept.envelope_from)
        .field("to", kept.envelope_to);
    out.field("subject", mail.subject).field("message_id", mail.message_id);
    out.field("text", cut_utf8(mail.text, kTextShownBytesMax));
    if (kept.copy_of != 0) out.field("copy_of", kept.copy_of);
    out.begin_array("references");
    for (const std::string& id : mail.references) out.value(id);
    out.end_array().begin_array("attachments");
    for (const email::Enclosure& file : mail.enclosures) out.value(file.name);
    out.end_array().end_object();
  }
  return out.end_array().take();
}

std::size_t Mailbox::count() const {
  const std::scoped_lock lock(mutex_);
  return mails_.size();
}

}  // namespace ombud::example
