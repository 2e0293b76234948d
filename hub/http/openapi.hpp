// The OpenAPI 3.1 description, generated from the routes' own declarations.
#pragma once

#include <string>
#include <string_view>

#include "http/router.hpp"

namespace ombud::http {

std::string openapi_of(const Router& router, std::string_view version);

}  // namespace ombud::http
