#include "configuration_report.hpp"

#include <charconv>

#include "cli/restart.hpp"

namespace ombud {
namespace {

std::string text_of(const Address& address) {
  return address.host + ":" + std::to_string(address.port);
}

// "suppliers/nord.toml:12"; a mistake of a whole file has no line.
http::ConfigurationReport::Finding finding_of(const FieldProblem& mistake) {
  http::ConfigurationReport::Finding finding;
  finding.file = mistake.pointer;
  finding.message = mistake.detail;
  const std::size_t colon = mistake.pointer.rfind(':');
  if (colon == std::string::npos) return finding;
  const char* end = mistake.pointer.data() + mistake.pointer.size();
  const auto [stop, error] = std::from_chars(mistake.pointer.data() + colon + 1, end, finding.line);
  if (error == std::errc() && stop == end) {
    finding.file.resize(colon);
  } else {
    finding.line = 0;
  }
  return finding;
}

}  // namespace

http::ConfigurationReport report_of(const cli::Settings& settings, const cli::Settings& running,
                                    const notify::LetterBook& letters, Instant now) {
  http::ConfigurationReport report;
  report.loaded_at = report.checked_at = now;
  for (const std::string& setting : cli::needs_restart(running, settings)) {
    report.findings.push_back(
        {settings.file.string(), 0, false, std::string(cli::kNeedsRestart) + setting});
  }
  for (const std::string& file : settings.left_out) {
    report.findings.push_back(
        {file, 0, false, "is off and has mistakes; it is left out. See: ombud check"});
  }
  for (const notify::LetterFinding& finding : letters.findings()) {
    report.findings.push_back({finding.file, finding.line, false,
                               finding.in_use
                                   ? finding.detail
                                   : finding.detail + ". The built-in letter is used instead"});
  }
  std::string mail_addresses;
  for (const std::string& address : settings.mail.addresses) {
    mail_addresses += (mail_addresses.empty() ? "" : ", ") + address;
  }
  report.settings = {
      {"file", settings.file.string()},
      {"data.directory", running.data_dir.string()},
      {"suppliers.directory", settings.suppliers_dir.string()},
      {"suppliers.connectors", settings.connectors_dir.string()},
      {"http.listen", text_of(running.http.listen)},
      {"http.public_url", running.http.public_url},
      {"http.threads", std::to_string(running.http.threads)},
      {"http.connections_max", std::to_string(running.http.connections_max)},
      {"mail.listen", running.mail.listen ? text_of(*running.mail.listen) : std::string()},
      {"mail.addresses", mail_addresses},
      {"mail_out.quote", settings.mail_out.quote_last ? "last" : "none"},
      {"mail_out.attachments_max", bytes_text(settings.mail_out.attachments_bytes_max)},
      {"mail_out.link_days", std::to_string(settings.mail_out.link_days)},
      {"desk.name", settings.desk.name},
      {"desk.email", settings.desk.email},
      {"desk.language", settings.desk.language}};
  if (running.mail.listen) {  // where it listens, not where the file wants it
    const bool smtp = running.mail.protocol == cli::MailProtocol::smtp;
    report.mailboxes.push_back({smtp ? "smtp" : "lmtp", smtp ? "smtp" : "lmtp", mail_addresses,
                                text_of(*running.mail.listen), "", "", ""});
  }
  for (const cli::MailboxEntry& entry : settings.mail.mailboxes) {
    const mail::MailboxSettings& box = entry.mailbox;
    report.mailboxes.push_back({box.name, "imap", box.address,
                                box.host + ":" + std::to_string(box.port) + "/" + box.folder,
                                entry.customer, entry.team, entry.language});
  }
  for (const cli::LinkSettings& link : settings.links) {
    report.links.push_back({link.id, link.file, std::string(cli::to_text(link.kind)), link.supplier,
                            link.connector, link.profile, link.enabled});
  }
  return report;
}

void note_refused(http::ConfigurationReport& report, const Problem& refused, Instant now) {
  report.checked_at = now;
  report.ok = false;
  report.findings.clear();
  for (const FieldProblem& mistake : refused.fields) {
    report.findings.push_back(finding_of(mistake));
  }
  if (report.findings.empty()) report.findings.push_back({"", 0, true, refused.detail});
}

}  // namespace ombud
