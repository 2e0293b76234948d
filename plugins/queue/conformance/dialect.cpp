// What the conformance kit needs to know of a queue supplier: settings of a link whose other end
// does not answer. The connector owns its socket; its own tests run it against the example
// supplier.
#include <ombud/conformance/dialect.hpp>

namespace {

using namespace ombud::conformance;

class Queue final : public Dialect {
 public:
  // The two keys are a pair of the documentation of ZeroMQ (zmq_curve).
  Settings settings() const override {
    return {R"({"endpoint":"tcp://127.0.0.1:9","desk":"Servicedesk","resend_after_ms":100,
                "server_public_key":"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
                "secret_key":{"$secret":"key"}})",
            {{"key", "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"}}};
  }
  HttpResponse answer(Supplier&, const HttpRequest&) override { return {404, "", {}}; }
};

}  // namespace

OMBUD_DIALECT(Queue)
