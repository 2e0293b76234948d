// Parts of statements that several files of the store share: who approves orders, by which word.
#pragma once

// The role of membership m of person p: a user whom the directory calls an approver is one.
#define OMBUD_MEMBER_ROLE \
  "CASE WHEN m.role = 'user' AND p.approver = 1 THEN 'approver' ELSE m.role END"

// Whether that person stands in for an approver at that time. Whether for one who may still decide
// is asked when he does (store/approvals.hpp).
#define OMBUD_STANDS_IN(person, at)                                                                \
  "EXISTS (SELECT 1 FROM approval_deputy sd WHERE sd.deputy_id = " person " AND sd.from_at <= " at \
  " AND sd.until_at > " at ")"
