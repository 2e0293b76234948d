#include "email/connector.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "email/compose.hpp"
#include "email/decode.hpp"
#include "email/glib_init.hpp"
#include "email/letter.hpp"
#include "shared/source.hpp"

namespace ombud::email {
namespace {

using sdk::Status;

// The Date header is the one thing in a mail that needs the time of day.
std::int64_t seconds_now() {
  GDateTime* now = g_date_time_new_now_utc();
  const std::int64_t seconds = g_date_time_to_unix(now);
  g_date_time_unref(now);
  return seconds;
}

}  // namespace

EmailConnector::EmailConnector(sdk::Host host, std::string_view config_json)
    : host_(host), settings_(read_settings(config_json, [&host](std::string_view token) {
        return host.secret(token);
      })) {
  bytes_init();
  start_gmime();
}

Status EmailConnector::conclude(const sdk::Call& call, const Verdict& verdict) const {
  if (verdict.status == Status::ok) return Status::ok;
  return call.fail_as(verdict.status, verdict.message, verdict.code);
}

Status EmailConnector::send(const sdk::Call& call, const sdk::Write& write, sdk::Sink& reply,
                            bool with_content) {
  const auto document = json::parse(write.body());
  if (!document) return call.fail_as(Status::permanent, document.error().detail);
  // A person who confirmed the first mail knows only its correlation; the message id follows from
  // it.
  const std::string thread = write.external_id().empty() || write.external_id().starts_with('<')
                                 ? std::string(write.external_id())
                                 : fmt::format("<{}@{}>", write.external_id(), settings_.domain);
  Order order{write.correlation(), thread, document->root(), std::nullopt};
  if (with_content || order.document["attachments"].size() != 0) {
    const auto source = write.content();
    if (!source) return call.fail_as(Status::permanent, "The attachment came without its bytes.");
    order.content = read_up_to(*source, settings_.attachment_bytes_max);
    if (!order.content) {
      return call.fail_as(Status::retry,
                          "The attachment's bytes could not be read; nothing was sent.");
    }
    if (static_cast<std::int64_t>(order.content->size()) > settings_.attachment_bytes_max) {
      return call.fail_as(
          Status::permanent,
          fmt::format("What is attached is larger than the {} MiB that this link mails "
                      "(settings.attachment_mib_max). Share it another way.",
                      settings_.attachment_bytes_max / std::int64_t{1 << 20}));
    }
  }
  const auto letter = write_letter(order, settings_);
  if (!letter) return call.fail_as(Status::permanent, letter.error().detail);
  const Envelope envelope{wire_address(settings_.envelope_from), wire_address(letter->to.address)};
  const Verdict verdict =
      send_mail(call, settings_.smtp, settings_.domain, envelope, compose(*letter, seconds_now()));
  if (verdict.status == Status::ok) {
    json::Writer out;
    out.begin_object().field("external_id", letter->message_id).end_object();
    reply.put(out.take());
  }
  return conclude(call, verdict);
}

Status EmailConnector::put_ticket(const sdk::Call& call, const sdk::Write& write,
                                  sdk::Sink& reply) {
  return send(call, write, reply, false);
}
Status EmailConnector::add_comment(const sdk::Call& call, const sdk::Write& write,
                                   sdk::Sink& reply) {
  return send(call, write, reply, false);
}
Status EmailConnector::add_attachment(const sdk::Call& call, const sdk::Write& write,
                                      sdk::Sink& reply) {
  return send(call, write, reply, true);
}

Status EmailConnector::find(const sdk::Call& call, std::string_view, const sdk::Write&,
                            sdk::Sink&) {
  return call.fail_as(
      Status::permanent,
      "Mail cannot be looked up at the supplier: whether this one arrived only a person "
      "can find out.");
}

Status EmailConnector::changes(const sdk::Call& call, std::string_view cursor, sdk::Sink& out) {
  if (!settings_.imap) {
    return call.fail_as(Status::permanent,
                        "This link reads no mailbox: remove poll_every, or add [settings.imap].");
  }
  Cursor at = parse_cursor(cursor).value_or(Cursor{});
  bool room = true;
  const TakeMail take = [&](std::string_view raw, bool whole) {
    if (!whole) {
      host_.log(sdk::Host::warning, "a mail is too large and was read in part",
                fmt::format("{{\"bytes_max\":{}}}", kMailBytesMax));
    }
    // A mail is taken whole: the host lets a reply end after it asked to stop.
    for (const std::string& change : changes_of(raw, settings_)) room = out.put(change) && room;
    return room;
  };
  const Verdict verdict = read_folder(call, *settings_.imap, settings_.imap_folder, at, take);
  // Whatever was taken before a fault counts: the next poll goes on from there.
  if (at.validity != 0) {
    json::Writer last;
    last.begin_object().field("cursor", to_text(at)).end_object();
    out.put(last.take());
  }
  return conclude(call, verdict);
}

Status EmailConnector::decode(const sdk::Call& call, std::string_view headers_json,
                              std::string_view body, sdk::Sink& out) {
  const auto headers = json::parse(headers_json);
  const std::string_view type = headers ? (*headers)["content-type"].text() : std::string_view();
  if (!type.starts_with("message/rfc822")) {
    return call.fail_as(
        Status::permanent,
        "A mail link takes raw mail (message/rfc822) and nothing else at this address.");
  }
  if ((*headers)["ombud-ticket"].text() == "none") {
    // The desk found no ticket that it belongs to: a person reads it, unless it announces
    // something.
    if (const auto announced = announcement_in(body, settings_)) out.put(*announced);
    return Status::ok;
  }
  // All of them, even if the host says stop: a mail is small enough, and half of one is worth
  // little.
  for (const std::string& change : changes_of(body, settings_)) out.put(change);
  return Status::ok;
}

Status EmailConnector::check(const sdk::Call& call) {
  const Verdict smtp = try_smtp(call, settings_.smtp, settings_.domain);
  if (smtp.status != Status::ok || !settings_.imap) return conclude(call, smtp);
  return conclude(call, try_imap(call, *settings_.imap));
}

}  // namespace ombud::email
