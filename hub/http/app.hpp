// The hub's HTTP application: finds the route, checks token, role and request, runs the handler in
// the transaction it needs, and writes problem details, metrics and the access log.
// Build it before the Server, add sources, then start the server; after that it is used by all
// threads.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/random.hpp"
#include "http/auth.hpp"
#include "http/link_control.hpp"
#include "http/live/stream.hpp"
#include "http/message.hpp"
#include "http/metrics.hpp"
#include "http/pages.hpp"
#include "http/router.hpp"
#include "http/tmf621/settings.hpp"
#include "http/webhook_intake.hpp"
#include "identity/oidc/sign_in.hpp"
#include "identity/sign_in.hpp"
#include "notify/letters/book.hpp"
#include "notify/letters/file_links.hpp"
#include "notify/signed_person.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"

namespace ombud::http {

struct AppParts {
  const Clock& clock;
  Random& random;
  const Log& log;
  Store& store;
  Blobs& blobs;
  LinkControl& links;
  WebhookIntake& webhooks;
  std::string upload_dir;  // exists, on the file system of the blobs; files come and go in it
  std::string version;     // of the hub
  bool access_log = true;
  // Reads the configuration's files again; a mistake in them changes nothing. On any thread.
  std::function<net::awaitable<Result<ReloadReport>>()> reload = nullptr;
  tmf::Settings tmf621 = {};
  std::function<void()> subscribed = nullptr;  // there is a new subscription; on any thread
  identity::Settings identity = {};
  const Pages* pages = nullptr;    // null: there are none
  live::Stream* stream = nullptr;  // null: nobody is told of changes
  std::function<net::awaitable<ConfigurationReport>()> configuration = nullptr;  // on any thread
  const notify::SigningKey* letter_key = nullptr;  // none: no token of a letter is good
  std::function<void()> chose = nullptr;           // somebody chose what he is told; on any thread
  std::function<void()> mail_waits = nullptr;      // a mail is to be read again; on any thread
  oidc::SignIn* providers = nullptr;               // none: people sign in here alone
  std::shared_ptr<const notify::LiveLetters> letters = nullptr;  // what the desk writes to people
  const notify::FileLinks* file_links = nullptr;  // null: no file is reached by a link
};

// What handlers work with.
struct Api {
  const AppParts& parts;
  Authenticator auth;
  identity::SignIn sign_in;
  Router router;
  std::unique_ptr<RequestMetrics> metrics;
  std::vector<MetricSource*> sources;
  std::string openapi;  // the description, written once
};

class App final : public RequestHandler {
 public:
  // `more`: routes of other rooms, with the same rights and duties.
  explicit App(AppParts parts, std::vector<Route> more = {});
  void add_source(MetricSource& source) { api_.sources.push_back(&source); }
  const Router& router() const { return api_.router; }

  net::awaitable<Response> serve(Exchange& exchange) override;
  void refused(std::string_view peer, std::string_view id, unsigned status,
               std::string_view detail) override;
  void server_ends() override { api_.sign_in.hasher().end(); }

 private:
  struct Passage;  // what the log and the metrics want to know of a request
  net::awaitable<Response> dispatch(Exchange& exchange, Passage& passage);
  net::awaitable<std::optional<Response>> know_caller(Call& call, Passage& passage);
  net::awaitable<std::optional<Response>> take_body(Call& call);
  net::awaitable<Result<Response>> handle(Call& call);
  void note(const Exchange& exchange, const Passage& passage, const Response& response);

  AppParts parts_;
  Route pages_route_;  // a name for log and metrics: every address that a page answers
  Api api_;
};

// Runs a change in one transaction, together with the answer kept under the call's Idempotency-Key:
// the same request again gets that answer, another one under the same key gets 422.
net::awaitable<Result<Response>> run_change(Api& api, const Call& call, Work work);

}  // namespace ombud::http
