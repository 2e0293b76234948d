// A browser as far as signing in needs one: cookies, redirects by hand, forms. Cookies are kept by
// host and path as browsers do: the port makes no difference.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ombud::testing {

struct Page {
  int status = 0;  // 0: no answer came
  std::string url;
  std::string location;  // of a redirect, made whole
  std::string body;
  std::vector<std::string> set_cookies;
  std::map<std::string, std::string> headers;  // names in lower case; the last of each
};

class Browser {
 public:
  Page get(const std::string& url, const std::map<std::string, std::string>& headers = {});
  Page post(const std::string& url, const std::string& body, const std::string& type,
            const std::map<std::string, std::string>& headers = {});
  Page remove(const std::string& url, const std::map<std::string, std::string>& headers = {});
  // Follows redirects up to the first answer that is none, or that leads to `stop_at`.
  Page follow(Page page, std::string_view stop_at = "\n");
  // Sends the page's only form: its hidden fields and these.
  Page submit(const Page& page, const std::vector<std::pair<std::string, std::string>>& fields);

  std::string cookie(const std::string& name) const;                   // "" if there is none
  void set_cookie(const std::string& name, const std::string& value);  // for "/" of 127.0.0.1
  void forget_cookies() { jar_.clear(); }

 private:
  Page send(const std::string& method, const std::string& url, const std::string& body,
            const std::string& type, const std::map<std::string, std::string>& headers);
  void keep(const std::string& host, const std::string& line);

  struct Key {
    std::string host, path, name;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, std::string> jar_;
};

}  // namespace ombud::testing
