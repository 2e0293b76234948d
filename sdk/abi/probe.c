/* One variable of every public type. abidiff sees a change of any of them; in real connectors the
   extension tables hide behind `const void *`. A new extension adds a line here. */
#include <ombud/connector.h>

#define PROBE OMBUD_EXPORT
PROBE ombud_bytes probe_bytes;
PROBE ombud_status probe_status;
PROBE enum ombud_status_code probe_status_code;
PROBE ombud_error probe_error;
PROBE ombud_call probe_call;
PROBE ombud_sink probe_sink;
PROBE ombud_source probe_source;
PROBE ombud_write probe_write;
PROBE ombud_host probe_host;
PROBE ombud_connector probe_connector;
PROBE ombud_descriptor probe_descriptor;
PROBE ombud_entry probe_entry;
PROBE ombud_outbound probe_outbound;
PROBE ombud_poll probe_poll;
PROBE ombud_webhook probe_webhook;
PROBE ombud_fetch probe_fetch;
PROBE ombud_health probe_health;
PROBE ombud_log probe_log;
PROBE ombud_http probe_http;
PROBE ombud_secret probe_secret;
#ifdef OMBUD_EXT_TRAITS
PROBE ombud_traits probe_traits;
#endif
#ifdef OMBUD_EXT_PROBE
PROBE ombud_probe probe_probe;
PROBE ombud_replay probe_replay;
PROBE ombud_record probe_record;
#endif
#ifdef OMBUD_EXT_HMAC
PROBE ombud_hmac probe_hmac;
#endif
#ifdef OMBUD_EXT_SNAPSHOT
PROBE ombud_snapshot probe_snapshot;
#endif
