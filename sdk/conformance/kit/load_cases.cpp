// Level 1: the library loads, says who it is, and can be made and ended.
#include <malloc.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <set>

#include "base/bytes.hpp"
#include "conformance/kit/case.hpp"

namespace ombud::conformance {
namespace {

constexpr const char* kIds[] = {OMBUD_EXT_OUTBOUND, OMBUD_EXT_POLL,    OMBUD_EXT_WEBHOOK,
                                OMBUD_EXT_FETCH,    OMBUD_EXT_HEALTH,  OMBUD_EXT_PROBE,
                                OMBUD_EXT_REPLAY,   OMBUD_EXT_SNAPSHOT};

void exports(Kit& kit, const Case&) {
  const auto& names = kit.subject.exported;
  if (names.size() == 1 && names[0] == "ombud_connector_entry") return;
  std::string all;
  for (const std::string& name : names) {
    if (all.size() > 300) break;
    all += " " + name;
  }
  fail("The library must export ombud_connector_entry and nothing else; it exports" +
       (names.empty() ? " nothing" : all) +
       ". Two connectors that export the same name would meet in one process; build it with "
       "ombud_add_connector(), which hides the rest.");
}

void links(Kit& kit, const Case&) {
  kit.need_loaded();
}

void speed(Kit& kit, const Case&) {
  kit.need_loaded();
  constexpr double kScanMs = 100;
  if (kit.subject.load_ms > kScanMs) {
    kit.warn("Loading and reading the descriptor took " +
             std::to_string(static_cast<int>(kit.subject.load_ms)) +
             " ms; a hub with many links starts slowly. Do less in static initialisers.");
  }
}

void manifest(Kit& kit, const Case&) {
  kit.need_loaded();
  if (kit.subject.manifest.empty()) {
    fail("There is no connector.json beside the library: the hub reads who it is from there.");
  }
  const auto parsed = json::parse(kit.subject.manifest);
  if (!parsed) fail("connector.json is no JSON: " + parsed.error().detail);
  const json::View in = parsed->root();
  const ombud_descriptor& said = *kit.subject.entry->descriptor;
  const auto same = [](const char* what, std::string_view code, std::string_view file) {
    if (code != file) {
      fail(std::string("Descriptor and connector.json disagree: ") + what + " is " +
           in_quotes(code) + " in the code and " + in_quotes(file) + " in the file.");
    }
  };
  const auto text_of = [](const char* text) { return std::string_view(text ? text : ""); };
  expect(said.id != nullptr && *said.id != '\0', "The descriptor has no id.");
  same("the id", text_of(said.id), in["id"].text());
  same("the version", text_of(said.version), in["version"].text());
  same("the ABI's major", std::to_string(kit.subject.entry->abi_major), in["abi"]["major"].dump());
  const auto joined = [](std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    return all;
  };
  std::vector<std::string> listed;
  for (std::size_t i = 0; i < in["capabilities"].size(); ++i) {
    listed.emplace_back(in["capabilities"].at(i).text());
  }
  same("the list of capabilities", joined(kit.subject.descriptor_capabilities), joined(listed));
  if (in["lookup_lag_ms"].present()) {
    same("lookup_lag_ms", std::to_string(said.lookup_lag_ms), in["lookup_lag_ms"].dump());
  }
  const auto schema = json::parse(text_of(said.config_schema));
  if (!schema) fail("The descriptor's config_schema is no JSON: " + schema.error().detail);
  if (in["config_schema"].present() && !(contains(schema->root(), in["config_schema"]) &&
                                         contains(in["config_schema"], schema->root()))) {
    fail("Descriptor and connector.json disagree: config_schema is another one in the file.");
  }
  const std::string file = std::filesystem::path(kit.subject.library).filename();
  same("the library", file, in["library"].text());
  const auto image = read_file(kit.subject.library);
  same("the SHA-256 of the library", sha256_hex(image.value_or("")), in["sha256"].text());
}

void known_capabilities(Kit& kit, const Case&) {
  kit.need_loaded();
  const std::set<std::string_view> known{"idempotent-create", "no-lookup",    "attachments",
                                         "notices",           "mail-replies", "raw-network",
                                         "parallel",          "profiles",     "subscribers"};
  for (const std::string& name : kit.subject.descriptor_capabilities) {
    if (!known.contains(name)) {
      kit.warn("The capability \"" + name + "\" is none that sdk/DOCUMENTS.md knows.");
    }
  }
  if (kit.subject.can("idempotent-create") && kit.subject.can("no-lookup")) {
    kit.warn(
        "\"no-lookup\" beside \"idempotent-create\": the hub then never looks before it "
        "writes again. Offer find too if the supplier can be searched.");
  }
  expect(kit.subject.lookup_lag_ms >= 0, "lookup_lag_ms is negative.");
}

void unknown_ids(Kit& kit, const Case&) {
  kit.need_settings();
  Stage stage(kit.subject);
  if (!stage.create()) {
    fail("The connector refuses the settings: create " + describe(stage.create_outcome()) + ".");
  }
  std::vector<std::string> ids{"",
                               "ombud",
                               "ombud.outbound",
                               "ombud.outbound/",
                               "ombud.outbound/0",
                               "ombud.outbound/2",
                               "ombud.unheard-of/1",
                               std::string(70'000, 'x')};
  for (const char* id : kIds) {
    for (const char* tail : {" ", "1", "/", "\n", ".", "\xff"})
      ids.push_back(id + std::string(tail));
    ids.push_back(" " + std::string(id));
    ids.push_back(std::string(id, std::strlen(id) - 1));
  }
  for (const std::string& id : ids) {
    expect(!stage.offers(id.c_str()), "The connector answers the extension id " + in_quotes(id) +
                                          ", which nobody has defined: compare the whole text.");
  }
  bool any = false;
  for (const char* id : kIds) any = any || stage.offers(id);
  expect(any, "The connector offers none of the extensions of connector.h, so it can do nothing.");
}

std::size_t bytes_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

void create_destroy(Kit& kit, const Case&) {
  kit.need_settings();
  constexpr int kRounds = 1'000;
  constexpr int kWarmUp = 100;
  constexpr std::size_t kLeakPerRound = 16;
  std::size_t before = 0;
  for (int i = 0; i < kRounds; ++i) {
    if (i == kWarmUp) before = bytes_in_use();
    Stage stage(kit.subject);
    if (!stage.create()) {
      fail("create " + describe(stage.create_outcome()) + " in round " + std::to_string(i) + ".");
    }
    for (const char* id : kIds) stage.offers(id);
  }
  const std::size_t after = bytes_in_use();
  if (after > before + kLeakPerRound * (kRounds - kWarmUp)) {
    fail("Making and ending the connector " + std::to_string(kRounds - kWarmUp) + " times left " +
         std::to_string(after - before) +
         " bytes behind. Run the kit under valgrind or a build "
         "with AddressSanitizer to see where.");
  }
}

void bad_config(Kit& kit, const Case&) {
  kit.need_settings();
  std::vector<std::string> bad{"",
                               "{",
                               "[]",
                               "null",
                               "7",
                               "\"settings\"",
                               "\xff",
                               "{\"",
                               "{}{}",
                               "{\"a\":",
                               std::string(100'000, '[')};
  const auto right = json::parse(kit.subject.settings.json);
  if (!right) fail("The dialect's settings are no JSON: " + right.error().detail);
  const auto schema = json::parse(std::string_view(kit.subject.entry->descriptor->config_schema));
  std::set<std::string, std::less<>> required;
  if (schema) {
    const json::View names = (*schema)["required"];
    for (std::size_t i = 0; i < names.size(); ++i) required.emplace(names.at(i).text());
  }
  if (!required.empty()) bad.emplace_back("{}");
  // Each setting left out, and each of another type.
  const json::View all = right->root();
  std::vector<std::string> odd;
  for (std::size_t left_out = 0; left_out < all.size(); ++left_out) {
    for (const char* instead : {"", "null", "[]", "{\"x\":[]}", "-1", "\"\"", "true"}) {
      json::Writer out;
      out.begin_object();
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (i != left_out) {
          out.field(all.name_at(i), all.member_at(i));
        } else if (*instead != '\0') {
          out.key(all.name_at(i)).raw(instead);
        }
      }
      const std::string text = out.end_object().take();
      const bool must = required.contains(all.name_at(left_out)) && *instead == '\0';
      (must ? bad : odd).push_back(text);
    }
  }
  const auto look = [&](const std::string& config, bool must_refuse) {
    Stage stage(kit.subject);
    const bool made = stage.create_with(config);
    const Outcome& outcome = stage.create_outcome();
    if (outcome.threw) {
      fail("create threw across the boundary for the settings " + in_quotes(config) + ": " +
           outcome.thrown);
    }
    expect(made || !outcome.message.empty(),
           "create refused the settings " + in_quotes(config) +
               " without a word: call fail() and say which setting is wrong and what to write.");
    expect(!made || !must_refuse,
           "create took the settings " + in_quotes(config) +
               ", which cannot work. Refuse them with words: nobody reads logs before the first "
               "ticket is lost.");
  };
  for (const std::string& config : bad) look(config, true);
  for (const std::string& config : odd) look(config, false);
}

}  // namespace

void add_load_cases(std::vector<Case>& cases) {
  const auto add = [&](const char* name, const char* shows, void (*run)(Kit&, const Case&)) {
    cases.push_back({name, 1, shows, run, nullptr});
  };
  add("load.exports", "it exports ombud_connector_entry and nothing else", exports);
  add("load.links", "everything it needs is there when it is loaded", links);
  add("load.speed", "it is loaded and known within 100 ms", speed);
  add("load.manifest", "connector.json says what the descriptor says", manifest);
  add("load.capabilities", "its capabilities are known ones", known_capabilities);
  add("load.unknown-ids", "extension ids that nobody defined are answered with null", unknown_ids);
  add("load.create-destroy", "made and ended a thousand times it leaves nothing behind",
      create_destroy);
  add("load.bad-config", "settings that cannot work are refused in words", bad_config);
}

}  // namespace ombud::conformance
