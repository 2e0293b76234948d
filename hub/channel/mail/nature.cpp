#include "channel/mail/nature.hpp"

namespace ombud::mail {

NatureFound nature_of(const ParsedMail& mail, std::string_view envelope_from,
                      const DeskAddresses& desk) {
  const std::string local = folded(local_part_of(mail.from.address));
  if (mail.delivery_report) return {Nature::report, "it is a delivery report"};
  if (local == "mailer-daemon") return {Nature::report, "its sender is MAILER-DAEMON"};
  if (!mail.auto_submitted.empty() && mail.auto_submitted != "no") {
    return {Nature::machine, "Auto-Submitted: " + mail.auto_submitted};
  }
  if (envelope_from.empty()) return {Nature::machine, "its envelope has no sender"};
  if (mail.loop_header) return {Nature::machine, "it came out of a desk (X-Loop or X-Ombud)"};
  if (desk.is_own(mail.from.address))
    return {Nature::machine, "its sender is the desk's own address"};
  if (mail.autoreply_header) return {Nature::machine, "it is marked as an automatic answer"};
  if (mail.precedence == "bulk" || mail.precedence == "junk" || mail.precedence == "auto_reply") {
    return {Nature::machine, "Precedence: " + mail.precedence};
  }
  if (mail.precedence == "list") return {Nature::list, "Precedence: list"};
  if (mail.list_header) return {Nature::list, "it came through a mailing list"};
  return {};
}

}  // namespace ombud::mail
