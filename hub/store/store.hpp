// The Store seam: transactions over one database, each on behalf of a principal.
//
// A unit of work is a synchronous function over a Tx. It may be run again from the start if a
// neighbour in the same group commit has to be undone, so it must not change anything outside.
// Nobody is answered before the commit that holds his work is on disk.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/ids.hpp"
#include "domain/principal.hpp"

namespace ombud {

// A statement's text, always a constant: its address is its key in the statement cache.
// Parameters are $1, $2 …, and $tenant, which the Tx binds itself: the principal's customer, or
// NULL for all. A statement that reads or changes a table with customer data must use $tenant, or
// say "all tenants: <why>" in a comment; the store refuses to prepare anything else.
struct Sql {
  const char* text;
};

// One bound parameter; text is borrowed until the statement is closed.
class Param {
 public:
  enum class Type { null, integer, text, blob };
  Param(std::nullopt_t) {}                                               // NOLINT(*-explicit-*)
  Param(std::int64_t number) : type_(Type::integer), number_(number) {}  // NOLINT(*-explicit-*)
  Param(int number) : Param(static_cast<std::int64_t>(number)) {}        // NOLINT(*-explicit-*)
  Param(bool flag) : Param(static_cast<std::int64_t>(flag)) {}           // NOLINT(*-explicit-*)
  Param(Instant at) : Param(ms_of(at)) {}                                // NOLINT(*-explicit-*)
  Param(std::string_view text) : type_(Type::text), text_(text) {}       // NOLINT(*-explicit-*)
  Param(const std::string& text) : Param(std::string_view(text)) {}      // NOLINT(*-explicit-*)
  Param(const char* text) : Param(std::string_view(text)) {}             // NOLINT(*-explicit-*)
  template <class Tag>
  Param(Id<Tag> id) : Param(id.value) {}  // NOLINT(*-explicit-*)
  template <class T>
  Param(const std::optional<T>& maybe) {  // NOLINT(*-explicit-*)
    if (maybe) *this = Param(*maybe);
  }
  Type type() const { return type_; }
  std::int64_t number() const { return number_; }
  std::string_view text() const { return text_; }

 private:
  Type type_ = Type::null;
  std::int64_t number_ = 0;
  std::string_view text_;
};
// NULL for 0 or an empty text: how optional references are stored.
template <class Tag>
Param or_null(Id<Tag> id) {
  return id.value == 0 ? Param(std::nullopt) : Param(id);
}
inline Param or_null(std::string_view text) {
  return text.empty() ? Param(std::nullopt) : Param(text);
}

// A statement at work; text it returns lives until the next step. One use of a statement at a time.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual bool step() = 0;  // false: no more rows
  virtual void close() = 0;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;   // 0 for NULL
  virtual std::string_view text(int column) const = 0;  // "" for NULL
};

// Closes its statement when it goes away.
class Rows {
 public:
  explicit Rows(Cursor& cursor) : cursor_(&cursor) {}
  ~Rows() {
    if (cursor_ != nullptr) cursor_->close();
  }
  Rows(Rows&& other) noexcept : cursor_(std::exchange(other.cursor_, nullptr)) {}
  Rows& operator=(Rows&&) = delete;
  bool next() { return cursor_->step(); }
  bool is_null(int column) const { return cursor_->is_null(column); }
  std::int64_t integer(int column) const { return cursor_->integer(column); }
  Instant instant(int column) const { return instant_of(cursor_->integer(column)); }
  std::optional<Instant> maybe_instant(int column) const {
    return is_null(column) ? std::nullopt : std::optional(instant(column));
  }
  std::string_view view(int column) const { return cursor_->text(column); }
  std::string text(int column) const { return std::string(cursor_->text(column)); }

 private:
  Cursor* cursor_;
};

// What the directory (customers, services, links, agreements …) said, kept from one transaction to
// the next by whoever does all the writing, until something is written to the directory.
class Memory {
 public:
  static constexpr std::size_t kEntriesMax = 10'000;
  std::shared_ptr<const void> find(std::string_view key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : found->second;
  }
  void keep(std::string_view key, std::shared_ptr<const void> answer) {
    if (entries_.size() >= kEntriesMax) entries_.clear();
    entries_.insert_or_assign(std::string(key), std::move(answer));
  }
  void forget() { entries_.clear(); }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, std::shared_ptr<const void>, Hash, std::equal_to<>> entries_;
};

// What a commit touched; may name the same link or ticket twice.
struct CommitNote {
  std::vector<std::string> links;  // have new work
  std::vector<TicketId> tickets;
  std::vector<std::string> touched_links;  // show another state
  std::vector<std::int64_t> notices;

  bool empty() const {
    return links.empty() && tickets.empty() && touched_links.empty() && notices.empty();
  }
  void add(const CommitNote& other) {
    links.insert(links.end(), other.links.begin(), other.links.end());
    tickets.insert(tickets.end(), other.tickets.begin(), other.tickets.end());
    touched_links.insert(touched_links.end(), other.touched_links.begin(),
                         other.touched_links.end());
    notices.insert(notices.end(), other.notices.begin(), other.notices.end());
  }
};

// One transaction. Valid only inside the function it is given to.
class Tx {
 public:
  virtual ~Tx() = default;

  const Principal& principal() const { return principal_; }
  Instant at() const { return at_; }  // when this unit of work began; the same throughout
  virtual std::string mint() = 0;     // a fresh random id (base/random.hpp)
  // The words of a text, in order and in the form that the full-text index keeps.
  virtual std::vector<std::string> words_of(std::string_view text) = 0;

  template <class... Args>
  Rows query(const Sql& sql, const Args&... args) {
    const Param params[] = {Param(std::nullopt), Param(args)...};
    return Rows(open(sql, std::span(params).subspan(1)));
  }
  // Runs a statement that answers no rows; how many rows it changed.
  template <class... Args>
  std::int64_t run(const Sql& sql, const Args&... args) {
    const Param params[] = {Param(std::nullopt), Param(args)...};
    return execute(sql, std::span(params).subspan(1));
  }
  // Runs an INSERT of one row; the id that the database gave it. Not by RETURNING: there SQLite
  // opens a statement journal, and at each of those FTS5 writes out what it has gathered so far.
  template <class... Args>
  std::int64_t insert(const Sql& sql, const Args&... args) {
    const Param params[] = {Param(std::nullopt), Param(args)...};
    execute(sql, std::span(params).subspan(1));
    return inserted_id();
  }

  // What `load` answers, which must follow from the directory's tables alone: remembered, if this
  // transaction can know that nobody has written to them since. `question` names load and its
  // answer's type, `about` is all that it asks for, besides the tenant.
  template <class T, class Load>
  std::shared_ptr<const T> remember(std::string_view question, std::string_view about, Load load) {
    if (memory_ == nullptr) return std::make_shared<const T>(load());
    key_.assign(question).append("\n");
    if (principal_.tenant) key_.append(*principal_.tenant);
    key_.append("\n").append(about);
    if (auto known = memory_->find(key_)) return std::static_pointer_cast<const T>(known);
    const std::string key = key_;  // load may remember something itself
    auto answer = std::make_shared<const T>(load());
    memory_->keep(key, answer);
    return answer;
  }

  // Told to the store's observer after the commit: this link has new work; this ticket changed;
  // this link, or a delivery over it, has another state; this notice changed.
  void poke_link(std::string_view link) { note_.links.emplace_back(link); }
  void poke_ticket(TicketId ticket) { note_.tickets.push_back(ticket); }
  void touch_link(std::string_view link) { note_.touched_links.emplace_back(link); }
  void touch_notice(std::int64_t notice) { note_.notices.push_back(notice); }

  // The event that this unit of work appended last; 0: none.
  EventId last_event() const { return last_event_; }
  void note_event(EventId event) { last_event_ = event; }

 protected:
  virtual Cursor& open(const Sql& sql, std::span<const Param> params) = 0;
  virtual std::int64_t execute(const Sql& sql, std::span<const Param> params) = 0;
  virtual std::int64_t inserted_id() = 0;  // of the INSERT that was executed last

  Principal principal_;
  Instant at_;
  Memory* memory_ = nullptr;
  std::string key_;
  CommitNote note_;
  EventId last_event_;
};

// The database could not do what it must: disk full, read-only, I/O error. Nothing was changed.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Store {
 public:
  // False: undo this piece of work, and answer only after that.
  using Work = std::function<bool(Tx&)>;
  // Null: done (committed, or undone as the work asked). Called once, on any thread.
  using Done = std::function<void(std::exception_ptr)>;
  using Observer = std::function<void(const CommitNote&)>;

  virtual ~Store() = default;
  virtual void write(Principal principal, Work work, Done done) = 0;
  // A consistent snapshot; statements that write fail.
  virtual void read(Principal principal, Work work, Done done) = 0;
  // Called after every commit that touched something, on any thread. Set before the first write.
  virtual void observe(Observer observer) = 0;
};

}  // namespace ombud
