// Tickets as lists and as their own page show them.
#pragma once

#include "desk/ticket_list.hpp"
#include "http/route.hpp"
#include "notify/reach.hpp"
#include "store/notifications.hpp"

namespace ombud::http {

extern const Schema kTicketRowSchema, kSimilarSchema, kTicketDetailSchema, kParticipantSchema,
    kRelationSchema;

void write_members(json::Writer& out, const desk::TicketRow& row);  // without the braces
void write(json::Writer& out, const desk::TicketRow& row);
void write(json::Writer& out, const Participant& participant);
void write(json::Writer& out, const desk::RelatedTicket& related);
// `told`: who was told of its messages by mail, by event; `reach`: whom an answer would reach; both
// empty for those who may not know.
void write(json::Writer& out, const desk::TicketView& view, const std::vector<ToldByMail>& told,
           const std::optional<notify::Reach>& reach, const Principal& who);

}  // namespace ombud::http
