// What the resources of accounts share: their words, schemas and writers, and the answer to whoever
// has just signed in, by whatever way.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "http/app.hpp"
#include "http/route.hpp"
#include "identity/sessions.hpp"

namespace ombud::http {

std::vector<std::string_view> person_role_words();   // of a membership
std::vector<std::string_view> staff_role_words();    // of the provider's people
std::vector<std::string_view> account_role_words();  // both

extern const Schema kOwnAccountSchema, kMembershipSchema;
void write_own_account(json::Writer& out, const Account& account);
void write_memberships(json::Writer& out, const std::vector<Membership>& memberships);

identity::Origin origin_of_call(const Api& api, const Call& call);

// 429, and when to come back.
Response wait_response(Millis wait, std::string_view detail, const std::string& id);

// The session's document, with its cookie.
net::awaitable<Result<Response>> welcome(Api& api, identity::Opened opened, Account account);

}  // namespace ombud::http
