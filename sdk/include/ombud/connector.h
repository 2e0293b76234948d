/* ombud/connector.h - the stable C ABI between a connector and the host process that runs it.
   C11 and C++20, no dependency but the two headers below. Published structs never change:
   behaviour grows by new extension ids, input records grow at their end under `size`. */
/* Laid out by hand, for people. */
/* clang-format off */
#ifndef OMBUD_CONNECTOR_H
#define OMBUD_CONNECTOR_H
#include <stddef.h>
#include <stdint.h>
#define OMBUD_ABI_MAJOR 1u
#define OMBUD_ABI_MINOR 0u
#define OMBUD_EXPORT __attribute__((visibility("default")))
#define OMBUD_HAS(record, field) \
  ((record)->size >= offsetof(__typeof__(*(record)), field) + sizeof((record)->field))
#ifdef __cplusplus
extern "C" {
#endif

/* Borrowed bytes: the giver owns them and they live until the call returns. Text is UTF-8. */
typedef struct ombud_bytes { const char *data; size_t size; } ombud_bytes;

/* Carried as int32_t. A value the host does not know counts as OMBUD_AMBIGUOUS. */
typedef int32_t ombud_status;
enum ombud_status_code {
  OMBUD_OK = 0,           /* applied, and the reply says under which id */
  OMBUD_RETRY = 1,        /* surely not applied: try again with backoff */
  OMBUD_RATE_LIMITED = 2, /* surely not applied: the link waits retry_after_ms, no attempt is used */
  OMBUD_AUTH = 3,         /* credentials refused: the link pauses until an operator acts */
  OMBUD_PERMANENT = 4,    /* the supplier refused this payload: dead-letter it now */
  OMBUD_AMBIGUOUS = 5,    /* may have been applied: find() before any further write */
  OMBUD_CANCELLED = 6     /* stopped on request and surely not applied */
};

typedef struct ombud_error {   /* filled by the connector, read once by the host */
  uint32_t size;             /* sizeof(ombud_error) as the connector was built */
  int32_t supplier_code;     /* such as an HTTP status, 0 if there is none */
  int64_t retry_after_ms;    /* -1 if the supplier named no delay */
  ombud_bytes message;         /* for the operator; the host copies and redacts it */
} ombud_error;

typedef struct ombud_call {    /* one operation in flight; every function is [any-thread] */
  void *impl;
  int64_t (*remaining_ms)(const struct ombud_call *);         /* until the soft deadline */
  int32_t (*cancelled)(const struct ombud_call *);            /* nonzero: stop at a safe point */
  void (*fail)(const struct ombud_call *, const ombud_error *); /* at most once, before returning */
} ombud_call;

/* Results are pushed into host memory, so nothing is ever freed across the boundary. */
typedef struct ombud_sink {
  void *impl;
  int32_t (*put)(struct ombud_sink *, ombud_bytes json); /* one document; nonzero: stop pushing */
} ombud_sink;

typedef struct ombud_source {
  void *impl;
  int64_t (*read)(struct ombud_source *, char *to, size_t room); /* 0 end, -1 failed; short reads are legal */
} ombud_source;

typedef struct ombud_write {   /* input record: read a field only if OMBUD_HAS(w, field) */
  uint32_t size;
  uint32_t attempt;          /* 1 for the first */
  ombud_bytes correlation;     /* the same on every attempt; must be findable at the supplier */
  ombud_bytes external_id;     /* empty: create. Else the ticket to update, or a comment's parent */
  ombud_bytes body;            /* canonical JSON document; its "schema" member names the model */
  ombud_source *content;       /* attachment bytes, else NULL */
} ombud_write;

typedef struct ombud_host {    /* given to create(); outlives the instance */
  uint32_t abi_major, abi_minor;
  void *impl;
  const void *(*extension)(const struct ombud_host *, const char *id); /* [any-thread] NULL: absent */
} ombud_host;

typedef struct ombud_connector {
  void *impl;
  void (*destroy)(struct ombud_connector *);                                /* [main] */
  const void *(*extension)(const struct ombud_connector *, const char *id); /* [any-thread] NULL: absent */
} ombud_connector;

typedef struct ombud_descriptor {
  const char *id;                  /* "com.example.acme-desk", the same as in the manifest */
  const char *version;             /* semantic version of the connector */
  const char *config_schema;       /* JSON Schema; a secret property carries "x-secret": true */
  const char *const *capabilities; /* NULL-terminated, such as "idempotent-create" */
  int64_t lookup_lag_ms;           /* how stale find() may be; "not there" counts only after it */
} ombud_descriptor;

typedef struct ombud_entry {         /* the one exported symbol, readable before any code runs */
  uint32_t abi_major, abi_minor;
  const ombud_descriptor *descriptor;
  ombud_connector *(*create)(const ombud_host *, ombud_bytes config, const ombud_call *); /* [main] NULL: failed */
} ombud_entry;
extern OMBUD_EXPORT const ombud_entry ombud_connector_entry;

/* ---- what a connector may offer. [worker]: one worker at a time per instance ---- */
#define OMBUD_EXT_OUTBOUND "ombud.outbound/1"
typedef struct ombud_outbound { /* all [worker]; reply: {"external_id":"...","version":"..."} */
  ombud_status (*put_ticket)(ombud_connector *, const ombud_call *, const ombud_write *, ombud_sink *reply);
  ombud_status (*add_comment)(ombud_connector *, const ombud_call *, const ombud_write *, ombud_sink *reply);
  ombud_status (*add_attachment)(ombud_connector *, const ombud_call *, const ombud_write *, ombud_sink *reply);
  /* Reads only. Pushes every match for w->correlation; OMBUD_OK with none pushed means "not there". */
  ombud_status (*find)(ombud_connector *, const ombud_call *, const char *kind, const ombud_write *w, ombud_sink *);
} ombud_outbound;

#define OMBUD_EXT_POLL "ombud.poll/1"
typedef struct ombud_poll { /* [worker] pushes changes, oldest first, and {"cursor":"..."} last */
  ombud_status (*changes)(ombud_connector *, const ombud_call *, ombud_bytes cursor, ombud_sink *);
} ombud_poll;

#define OMBUD_EXT_WEBHOOK "ombud.webhook/1"
typedef struct ombud_webhook { /* [worker] pure: no network. A bad signature is OMBUD_AUTH */
  ombud_status (*decode)(ombud_connector *, const ombud_call *, ombud_bytes headers_json, ombud_bytes body, ombud_sink *);
} ombud_webhook;

#define OMBUD_EXT_FETCH "ombud.fetch/1"
typedef struct ombud_fetch { /* [worker] reads one attachment that a change named; each put is a piece of its bytes */
  ombud_status (*attachment)(ombud_connector *, const ombud_call *, ombud_bytes reference_json, ombud_sink *bytes);
} ombud_fetch;

#define OMBUD_EXT_HEALTH "ombud.health/1"
typedef struct ombud_health { ombud_status (*check)(ombud_connector *, const ombud_call *); } ombud_health;

#define OMBUD_EXT_PROBE "ombud.probe/1"
typedef struct ombud_probe { /* [worker] tries what can be tried without changing anything there; one finding a put, for the operator (sdk/DOCUMENTS.md) */
  ombud_status (*probe)(ombud_connector *, const ombud_call *, ombud_bytes question_json, ombud_sink *findings);
} ombud_probe;

#define OMBUD_EXT_REPLAY "ombud.replay/1"
typedef struct ombud_replay { /* [worker] pure: no network. What these settings would make of traffic that was recorded under others */
  /* The requests that this write would send, one a put; operation: "put_ticket", "add_comment", "add_attachment" */
  ombud_status (*render)(ombud_connector *, const ombud_call *, const char *operation, const ombud_write *, ombud_sink *requests);
  /* The changes in one document that the connector once gave to ombud.record/1 */
  ombud_status (*interpret)(ombud_connector *, const ombud_call *, ombud_bytes raw_json, ombud_sink *changes);
} ombud_replay;

#define OMBUD_EXT_TRAITS "ombud.traits/1"
typedef struct ombud_traits { /* [main] of a connector whose settings decide what it can do: one document in place of the descriptor's words, */
  void (*tell)(const ombud_connector *, ombud_sink *); /* {"capabilities":["..."],"lookup_lag_ms":0} */
} ombud_traits;

/* Lets the hub compare: what the supplier has of one ticket, beside what the hub believes. */
#define OMBUD_EXT_SNAPSHOT "ombud.snapshot/1"
typedef struct ombud_snapshot { /* [worker] reads only: one document, ombud.copy/1. OMBUD_OK with "exists":false if there is no such ticket */
  /* known->external_id: the ticket; correlation: that of its creation; body: ombud.known/1 */
  ombud_status (*read)(ombud_connector *, const ombud_call *, const ombud_write *known, ombud_sink *copy);
} ombud_snapshot;

/* ---- what the host offers, all [any-thread] ---- */
#define OMBUD_EXT_LOG "ombud.log/1"
typedef struct ombud_log {
  void (*write)(const ombud_host *, int32_t level, ombud_bytes message, ombud_bytes fields_json);
} ombud_log;

#define OMBUD_EXT_HTTP "ombud.http/1"
typedef struct ombud_http { /* "{{secret:name}}" in a header, the query or a body is filled in by the host; in a header also "{{base64:text}}", whose text may hold secrets */
  /* request_json: {"method","url","headers":{name:value},"timeout_ms"}; body: NULL or the bytes to send.
     response: the first put is the head as in RFC 9112 (status line, field lines, each ended by CRLF),
     every further one a piece of the body. Redirects are not followed; the URL's origin must be one
     that the link's configuration names. OMBUD_OK: a response of any code. OMBUD_RETRY: no byte was
     sent. OMBUD_AMBIGUOUS: some were, and the answer did not arrive whole. */
  ombud_status (*send)(const ombud_host *, const ombud_call *, ombud_bytes request_json, ombud_source *body, ombud_sink *response);
} ombud_http;

#define OMBUD_EXT_RECORD "ombud.record/1"
typedef struct ombud_record { /* What the changes pushed next in this call were made of, without secrets: for ombud.replay/1. The host may drop it */
  void (*raw)(const ombud_host *, const ombud_call *, ombud_bytes raw_json);
} ombud_record;

/* Only for connectors with the capability "raw-network", which log in by themselves. */
#define OMBUD_EXT_SECRET "ombud.secret/1"
typedef struct ombud_secret { /* token: the text in {"$secret":"token"}. 0: written to `to`, NUL-terminated; -1: no such secret or no room */
  int32_t (*reveal)(const ombud_host *, ombud_bytes token, char *to, size_t room);
} ombud_secret;

/* Signatures are checked with a secret that stays in the host. token: the text in {"$secret":"token"} */
#define OMBUD_EXT_HMAC "ombud.hmac/1"
typedef struct ombud_hmac {
  /* algorithm: "sha256" or "sha1". The size of the digest written to `to`; -1: no such secret or algorithm, or no room */
  int32_t (*digest)(const ombud_host *, const char *algorithm, ombud_bytes token, ombud_bytes message, char *to, size_t room);
  /* 1: `text` is the secret, 0: it is not, -1: no such secret. Takes as long wherever the two differ */
  int32_t (*equals)(const ombud_host *, ombud_bytes token, ombud_bytes text);
} ombud_hmac;

#ifdef __cplusplus
}
#endif
#endif
