// What the conformance kit needs to know of a mail supplier: settings of a link whose servers do
// not answer, and genuine replies. The connector owns its sockets, so there is no HTTP to speak;
// its own tests stand in for the servers.
#include <ombud/conformance/dialect.hpp>

namespace {

using namespace ombud::conformance;

constexpr const char* kHead =
    "Message-ID: <r1@byggit.example>\r\nFrom: Bosse Bygg <bosse@byggit.example>\r\n"
    "To: desk@ombud.example\r\nDate: Sun, 22 Nov 2026 11:00:00 +0100\r\n"
    "Subject: Re: [OMB-1042] Skrivaren\r\nIn-Reply-To: <root@ombud.example>\r\n"
    "References: <root@ombud.example>\r\nMIME-Version: 1.0\r\n";
constexpr const char* kAsMail = R"({"content-type":"message/rfc822"})";

class Mail final : public Dialect {
 public:
  Settings settings() const override {
    return {R"({"to":"support@byggit.example","from":"desk@ombud.example","from_name":"Servicedesk",
                "domain":"ombud.example","language":"sv",
                "smtp":{"host":"127.0.0.1","port":9,"security":"none","login":"desk",
                        "password":{"$secret":"smtp"}},
                "imap":{"host":"127.0.0.1","port":9,"security":"none","login":"desk",
                        "password":{"$secret":"imap"}}})",
            {{"smtp", "canary-smtp-password"}, {"imap", "canary-imap-password"}}};
  }
  HttpResponse answer(Supplier&, const HttpRequest&) override { return {404, "", {}}; }

  std::vector<Webhook> webhooks() const override {
    return {{.name = "a reply",
             .headers_json = kAsMail,
             .body = std::string(kHead) +
                     "Content-Type: text/plain; charset=utf-8\r\n"
                     "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                     "N=C3=A4tdelen =C3=A4r bytt.\r\n\r\n"
                     "Den s=C3=B6n 22 nov. 2026 kl 10:12 skrev Desk <desk@ombud.example>:\r\n"
                     "> Hej\r\n",
             .changes = {R"({"type":"comment","event_id":"<r1@byggit.example>",
                             "external_id":"<root@ombud.example>","correlation":"root",
                             "reference":"OMB-1042",
                             "comment":{"text":"Nätdelen är bytt.","public":true}})"}},
            {.name = "a command and a file",
             .headers_json = kAsMail,
             .body = std::string(kHead) +
                     "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
                     "--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
                     "#löst\r\nByttes i dag.\r\n"
                     "--x\r\nContent-Type: text/plain; name=log.txt\r\n"
                     "Content-Disposition: attachment; filename=log.txt\r\n\r\nall is well\r\n"
                     "--x--\r\n",
             .changes = {R"({"type":"comment","comment":{"text":"Byttes i dag."}})",
                         R"({"type":"attachment","attachment":{"name":"log.txt"}})",
                         R"({"type":"status","status":"resolved","status_text":"#löst"})"}}};
  }
};

}  // namespace

OMBUD_DIALECT(Mail)
