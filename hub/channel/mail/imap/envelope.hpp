// The envelope of a mail that lies in a mailbox, as the server that put it there wrote it on top.
// Pure.
#pragma once

#include <string>
#include <string_view>

#include "channel/mail/mail_sink.hpp"

namespace ombud::mail {

// From: the first Return-Path (RFC 5321, 4.4), "<>" being the null sender; without one, what stands
// in From. To: `address`, with the tag ("desk+17.x@…") if Delivered-To, X-Original-To, Envelope-To,
// To or Cc name it with one.
Envelope envelope_of(std::string_view raw, const std::string& address);

}  // namespace ombud::mail
