// Files of a ticket: streamed in to a file and out of one, never whole in memory.
#include "base/bytes.hpp"
#include "desk/limits.hpp"
#include "desk/tickets.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "http/target.hpp"
#include "store/await.hpp"

namespace ombud::http {
namespace {

// The bytes under an ETag are the same for whoever may have them; whether one may is asked each
// time.
constexpr const char* kByContent = "private, no-cache";

constexpr Member kUploadQuery[] = {{.name = "name", .about = "File name"},
                                   {.name = "internal",
                                    .shape = Shape::boolean,
                                    .about = "true: for the desk only",
                                    .required = false}};

constexpr Member kDownloadQuery[] = {
    {.name = "inline",
     .shape = Shape::boolean,
     .about = "true: to be shown on a page, if it is a picture (PNG, JPEG, GIF, WebP); all else, "
              "and pictures that can hold scripts, are for saving only",
     .required = false},
    kSpeaksFor};

// Whatever the bytes are: with this type and `nosniff` a browser takes them for a picture or for
// nothing.
bool is_plain_picture(std::string_view media_type) {
  return media_type == "image/png" || media_type == "image/jpeg" || media_type == "image/gif" ||
         media_type == "image/webp";
}

Result<Response> attached(Tx& tx, const Call& call, const desk::NewAttachment& file,
                          bool internal) {
  const TicketId id = ticket_param(call);
  const auto checked = checked_ticket(tx, call, id);
  if (!checked) return checked.error();
  const auto attachment = desk::attach(tx, id, file, internal);
  if (!attachment) return attachment.error();
  Response response = one_response(*attachment, 201);
  response.header("Location", "/api/v1/attachments/" + std::to_string(attachment->id.value));
  return response;
}

net::awaitable<Result<Response>> upload(Api& api, Call& call) {
  desk::NewAttachment file;
  file.name = call.query.text("name");
  file.media_type = call.exchange.header("Content-Type");
  if (file.name.empty() || file.name.size() > desk::kNameBytesMax) {
    co_return invalid("?name", "is required: the file's name, at most 255 bytes");
  }
  if (file.media_type.size() > desk::kNameBytesMax) {
    co_return problem(ProblemKind::invalid, "The Content-Type is longer than 255 bytes.");
  }
  const auto internal = call.query.flag("internal");
  if (!internal) co_return internal.error();

  // Before 25 MiB are taken in, and again in the transaction that keeps them.
  std::function<Result<Ticket>(Tx&)> look = [&call](Tx& tx) {
    return checked_ticket(tx, call, ticket_param(call));
  };
  if (call.idempotency_key.empty()) {
    const auto ticket = co_await read<Ticket>(api.parts.store, call.principal, std::move(look));
    if (!ticket) co_return ticket.error();
  }
  const std::string path =
      api.parts.upload_dir + "/" + std::string(kUploadPrefix) + mint_id(api.parts.random);
  auto uploaded = co_await call.exchange.read_upload(path, desk::kAttachmentBytesMax);
  if (!uploaded) co_return uploaded.error();
  const auto blob = co_await api.parts.blobs.adopt(std::move(uploaded->path));
  if (!blob) co_return blob.error();
  file.bytes = blob->bytes;
  file.sha256 = blob->sha256;
  call.body_sha256 = blob->sha256;
  Work work = [&call, file = std::move(file), internal = *internal](Tx& tx) {
    return attached(tx, call, file, internal);
  };
  co_return co_await run_change(api, call, std::move(work));
}

// The attachment, if this principal may see it: hidden ones are as absent as missing ones.
Result<Attachment> visible_attachment(Tx& tx, AttachmentId id) {
  auto attachment = find_attachment(tx, id);
  if (!attachment || !desk::visible_ticket(tx, attachment->ticket)) return not_found("attachment");
  if (!tx.principal().inside() && attachment->visibility != Visibility::user) {
    return not_found("attachment");
  }
  return std::move(*attachment);
}

net::awaitable<Result<Response>> download(Api& api, Call& call) {
  std::function<Result<Attachment>(Tx&)> look = [&call](Tx& tx) {
    return visible_attachment(tx, id_param<AttachmentId>(call));
  };
  const auto shown = call.query.flag("inline");
  if (!shown) co_return shown.error();
  const auto attachment =
      co_await read<Attachment>(api.parts.store, call.principal, std::move(look));
  if (!attachment) co_return attachment.error();
  std::string etag = "\"" + attachment->sha256 + "\"";
  if (none_match(call, etag)) {
    Response response = not_modified(std::move(etag));
    response.header("Cache-Control", kByContent);
    co_return response;
  }
  Response response = file_response(*attachment, api.parts.blobs,
                                    *shown && is_plain_picture(attachment->media_type));
  response.header("Cache-Control", kByContent);
  co_return response;
}

}  // namespace

Response file_response(const Attachment& attachment, const Blobs& blobs, bool shown) {
  Response response;
  response.content_type = attachment.media_type.empty() ? std::string("application/octet-stream")
                                                        : attachment.media_type;
  for (const char c : response.content_type) {  // it came from outside and becomes a header
    if (c < 0x20 || c > 0x7E) {
      response.content_type = "application/octet-stream";
      break;
    }
  }
  response.file = blobs.path_of(attachment.sha256);
  response.header("Content-Disposition", std::string(shown ? "inline" : "attachment") +
                                             "; filename*=UTF-8''" +
                                             percent_encode(attachment.name));
  response.header("Content-Security-Policy", "sandbox; default-src 'none'");
  response.header("Cross-Origin-Resource-Policy", "same-origin");
  response.header("ETag", "\"" + attachment.sha256 + "\"");
  return response;
}

void declare_attachments(Router& router) {
  router.add(
      {.method = Method::post,
       .path = "/api/v1/tickets/{ticket}/attachments",
       .id = "add_attachment",
       .needs = Permission::ticket_answer,
       .tag = "attachments",
       .summary = "Add a file: its bytes are the body, its type the Content-Type; at most 25 MiB",
       .handler = &upload,
       .query = kUploadQuery,
       .raw_body = "*/*",
       .answer = &kAttachmentSchema,
       .status = 201});
  router.add({.method = Method::get,
              .path = "/api/v1/attachments/{attachment}",
              .id = "read_attachment",
              .needs = Permission::ticket_read,
              .tag = "attachments",
              .summary = "The bytes of a file",
              .handler = &download,
              .query = kDownloadQuery,
              .answer_media = "*/*",
              .speaks_by_query = true});
}

}  // namespace ombud::http
