#include "cli/commands/words.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <ostream>

namespace ombud::cli {

std::string reference(json::View ticket) {
  const std::string_view written = ticket["reference"].text();
  return written.empty() ? reference_of(TicketId{ticket["id"].integer()}) : printable(written);
}

std::string owner(json::View ticket) {
  std::string all(ticket["team"].text());
  if (const std::string_view agent = ticket["agent"].text(); !agent.empty()) {
    all += fmt::format(" / {}", agent);
  }
  return all;
}

Cell status_cell(std::string_view status) {
  const Paint paint =
      status == "new" || status == "waiting_on_us" || status == "parked" ? Paint::yellow
      : status == "resolved" || status == "done" || status == "open" || status == "accepted" ||
              status == "up"
          ? Paint::green
      : status == "dead" || status == "auth" || status == "held" || status == "rejected"
          ? Paint::red
      : status == "closed" || status == "cancelled" ? Paint::dim
                                                    : Paint::plain;
  return {std::string(status), paint};
}

Cell priority_cell(std::string_view priority) {
  return {std::string(priority), priority == "urgent" ? Paint::red
                                 : priority == "high" ? Paint::yellow
                                                      : Paint::plain};
}

std::string size_words(std::int64_t bytes) {
  const auto size = static_cast<double>(bytes);
  if (bytes < 1024) return fmt::format("{} B", bytes);
  if (bytes < std::int64_t{1} << 20) return fmt::format("{:.1f} KiB", size / 1024);
  if (bytes < std::int64_t{1} << 30) return fmt::format("{:.1f} MiB", size / (1024 * 1024));
  return fmt::format("{:.1f} GiB", size / (1024.0 * 1024 * 1024));
}

Exit download_to(Context& on, const std::string& path, const std::string& to) {
  namespace fs = std::filesystem;
  const auto api = on.hub();
  if (!api) return on.fail(api.error());
  if (to == "-") {
    const auto answer = (*api)->download(path, [&](std::string_view bytes) {
      return static_cast<bool>(
          on.out().write(bytes.data(), static_cast<std::streamsize>(bytes.size())));
    });
    return answer ? Exit::ok : on.fail(answer.error());
  }
  const fs::path target = on.world.directory / to;
  if (fs::exists(target)) {
    return on.usage(fmt::format("{} exists already and is not overwritten.", target.string()));
  }
  std::ofstream out(target, std::ios::binary);
  std::int64_t size = 0;
  const auto answer = (*api)->download(path, [&](std::string_view bytes) {
    size += static_cast<std::int64_t>(bytes.size());
    return static_cast<bool>(out.write(bytes.data(), static_cast<std::streamsize>(bytes.size())));
  });
  out.close();
  if (!answer || !out) {
    std::error_code ignored;
    fs::remove(target, ignored);  // half a file would look like a whole one
    if (!answer) return on.fail(answer.error());
    return on.fail(
        Failure{Exit::failed, fmt::format("{} cannot be written.", target.string()), {}, {}, {}});
  }
  if (!on.json()) on.out() << fmt::format("Wrote {} ({}).\n", target.string(), size_words(size));
  return Exit::ok;
}

void print_delegation(Context& on, json::View delegation) {
  on.out() << '\n'
           << on.style(
                  Paint::bold,
                  fmt::format("Delegation {} to {}", delegation["id"].dump(),
                              printable(delegation["supplier"].text(delegation["link"].text()))))
           << '\n';
  Facts facts(on);
  facts.add("state", status_cell(delegation["state"].text())).add("link", delegation["link"]);
  facts.add("their ticket", delegation["external_id"]).add("address", delegation["external_url"]);
  facts.add("their status", delegation["external_status"]).add("reason", delegation["reason"]);
  facts.add("brief", delegation["brief"]);
  facts.add("shared", delegation["shared"]).add("withheld", delegation["withheld"]);
  facts.add_time("due", delegation["due_at"]).add_time("sent", delegation["created_at"]);
  facts.add_time("changed", delegation["updated_at"]);
  facts.print("  ");
}

std::string merged(json::View there, json::View change) {
  json::Writer out;
  out.begin_object();
  for (const json::View part : {there, change}) {
    for (std::size_t i = 0; i < part.size(); ++i) {
      const std::string_view name = part.name_at(i);
      const bool replaced = part.raw() == there.raw() && change[name].present();
      const bool hubs_own = name == "id" || name == "version";
      if (!hubs_own && !replaced && part.member_at(i).present()) {
        out.field(name, part.member_at(i));
      }
    }
  }
  return out.end_object().take();
}

Facts& Facts::add(std::string_view name, Cell value) {
  if (!value.text.empty()) rows_.emplace_back(name, std::move(value));
  return *this;
}

Facts& Facts::add(std::string_view name, json::View value) {
  if (!value.present()) return *this;
  if (value.is_text()) return add(name, Cell{std::string(value.text())});
  if (value.is_boolean()) return add(name, Cell{value.boolean() ? "yes" : "no"});
  if (!value.is_array()) return add(name, Cell{value.dump()});
  std::string all;
  for (std::size_t i = 0; i < value.size(); ++i) {
    all += (i == 0 ? "" : ", ") +
           (value.at(i).is_text() ? std::string(value.at(i).text()) : value.at(i).dump());
  }
  return add(name, Cell{all});
}

Facts& Facts::add_time(std::string_view name, json::View time) {
  if (!time.is_text() || time.text().empty()) return *this;
  return add(name, Cell{fmt::format("{}  ({})", on_.when(time), time.text())});
}

void Facts::print(std::string_view indent) const {
  std::size_t widest = 0;
  for (const auto& [name, value] : rows_) widest = std::max(widest, name.size());
  for (const auto& [name, value] : rows_) {
    on_.out() << indent << on_.style(Paint::dim, fmt::format("{:<{}}", name, widest)) << "  "
              << on_.style(value.paint, printable(value.text)) << '\n';
  }
}

}  // namespace ombud::cli
