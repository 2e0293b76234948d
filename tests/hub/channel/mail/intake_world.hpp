// A desk with mail intake over the real schema in memory, one thread, time by hand.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "channel/mail/intake.hpp"
#include "support/desk_world.hpp"
#include "support/sim_clock.hpp"
#include "support/tell.hpp"

namespace ombud::test {

class MapBlobs final : public Blobs {
 public:
  net::awaitable<Result<BlobRef>> put(std::string bytes) override {
    if (full) co_return problem(ProblemKind::unavailable, "The disk is full.");
    BlobRef blob;
    blob.sha256 = sha256_hex(bytes);
    blob.bytes = static_cast<std::int64_t>(bytes.size());
    files[blob.sha256] = std::move(bytes);
    co_return blob;
  }
  net::awaitable<Result<BlobRef>> adopt(std::string path) override {
    std::ifstream file(path, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(file), {}};
    if (!full) std::filesystem::remove(path);
    Result<BlobRef> blob = co_await put(std::move(bytes));
    co_return blob;
  }
  net::awaitable<std::optional<std::string>> get(std::string sha256) override {
    const auto file = files.find(sha256);
    if (file == files.end()) co_return std::nullopt;
    co_return file->second;
  }
  std::string path_of(std::string_view) const override { return {}; }

  bool full = false;
  std::map<std::string, std::string> files;
};

class FakeSupplierMail final : public mail::SupplierMail {
 public:
  net::awaitable<Outcome> decode(std::string link, std::string raw) override {
    calls.emplace_back(std::move(link), std::move(raw));
    if (meanwhile) meanwhile();
    co_return answer;
  }
  net::awaitable<Outcome> decode_announcement(std::string link, std::string raw) override {
    announcements.emplace_back(std::move(link), std::move(raw));
    co_return announces;
  }
  Outcome answer = Outcome::taken;
  Outcome announces = Outcome::not_understood;
  std::function<void()> meanwhile;
  std::vector<std::pair<std::string, std::string>> calls, announcements;
};

struct IntakeWorld : DeskWorld {
  net::io_context io;
  SimClock time{instant_of(1'795'000'000'000)};
  Log log{time, Level::error, [this](std::string_view line) { logged += line; }};
  MapBlobs blobs;
  FakeSupplierMail suppliers;
  mail::IntakeOptions options;
  std::unique_ptr<mail::MailIntake> intake;
  std::string logged;

  IntakeWorld() {
    options.route.suppliers = {{"@nordprint.example", "nordprint"}};
    start();
  }
  // A new life of the hub over the same store.
  void start() {
    intake = std::make_unique<mail::MailIntake>(
        time, store, blobs, suppliers, log, io.get_executor(),
        mail::DeskAddresses({"desk@ombud.example", "it@ombud.example"}, {}), options);
  }
  template <class T>
  T wait(net::awaitable<T> work) {
    std::optional<T> answer;
    std::exception_ptr failed;
    net::co_spawn(io, std::move(work), [&](std::exception_ptr error, T value) {
      failed = error;
      answer = std::move(value);
    });
    io.restart();
    while (!answer) io.run_one();
    if (failed) std::rethrow_exception(failed);
    return std::move(*answer);
  }
  mail::Receipt receive(const std::string& raw, const std::string& from = "erik.ek@alfa.example",
                        const std::string& to = "desk@ombud.example") {
    mail::Envelope envelope;
    envelope.from = from;
    envelope.recipients = {to};
    return wait(intake->store(std::move(envelope), raw));
  }
  Instant process() { return wait(intake->process()); }
  void take(const std::string& raw, const std::string& from = "erik.ek@alfa.example") {
    receive(raw, from);
    process();
  }
  std::vector<Ticket> tickets() {
    return store.run(system, [](Tx& tx) { return list_tickets(tx, {}, std::nullopt, 1000); });
  }
  mail::MailRow row(std::int64_t id) {
    return *store.run(system, [id](Tx& tx) { return mail::find_mail(tx, id); });
  }
  // After whoever is to be told of something was told.
  std::vector<Delivery> deliveries(const std::string& link) {
    tell_people(store);
    return store.run(system, [&](Tx& tx) {
      DeliveryFilter filter;
      filter.link = link;
      return list_deliveries(tx, filter, std::nullopt, 1000);
    });
  }
  desk::TicketView view(TicketId ticket) { return DeskWorld::view(system, ticket); }
  std::string bytes_of(const Attachment& file) { return blobs.files.at(file.sha256); }
  // All internal notes of a ticket, one after the other.
  std::string notes(TicketId ticket) {
    std::string all;
    for (const Message& message : view(ticket).messages) {
      if (message.visibility == Visibility::internal) all += message.text + "\n";
    }
    return all;
  }
};

// A mail as a person writes it.
inline std::string letter(const std::string& from, const std::string& subject,
                          const std::string& headers = "", const std::string& text = "Hej!") {
  static int number = 0;
  return "From: " + from + "\r\nTo: desk@ombud.example\r\nSubject: " + subject +
         "\r\nMessage-ID: <letter-" + std::to_string(++number) + "@alfa.example>\r\n" + headers +
         "\r\n" + text + "\r\n";
}

}  // namespace ombud::test
