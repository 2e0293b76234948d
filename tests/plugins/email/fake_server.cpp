#include "plugins/email/fake_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace ombud::email::test {

Peer::~Peer() {
  close(socket_);
}

bool Peer::say(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t sent = send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::optional<std::string> Peer::line() {
  while (true) {
    const std::size_t end = buffer_.find("\r\n");
    if (end != std::string::npos) {
      std::string found = buffer_.substr(0, end);
      buffer_.erase(0, end + 2);
      return found;
    }
    char piece[4096];
    const ssize_t got = recv(socket_, piece, sizeof piece, 0);
    if (got <= 0) return std::nullopt;
    buffer_.append(piece, static_cast<std::size_t>(got));
  }
}

void Peer::reset() const {
  const linger hard{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

Listener::Listener(std::function<void(Peer&)> serve) {
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(socket_, 8) != 0 ||
      getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no port for the fake server");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this, serve = std::move(serve)] {
    while (!stop_) {
      pollfd ready{socket_, POLLIN, 0};
      if (poll(&ready, 1, 50) <= 0) continue;
      const int accepted = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (accepted < 0) continue;
      Peer peer(accepted);
      serve(peer);
    }
  });
}

Listener::~Listener() {
  stop_ = true;
  thread_.join();
  close(socket_);
}

FakeSmtp::FakeSmtp() : listener_(std::make_unique<Listener>([this](Peer& peer) { serve(peer); })) {}

std::vector<std::string> FakeSmtp::mails() {
  const std::scoped_lock lock(mutex_);
  return mails_;
}
std::vector<std::string> FakeSmtp::commands() {
  const std::scoped_lock lock(mutex_);
  return commands_;
}
void FakeSmtp::release() {
  released_ = true;
}

std::string FakeSmtp::reply(const std::string& verb, const std::string& fallback) {
  const auto found = replies.find(verb);
  return (found == replies.end() ? fallback : found->second) + "\r\n";
}

void FakeSmtp::serve(Peer& peer) {
  if (drop == Drop::at_greeting) return peer.reset();
  peer.say(reply("greeting", "220 fake.example ESMTP"));
  while (const auto line = peer.line()) {
    {
      const std::scoped_lock lock(mutex_);
      commands_.push_back(*line);
    }
    const std::string verb = line->substr(0, line->find_first_of(" :"));
    if (verb == "EHLO") {
      if (drop == Drop::at_ehlo) return peer.reset();
      if (replies.contains("EHLO")) {
        peer.say(reply("EHLO", ""));
        continue;
      }
      for (const std::string& extension : extensions) peer.say("250-" + extension + "\r\n");
      peer.say("250 SIZE 50000000\r\n");
    } else if (verb == "MAIL") {
      if (drop == Drop::at_mail) return peer.reset();
      peer.say(reply(verb, "250 2.1.0 sender fine"));
    } else if (verb == "RCPT") {
      if (drop == Drop::at_rcpt) return peer.reset();
      peer.say(reply(verb, "250 2.1.5 recipient fine"));
    } else if (verb == "DATA") {
      if (drop == Drop::at_data) return peer.reset();
      peer.say(reply(verb, "354 go on"));
      if (replies.contains("DATA")) continue;
      std::string mail;
      bool complete = false;
      for (int count = 0; const auto text = peer.line(); ++count) {
        if (drop == Drop::in_body && count == 3) return peer.reset();
        if (*text == ".") {
          complete = true;
          break;
        }
        mail += (text->starts_with('.') ? text->substr(1) : *text) + "\r\n";
      }
      if (!complete || drop == Drop::after_dot) return;
      if (drop == Drop::hang_after_dot) {
        while (!released_) std::this_thread::yield();
        return;
      }
      if (drop == Drop::garbage_after_dot) {
        peer.say("I have taken it, I think\r\n");
        return;
      }
      const std::string answer = reply("dot", "250 2.0.0 queued");
      if (answer.starts_with('2')) {
        const std::scoped_lock lock(mutex_);
        mails_.push_back(mail);
      }
      peer.say(answer);
    } else if (verb == "QUIT") {
      if (drop == Drop::hang_at_quit) {
        while (!released_) std::this_thread::yield();
        return;
      }
      peer.say("221 bye\r\n");
      return;
    } else {
      peer.say(reply(verb, "250 fine"));
    }
  }
}

FakeImap::FakeImap() : listener_(std::make_unique<Listener>([this](Peer& peer) { serve(peer); })) {}

void FakeImap::serve(Peer& peer) {
  peer.say("* OK [CAPABILITY IMAP4rev1] fake\r\n");
  while (const auto line = peer.line()) {
    const std::size_t space = line->find(' ');
    const std::string tag = line->substr(0, space);
    const std::string command = line->substr(space + 1);
    const auto done = [&] { peer.say(tag + " OK done\r\n"); };
    if (command.starts_with("CAPABILITY")) {
      peer.say("* CAPABILITY IMAP4rev1\r\n");
      done();
    } else if (command.starts_with("LOGIN")) {
      if (command.find(password) == std::string::npos)
        peer.say(tag + " NO [AUTHENTICATIONFAILED] wrong\r\n");
      else
        done();
    } else if (command.starts_with("SELECT")) {
      peer.say(fmt::format("* {} EXISTS\r\n* OK [UIDVALIDITY {}] UIDs valid\r\n", mails.size(),
                           validity));
      done();
    } else if (command.starts_with("UID SEARCH UID ")) {
      const std::uint64_t from = std::stoull(command.substr(15));
      std::string found = "* SEARCH";
      for (const auto& [uid, mail] : mails) {
        if (uid >= from || uid == mails.rbegin()->first) found += fmt::format(" {}", uid);
      }
      peer.say(found + "\r\n");
      done();
    } else if (command.starts_with("UID FETCH ")) {
      const std::uint64_t uid = std::stoull(command.substr(10));
      if (uid == drop_at_uid) return peer.reset();
      const std::string& mail = mails.at(uid);
      peer.say(fmt::format("* 1 FETCH (UID {} BODY[] {{{}}}\r\n{})\r\n", uid, mail.size(), mail));
      done();
    } else if (command.starts_with("LOGOUT")) {
      peer.say("* BYE\r\n");
      done();
      return;
    } else {
      done();
    }
  }
}

}  // namespace ombud::email::test
