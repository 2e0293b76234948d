/* A connector in C11 without any library. Its supplier takes the hub's documents as they are and
   answers in plain text, so nothing here has to understand JSON:
     POST /tickets?ref=…            → the id       PUT  /tickets/<id>
     POST /tickets/<id>/comments?ref=… → the id    GET  … ?ref=…  → ids, one a line               */
#include <ombud/connector.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ombud_manifest.h"

enum { URL_MAX = 512, TARGET_MAX = 2048, ANSWER_MAX = 65536 };

typedef struct desk {
  ombud_connector base;
  const ombud_host* host;
  const ombud_http* http; /* NULL: this host offers none */
  char url[URL_MAX];
} desk;

static desk* desk_of(const ombud_connector* self) {
  return (desk*)self->impl;
}

static ombud_bytes text(const char* string) {
  const ombud_bytes bytes = {string, strlen(string)};
  return bytes;
}

static ombud_status fail(const ombud_call* call, ombud_status status, const char* why, int code,
                         int64_t retry_after_ms) {
  const ombud_error error = {sizeof error, code, retry_after_ms, text(why)};
  call->fail(call, &error);
  return status;
}

/* ---- one HTTP exchange ---- */

typedef struct lent { /* a source over borrowed bytes */
  ombud_source source;
  ombud_bytes left;
} lent;

static int64_t read_lent(ombud_source* source, char* to, size_t room) {
  lent* self = (lent*)source->impl;
  const size_t count = self->left.size < room ? self->left.size : room;
  if (count > 0) memcpy(to, self->left.data, count);
  self->left.data += count;
  self->left.size -= count;
  return (int64_t)count;
}

typedef struct answer {
  ombud_sink sink;
  int puts, code;
  int64_t retry_after_ms;
  size_t size;
  char body[ANSWER_MAX];
} answer;

static void read_head(answer* self, ombud_bytes head) {
  static const char name[] = "\r\nretry-after: ";
  char line[32] = {0};
  for (size_t i = 0; i < head.size && head.data[i] != '\r' && i < sizeof line - 1; ++i) {
    line[i] = head.data[i];
  }
  const char* space = strchr(line, ' ');
  self->code = space == NULL ? 0 : atoi(space + 1);
  for (size_t i = 0; i + sizeof name < head.size; ++i) {
    size_t same = 0;
    while (same < sizeof name - 1) {
      char c = head.data[i + same];
      if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
      if (c != name[same]) break;
      ++same;
    }
    if (same < sizeof name - 1) continue;
    long seconds = 0;
    size_t digits = i + same;
    while (digits < head.size && head.data[digits] >= '0' && head.data[digits] <= '9' &&
           seconds < 100000) {
      seconds = seconds * 10 + (head.data[digits++] - '0');
    }
    if (digits > i + same) self->retry_after_ms = seconds * 1000;
    return;
  }
}

static int32_t take(ombud_sink* sink, ombud_bytes piece) {
  answer* self = (answer*)sink->impl;
  if (self->puts++ == 0) {
    read_head(self, piece);
    return 0;
  }
  if (piece.size > ANSWER_MAX - self->size) return 1;
  memcpy(self->body + self->size, piece.data, piece.size);
  self->size += piece.size;
  return 0;
}

/* What the exchange means: was it carried out? The caller frees `got`. */
static ombud_status send(desk* self, const ombud_call* call, const char* method, const char* target,
                         ombud_bytes body, answer** got) {
  char request[TARGET_MAX + URL_MAX + 64];
  const int changes = strcmp(method, "GET") != 0;
  const ombud_status unknown = changes ? OMBUD_AMBIGUOUS : OMBUD_RETRY;
  lent source = {{&source, read_lent}, body};
  answer* out = (answer*)calloc(1, sizeof *out);
  *got = out;
  if (out == NULL) return fail(call, OMBUD_RETRY, "No memory.", 0, -1);
  out->sink.impl = out;
  out->sink.put = take;
  out->retry_after_ms = -1;
  if (call->cancelled(call)) return fail(call, OMBUD_CANCELLED, "Stopped as asked.", 0, -1);
  if (self->http == NULL) return fail(call, OMBUD_RETRY, "This host has no HTTP.", 0, -1);
  snprintf(
      request, sizeof request,
      "{\"method\":\"%s\",\"url\":\"%s%s\",\"headers\":{\"Content-Type\":\"application/json\"}}",
      method, self->url, target);
  const ombud_status sent = self->http->send(self->host, call, text(request),
                                             body.size > 0 ? &source.source : NULL, &out->sink);
  if (sent == OMBUD_AMBIGUOUS) return fail(call, unknown, "The desk's answer was lost.", 0, -1);
  if (sent != OMBUD_OK) return fail(call, sent, "The desk could not be reached.", 0, -1);
  if (out->code == 401 || out->code == 403) {
    return fail(call, OMBUD_AUTH, "The desk does not let us in.", out->code, -1);
  }
  if (out->code == 429) {
    return fail(call, OMBUD_RATE_LIMITED, "The desk asks to wait.", 429, out->retry_after_ms);
  }
  if (out->code >= 500 || out->code < 200) {
    return fail(call, unknown, "The desk failed.", out->code, -1);
  }
  if (out->code >= 300) return fail(call, OMBUD_PERMANENT, "The desk refused.", out->code, -1);
  return OMBUD_OK;
}

/* Ids are decimal numbers, one a line. -1: this is no list of ids. */
static int push_ids(answer* got, ombud_sink* sink) {
  char document[64];
  int count = 0;
  for (size_t at = 0; at < got->size;) {
    size_t digits = 0;
    while (at + digits < got->size && got->body[at + digits] >= '0' &&
           got->body[at + digits] <= '9') {
      ++digits;
    }
    if (digits == 0 || digits > 18 || at + digits >= got->size || got->body[at + digits] != '\n') {
      return -1;
    }
    snprintf(document, sizeof document, "{\"external_id\":\"%.*s\"}", (int)digits, got->body + at);
    ++count;
    at += digits + 1;
    if (sink->put(sink, text(document)) != 0) return count;
  }
  return count;
}

/* ---- operations ---- */

static int is_number(ombud_bytes id) {
  if (id.size == 0 || id.size > 18) return 0;
  for (size_t i = 0; i < id.size; ++i) {
    if (id.data[i] < '0' || id.data[i] > '9') return 0;
  }
  return 1;
}

/* Correlations consist of letters and digits; anything else cannot be ours. */
static int is_plain(ombud_bytes word) {
  if (word.size == 0 || word.size > 64) return 0;
  for (size_t i = 0; i < word.size; ++i) {
    const char c = word.data[i];
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) return 0;
  }
  return 1;
}

static ombud_status unknown_ticket(const ombud_call* call) {
  return fail(call, OMBUD_PERMANENT, "The desk has no such ticket, or no such thing.", 0, -1);
}

static ombud_status write_to(ombud_connector* self, const ombud_call* call, const char* method,
                             const char* target, const ombud_write* w, ombud_sink* reply) {
  answer* got = NULL;
  ombud_status status = send(desk_of(self), call, method, target, w->body, &got);
  if (status == OMBUD_OK && push_ids(got, reply) != 1) {
    status = fail(call, OMBUD_AMBIGUOUS, "The desk did not say an id.", got->code, -1);
  }
  free(got);
  return status;
}

static ombud_status put_ticket(ombud_connector* self, const ombud_call* call, const ombud_write* w,
                               ombud_sink* reply) {
  char target[TARGET_MAX];
  if (w->external_id.size > 0) {
    if (!is_number(w->external_id)) return unknown_ticket(call);
    snprintf(target, sizeof target, "/tickets/%.*s", (int)w->external_id.size, w->external_id.data);
    return write_to(self, call, "PUT", target, w, reply);
  }
  if (!is_plain(w->correlation)) return unknown_ticket(call);
  snprintf(target, sizeof target, "/tickets?ref=%.*s", (int)w->correlation.size,
           w->correlation.data);
  return write_to(self, call, "POST", target, w, reply);
}

static int below(char* target, size_t room, const ombud_write* w) {
  if (!is_number(w->external_id) || !is_plain(w->correlation)) return 0;
  snprintf(target, room, "/tickets/%.*s/comments?ref=%.*s", (int)w->external_id.size,
           w->external_id.data, (int)w->correlation.size, w->correlation.data);
  return 1;
}

static ombud_status add_comment(ombud_connector* self, const ombud_call* call, const ombud_write* w,
                                ombud_sink* reply) {
  char target[TARGET_MAX];
  if (!below(target, sizeof target, w)) return unknown_ticket(call);
  return write_to(self, call, "POST", target, w, reply);
}

static ombud_status add_attachment(ombud_connector* self, const ombud_call* call,
                                   const ombud_write* w, ombud_sink* reply) {
  (void)self, (void)w, (void)reply;
  return fail(call, OMBUD_PERMANENT, "This desk takes no attachments.", 0, -1);
}

static ombud_status find(ombud_connector* self, const ombud_call* call, const char* kind,
                         const ombud_write* w, ombud_sink* matches) {
  char target[TARGET_MAX];
  const ombud_bytes none = {NULL, 0};
  answer* got = NULL;
  if (strcmp(kind, "ticket") == 0 && is_plain(w->correlation)) {
    snprintf(target, sizeof target, "/tickets?ref=%.*s", (int)w->correlation.size,
             w->correlation.data);
  } else if (strcmp(kind, "comment") != 0 || !below(target, sizeof target, w)) {
    return unknown_ticket(call);
  }
  ombud_status status = send(desk_of(self), call, "GET", target, none, &got);
  /* The desk ends its list with a dot: an answer without it is none. */
  if (status == OMBUD_OK && (got->size == 0 || got->body[got->size - 1] != '.')) {
    status = fail(call, OMBUD_RETRY, "What answers is not the desk.", got->code, -1);
  } else if (status == OMBUD_OK) {
    --got->size;
    if (push_ids(got, matches) < 0) {
      status = fail(call, OMBUD_RETRY, "What answers is not the desk.", got->code, -1);
    }
  }
  free(got);
  return status;
}

static ombud_status check(ombud_connector* self, const ombud_call* call) {
  const ombud_bytes none = {NULL, 0};
  answer* got = NULL;
  const ombud_status status = send(desk_of(self), call, "GET", "/me", none, &got);
  free(got);
  return status;
}

/* ---- life ---- */

static const void* extension(const ombud_connector* self, const char* id) {
  static const ombud_outbound outbound = {put_ticket, add_comment, add_attachment, find};
  static const ombud_health health = {check};
  (void)self;
  if (strcmp(id, OMBUD_EXT_OUTBOUND) == 0) return &outbound;
  if (strcmp(id, OMBUD_EXT_HEALTH) == 0) return &health;
  return NULL;
}

static void destroy(ombud_connector* self) {
  free(desk_of(self));
}

/* The text of "url": settings are flat and checked by the schema before they come here. */
static int read_url(ombud_bytes config, char* to, size_t room) {
  static const char name[] = "\"url\":\"http";
  if (config.size < 2 || config.data[0] != '{' || config.data[config.size - 1] != '}') return 0;
  for (size_t i = 0; i + sizeof name < config.size; ++i) {
    if (memcmp(config.data + i, name, sizeof name - 1) != 0) continue;
    const char* start = config.data + i + sizeof name - 5;
    const char* end = (const char*)memchr(start, '"', config.size - (i + sizeof name - 5));
    if (end == NULL || (size_t)(end - start) >= room) return 0;
    memcpy(to, start, (size_t)(end - start));
    return memchr(to, '\\', (size_t)(end - start)) == NULL;
  }
  return 0;
}

static ombud_connector* create(const ombud_host* host, ombud_bytes config, const ombud_call* call) {
  desk* made = (desk*)calloc(1, sizeof *made);
  if (made == NULL || !read_url(config, made->url, sizeof made->url)) {
    fail(call, OMBUD_PERMANENT, "settings.url must be the desk's address, http or https.", 0, -1);
    free(made);
    return NULL;
  }
  made->base.impl = made;
  made->base.destroy = destroy;
  made->base.extension = extension;
  made->host = host;
  made->http = (const ombud_http*)host->extension(host, OMBUD_EXT_HTTP);
  return &made->base;
}

static const ombud_descriptor descriptor = OMBUD_MANIFEST;
const ombud_entry ombud_connector_entry = {OMBUD_ABI_MAJOR, OMBUD_ABI_MINOR, &descriptor, create};
