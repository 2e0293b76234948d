#include "rest/connector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "base/bytes.hpp"
#include "profile/text.hpp"

namespace ombud::rest {
namespace {

constexpr std::size_t kPieceBytes = 65'536;  // read or pushed at a time

[[noreturn]] void refuse_all(const std::vector<profile::Mistake>& mistakes, const char* what) {
  std::string all;
  for (const profile::Mistake& mistake : mistakes) {
    std::string place = what;
    for (const char c : mistake.pointer) place += c == '/' ? '.' : c;
    all += (all.empty() ? "" : "; ") + place + " " + mistake.detail;
  }
  throw std::invalid_argument(all + ".");
}

profile::Bound read_config(std::string_view config_json) {
  const auto config = json::parse(config_json);
  if (!config) {
    throw std::invalid_argument("The settings could not be read: " + config.error().detail);
  }
  const json::View given = (*config)["profile"];
  if (!given.is_object()) {
    throw std::invalid_argument(
        "settings.profile must hold the profile itself, a table. The hub puts it there when the "
        "link's file names one, such as profile = \"redmine\".");
  }
  std::vector<profile::Mistake> mistakes;
  auto compiled = profile::compile(given, mistakes);
  if (!mistakes.empty()) refuse_all(mistakes, "profile");
  mistakes = profile::check_settings(*compiled, config->root());
  if (!mistakes.empty()) refuse_all(mistakes, "settings");
  return profile::bind(std::move(compiled), config->root());
}

}  // namespace

Rest::Rest(Host host, std::string_view config_json)
    : host_(host), bound_(read_config(config_json)) {}

Status Rest::guarded(Run& run, bool write, const std::function<void()>& body) const {
  try {
    body();
    return Status::ok;
  } catch (const Finished&) {
    return Status::ok;
  } catch (const Failure& failure) {
    return run.fail(failure, write);
  } catch (const profile::Refused& refused) {
    return run.fail(Run::failure_of(refused), write);
  }
}

Status Rest::check(const Call& call) {
  Run run(host_, bound_, memory_, call);
  run.forget_what_is_proven();
  return guarded(run, false, [&] { run.steps(profile().check); });
}

Status Rest::changes(const Call& call, std::string_view cursor, Sink& out) {
  Run run(host_, bound_, memory_, call);
  return guarded(run, false, [&] {
    // Announcements that cannot be read hold up no ticket, and are told after the tickets.
    std::optional<Failure> unread;
    try {
      if (!push_listed_notices(run, out)) return;
    } catch (const Failure& failure) {
      unread = failure;
    }
    if (profile().poll.feed) {
      poll_feed(run, cursor, out);
    } else {
      poll_by_time(run, cursor, out);
    }
    if (unread) throw *unread;
  });
}

Status Rest::attachment(const Call& call, std::string_view reference_json, Sink& bytes) {
  Run run(host_, bound_, memory_, call);
  return guarded(run, false, [&] {
    const std::string title = profile().title;
    Failure failure;
    if (!profile().fetch.present) {
      failure.message = title + " gives no attachments by this profile.";
      throw failure;
    }
    auto reference = json::parse(reference_json);
    if (reference) run.scope().set("reference", Value(run.scope().keep(std::move(*reference))));
    if (!profile().fetch_allowed.evaluate(run.scope()).truth()) {
      failure.message = "This is no reference to an attachment in " + title + ".";
      throw failure;
    }
    const profile::Steps& steps = profile().fetch.steps;
    const bool inside = !profile().fetch_content.empty();
    const auto applies = [&](const profile::Step& step) {
      return !step.has_when || step.when.evaluate(run.scope()).truth();
    };
    for (auto step = steps.begin(); step != steps.end(); ++step) {
      // The last one whose condition holds gives the bytes.
      if (inside || std::any_of(step + 1, steps.end(), applies)) {
        run.step(*step);
      } else if (applies(*step)) {
        run.download(*step, bytes);
      }
    }
    if (inside) {
      const std::string all = profile().fetch_content.text(run.scope());
      for (std::size_t at = 0; at < all.size(); at += kPieceBytes) {
        if (!bytes.put(std::string_view(all).substr(at, kPieceBytes))) break;
      }
    }
  });
}

std::string Rest::traits() const {
  json::Writer out;
  out.begin_object().begin_array("capabilities");
  for (const std::string& capability : profile().capabilities) out.value(capability);
  return out.end_array().field("lookup_lag_ms", profile().lookup_lag_ms).end_object().take();
}

// ---- what goes out ----

namespace {

void push_reply(Run& run, const profile::Operation& operation, const std::string& external_id,
                Sink& reply) {
  Scope& scope = run.scope();
  for (const profile::Difference& difference : operation.changed) {
    if (!difference.when.evaluate(scope).truth()) continue;
    run.add_difference(difference.name);
    if (difference.has_log) run.log(Host::error, difference.log.text(scope));
  }
  const std::string id = operation.external_id.text(scope);
  json::Writer out;
  out.begin_object();
  if (!(id.empty() ? external_id : id).empty()) {
    out.field("external_id", id.empty() ? external_id : id);
  }
  if (const std::string version = operation.version.text(scope); !version.empty()) {
    out.field("version", version);
  }
  if (const std::string url = operation.url.text(scope); !url.empty()) out.field("url", url);
  const std::vector<std::string> changed = run.differing();
  if (!changed.empty()) {
    out.begin_array("changed");
    for (const std::string& name : changed) out.value(name);
    out.end_array();
  }
  out.end_object();
  reply.put(out.take());
}

json::Document document_of(const Write& write, const char* schema) {
  auto document = json::parse(write.body());
  Failure failure;
  if (!document) {
    failure.message = "The hub's document could not be read: " + document.error().detail;
    throw failure;
  }
  if (const std::string_view named = (*document)["schema"].text(); named != schema) {
    failure.message = fmt::format("This connector takes {} here, not \"{}\".", schema, named);
    throw failure;
  }
  return std::move(*document);
}

}  // namespace

// What comes back as a path to the supplier must look like an id of its.
void Rest::require_id(const Write& write) const {
  constexpr std::size_t kIdBytesMax = 255;
  const std::string_view id = write.external_id();
  const std::string& form = profile().id_form;
  const bool fits = !id.empty() && id.size() <= kIdBytesMax &&
                    (form == "any" ||
                     (form == "number" && id.size() <= 18 &&
                      id.find_first_not_of("0123456789") == std::string_view::npos) ||
                     (form == "word" &&
                      id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                           "0123456789-_.") == std::string_view::npos));
  if (fits) return;
  Failure failure;
  failure.message = fmt::format("The write names no ticket of {}{}.", profile().title,
                                form == "number" ? " (a whole number)" : "");
  throw failure;
}

void Rest::read_content(Run& run, const Write& write, json::View document) const {
  Failure failure;
  auto source = write.content();
  if (!source) {
    failure.message = "The attachment came without its bytes.";
    throw failure;
  }
  const std::string& setting = profile().attachment_max_setting;
  const std::int64_t most =
      setting.empty() ? INT64_MAX : bound_.settings[setting].integer(INT64_MAX);
  std::string all;
  std::string piece(kPieceBytes, '\0');
  bool too_large = document["size"].integer() > most;
  while (!too_large) {
    const std::int64_t got = source->read(piece.data(), piece.size());
    if (got < 0) {
      failure.status = Status::retry;
      failure.message = "The attachment's bytes could not be read.";
      throw failure;
    }
    if (got == 0) break;
    all.append(piece, 0, static_cast<std::size_t>(got));
    too_large = static_cast<std::int64_t>(all.size()) > most;
  }
  if (too_large) {
    failure.message = fmt::format(
        "The attachment is larger than {} bytes, which settings.{} allows. Raise it if the "
        "supplier takes more.",
        most, setting);
    throw failure;
  }
  run.scope().set("content", Value(all));
  run.content(std::move(all));
}

Status Rest::operate(const Call& call, const Write& write, const char* schema, const char* name,
                     const profile::Operation& operation, Sink& reply) {
  Run run(host_, bound_, memory_, call);
  return guarded(run, true, [&] {
    carry_out(run, write, schema, name, operation);
    if (&operation == &profile().create && operation.external_id.text(run.scope()).empty()) {
      Failure failure;
      failure.status = Status::ambiguous;
      failure.message = profile().title + " took the ticket but did not say its id.";
      throw failure;
    }
    push_reply(run, operation,
               &operation == &profile().update ? std::string(write.external_id()) : "", reply);
  });
}

void Rest::carry_out(Run& run, const Write& write, const char* schema, const char* name,
                     const profile::Operation& operation) {
  Scope& scope = run.scope();
  const json::View document = scope.keep(document_of(write, schema));
  scope.set(name, Value(document));
  scope.set("correlation", Value(std::string(write.correlation())));
  scope.set("attempt", Value(static_cast<std::int64_t>(write.attempt())));
  const bool creates = &operation == &profile().create;
  if (!creates) {
    require_id(write);
    scope.set("external_id", Value(std::string(write.external_id())));
  }
  if (!operation.present) {
    Failure failure;
    failure.message = fmt::format("{} takes no {} by this profile.", profile().title, name);
    throw failure;
  }
  if (&operation == &profile().attachment && !run.is_on_paper()) read_content(run, write, document);
  if (&operation == &profile().update) run.ends_when_same();
  try {
    if (creates) run.set_fields();
    run.steps(operation.steps);
  } catch (const Finished&) {  // what follows is not needed
  }
}

Status Rest::put_ticket(const Call& call, const Write& write, Sink& reply) {
  return operate(call, write, "ombud.ticket/1", "ticket",
                 write.external_id().empty() ? profile().create : profile().update, reply);
}

Status Rest::add_comment(const Call& call, const Write& write, Sink& reply) {
  return operate(call, write, "ombud.comment/1", "comment", profile().comment, reply);
}

Status Rest::add_attachment(const Call& call, const Write& write, Sink& reply) {
  return operate(call, write, "ombud.attachment/1", "attachment", profile().attachment, reply);
}

// ---- what is looked for ----

namespace {

constexpr std::int64_t kFindPagesMax = 50;

}  // namespace

Status Rest::find(const Call& call, std::string_view kind, const Write& write, Sink& matches) {
  const profile::Find* find = kind == "ticket"       ? &profile().find_ticket
                              : kind == "comment"    ? &profile().find_comment
                              : kind == "attachment" ? &profile().find_attachment
                                                     : nullptr;
  Run run(host_, bound_, memory_, call);
  return guarded(run, false, [&] {
    Failure failure;
    if (write.correlation().empty()) {
      failure.message = "A search without a correlation finds nothing.";
      throw failure;
    }
    if (find == nullptr || !find->present) {
      failure.message =
          fmt::format("{} cannot be searched for \"{}\" by this profile.", profile().title, kind);
      throw failure;
    }
    if (kind != "ticket") require_id(write);
    Scope& scope = run.scope();
    scope.set("correlation", Value(std::string(write.correlation())));
    scope.set("external_id", Value(std::string(write.external_id())));
    run.steps(find->before);

    Value::List seen;
    bool ignored = false;
    for (const profile::Search& search : find->searches) {
      for (std::int64_t page = 0;; ++page) {
        set_page(scope, search.page_rows, page);
        const Value rows = run.rows(scope, search);
        for (std::size_t i = 0; i < rows.size(); ++i) {
          seen.push_back(rows.at(i));
          scope.set("row", seen.back());
          ignored = ignored || (find->has_believable && !find->believable.evaluate(scope).truth());
        }
        const bool full = static_cast<std::int64_t>(rows.size()) >= search.page_rows;
        if (search.page_rows == 0 || !full) break;
        if (page + 1 < kFindPagesMax) continue;
        failure.message = fmt::format(
            "{} lists more than {} pages to look through, so it cannot be told whether it is "
            "there.",
            profile().title, kFindPagesMax);
        throw failure;
      }
    }
    std::vector<std::string> known;
    for (const profile::Expression& match : find->matches) {
      for (const Value& row : seen) {
        scope.set("row", row);
        if (!match.evaluate(scope).truth()) continue;
        const std::string id = find->external_id.text(scope);
        if (std::find(known.begin(), known.end(), id) != known.end()) continue;
        known.push_back(id);
        json::Writer out;
        out.begin_object().field("external_id", id);
        if (const std::string version = find->version.text(scope); !version.empty()) {
          out.field("version", version);
        }
        if (const std::string url = find->url.text(scope); !url.empty()) out.field("url", url);
        out.end_object();
        matches.put(out.take());
      }
      if (!known.empty()) return;
    }
    run.steps(find->before_missing);
    if (ignored) {
      failure = Run::failure_of({find->ignored.outcome, find->ignored.message.text(scope)});
      throw failure;
    }
  });
}

}  // namespace ombud::rest
