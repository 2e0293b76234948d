// How strictly the TMF621 side holds to the standard: [tmf621] of ombud.toml. The defaults are for
// real clients; the other values are there for conformance kits of other years.
#pragma once

#include <cstdint>
#include <string>

namespace ombud::http::tmf {

struct Settings {
  std::string public_url;          // of the hub, without a slash at its end; empty: hrefs are paths
  bool exact_fields = false;       // ?fields= answers exactly those, without id and href
  bool lenient_status = false;     // a create with a status that is none becomes acknowledged
  bool replace_arrays = false;     // PATCH: notes and attachments that are left out disappear from
                                   // the client's view (the desk keeps them)
  bool append_listener = false;    // events go to <callback>/listener/<eventName>
  bool partial_content = false;    // 206 for a list that was cut by its limit
  bool unique_external_id = true;  // per client; else only looked up
  bool refuse_unknown = false;     // attributes that are in no schema: 400; else kept as they are
  std::int64_t attachment_bytes_max = 5LL << 20U;  // one file in `content`, decoded
};

}  // namespace ombud::http::tmf
