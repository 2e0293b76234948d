// Use cases of what suppliers announce by themselves (domain/notice.hpp): taken once however often
// it is polled, pushed or mailed; shown to users only after the desk has published it, or the link
// says so; made a major incident by the desk. A ticket of ours at the supplier is never a notice,
// and a major incident made of a notice is not handed back to the supplier by itself: no loop.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "store/notices.hpp"
#include "store/tickets.hpp"

namespace ombud::desk {

// ours: about a ticket of ours. ignored: the link takes none. same: nothing new in it.
enum class Announced { fresh, changed, same, ours, ignored };
// Takes one ombud.announcement/1 of this link. Whom it concerns follows from the agreements under
// which the supplier is hired now: those whose services it names, by key, name or a user's word for
// them; all of its services if it names none that is known.
Result<Announced> take_announcement(Tx& tx, std::string_view link, json::View document);

// A ticket of ours has turned out to bear this id there: a notice of it was none.
void not_a_notice(Tx& tx, std::string_view link, std::string_view remote_id);

// Deciding and the log need somebody who works for all customers; promoting makes tickets for those
// that the principal works for.
//
// A notice as this principal may see it. To a customer only the published ones that concern his
// organisation exist, with the public words, and without the supplier.
struct NoticeView {
  Notice notice;
  std::vector<NoticeCustomer> customers;  // to a customer: his own alone
};
Result<NoticeView> show_notice(Tx& tx, NoticeId id);

struct NoticeListing {
  std::vector<NoticeView> notices;
  std::optional<NoticeKey> next;
};
struct ListNotices {
  NoticeFilter filter;
  std::optional<NoticeKey> before;
  int limit = 25;
};
Result<NoticeListing> list_notices(Tx& tx, const ListNotices& request);
Result<std::vector<NoticeEvent>> notice_log(Tx& tx, NoticeId id);  // inside only

struct Publish {
  NoticeId notice;
  // Neither: the supplier's words as they are now. A text alone keeps the title that users read, or
  // takes the supplier's; a title alone has no text below it.
  std::optional<std::string> title, text;
  std::vector<std::string> customers;   // keys of those it concerns; empty: all of them
  std::optional<bool> tell_start = {};  // of a planned outage: tell its users again when it begins
};
// To the users of these customers, and no longer to those of others. What was dismissed and comes
// back with other words is told to everybody anew.
Result<NoticeView> publish_notice(Tx& tx, const Publish& request);
// Nothing for the desk, or no longer: nobody but the desk sees it.
Result<NoticeView> dismiss_notice(Tx& tx, NoticeId id, const std::string& reason);

struct Promote {
  NoticeId notice;
  std::string customer;                      // empty: each one that it concerns and has none yet
  std::optional<std::string> subject, text;  // what users may see; none: the desk's own, neutral
  std::string team;                          // empty: "desk"
};
// One major incident for each customer, urgent, with the supplier's words as an internal note; what
// the supplier tells later follows as notes.
Result<NoticeView> promote_notice(Tx& tx, const Promote& request);

}  // namespace ombud::desk
