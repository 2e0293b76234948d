// The words of what people are told (letters/letter.hpp), and in which order pages show them.
#pragma once

#include <cstddef>

#include "domain/words.hpp"
#include "notify/letters/letter.hpp"

namespace ombud {

template <>
inline constexpr std::array kWords<notify::Kind>{
    std::pair{notify::Kind::registered, std::string_view("registered")},
    std::pair{notify::Kind::replied, std::string_view("replied")},
    std::pair{notify::Kind::status_changed, std::string_view("status_changed")},
    std::pair{notify::Kind::waiting_for_you, std::string_view("waiting_for_you")},
    std::pair{notify::Kind::approval_needed, std::string_view("approval_needed")},
    std::pair{notify::Kind::approval_decided, std::string_view("approval_decided")},
    std::pair{notify::Kind::solved, std::string_view("solved")},
    std::pair{notify::Kind::closed, std::string_view("closed")},
    std::pair{notify::Kind::reopened, std::string_view("reopened")},
    std::pair{notify::Kind::added, std::string_view("added")},
    std::pair{notify::Kind::major_incident, std::string_view("major_incident")}};

namespace notify {

inline constexpr std::size_t kKinds = kWords<Kind>.size();
constexpr std::size_t index_of(Kind kind) {
  return static_cast<std::size_t>(kind);
}
static_assert([] {
  for (std::size_t i = 0; i < kKinds; ++i) {
    if (index_of(kWords<Kind>[i].first) != i) return false;
  }
  return true;
}());

}  // namespace notify
}  // namespace ombud
