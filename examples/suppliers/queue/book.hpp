// The tickets of the example supplier. Every change is on disk before it is answered, so the
// program may be killed at any moment. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "journal.hpp"

namespace ombud::example {

class Book {
 public:
  using Now = std::function<std::string()>;  // RFC 3339
  Book(const std::string& path, Now now);

  // Answers one request of PROTOCOL.md; `content` is the third frame. Empty: nothing to answer.
  struct Reply {
    std::string json;
    std::string content;
    bool has_content = false;
  };
  std::optional<Reply> answer(std::string_view request_json, std::string_view content);

  // What a technician at the supplier does. False if there is no such ticket.
  bool comment(const std::string& ticket, const std::string& text, bool is_public);
  bool set_status(const std::string& ticket, const std::string& status, const std::string& word);
  bool attach(const std::string& ticket, const std::string& name, const std::string& media_type,
              const std::string& bytes);

  std::string tickets_json() const;
  std::size_t ticket_count() const;
  std::size_t event_count() const;

 private:
  struct Ticket {
    std::string id;
    std::string correlation;
    std::string document;              // as last received
    std::vector<std::string> entries;  // comments and attachments received, as JSON
    std::string status;                // the supplier's own
  };
  struct Applied {
    std::string kind;    // ticket, comment, attachment
    std::string ticket;  // the ticket it hangs below
    std::string id;      // external id given
  };
  std::string write(json::View request, std::string_view content);
  std::string find(json::View request) const;
  std::string events(json::View request) const;
  std::optional<Reply> fetch(json::View request) const;
  bool tell(const std::string& ticket, const std::function<void(json::Writer&)>& members,
            std::string_view type);
  void record(const std::string& line);
  void apply(json::View line);

  mutable std::mutex mutex_;
  Journal journal_;
  Now now_;
  std::vector<Ticket> tickets_;
  std::map<std::string, Applied, std::less<>> applied_;  // by correlation: the dedupe rule
  std::vector<std::string> events_;                      // [i] has sequence i + 1
  std::map<std::string, std::string, std::less<>> files_;
};

}  // namespace ombud::example
