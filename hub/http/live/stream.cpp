#include "http/live/stream.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

#include "base/assert.hpp"
#include "store/await.hpp"
#include "store/news.hpp"
#include "store/systems.hpp"

namespace ombud::http::live {

Stream::Stream(net::any_io_executor executor, Clock& clock, Store& store, const Log& log,
               StreamLimits limits)
    : executor_(std::move(executor)),
      clock_(clock),
      store_(store),
      log_(log),
      limits_(limits),
      presence_(limits.presence_for) {}

Stream::~Stream() {
  OMBUD_ASSERT(group_of_.empty());
}

// --- From any thread
// ------------------------------------------------------------------------------

void Stream::ring() {
  if (rung_.exchange(true)) return;
  net::post(executor_, [this] { bell_.ring(); });
}

void Stream::committed(const CommitNote& note) {
  if (!awake_) return;
  if (!note.links.empty() || !note.touched_links.empty() || !note.notices.empty()) {
    const std::lock_guard lock(mutex_);
    new_links_.insert(note.links.begin(), note.links.end());
    new_links_.insert(note.touched_links.begin(), note.touched_links.end());
    new_notices_.insert(note.notices.begin(), note.notices.end());
  }
  ring();
}

void Stream::told(const std::vector<PersonId>& people) {
  if (!awake_) return;
  {
    const std::lock_guard lock(mutex_);
    told_.insert(people.begin(), people.end());
  }
  ring();
}

void Stream::rights_changed() {
  {
    const std::lock_guard lock(mutex_);
    if (group_of_.empty()) return;
    rights_changed_ = true;
  }
  ring();
}

Result<std::shared_ptr<SocketUser>> Stream::admit(const Principal& principal, Recheck recheck) {
  {
    const std::lock_guard lock(mutex_);
    std::size_t& his = admitted_[principal.actor()];
    if (his >= limits_.listeners_per_actor_max) {
      return problem(ProblemKind::too_many,
                     "You have too many windows open that listen; close one of them.");
    }
    if (admitted_count_ >= limits_.listeners_max) {
      return problem(ProblemKind::too_many, "Too many listen at the moment; try again soon.");
    }
    ++his;
    ++admitted_count_;
  }
  return std::make_shared<Listener>(*this, principal, std::move(recheck));
}

StreamCounts Stream::counts() const {
  const std::lock_guard lock(mutex_);
  return {static_cast<std::int64_t>(group_of_.size()), messages_.load(), resyncs_.load()};
}

net::awaitable<void> Stream::collect(MetricText& out) {
  const StreamCounts now = counts();
  out.family("ombud_stream_listeners", "gauge", "Open connections to the stream.");
  out.sample("ombud_stream_listeners", {}, now.listeners);
  out.family("ombud_stream_messages_total", "counter", "Messages written to the stream.");
  out.sample("ombud_stream_messages_total", {}, now.messages);
  out.family("ombud_stream_resyncs_total", "counter",
             "Messages that stand for many that were left out.");
  out.sample("ombud_stream_resyncs_total", {}, now.resyncs);
  co_return;
}

// --- From listeners, on their threads
// -------------------------------------------------------------

void Stream::enter(Listener& listener, const net::any_io_executor& executor) {
  const std::lock_guard lock(mutex_);
  auto group = std::find_if(groups_.begin(), groups_.end(),
                            [&](const auto& known) { return known->executor == executor; });
  if (group == groups_.end()) {
    groups_.push_back(std::make_shared<Group>());
    group = std::prev(groups_.end());
    (*group)->executor = executor;
  }
  ++(*group)->members;
  (*group)->listeners.push_back(&listener);
  group_of_.emplace(&listener, *group);
  listeners_ = static_cast<std::int64_t>(group_of_.size());
  newcomers_.push_back(listener.weak_from_this());
  ring();
}

void Stream::leave(Listener& listener) {
  const std::lock_guard lock(mutex_);
  const auto at = group_of_.find(&listener);
  const std::shared_ptr<Group> group = at->second;
  group_of_.erase(at);
  listeners_ = static_cast<std::int64_t>(group_of_.size());
  std::erase(group->listeners, &listener);
  if (--group->members == 0) std::erase(groups_, group);
  for (const TicketId ticket : presence_.leave_all(&listener)) looked_at_.insert(ticket);
  if (!looked_at_.empty() || group_of_.empty()) ring();
}

void Stream::left(const Principal& principal) {
  const std::lock_guard lock(mutex_);
  const auto his = admitted_.find(principal.actor());
  if (--his->second == 0) admitted_.erase(his);
  --admitted_count_;
}

void Stream::look(Listener& listener, TicketId ticket, Looker looker) {
  const std::lock_guard lock(mutex_);
  const bool first = !presence_.looks(ticket, &listener);
  const bool news = presence_.look(ticket, &listener, std::move(looker), clock_.now());
  if (!first && !news) return;  // whoever just came wants to know who is there
  looked_at_.insert(ticket);
  ring();
}

void Stream::look_away(Listener& listener, TicketId ticket) {
  const std::lock_guard lock(mutex_);
  if (!presence_.leave(ticket, &listener)) return;
  looked_at_.insert(ticket);
  ring();
}

void Stream::missed() {
  if (!someone_missed_.exchange(true)) ring();
}

void Stream::still_missed() {
  someone_missed_ = true;
}

// --- On the executor
// ------------------------------------------------------------------------------

void Stream::close() {
  closing_ = true;
  bell_.ring();
}

net::awaitable<void> Stream::run() {
  while (!closing_) {
    if (!rung_) co_await clock_.sleep_until(next_wake(), &bell_);
    if (closing_) co_return;
    co_await round();
    // The first change after a while is told at once; what follows closely is told together.
    const Instant until = clock_.now() + limits_.pause;
    while (!closing_ && clock_.now() < until) co_await clock_.sleep_until(until, &bell_);
  }
}

Instant Stream::next_wake() const {
  if (!awake_) return std::min(kNever, retry_at_);
  const Instant now = clock_.now();
  Instant wake = std::min({recheck_at_, missed_at_, retry_at_});
  for (const std::string& link : links_waiting_) {
    const auto told = links_told_.find(link);
    wake = std::min(wake, told == links_told_.end() ? now : told->second + limits_.link_every);
  }
  const std::lock_guard lock(mutex_);
  if (!presence_.empty()) wake = std::min(wake, now + limits_.presence_look);
  return wake;
}

// Hands `tell` to every group's thread. A group is only there while one of its connections is, and
// with it the thread.
void Stream::to_all(std::function<void(Listener&)> tell) {
  const std::lock_guard lock(mutex_);
  for (const auto& group : groups_) {
    net::post(group->executor, [group, tell] {
      for (Listener* listener : group->listeners) tell(*listener);
    });
  }
}

net::awaitable<void> Stream::round() {
  rung_ = false;
  const Instant now = clock_.now();
  News news;
  {
    const std::lock_guard lock(mutex_);
    if (group_of_.empty()) {
      sleep();
      co_return;
    }
    news.newcomers.swap(newcomers_);
    news.notices.swap(new_notices_);
    news.rights_changed = std::exchange(rights_changed_, false);
    links_waiting_.merge(new_links_);
    new_links_.clear();
    for (const TicketId ticket : presence_.expire(now)) looked_at_.insert(ticket);
    news.looked_at.swap(looked_at_);
    news.told.swap(told_);
  }
  std::vector<Piece> pieces;
  retry_at_ = kNever;
  if (!awake_) {
    awake_ = true;  // before the look: what is committed after it rings
    recheck_at_ = now + limits_.recheck_every;
    if (!co_await catch_up()) {
      awake_ = false;
      const std::lock_guard lock(mutex_);  // they are greeted once it is known from where on
      newcomers_.insert(newcomers_.end(), news.newcomers.begin(), news.newcomers.end());
      co_return;
    }
  } else {
    co_await gather_tickets(pieces);
  }
  co_await gather_notices(pieces, std::move(news.notices));
  gather_links(pieces);
  if (!news.told.empty()) {
    pieces.push_back(notification_piece({news.told.begin(), news.told.end()}));
  }
  tell(std::move(pieces), news);
}

// Under the mutex: nobody is there.
void Stream::sleep() {
  awake_ = false;
  newcomers_.clear();
  new_links_.clear();
  new_notices_.clear();
  looked_at_.clear();
  told_.clear();
  rights_changed_ = false;
  links_waiting_.clear();
  links_told_.clear();
  retry_at_ = missed_at_ = kNever;
}

void Stream::tell(std::vector<Piece> pieces, const News& news) {
  const Instant now = clock_.now();
  if (!pieces.empty()) {
    const auto shared = std::make_shared<const std::vector<Piece>>(std::move(pieces));
    to_all([shared, now](Listener& listener) { listener.hear(*shared, now); });
  }
  if (std::exchange(all_missed_, false)) {
    to_all([now](Listener& listener) { listener.miss(now); });
  }
  missed_at_ = kNever;
  if (someone_missed_.exchange(false)) {
    to_all([now](Listener& listener) { listener.tell_if_missed(now); });
    missed_at_ = now + limits_.missed_look;
  }
  for (const TicketId ticket : news.looked_at) show_presence(ticket);
  if (news.rights_changed || now >= recheck_at_) {
    recheck_at_ = now + limits_.recheck_every;
    to_all([](Listener& listener) { listener.check_rights(); });
  }
  const std::lock_guard lock(mutex_);
  for (const auto& newcomer : news.newcomers) {
    const auto listener = newcomer.lock();
    const auto group = group_of_.find(listener.get());
    if (listener == nullptr || group == group_of_.end()) continue;
    net::post(group->second->executor, [listener] { listener->greet(); });
  }
}

net::awaitable<bool> Stream::catch_up() {
  std::function<Result<std::int64_t>(Tx&)> work = [](Tx& tx) -> Result<std::int64_t> {
    return last_event(tx);
  };
  const auto last = co_await read<std::int64_t>(store_, system_principal("stream"), work);
  if (last) {
    told_until_ = *last;
  } else {
    trouble(last.error());
  }
  co_return last.has_value();
}

void Stream::trouble(const Problem& problem) {
  log_.error("listeners could not be told yet", {{"reason", problem.detail}});
  retry_at_ = clock_.now() + limits_.retry_after;
}

net::awaitable<void> Stream::gather_tickets(std::vector<Piece>& pieces) {
  for (int reads = 0; reads < limits_.reads_per_round; ++reads) {
    std::function<Result<NewsPage>(Tx&)> work = [this](Tx& tx) -> Result<NewsPage> {
      return news_after(tx, told_until_, limits_.events_per_read);
    };
    const auto page = co_await read<NewsPage>(store_, system_principal("stream"), work);
    if (!page) {
      trouble(page.error());
      co_return;
    }
    told_until_ = page->until;
    for (const TicketNews& ticket : page->tickets) pieces.push_back(ticket_piece(ticket));
    if (!page->more) co_return;
  }
  pieces.clear();
  all_missed_ = co_await catch_up();
}

net::awaitable<void> Stream::gather_notices(std::vector<Piece>& pieces,
                                            std::set<std::int64_t> notices) {
  if (notices.empty()) co_return;
  std::function<Result<std::vector<Piece>>(Tx&)> work =
      [&notices](Tx& tx) -> Result<std::vector<Piece>> {
    std::vector<Piece> found;
    for (const std::int64_t notice : notices) {
      found.push_back(notice_piece({notice}, news_of_notice(tx, {notice})));
    }
    return found;
  };
  auto found = co_await read<std::vector<Piece>>(store_, system_principal("stream"), work);
  if (found) {
    pieces.insert(pieces.end(), found->begin(), found->end());
    co_return;
  }
  trouble(found.error());
  const std::lock_guard lock(mutex_);
  new_notices_.merge(notices);
}

void Stream::gather_links(std::vector<Piece>& pieces) {
  const Instant now = clock_.now();
  for (auto link = links_waiting_.begin(); link != links_waiting_.end();) {
    const auto told = links_told_.find(*link);
    if (told != links_told_.end() && now < told->second + limits_.link_every) {
      ++link;
      continue;
    }
    pieces.push_back(link_piece(*link));
    links_told_.insert_or_assign(*link, now);
    link = links_waiting_.erase(link);
  }
}

void Stream::show_presence(TicketId ticket) {
  std::vector<Looker> people;
  {
    const std::lock_guard lock(mutex_);
    people = presence_.at(ticket);
  }
  to_all(
      [ticket, people = std::move(people)](Listener& listener) { listener.see(ticket, people); });
}

}  // namespace ombud::http::live
