// A profile: everything that is particular to one supplier's REST interface, as data. Compiled once
// from its file (plugins/rest/README.md is the reference of the language), then read only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/toml.hpp"
#include "profile/expression.hpp"

namespace ombud::profile {

// What is wrong, and where: a JSON pointer into the profile or the settings.
struct Mistake {
  std::string pointer;
  std::string detail;
};

using Pairs = std::vector<std::pair<Template, Template>>;

// What an answer of the supplier means.
struct ErrorRule {
  std::vector<int> codes;  // empty: any; 500 to 599 may be written as 5
  Expression when;
  bool has_when = false;
  Outcome outcome = Outcome::permanent;
  Template message;
  Template wait_seconds, wait_until;  // of rate_limited
  bool proof = false;         // surely nothing of this operation was applied, whatever came before
  bool log_in_again = false;  // the token may only have grown old: once more with a new one
};

// Something that must hold, or the operation ends.
struct Requirement {
  Expression is;
  Outcome outcome = Outcome::permanent;
  Template message;
  bool proof = false;
};

struct Part {  // of a multipart body
  Template name, file_name, media_type, text;
  JsonTemplate json;
  bool is_json = false, is_content = false;
};

enum class BodyKind { none, json, form, content, parts };

struct Request {
  bool present = false;
  std::string method;
  Template path;
  Template address;  // a whole address on any host, in place of the path: without credentials
  bool has_address = false;
  Pairs query, headers;
  BodyKind body = BodyKind::none;
  JsonTemplate json;
  Pairs form;
  std::vector<Part> parts;
  Template media_type;   // of BodyKind::content
  bool visible = false;  // a lost answer may leave something that people at the supplier can see
  bool secrets_in_body = false;
  bool login = false;  // carries no authentication of its own
};

struct Step {
  std::string use;     // the steps of that name instead
  std::string name;    // how the answer is called afterwards
  std::string proves;  // of a check: what is true if it passes, for the operator
  Expression when, for_each, until;
  bool has_when = false, has_for_each = false, has_until = false;
  bool once = false;  // not again after it succeeded, except in a check
  Request request;
  std::vector<int> accept;  // codes that are answers too
  std::vector<ErrorRule> on;
  std::vector<std::pair<std::string, Template>> let;
  std::vector<Requirement> require;
  Requirement otherwise;  // if `until` never held
  bool has_otherwise = false;
  Expression stored;  // the supplier's copy, to be compared with the fields
  bool has_stored = false;
  std::string optional;    // a refusal is told as this difference, and the operation goes on
  bool read_back = false;  // a failure is logged, and the operation has succeeded
  // Every page is read: more follow one that is full, or for which `more` holds, until `until`.
  std::int64_t page_rows = 0;  // 0: there is one
  Expression more;
  bool has_more = false;
};
using Steps = std::vector<Step>;

struct Field {
  std::string name;  // as it is told in `changed`
  JsonTemplate put;
  Expression same;
  Template shown;  // the supplier's value, for people
};

struct Difference {
  std::string name;
  Expression when;
  Template log;
  bool has_log = false;
};

struct Operation {
  bool present = false;
  Steps steps;
  Template external_id, version, url;
  std::vector<Difference> changed;
};

struct Search {
  Step step;
  Expression rows;
  std::int64_t page_rows = 0;  // of find: more pages follow a full one; 0: there is one
};

struct Find {
  bool present = false;
  Steps before, before_missing;  // first; before an empty result is believed
  std::vector<Search> searches;
  std::vector<Expression> matches;  // the first that fits any row decides
  Expression believable;            // false for a row: the supplier ignored the search
  bool has_believable = false;
  Requirement ignored;
  Template external_id, version, url;
};

struct EventRule {
  Expression each, when;
  bool has_each = false, has_when = false;
  std::vector<std::pair<std::string, Template>> let;
  std::string type;  // status, comment, attachment
  Template id, at, order, echo_of;
  Template status, status_text;
  Template object_id, text, author, name, media_type, size, content;
  Expression is_public;
  JsonTemplate reference;
  bool has_reference = false;
};

struct Events {
  Template external_id, correlation, reference;
  std::vector<EventRule> rules;
};

enum class Paging { none, offset, page, token };

struct Poll {
  bool present = false;
  bool feed = false;  // the supplier keeps our place: its cursor, not a time
  Steps before;
  std::vector<Search> lists;
  Paging paging = Paging::offset;
  bool sorted = true;  // by time of change; else all pages are read before any row is
  std::int64_t page_rows = 100, page_step = 90;
  std::int64_t page_first = 0;  // number of the first page
  Template next;                // token of the next page; absent at the end
  Expression more;              // of numbered pages: another follows; else if this one is full
  bool has_more = false;
  Expression end;  // feed: nothing follows
  std::string since_format;
  Template overlap_seconds;
  Template row_id, row_updated;
  Expression ours;
  Steps detail;
  std::vector<int> gone;
  Events events;
};

// One ticket as it is now; its events are told as the poll tells them.
struct Snapshot {
  bool present = false;
  Steps steps;
  std::vector<int> gone;  // codes that mean there is no such ticket
  Expression missing;     // likewise, by what the answer says
  bool has_missing = false;
  Expression row;     // the ticket as the poll lists it
  Expression stored;  // as fields are compared with it
  Template status, status_text, updated, url;
  Expression complete;  // false: the supplier listed only a part of what was said
  bool has_complete = false;
  std::vector<std::string> shows;  // of what we wrote: comment, attachment
};

// Which rows are what the supplier announces by itself (ombud.announcement/1), and how to read
// them. Never those that are ours.
struct Notices {
  bool present = false;
  Expression when;  // of the settings: else none are looked for
  bool has_when = false;
  std::vector<Search> lists;  // empty: the rows of the poll
  Expression is;
  Template id, kind, state, title, text, url, starts_at, ends_at, updated;
  Expression services;
  bool has_services = false;
};

enum class Signature { none, hmac_sha256, hmac_sha1, token, basic };

struct Webhook {
  bool present = false;
  Signature signature = Signature::none;
  std::string header;
  std::string prefix;
  bool base64 = false;
  std::string secret;  // name of the setting
  std::string user;    // setting, of basic
  Template payload;    // what is signed; the raw body is `raw`
  Expression when;     // others are taken and ignored
  bool has_when = false;
  Events events;
};

enum class AuthKind { none, header, query, basic, login };

struct Auth {
  AuthKind kind = AuthKind::none;
  std::string name;  // of the header or query parameter
  Template value;
  Template user, password;
  Step login;            // its request is sent without authentication
  Template token;        // taken from the login's answer
  bool in_json = false;  // the token is a member of every JSON body, not a header
};

struct List {
  Step step;
  Expression rows;
  Template id, name, otherwise;
};

enum class SettingType { text, word, url, secret, number, boolean, table, choice };

struct Setting {
  SettingType type = SettingType::text;
  bool required = false;
  std::string default_json;  // empty: absent
  std::int64_t min = 0, max = 0;
  std::vector<std::string> choices;
  std::string description, example;
};

struct Map {
  std::map<std::string, std::string, std::less<>> entries;  // keys in lower case
  bool fixed_keys = false;                                  // the operator may change, not add
  std::vector<std::string> values;  // what its values may be; empty: anything
};

struct Profile {
  std::string name, title, version;
  std::string tested_against;  // "real" or "documentation"
  std::string tested_with, tested_on;
  std::vector<std::string> capabilities;
  std::int64_t lookup_lag_ms = 0;
  std::string base;     // path that stands before every request's
  std::string id_form;  // number, word or any: what an external id looks like
  std::map<std::string, Setting, std::less<>> settings;
  std::map<std::string, Map, std::less<>> maps;
  std::map<std::string, List, std::less<>> lists;
  std::map<std::string, Template, std::less<>> defines;
  std::map<std::string, Steps, std::less<>> steps;
  Pairs headers;
  Auth auth;
  Template words;  // the supplier's own words in an answer that refuses
  std::vector<ErrorRule> errors;
  std::string attachment_max_setting;
  std::vector<Field> fields;
  Operation create, update, comment, attachment;
  Find find_ticket, find_comment, find_attachment;
  Poll poll;
  Snapshot snapshot;
  Notices notices;
  Webhook webhook;
  Operation fetch;
  Expression fetch_allowed;
  Template
      fetch_content;  // the bytes, where they come inside an answer; else the last answer's body
  Steps check;
};

// Every mistake at once; the profile is only good if there is none.
std::shared_ptr<const Profile> compile(json::View view, std::vector<Mistake>& mistakes);

// The operator's settings against what the profile asks for.
std::vector<Mistake> check_settings(const Profile& profile, json::View settings);

// A link's settings with the profile's defaults in place, and its maps with the operator's changes.
// Settings must have passed check_settings.
struct Bound {
  std::shared_ptr<const Profile> profile;
  json::Document settings;
  std::map<std::string, Map, std::less<>> maps;
};
Bound bind(std::shared_ptr<const Profile> profile, json::View settings);

// A profile's file as JSON with the lines of its parts. Mistakes of TOML go to `mistakes`.
std::optional<toml::Json> read_file(const std::filesystem::path& file, toml::Mistakes& mistakes);
// The line of the place a pointer leads to, or of the nearest table around it.
int line_of(const toml::Json& json, std::string pointer);

}  // namespace ombud::profile
