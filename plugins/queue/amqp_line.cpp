#include "queue/amqp_line.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>

namespace ombud::queue {
namespace {

constexpr std::int64_t kSpareMs = 200;         // to say what happened before the deadline passes
constexpr std::int64_t kConnectMsMax = 5'000;  // the hub tries again later
constexpr std::int64_t kReadMsMax = 10'000;    // for an answer to a question that changes nothing
constexpr std::int64_t kLookMs = 500;          // to see why there was no answer
constexpr std::int64_t kConfirmMs = 5'000;     // on an old connection, which may be dead
constexpr std::int64_t kSliceMs = 100;         // how late a cancel is noticed
constexpr std::int64_t kPauseMs = 300;         // between two attempts to connect
constexpr std::int64_t kAfterCancelMs = 500;   // for an answer to a write that has left
constexpr std::int64_t kQuietMs = 50;          // after which a queue is taken to be read
constexpr std::int64_t kStandbyMs = 1'000;     // for the first message of a queue that has some
constexpr std::uint16_t kWindow = 200;         // events unacknowledged at a time
constexpr const char* kReplies = "replies";
constexpr const char* kEvents = "events";

Answer answered() {
  Answer answer;
  answer.heard = Heard::answer;
  return answer;
}

Answer unsent(std::string why, bool refused) {
  Answer answer;
  answer.heard = Heard::unsent;
  answer.why = std::move(why);
  answer.refused = refused;
  return answer;
}

}  // namespace

// What one sending came to.
struct AmqpLine::Round {
  enum class End {
    decided,   // `answer` says it
    not_gone,  // the connection broke before the message left
    lost,      // it broke afterwards
    suspect,   // an old connection on which nothing comes back
    waited,    // the time is up
  };
  End end = End::waited;
  Answer answer;
  std::string token;
  std::uint64_t number = 0;
  std::int64_t waits_since_ms = 0;
  bool confirmed = false;
  bool blocked = false;
  bool nameless_answer = false;  // one without correlation_id
  std::string returned;          // why no queue took it
};

AmqpCarrier::AmqpCarrier(const Settings& settings)
    : settings_(settings.amqp.value()), name_("ombud: " + settings.desk) {}

std::unique_ptr<Line> AmqpCarrier::open(const sdk::Call& call) {
  return std::make_unique<AmqpLine>(*this, call);
}

std::int64_t AmqpLine::left_ms() const {
  return call_.remaining_ms() - kSpareMs;
}

void AmqpLine::drop() {
  if (carrier_.channel_) trouble_ = carrier_.channel_->trouble();
  carrier_.channel_.reset();
  carrier_.held_.clear();  // the broker delivers them again
  carrier_.reads_events_ = false;
}

bool AmqpLine::ready() {
  // What came since the last operation: late answers, events, or the end of the connection.
  if (carrier_.channel_ && !connected_now_ && !drain(0)) drop();
  if (carrier_.channel_) {
    carrier_.channel_->limit(left_ms());
    return true;
  }
  carrier_.channel_ = AmqpChannel::open(settings(), carrier_.name_, call_,
                                        std::min(left_ms(), kConnectMsMax), trouble_);
  if (!carrier_.channel_) return false;
  connected_now_ = true;
  if (open_replies()) return true;
  drop();
  return false;
}

bool AmqpLine::open_replies() {
  AmqpChannel& channel = *carrier_.channel_;
  const std::string& queue = settings().reply_queue;
  if (!settings().direct_reply()) {
    if (!channel.look_at_queue(queue)) {
      if (!settings().declare || !channel.trouble().missing || !channel.reopen() ||
          !channel.make_queue(queue, false)) {
        return false;
      }
    }
    // Answers to a process that is gone: whoever still wants them asks again.
    if (!channel.empty_queue(queue)) return false;
  }
  return channel.consume(queue, kReplies, 0, kMessageBytesMax);
}

bool AmqpLine::open_events() {
  if (carrier_.reads_events_) return true;
  AmqpChannel& channel = *carrier_.channel_;
  const std::string& queue = settings().events_queue;
  if (settings().declare && !channel.look_at_queue(queue)) {
    if (!channel.trouble().missing || !channel.reopen() || !channel.make_queue(queue, true)) {
      return false;
    }
    drop();  // the readers ended with the channel that was closed
    connected_now_ = false;
    if (!ready()) return false;
  }
  carrier_.reads_events_ = carrier_.channel_->consume(queue, kEvents, kWindow, kEventBytesMax + 1);
  return carrier_.reads_events_;
}

Answer AmqpLine::ask(const Question& question) {
  bool left_us = false;
  while (true) {
    if (call_.cancelled() && !left_us) {
      Answer stopped;
      stopped.heard = Heard::stopped;
      return stopped;
    }
    if (left_ms() <= 0 || (call_.cancelled() && left_us)) break;
    if (!ready()) {
      if (!left_us) return unsent(trouble_.why, trouble_.refused);
      poll(nullptr, 0, static_cast<int>(std::clamp<std::int64_t>(left_ms(), 0, kPauseMs)));
      continue;
    }
    const bool old = !connected_now_;
    Round round = ask_once(question);
    switch (round.end) {
      case Round::End::decided:
        // What one sending came to says nothing of an earlier one.
        if (left_us && round.answer.heard != Heard::answer) round.answer.heard = Heard::silence;
        return std::move(round.answer);
      case Round::End::not_gone:
        drop();
        if (!old && !left_us) return unsent(trouble_.why, trouble_.refused);
        break;
      case Round::End::lost:
      case Round::End::suspect:
        left_us = true;
        drop();
        break;
      case Round::End::waited: {
        Answer answer;
        answer.heard = Heard::silence;
        answer.why = silence(question, round);
        return answer;
      }
    }
    connected_now_ = false;
  }
  Answer answer;
  answer.heard = left_us ? Heard::silence : Heard::unsent;
  answer.why = trouble_.why.empty() ? "no time was left" : trouble_.why;
  if (left_us) answer.why += "; no answer came over a new connection in time";
  return answer;
}

AmqpLine::Round AmqpLine::ask_once(const Question& question) {
  Round round;
  const bool old = !connected_now_;
  AmqpChannel& channel = *carrier_.channel_;
  round.token = fmt::format("{}/{}", ++carrier_.asked_, question.id);
  Outgoing out;
  out.message_id = question.id;
  out.correlation_id = round.token;
  out.json = question.json;
  out.content = question.content;
  out.has_content = question.has_content;
  out.persistent = question.is_write;
  const std::int64_t patience_ms =
      question.is_write ? left_ms() : std::min(left_ms() - kLookMs, kReadMsMax);
  if (!question.is_write) out.expires_ms = std::max<std::int64_t>(patience_ms, 1);
  round.number = channel.publish(out, left_ms());
  if (round.number == 0) {
    round.end = Round::End::not_gone;
    return round;
  }
  const std::int64_t sent_at_ms = left_ms();
  round.waits_since_ms = sent_at_ms;
  while (true) {
    const std::int64_t now_ms = left_ms();
    if (call_.cancelled() && cancelled_at_ms_ < 0) cancelled_at_ms_ = now_ms;
    const bool given_up = cancelled_at_ms_ >= 0 && cancelled_at_ms_ - now_ms >= kAfterCancelMs;
    if (now_ms <= 0 || given_up) return round;
    if (!question.is_write && round.waits_since_ms - now_ms >= patience_ms) return round;
    if (old && !round.confirmed && !round.blocked && sent_at_ms - now_ms >= kConfirmMs) {
      round.end = Round::End::suspect;
      return round;
    }
    Incoming in = channel.next(std::min(kSliceMs, now_ms));
    if (take(question, in, round)) return round;
  }
}

bool AmqpLine::take(const Question& question, Incoming& in, Round& round) {
  using Kind = Incoming::Kind;
  switch (in.kind) {
    case Kind::nothing:
      return false;
    case Kind::delivery:
      if (in.consumer == kEvents) {
        hold(in);
        return false;
      }
      return take_answer(question, in, round);
    case Kind::returned:
      if (in.correlation_id == round.token) round.returned = in.text;
      return false;
    case Kind::confirmed:
      if (in.tag < round.number) return false;
      round.confirmed = true;
      if (round.returned.empty()) return false;
      round.answer = unsent(unroutable(round.returned), false);
      round.end = Round::End::decided;
      return true;
    case Kind::not_taken:
      if (in.tag < round.number) return false;
      round.answer =
          unsent("the broker could not file the message: its queue is full or failing", false);
      // With several queues behind the exchange one of them may have it.
      if (question.is_write) round.answer.heard = Heard::silence;
      round.end = Round::End::decided;
      return true;
    case Kind::blocked:
      round.blocked = true;
      trouble_.why = in.text;
      return false;
    case Kind::unblocked:
      round.blocked = false;
      return false;
    case Kind::broken:
      take_end(question, round);
      return true;
  }
  return false;
}

bool AmqpLine::take_answer(const Question& question, Incoming& in, Round& round) {
  if (in.protocol != kProtocol) return false;
  if (in.correlation_id.empty()) round.nameless_answer = true;
  if (in.correlation_id != round.token) return false;
  std::string_view text = in.body, content;
  if (in.json_bytes && *in.json_bytes >= 0 &&
      static_cast<std::uint64_t>(*in.json_bytes) <= text.size()) {
    content = text.substr(static_cast<std::size_t>(*in.json_bytes));
    text = text.substr(0, static_cast<std::size_t>(*in.json_bytes));
  }
  auto parsed = json::parse(text);
  if (!parsed || (*parsed)["re"].text() != question.id) return false;
  if ((*parsed)["type"].text() == "working") {
    round.waits_since_ms = left_ms();
    return false;
  }
  round.answer = answered();
  round.answer.json = *std::move(parsed);
  round.answer.content = content;
  round.end = Round::End::decided;
  return true;
}

void AmqpLine::take_end(const Question& question, Round& round) {
  const Trouble trouble = carrier_.channel_->trouble();
  round.end = Round::End::lost;
  if (!trouble.by_publish || round.confirmed) return;
  round.end = Round::End::decided;
  round.answer = unsent(trouble.why, trouble.refused);
  if (!trouble.refused && !trouble.missing && question.has_content) {
    round.answer.heard = Heard::too_big;
  }
  drop();
}

std::string AmqpLine::silence(const Question& question, const Round& round) {
  if (round.blocked) {
    return "the broker takes no messages now: it is short of memory or disk (" + trouble_.why + ")";
  }
  if (!round.confirmed) return "the broker did not confirm that it has the message";
  if (round.nameless_answer) {
    return "answers came without the correlation_id of the question, which PROTOCOL.md demands "
           "(\"AMQP\")";
  }
  if (question.is_write) {
    return "the broker has the message in its keeping, and the supplier's acknowledgement did not "
           "come in time";
  }
  const std::string& queue = settings().request_queue;
  carrier_.channel_->limit(left_ms());
  const auto state = queue.empty() ? std::nullopt : carrier_.channel_->look_at_queue(queue);
  if (carrier_.channel_->broken()) drop();
  if (!state) return "the broker has the question, and nobody answered it";
  if (state->readers == 0) {
    return fmt::format("nobody reads the supplier's queue \"{}\", in which {} messages wait", queue,
                       state->messages);
  }
  return fmt::format("somebody reads the supplier's queue \"{}\", but no answer came", queue);
}

std::string AmqpLine::unroutable(const std::string& said) const {
  const std::string where =
      settings().exchange.empty()
          ? fmt::format("there is no queue \"{}\" in the virtual host \"{}\"",
                        settings().routing_key, settings().vhost)
          : fmt::format("no queue takes messages of exchange \"{}\" with routing key \"{}\"",
                        settings().exchange, settings().routing_key);
  return fmt::format("{} (the broker says {})", where, said);
}

void AmqpLine::hold(Incoming& in) {
  carrier_.held_.push_back({in.tag, std::move(in.body)});
}

bool AmqpLine::drain(std::int64_t quiet_ms) {
  std::int64_t quiet_since_ms = call_.remaining_ms();
  while (true) {
    Incoming in = carrier_.channel_->next(carrier_.channel_->in_pieces() ? kSliceMs : quiet_ms);
    if (in.kind == Incoming::Kind::broken) return false;
    if (in.kind == Incoming::Kind::delivery && in.consumer == kEvents) hold(in);
    if (in.kind != Incoming::Kind::nothing) quiet_since_ms = call_.remaining_ms();
    if (in.kind == Incoming::Kind::nothing && !carrier_.channel_->in_pieces() &&
        quiet_since_ms - call_.remaining_ms() >= quiet_ms) {
      return true;
    }
    if (left_ms() <= 0) return true;
  }
}

EventQueue* AmqpLine::events() {
  return settings().events_queue.empty() ? nullptr : this;
}

Answer AmqpLine::receive(std::vector<Delivered>& waiting) {
  // A second time only if the first met a connection that had died unnoticed.
  for (int attempt = 1;; ++attempt) {
    if (call_.cancelled()) {
      Answer stopped;
      stopped.heard = Heard::stopped;
      return stopped;
    }
    const bool old = carrier_.channel_ != nullptr;
    bool read = ready() && open_events();
    const std::int64_t begun_at_ms = left_ms();
    while (read) {
      carrier_.channel_->limit(left_ms());
      const auto state = carrier_.channel_->look_at_queue(settings().events_queue);
      const std::size_t before = carrier_.held_.size();
      read = state && drain(kQuietMs);
      if (!read || state->messages == 0 || carrier_.held_.size() >= kWindow) break;
      const bool standby = carrier_.held_.size() == before && begun_at_ms - left_ms() >= kStandbyMs;
      if (standby || left_ms() <= kSliceMs || call_.cancelled()) break;
    }
    if (read) {
      waiting = carrier_.held_;
      return answered();
    }
    if (carrier_.channel_) drop();
    if (!old || attempt > 1) return unsent(trouble_.why, trouble_.refused);
    connected_now_ = false;
  }
}

bool AmqpLine::acknowledge(std::uint64_t tag) {
  const bool done = carrier_.channel_ && carrier_.channel_->acknowledge(tag);
  if (done) std::erase_if(carrier_.held_, [tag](const Delivered& one) { return one.tag == tag; });
  return done;
}

bool AmqpLine::reject(std::uint64_t tag) {
  const bool done = carrier_.channel_ && carrier_.channel_->reject(tag);
  if (done) std::erase_if(carrier_.held_, [tag](const Delivered& one) { return one.tag == tag; });
  return done;
}

Answer AmqpLine::examine() {
  const std::int64_t limit_ms = std::min(left_ms(), kConnectMsMax);
  const auto channel =
      AmqpChannel::open(settings(), carrier_.name_ + " (check)", call_, limit_ms, trouble_);
  if (!channel) return unsent(trouble_.why, trouble_.refused);
  std::string missing;
  bool refused = false;
  const auto note = [&](bool there, const std::string& what) {
    if (there) return true;
    const Trouble& trouble = channel->trouble();
    refused = refused || trouble.refused;
    if (!missing.empty()) missing += "; ";
    missing += trouble.missing   ? fmt::format("there is no {} in the virtual host \"{}\"", what,
                                               settings().vhost)
               : trouble.refused ? fmt::format("\"{}\" may not use {}", settings().login, what)
                                 : trouble.why;
    return channel->reopen();
  };
  const auto look = [&](const char* whose, const std::string& queue, bool made_if_missing) {
    if (queue.empty()) return true;
    const bool there = channel->look_at_queue(queue).has_value();
    if (!there && made_if_missing && channel->trouble().missing) return channel->reopen();
    return note(there, fmt::format("{} \"{}\"", whose, queue));
  };
  const bool looked =
      (settings().exchange.empty() || note(channel->look_at_exchange(settings().exchange),
                                           fmt::format("exchange \"{}\"", settings().exchange))) &&
      look("request queue", settings().request_queue, false) &&
      (settings().direct_reply() ||
       look("reply queue", settings().reply_queue, settings().declare)) &&
      look("events queue", settings().events_queue, settings().declare);
  if (!looked && missing.empty()) missing = channel->trouble().why;
  return missing.empty() ? answered() : unsent(missing, refused);
}

}  // namespace ombud::queue
