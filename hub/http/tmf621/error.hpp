// Refusals as TMF621 says them: {"code":"…","reason":"…","message":"…","status":"404"}.
#pragma once

#include <string_view>

#include "http/message.hpp"

namespace ombud::http::tmf {

inline constexpr std::string_view kBasePath = "/tmf-api/troubleTicket/";

bool is_tmf(std::string_view path);  // belongs to this side, whether it exists or not
// Turns problem details into the standard's Error; anything else stays as it is.
void translate_refusal(std::string_view path, Response& response);

}  // namespace ombud::http::tmf
