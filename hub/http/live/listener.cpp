#include "http/live/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

#include "base/json.hpp"
#include "desk/tickets.hpp"
#include "http/live/stream.hpp"
#include "store/await.hpp"
#include "store/directory.hpp"

namespace ombud::http::live {
namespace {

constexpr unsigned kNotUnderstood = 1007;  // RFC 6455, 7.4.1
constexpr unsigned kSignedOut = 4401;      // ours: sign in again
constexpr std::string_view kToSupplier = "supplier:";
constexpr std::size_t kWritingBytesMax = 40;

// "user", "internal", "supplier:<delegation>".
bool is_writing(std::string_view word) {
  if (word == "user" || word == "internal") return true;
  if (!word.starts_with(kToSupplier) || word.size() > kWritingBytesMax) return false;
  word.remove_prefix(kToSupplier.size());
  return !word.empty() &&
         std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Listener::Listener(Stream& stream, Principal principal, Recheck recheck)
    : stream_(stream),
      principal_(std::move(principal)),
      recheck_(std::move(recheck)),
      may_send_(stream.limits_.burst),
      counted_at_(stream.clock_.now()) {}

Listener::~Listener() {
  stream_.left(principal_);
}

void Listener::opened(Socket& socket) {
  socket_ = &socket;
  stream_.enter(*this, socket.executor());
}

void Listener::closed() {
  stream_.leave(*this);
  socket_ = nullptr;
}

void Listener::greet() {
  if (socket_ == nullptr) return;
  greeted_ = true;
  put("hello", hello_text());
}

void Listener::put(std::string key, Text text) {
  if (socket_ == nullptr) return;
  const auto same = std::find_if(waiting_.begin(), waiting_.end(),
                                 [&](const Waiting& one) { return one.key == key; });
  if (same != waiting_.end()) {
    same->text = std::move(text);
  } else {
    waiting_.push_back({std::move(key), std::move(text)});
  }
  socket_->wake();
}

Text Listener::next() {
  if (waiting_.empty()) return nullptr;
  Text text = std::move(waiting_.front().text);
  waiting_.pop_front();
  if (waiting_.empty()) waiting_.shrink_to_fit();
  ++stream_.messages_;
  return text;
}

bool Listener::may_take(std::size_t messages, Instant now) {
  const StreamLimits& limits = stream_.limits_;
  const auto since_ms = static_cast<double>(std::max(Millis{0}, now - counted_at_).count());
  counted_at_ = now;
  const double all = std::max(1.0, static_cast<double>(stream_.listeners_.load()));
  const double rate = std::min(limits.per_second, limits.total_per_second / all);
  may_send_ =
      std::min({limits.burst, limits.total_burst / all, may_send_ + since_ms * rate / 1000});
  const auto wanted = static_cast<double>(messages);
  if (wanted > may_send_ || waiting_.size() + messages > limits.waiting_max) return false;
  may_send_ -= wanted;
  return true;
}

void Listener::hear(const std::vector<Piece>& pieces, Instant now) {
  // The resync that is still to come makes up for these too.
  if (!greeted_ || socket_ == nullptr || missed_) return;
  std::vector<std::pair<const Piece*, Text>> heard;
  for (const Piece& piece : pieces) {
    if (Text text = text_for(principal_, piece)) heard.emplace_back(&piece, std::move(text));
  }
  if (heard.empty()) return;
  if (!may_take(heard.size(), now)) return miss(now);
  for (auto& [piece, text] : heard) put(piece->key, std::move(text));
}

void Listener::miss(Instant now) {
  if (!greeted_ || socket_ == nullptr) return;
  missed_ = true;
  waiting_.clear();
  stream_.missed();
  tell_if_missed(now);
}

void Listener::tell_if_missed(Instant now) {
  if (!missed_ || socket_ == nullptr) return;
  const StreamLimits& limits = stream_.limits_;
  const Millis every =
      std::max(limits.resync_every, limits.total_resync_every * stream_.listeners_.load());
  if (now < resynced_at_ + every) return stream_.still_missed();
  missed_ = false;
  resynced_at_ = now;
  ++stream_.resyncs_;
  put("resync", resync_text());
}

void Listener::received(std::string_view text) {
  const auto message = json::parse(text);
  if (!message || !message->root().is_object()) {
    socket_->close(kNotUnderstood, "Not a JSON object.");
    return;
  }
  const std::string_view type = (*message)["type"].text();
  const TicketId ticket{(*message)["ticket"].integer()};
  if (type == "ping") return put("pong", pong_text());
  if (type == "look") return look(ticket, (*message)["writing"].text());
  if (type == "leave") return leave(ticket);
  // What a newer page says besides is not for this hub.
}

// --- Presence -----------------------------------------------------------------------------------

void Listener::look(TicketId ticket, std::string_view writing) {
  if (!principal_.inside() || !may(principal_, Permission::ticket_read) || ticket.value <= 0)
    return;
  if (!writing.empty() && !is_writing(writing)) return;
  const auto [at, first] = looks_.try_emplace(ticket);
  at->second.writing = writing;
  if (first && looks_.size() > stream_.limits_.looks_max) {
    const auto other = looks_.begin()->first == ticket ? std::next(looks_.begin()) : looks_.begin();
    leave(TicketId(other->first));
  }
  if (first) {
    net::co_spawn(socket_->executor(), find_ticket(shared_from_this(), ticket), net::detached);
  } else if (at->second.seen) {
    stream_.look(*this, ticket, {principal_.actor(), name_, principal_.agent, at->second.writing});
  }
}

// Whoever looks must be able to see the ticket, or he would learn of it by who else does.
net::awaitable<void> Listener::find_ticket(std::shared_ptr<Listener> self, TicketId ticket) {
  std::function<Result<std::string>(Tx&)> work = [ticket](Tx& tx) -> Result<std::string> {
    const auto visible = desk::visible_ticket(tx, ticket);
    if (!visible) return visible.error();
    const auto agent = find_agent(tx, tx.principal().agent);
    return agent ? agent->name : tx.principal().name;
  };
  const auto name = co_await read<std::string>(self->stream_.store_, self->principal_, work);
  const auto at = self->looks_.find(ticket);
  if (self->socket_ == nullptr || at == self->looks_.end()) co_return;
  if (!name) {
    self->looks_.erase(at);
    co_return;
  }
  self->name_ = *name;
  at->second.seen = true;
  self->look(ticket, std::string(at->second.writing));
}

void Listener::leave(TicketId ticket) {
  if (looks_.erase(ticket) > 0) stream_.look_away(*this, ticket);
}

void Listener::see(TicketId ticket, const std::vector<Looker>& people) {
  const auto at = looks_.find(ticket);
  if (at == looks_.end() || !at->second.seen) return;
  const std::string self = principal_.actor();
  json::Writer out;
  out.begin_object().field("type", "presence").field("ticket", ticket.value).begin_array("people");
  for (const Looker& looker : people) {
    if (looker.actor == self) continue;
    out.begin_object().field("name", looker.name).key("agent");
    looker.agent.empty() ? out.null() : out.value(looker.agent);
    out.key("writing");
    looker.writing.empty() ? out.null() : out.value(looker.writing);
    out.end_object();
  }
  out.end_array().end_object();
  put("presence:" + std::to_string(ticket.value), std::make_shared<const std::string>(out.take()));
}

// --- Rights -------------------------------------------------------------------------------------

void Listener::check_rights() {
  if (socket_ == nullptr) return;
  recheck_again_ = rechecking_;
  if (rechecking_) return;
  rechecking_ = true;
  net::co_spawn(socket_->executor(), recheck(shared_from_this()), net::detached);
}

net::awaitable<void> Listener::recheck(std::shared_ptr<Listener> self) {
  bool changed = false;
  do {
    self->recheck_again_ = false;
    const auto now = co_await self->recheck_();
    // A store that cannot be read just now says nothing about anybody's rights.
    changed =
        now ? now->principal != self->principal_ : now.error().kind != ProblemKind::unavailable;
  } while (self->recheck_again_ && !changed);
  self->rechecking_ = false;
  if (changed && self->socket_ != nullptr) {
    self->socket_->close(kSignedOut, "What you may see has changed.");
  }
}

}  // namespace ombud::http::live
