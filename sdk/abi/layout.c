/* The layout of the first release on 64-bit Linux, where every published struct stays as it is and
   input records (error, write) only grow at their end. Also the ids and the status numbers, which
   abidiff never sees. This file compiles or the ABI is broken; it is never adapted. */
#include <ombud/connector.h>

#ifdef __cplusplus
#  include <cstring>
#  define SAME(what, value) static_assert((what) == (value), #what)
#  define ID(macro, text) \
    static_assert(        \
        sizeof(macro) == sizeof(text) && __builtin_memcmp(macro, text, sizeof(text)) == 0, #macro)
#else
#  define SAME(what, value) _Static_assert((what) == (value), #what)
#  define ID(macro, text) \
    _Static_assert(       \
        sizeof(macro) == sizeof(text) && __builtin_memcmp(macro, text, sizeof(text)) == 0, #macro)
#endif
#define AT(type, field, offset) SAME(offsetof(type, field), offset)

SAME(OMBUD_ABI_MAJOR, 1);

SAME(OMBUD_OK, 0);
SAME(OMBUD_RETRY, 1);
SAME(OMBUD_RATE_LIMITED, 2);
SAME(OMBUD_AUTH, 3);
SAME(OMBUD_PERMANENT, 4);
SAME(OMBUD_AMBIGUOUS, 5);
SAME(OMBUD_CANCELLED, 6);
SAME(sizeof(ombud_status), 4);

ID(OMBUD_EXT_OUTBOUND, "ombud.outbound/1");
ID(OMBUD_EXT_POLL, "ombud.poll/1");
ID(OMBUD_EXT_WEBHOOK, "ombud.webhook/1");
ID(OMBUD_EXT_FETCH, "ombud.fetch/1");
ID(OMBUD_EXT_HEALTH, "ombud.health/1");
ID(OMBUD_EXT_LOG, "ombud.log/1");
ID(OMBUD_EXT_HTTP, "ombud.http/1");
ID(OMBUD_EXT_SECRET, "ombud.secret/1");

SAME(sizeof(ombud_bytes), 16);
AT(ombud_bytes, data, 0);
AT(ombud_bytes, size, 8);

SAME(sizeof(ombud_error) >= 32, 1);
AT(ombud_error, size, 0);
AT(ombud_error, supplier_code, 4);
AT(ombud_error, retry_after_ms, 8);
AT(ombud_error, message, 16);

SAME(sizeof(ombud_call), 32);
AT(ombud_call, impl, 0);
AT(ombud_call, remaining_ms, 8);
AT(ombud_call, cancelled, 16);
AT(ombud_call, fail, 24);

SAME(sizeof(ombud_sink), 16);
AT(ombud_sink, impl, 0);
AT(ombud_sink, put, 8);
SAME(sizeof(ombud_source), 16);
AT(ombud_source, impl, 0);
AT(ombud_source, read, 8);

SAME(sizeof(ombud_write) >= 64, 1);
AT(ombud_write, size, 0);
AT(ombud_write, attempt, 4);
AT(ombud_write, correlation, 8);
AT(ombud_write, external_id, 24);
AT(ombud_write, body, 40);
AT(ombud_write, content, 56);

SAME(sizeof(ombud_host), 24);
AT(ombud_host, abi_major, 0);
AT(ombud_host, abi_minor, 4);
AT(ombud_host, impl, 8);
AT(ombud_host, extension, 16);

SAME(sizeof(ombud_connector), 24);
AT(ombud_connector, impl, 0);
AT(ombud_connector, destroy, 8);
AT(ombud_connector, extension, 16);

SAME(sizeof(ombud_descriptor), 40);
AT(ombud_descriptor, id, 0);
AT(ombud_descriptor, version, 8);
AT(ombud_descriptor, config_schema, 16);
AT(ombud_descriptor, capabilities, 24);
AT(ombud_descriptor, lookup_lag_ms, 32);

SAME(sizeof(ombud_entry), 24);
AT(ombud_entry, abi_major, 0);
AT(ombud_entry, abi_minor, 4);
AT(ombud_entry, descriptor, 8);
AT(ombud_entry, create, 16);

SAME(sizeof(ombud_outbound), 32);
AT(ombud_outbound, put_ticket, 0);
AT(ombud_outbound, add_comment, 8);
AT(ombud_outbound, add_attachment, 16);
AT(ombud_outbound, find, 24);
SAME(sizeof(ombud_poll), 8);
SAME(sizeof(ombud_webhook), 8);
SAME(sizeof(ombud_fetch), 8);
SAME(sizeof(ombud_health), 8);
SAME(sizeof(ombud_log), 8);
SAME(sizeof(ombud_http), 8);
SAME(sizeof(ombud_secret), 8);
