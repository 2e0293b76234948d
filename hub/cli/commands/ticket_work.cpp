// ombud ticket reply, note, attach, download, assign, edit, approve, reject, ask-approval, resolve,
// close, reopen: working on a ticket.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

#include "cli/commands/words.hpp"
#include "cli/context.hpp"
#include "desk/limits.hpp"

namespace ombud::cli {
namespace {

namespace fs = std::filesystem;

std::string path_of(TicketId id, std::string_view rest) {
  return fmt::format("/tickets/{}{}", id.value, rest);
}

Exit say_message(Context& on, const Values& with, std::string_view visibility,
                 std::string_view said) {
  const auto id = on.ticket(with.text("TICKET"));
  if (!id) return on.fail(id.error());
  json::Writer body;
  body.begin_object().field("visibility", visibility);
  if (const auto written = with.maybe("--relays")) {
    const auto number = on.number(*written, "message");
    if (!number) return on.fail(number.error());
    body.field("relays", *number);
  }
  const auto text = on.text_or_input(with.maybe("TEXT"));
  if (!text) return on.fail(text.error());
  body.field("text", *text).end_object();
  return on.finish(on.post(path_of(*id, "/messages"), body.take()), [&](json::View message) {
    on.out() << fmt::format(fmt::runtime(said), reference_of(*id)) << '\n';
    const json::View reach = message["reach"];
    if (!reach.is_object() || reach["way"].text() == "mail") return;
    on.out() << on.style(
                    Paint::yellow,
                    fmt::format("Nobody is told by mail: {}.{}", printable(reach["detail"].text()),
                                reach["way"].text() == "portal" ? " It is in the portal." : ""))
             << '\n';
  });
}

Exit reply(Context& on, const Values& with) {
  return say_message(on, with, "user", "Answered the user of {}.");
}
Exit note(Context& on, const Values& with) {
  return say_message(on, with, "internal", "Noted in {}. Notes never leave the desk.");
}

// What a browser would call it; the hub looks at the bytes itself.
std::string media_type_of(const fs::path& file) {
  static const std::map<std::string, std::string> known = {
      {".txt", "text/plain"},        {".log", "text/plain"},      {".csv", "text/csv"},
      {".json", "application/json"}, {".pdf", "application/pdf"}, {".png", "image/png"},
      {".jpg", "image/jpeg"},        {".jpeg", "image/jpeg"},     {".gif", "image/gif"},
      {".zip", "application/zip"},   {".xml", "application/xml"}, {".eml", "message/rfc822"}};
  const auto found = known.find(file.extension().string());
  return found != known.end() ? found->second : "application/octet-stream";
}

Outcome<std::string> bytes_of(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (error) {
    return Failure{Exit::usage,
                   fmt::format("{} cannot be read ({}).", file.string(), error.message()),
                   {},
                   {},
                   {}};
  }
  if (size > static_cast<std::uintmax_t>(desk::kAttachmentBytesMax)) {
    return Failure{Exit::failed,
                   fmt::format("{} has {}; a file may have at most {}.", file.string(),
                               size_words(static_cast<std::int64_t>(size)),
                               size_words(desk::kAttachmentBytesMax)),
                   {},
                   "Compress or split it.",
                   {}};
  }
  std::ifstream in(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.is_open() || in.bad()) {
    return Failure{Exit::usage, fmt::format("{} cannot be read.", file.string()), {}, {}, {}};
  }
  return bytes;
}

Exit attach(Context& on, const Values& with) {
  const auto id = on.ticket(with.text("TICKET"));
  if (!id) return on.fail(id.error());
  for (const std::string& written : with.list("FILE")) {
    const fs::path file = on.world.directory / written;
    const auto bytes = bytes_of(file);
    if (!bytes) return on.fail(bytes.error());
    const auto api = on.hub();
    if (!api) return on.fail(api.error());
    Query query;
    query.add("name", file.filename().string());
    query.add("internal", with.flag("--internal") ? "true" : "");
    const auto answer =
        (*api)->post(path_of(*id, "/attachments" + query.text()), *bytes, media_type_of(file));
    const Exit exit = on.finish(answer, [&](json::View made) {
      on.out() << fmt::format(
          "Attached {} to {} ({}), file {}.\n", file.filename().string(), reference_of(*id),
          size_words(static_cast<std::int64_t>(bytes->size())), made["id"].dump());
    });
    if (exit != Exit::ok) return exit;
  }
  return Exit::ok;
}

Exit download(Context& on, const Values& with) {
  const auto id = on.number(with.text("FILE"), "file");
  if (!id) return on.fail(id.error());
  return download_to(on, fmt::format("/attachments/{}", *id), with.text("--to", "-"));
}

Exit assign(Context& on, const Values& with) {
  const auto id = on.ticket(with.text("TICKET"));
  if (!id) return on.fail(id.error());
  json::Writer body;
  body.begin_object();
  body.field_if("team", with.maybe("--team")).field_if("agent", with.maybe("--agent"));
  if (!with.maybe("--team") && !with.maybe("--agent")) {
    return on.usage("Name --team, --agent or both.");
  }
  return on.finish(on.post(path_of(*id, "/assign"), body.end_object().take()),
                   [&](json::View ticket) {
                     on.out() << fmt::format("{} is owned by {}.\n", reference_of(*id),
                                             printable(owner(ticket)));
                   });
}

Exit edit(Context& on, const Values& with) {
  const auto id = on.ticket(with.text("TICKET"));
  if (!id) return on.fail(id.error());
  json::Writer body;
  body.begin_object();
  bool changes = false;
  for (const char* member : {"subject", "priority", "kind", "service"}) {
    const auto value = with.maybe(std::string("--") + member);
    body.field_if(member, value);
    changes = changes || value.has_value();
  }
  if (const auto who = with.maybe("--requester")) {
    if (who->find('@') != std::string::npos) {
      body.begin_object("requester").field("email", *who);
      body.field_if("name", with.maybe("--name")).end_object();
    } else {
      const auto person = on.number(*who, "requester");
      if (!person) return on.fail(person.error());
      body.field("requester", *person);
    }
    changes = true;
  } else if (with.maybe("--name")) {
    return on.usage("--name belongs to --requester ADDRESS.");
  }
  if (!changes) {
    return on.usage(
        "Nothing to change: name --subject, --priority, --kind, --service or --requester.");
  }
  const auto api = on.hub();
  if (!api) return on.fail(api.error());
  const auto before = (*api)->get(path_of(*id, ""));
  if (!before) return on.fail(before.error());
  const auto answer = (*api)->patch(path_of(*id, ""), body.end_object().take(), before->etag);
  return on.finish(answer,
                   [&](json::View) { on.out() << "Changed " << reference_of(*id) << ".\n"; });
}

Exit move(Context& on, const Values& with, std::string_view action, const std::string& member,
          std::string_view said) {
  const auto id = on.ticket(with.text("TICKET"));
  if (!id) return on.fail(id.error());
  json::Writer body;
  body.begin_object().field_if(member, with.maybe("--" + member)).end_object();
  return on.finish(on.post(path_of(*id, fmt::format("/{}", action)), body.take()), [&](json::View) {
    on.out() << fmt::format(fmt::runtime(said), reference_of(*id)) << '\n';
  });
}

Exit resolve(Context& on, const Values& with) {
  return move(on, with, "resolve", "text", "{} is resolved; the user may still object.");
}
Exit close(Context& on, const Values& with) {
  return move(on, with, "close", "reason", "{} is closed.");
}
Exit reopen(Context& on, const Values& with) {
  return move(on, with, "reopen", "reason", "{} is open again.");
}

Exit decide(Context& on, const Values& with, std::string_view decision, std::string_view said) {
  const auto id = on.ticket(with.text("TICKET"));
  if (!id) return on.fail(id.error());
  json::Writer body;
  body.begin_object().field("decision", decision).field_if("comment", with.maybe("--comment"));
  return on.finish(on.post(path_of(*id, "/approval"), body.end_object().take()), [&](json::View) {
    on.out() << fmt::format(fmt::runtime(said), reference_of(*id)) << '\n';
  });
}

Exit approve(Context& on, const Values& with) {
  return decide(on, with, "approve", "{} is approved; the desk goes on with it.");
}
Exit reject(Context& on, const Values& with) {
  return decide(on, with, "reject", "{} is not approved; its requester is told why.");
}
Exit ask_approval(Context& on, const Values& with) {
  const auto id = on.ticket(with.text("TICKET"));
  if (!id) return on.fail(id.error());
  return on.finish(on.post(path_of(*id, "/approval/request"), "{}"), [&](json::View) {
    on.out() << fmt::format("The customer's approvers are asked about {}.\n", reference_of(*id));
  });
}

}  // namespace

std::vector<Command> ticket_work_commands() {
  using Kind = Argument::Kind;
  const Argument ticket{.name = "TICKET", .help = "OMB-42 or 42", .required = true};
  const Argument text{.name = "TEXT", .help = "in quotes; - or none: standard input"};
  return {
      {.group = "ticket",
       .name = "reply",
       .summary = "Answer the user, in the desk's name.",
       .arguments = {ticket,
                     text,
                     {.name = "--relays", .help = "the supplier's message that this tells about"}},
       .examples = {"ombud ticket reply OMB-42 \"A new fuser arrives tomorrow.\"",
                    "ombud ticket reply OMB-42 - < answer.txt"},
       .run = reply},
      {.group = "ticket",
       .name = "note",
       .summary = "Write an internal note; it never leaves the desk.",
       .arguments = {ticket, text},
       .examples = {"ombud ticket note OMB-42 \"Same printer as last week.\""},
       .run = note},
      {.group = "ticket",
       .name = "attach",
       .summary = "Add files to a ticket.",
       .arguments =
           {ticket,
            {.name = "FILE", .help = "at most 25 MiB each", .kind = Kind::list, .required = true},
            {.name = "--internal", .help = "for the desk only", .kind = Kind::flag}},
       .examples = {"ombud ticket attach OMB-42 photo.jpg trace.log"},
       .run = attach},
      {.group = "ticket",
       .name = "download",
       .summary = "Fetch a file of a ticket.",
       .arguments = {{.name = "FILE",
                      .help = "its number in `ombud ticket show`",
                      .required = true},
                     {.name = "--to", .help = "a new file; without it to standard output"}},
       .examples = {"ombud ticket download 117 --to photo.jpg"},
       .run = download},
      {.group = "ticket",
       .name = "assign",
       .summary = "Give a ticket to another team or agent.",
       .arguments = {ticket,
                     {.name = "--team", .help = "owning team"},
                     {.name = "--agent", .help = "who works on it; \"\" for nobody in particular"}},
       .examples = {"ombud ticket assign OMB-42 --team network --agent anna"},
       .run = assign},
      {.group = "ticket",
       .name = "edit",
       .summary = "Correct subject, priority, kind, service or requester.",
       .arguments = {ticket,
                     {.name = "--subject", .help = "a better one"},
                     {.name = "--priority",
                      .help = "how urgent it is",
                      .choices = {"low", "normal", "high", "urgent"}},
                     {.name = "--kind",
                      .help = "what it really is",
                      .choices = {"incident", "order", "question"}},
                     {.name = "--service", .help = "what it is about"},
                     {.name = "--requester",
                      .help = "whose ticket it is: a number from `ombud user list`, or an address"},
                     {.name = "--name",
                      .help = "with the address of a person who is not known yet"}},
       .examples = {"ombud ticket edit OMB-42 --priority high --service print",
                    "ombud ticket edit OMB-42 --requester x@other.example"},
       .more = "The requester is a person of the ticket's customer; one with an address that "
               "nobody has there is\nmade. He sees the ticket and is told of it from then on; "
               "what was said before is not sent to him.",
       .run = edit},
      {.group = "ticket",
       .name = "approve",
       .summary = "Say yes to an order of your organisation.",
       .arguments = {ticket, {.name = "--comment", .help = "the requester and the desk read it"}},
       .examples = {"ombud ticket approve OMB-42"},
       .more = "For an approver of the customer who has not ordered it himself, with a token of "
               "his own.\n`ombud ticket show` says whom the order waits for.",
       .run = approve},
      {.group = "ticket",
       .name = "reject",
       .summary = "Say no to an order of your organisation.",
       .arguments =
           {ticket, {.name = "--comment", .help = "why; the requester reads it", .required = true}},
       .examples = {"ombud ticket reject OMB-42 --comment \"Take one from the store.\""},
       .run = reject},
      {.group = "ticket",
       .name = "ask-approval",
       .summary = "Ask the customer's approvers about an order, or ask them again.",
       .arguments = {ticket},
       .examples = {"ombud ticket ask-approval OMB-42"},
       .run = ask_approval},
      {.group = "ticket",
       .name = "resolve",
       .summary = "The desk has solved it.",
       .arguments = {ticket, {.name = "--text", .help = "tells the user how"}},
       .examples = {"ombud ticket resolve OMB-42 --text \"The fuser has been replaced.\""},
       .run = resolve},
      {.group = "ticket",
       .name = "close",
       .summary = "Close a ticket for good.",
       .arguments = {ticket, {.name = "--reason", .help = "why, for the history"}},
       .examples = {"ombud ticket close OMB-42 --reason \"confirmed by phone\""},
       .more = "Refused while a delegation is open: accept or withdraw it first.",
       .run = close},
      {.group = "ticket",
       .name = "reopen",
       .summary = "It is not solved after all.",
       .arguments = {ticket, {.name = "--reason", .help = "why, for the history"}},
       .examples = {"ombud ticket reopen OMB-42 --reason \"smoke again\""},
       .run = reopen},
  };
}

}  // namespace ombud::cli
