// Asking a supplier through an AMQP broker. The connection lives from one operation to the next as
// long as it holds; if the broker closed it in between, the next operation makes a new one before
// anything is sent. Every question is published with a `correlation_id` of its own, which the
// answer repeats: what comes late, to an earlier question, is never taken for an answer to this.
#pragma once

#include <map>

#include "queue/amqp_channel.hpp"
#include "queue/line.hpp"

namespace ombud::queue {

class AmqpCarrier final : public Carrier {
 public:
  // `settings` outlives the carrier and is for AMQP.
  explicit AmqpCarrier(const Settings& settings);
  std::unique_ptr<Line> open(const sdk::Call& call) override;

 private:
  friend class AmqpLine;
  const AmqpSettings& settings_;
  std::string name_;  // of our connections, in the broker's lists
  std::unique_ptr<AmqpChannel> channel_;
  std::vector<Delivered> held_;  // delivered to channel_, not acknowledged, oldest first
  bool reads_events_ = false;
  std::uint64_t asked_ = 0;
};

class AmqpLine final : public Line, public EventQueue {
 public:
  AmqpLine(AmqpCarrier& carrier, const sdk::Call& call) : carrier_(carrier), call_(call) {}

  Answer ask(const Question& question) override;
  Answer examine() override;
  EventQueue* events() override;

  Answer receive(std::vector<Delivered>& waiting) override;
  bool acknowledge(std::uint64_t tag) override;
  bool reject(std::uint64_t tag) override;

 private:
  struct Round;
  const AmqpSettings& settings() const { return carrier_.settings_; }
  std::int64_t left_ms() const;
  // A connection that reads answers; false, and `trouble_` says why, if there is none.
  bool ready();
  bool open_replies();
  bool open_events();
  void drop();
  // Publishes once and waits.
  Round ask_once(const Question& question);
  // True if `in` decides the round.
  bool take(const Question& question, Incoming& in, Round& round);
  bool take_answer(const Question& question, Incoming& in, Round& round);
  void take_end(const Question& question, Round& round);
  std::string silence(const Question& question, const Round& round);
  std::string unroutable(const std::string& said) const;
  void hold(Incoming& in);
  bool drain(std::int64_t quiet_ms);  // false: the channel broke

  AmqpCarrier& carrier_;
  const sdk::Call& call_;
  bool connected_now_ = false;  // in this operation
  Trouble trouble_;
  std::int64_t cancelled_at_ms_ = -1;
};

}  // namespace ombud::queue
