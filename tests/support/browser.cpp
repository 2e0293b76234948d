#include "support/browser.hpp"

#include <httplib.h>

#include <regex>
#include <stdexcept>

namespace ombud::testing {
namespace {

constexpr int kRedirectsMax = 20;
constexpr int kSecondsMax = 30;

struct Parts {
  std::string origin, host, path;  // path with query
};

Parts parts_of(const std::string& url) {
  static const std::regex form(R"((http://([^/:?]+)(:\d+)?)([/?].*)?)");
  std::smatch found;
  if (!std::regex_match(url, found, form)) throw std::runtime_error("not an address: " + url);
  return {found[1], found[2], found[4].length() == 0 ? "/" : found[4].str()};
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(c));
  return text;
}

std::string plain(std::string html) {
  for (const auto& [from, to] : {std::pair{"&amp;", "&"}, {"&#x2F;", "/"}, {"&quot;", "\""}}) {
    for (std::size_t at = html.find(from); at != std::string::npos; at = html.find(from, at + 1)) {
      html.replace(at, std::string_view(from).size(), to);
    }
  }
  return html;
}

std::string attribute(const std::string& tag, const std::string& name) {
  const std::regex form("\\s" + name + "=\"([^\"]*)\"");
  std::smatch found;
  return std::regex_search(tag, found, form) ? plain(found[1]) : "";
}

}  // namespace

void Browser::keep(const std::string& host, const std::string& line) {
  const std::string pair = line.substr(0, line.find(';'));
  const std::size_t sign = pair.find('=');
  std::smatch found;
  static const std::regex path("; *path=([^;]*)", std::regex::icase);
  Key key{host, std::regex_search(line, found, path) ? found[1].str() : "/", pair.substr(0, sign)};
  const bool gone =
      std::regex_search(line, std::regex("max-age=0|expires=[^;]*1970", std::regex::icase));
  if (gone) {
    jar_.erase(key);
  } else {
    jar_[key] = pair.substr(sign + 1);
  }
}

Page Browser::send(const std::string& method, const std::string& url, const std::string& body,
                   const std::string& type, const std::map<std::string, std::string>& headers) {
  const Parts to = parts_of(url);
  httplib::Client client(to.origin);
  client.set_read_timeout(kSecondsMax, 0);
  std::string cookies;
  for (const auto& [key, value] : jar_) {
    if (key.host != to.host || !to.path.starts_with(key.path)) continue;
    cookies += (cookies.empty() ? "" : "; ") + key.name + "=" + value;
  }
  httplib::Headers sent(headers.begin(), headers.end());
  if (!cookies.empty()) sent.emplace("Cookie", cookies);
  httplib::Request request;
  request.method = method;
  request.path = to.path;
  request.headers = sent;
  request.body = body;
  if (!type.empty()) request.headers.emplace("Content-Type", type);
  const auto result = client.send(request);
  Page page;
  page.url = url;
  if (!result) return page;
  page.status = result->status;
  page.body = result->body;
  for (const auto& [name, value] : result->headers) {
    if (lower(name) == "set-cookie") {
      keep(to.host, value);
      page.set_cookies.push_back(value);
    }
    page.headers[lower(name)] = value;
  }
  page.location = result->get_header_value("Location");
  if (page.location.starts_with('/')) page.location = to.origin + page.location;
  return page;
}

Page Browser::get(const std::string& url, const std::map<std::string, std::string>& headers) {
  return send("GET", url, "", "", headers);
}

Page Browser::post(const std::string& url, const std::string& body, const std::string& type,
                   const std::map<std::string, std::string>& headers) {
  return send("POST", url, body, type, headers);
}

Page Browser::remove(const std::string& url, const std::map<std::string, std::string>& headers) {
  return send("DELETE", url, "", "", headers);
}

Page Browser::follow(Page page, std::string_view stop_at) {
  for (int i = 0; i < kRedirectsMax; ++i) {
    if (page.status < 300 || page.status >= 400 || page.location.starts_with(stop_at)) return page;
    page = get(page.location);
  }
  throw std::runtime_error("redirects without end, last to " + page.location);
}

Page Browser::submit(const Page& page,
                     const std::vector<std::pair<std::string, std::string>>& fields) {
  std::smatch form;
  if (!std::regex_search(page.body, form, std::regex("<form[^>]*>"))) {
    throw std::runtime_error("no form at " + page.url + ":\n" + page.body);
  }
  httplib::Params params;
  const std::regex input("<input[^>]*>");
  for (std::sregex_iterator at(page.body.begin(), page.body.end(), input), end; at != end; ++at) {
    const std::string tag = at->str();
    if (attribute(tag, "type") != "hidden") continue;
    params.emplace(attribute(tag, "name"), attribute(tag, "value"));
  }
  for (const auto& [name, value] : fields) params.emplace(name, value);
  std::string action = attribute(form.str(), "action");
  if (action.starts_with('/')) action = parts_of(page.url).origin + action;
  return post(action, httplib::detail::params_to_query_str(params),
              "application/x-www-form-urlencoded");
}

std::string Browser::cookie(const std::string& name) const {
  for (const auto& [key, value] : jar_) {
    if (key.name == name) return value;
  }
  return "";
}

void Browser::set_cookie(const std::string& name, const std::string& value) {
  jar_[{"127.0.0.1", "/", name}] = value;
}

}  // namespace ombud::testing
