#include "local_operations.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <zmq.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "base/bytes.hpp"
#include "base/key_file.hpp"
#include "identity/oidc/curl_fetcher.hpp"
#include "identity/oidc/limits.hpp"
#include "identity/oidc/provider.hpp"
#include "store/audit.hpp"
#include "store/directory.hpp"
#include "store/projection.hpp"
#include "store/sqlite/batch.hpp"
#include "store/sqlite/data_directory.hpp"
#include "store/sqlite/migrate.hpp"

namespace ombud {
namespace {

namespace fs = std::filesystem;

constexpr Sql kCounts{
    "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM ticket) -- all tenants: local "
    "operation"};
constexpr Sql kBlobNames{
    "SELECT DISTINCT sha256 FROM attachment UNION SELECT sha256 FROM mail_in -- all tenants: "
    "audit"};

// Runs f on a connection of its own; what it writes is undone unless `keep`.
template <class F>
auto with_database(const std::string& path, sqlite::Mode mode, const Clock& clock, Random& random,
                   bool keep, F f) {
  sqlite::Connection connection(path, mode);
  std::optional<std::invoke_result_t<F, Tx&>> answer;
  std::vector<sqlite::Job> jobs;
  jobs.push_back({system_principal("local"),
                  [&](Tx& tx) {
                    answer.emplace(f(tx));
                    return keep;
                  },
                  {}});
  const auto result = sqlite::run_batch(connection, clock, random, jobs);
  if (result.errors.front()) std::rethrow_exception(result.errors.front());
  return std::move(*answer);
}

std::optional<Problem> refuse_without_data(const fs::path& data_dir) {
  if (fs::exists(data_dir / "ombud.db")) return std::nullopt;
  return problem(ProblemKind::not_found, "There is no Ombud data in " + data_dir.string() +
                                             ". Name the right directory with --data.");
}

// Copies the blob files, which never change once they have their name.
void copy_blobs(const fs::path& from, const fs::path& to, cli::CopyReport& report) {
  fs::create_directories(to);
  if (!fs::exists(from)) return;
  for (const auto& entry : fs::recursive_directory_iterator(from)) {
    const fs::path target = to / fs::relative(entry.path(), from);
    if (entry.is_directory()) {
      fs::create_directories(target);
    } else if (entry.is_regular_file() &&
               !entry.path().filename().string().starts_with("incoming-")) {
      fs::copy_file(entry.path(), target);
      ++report.files;
      report.bytes += static_cast<std::int64_t>(entry.file_size());
    }
  }
}

// The copy first, then the blobs: every blob that the copied rows name is there by then. The keys
// go with them: links and reply addresses that are out there are signed by these.
Result<cli::CopyReport> backup(const cli::BackupOrder& order, const Clock& clock, Random& random) {
  if (auto refused = refuse_without_data(order.data_dir)) return *refused;
  if (fs::exists(order.to))
    return conflict("There is already something at " + order.to.string() + ".");
  fs::create_directories(order.to);
  fs::permissions(order.to, fs::perms::owner_all);
  cli::CopyReport report;
  const std::string copy = (order.to / "ombud.db").string();
  sqlite::back_up((order.data_dir / "ombud.db").string(), copy);
  report.files = 1;
  report.bytes = static_cast<std::int64_t>(fs::file_size(copy));
  copy_blobs(order.data_dir / "blobs", order.to / "blobs", report);
  const auto keys = copy_keys(order.data_dir, order.to);
  if (!keys) return keys.error();
  report.files += *keys;
  report.tickets = with_database(copy, sqlite::Mode::read_only, clock, random, false, [](Tx& tx) {
    Rows rows = tx.query(kCounts);
    return rows.next() ? rows.integer(1) : 0;
  });
  return report;
}

Result<cli::CopyReport> restore(const cli::RestoreOrder& order, const Clock& clock,
                                Random& random) {
  if (auto refused = refuse_without_data(order.from)) return *refused;
  if (fs::exists(order.data_dir) && !fs::is_empty(order.data_dir)) {
    return conflict("The data directory " + order.data_dir.string() +
                    " is not empty. Restore into a new one, or move the old one away first.");
  }
  cli::CopyReport report;
  const sqlite::DataDirectory data(order.data_dir.string());
  // The keys first: a hub that finds a database without them makes new ones, and what is out there
  // is void.
  const auto keys = copy_keys(order.from, order.data_dir);
  if (!keys) return keys.error();
  sqlite::back_up((order.from / "ombud.db").string(), data.database());
  report.files = 1 + *keys;
  report.bytes = static_cast<std::int64_t>(fs::file_size(data.database()));
  copy_blobs(order.from / "blobs", data.blobs(), report);
  report.tickets =
      with_database(data.database(), sqlite::Mode::read_write, clock, random, false, [](Tx& tx) {
        Rows rows = tx.query(kCounts);
        return rows.next() ? rows.integer(1) : 0;
      });
  return report;
}

// Works on a private copy, so that a running hub is neither stopped nor disturbed.
Result<cli::AuditReport> verify_audit(const fs::path& data_dir, const Clock& clock,
                                      Random& random) {
  if (auto refused = refuse_without_data(data_dir)) return *refused;
  const fs::path scratch = data_dir / "run" / ("audit-" + mint_id(random));
  fs::create_directories(scratch);
  struct Remove {
    const fs::path& path;
    ~Remove() {
      std::error_code ignored;
      fs::remove_all(path, ignored);
    }
  } remove{scratch};
  const std::string copy = (scratch / "ombud.db").string();
  sqlite::back_up((data_dir / "ombud.db").string(), copy);
  auto report = with_database(copy, sqlite::Mode::read_write, clock, random, false, [&](Tx& tx) {
    cli::AuditReport found;
    {
      Rows rows = tx.query(kCounts);
      if (rows.next()) found.events = rows.integer(0), found.tickets = rows.integer(1);
    }
    std::vector<std::string> names;
    Rows blobs = tx.query(kBlobNames);
    while (blobs.next()) names.push_back(blobs.text(0));
    for (const std::string& name : names) {
      const fs::path file = data_dir / "blobs" / name.substr(0, 2) / name.substr(2);
      if (!fs::exists(file)) found.differences.push_back("the bytes of " + name + " are missing");
    }
    return found;
  });
  auto differences = with_database(copy, sqlite::Mode::read_write, clock, random, false,
                                   [](Tx& tx) { return verify_projection(tx); });
  report.differences.insert(report.differences.end(), differences.begin(), differences.end());
  differences = with_database(copy, sqlite::Mode::read_write, clock, random, false,
                              [](Tx& tx) { return ombud::verify_audit(tx); });
  report.differences.insert(report.differences.end(), differences.begin(), differences.end());
  return report;
}

Result<cli::TokenMade> create_token(const fs::path& data_dir, const cli::NewToken& wanted,
                                    const Clock& clock, Random& random) {
  const auto role = token_role_from(wanted.role);
  if (!role) return invalid("/role", "must be user, agent, operator, admin, customer or supplier");
  if (*role == Role::customer && wanted.customer.empty()) {
    return invalid("/customer", "is required for role customer");
  }
  if ((*role == Role::supplier) != !wanted.links.empty()) {
    return invalid("/links", "belongs to role supplier, and that to it");
  }
  if (!wanted.customer.empty() &&
      (*role == Role::admin || *role == Role::operator_ || *role == Role::supplier)) {
    return invalid("/customer",
                   "a token for operators or admins is for all customers; leave it out");
  }
  const sqlite::DataDirectory data(data_dir.string());  // refuses while a hub runs
  const Log quiet = log_to_stderr(clock, Level::error);
  sqlite::migrate(data.database(), quiet);
  cli::TokenMade made;
  made.secret = "ombud_" + mint_id(random) + mint_id(random);
  const auto stored = with_database(data.database(), sqlite::Mode::read_write, clock, random, true,
                                    [&](Tx& tx) -> Result<int> {
                                      Token token;
                                      token.id = made.id = tx.mint();
                                      token.name = wanted.name;
                                      token.principal.role = *role;
                                      token.principal.agent = wanted.agent;
                                      token.principal.person = {wanted.person};
                                      token.principal.links = wanted.links;
                                      for (const std::string& link : wanted.links) {
                                        if (!find_link(tx, link))
                                          return invalid("/links", "there is no link " + link);
                                      }
                                      if (!wanted.customer.empty()) {
                                        if (!find_customer(tx, wanted.customer))
                                          return invalid("/customer", "there is no such customer");
                                        token.principal.tenant = wanted.customer;
                                      }
                                      if (*role == Role::agent && !find_agent(tx, wanted.agent)) {
                                        return invalid("/agent", "there is no such agent");
                                      }
                                      if (*role == Role::user) {
                                        const auto person = find_person(tx, {wanted.person});
                                        if (!person)
                                          return invalid("/person", "there is no such person");
                                        token.principal.tenant = person->customer;
                                      }
                                      token.created_at = tx.at();
                                      if (wanted.expires_in)
                                        token.expires_at = tx.at() + *wanted.expires_in;
                                      put_token(tx, token, sha256_hex(made.secret));
                                      return 0;
                                    });
  if (!stored) return stored.error();
  return made;
}

// On this thread, until it has answered or its time is over.
std::optional<std::string> try_provider(const oidc::ProviderSettings& settings,
                                        const Clock& clock) {
  oidc::CurlFetcher fetcher(oidc::kFetchesMax);
  const auto provider = std::make_shared<oidc::Provider>(settings, clock, fetcher);
  net::io_context context;
  auto keys =
      net::co_spawn(context, provider->keys(clock.now() + oidc::kStepWithin), net::use_future);
  context.run();
  const auto answer = keys.get();
  return answer ? std::nullopt : std::optional(answer.error().detail);
}

// Everything that a file system or a database can refuse, in words.
template <class F>
auto in_words(F f) -> decltype(f()) {
  try {
    return f();
  } catch (const std::exception& failed) {
    return problem(ProblemKind::unavailable, failed.what());
  }
}

}  // namespace

cli::LocalOperations local_operations(const Clock& clock, Random& random) {
  cli::LocalOperations local;
  local.backup = [&](const cli::BackupOrder& order) {
    return in_words([&] { return backup(order, clock, random); });
  };
  local.restore = [&](const cli::RestoreOrder& order) {
    return in_words([&] { return restore(order, clock, random); });
  };
  local.verify_audit = [&](const fs::path& data_dir) {
    return in_words([&] { return verify_audit(data_dir, clock, random); });
  };
  local.create_token = [&](const fs::path& data_dir, const cli::NewToken& wanted) {
    return in_words([&] { return create_token(data_dir, wanted, clock, random); });
  };
  local.make_keys = [] {
    std::array<char, 41> open{}, secret{};
    if (zmq_curve_keypair(open.data(), secret.data()) != 0)
      throw std::runtime_error("This libzmq was built without CURVE.");
    return cli::KeyPair{open.data(), secret.data()};
  };
  local.try_provider = [&](const oidc::ProviderSettings& provider) {
    return try_provider(provider, clock);
  };
  return local;
}

}  // namespace ombud
