#include "base/json_schema.hpp"

#include <fmt/format.h>
#include <rapidjson/pointer.h>
#include <rapidjson/schema.h>

#include <set>

#include "base/nearest.hpp"

namespace ombud::json {
namespace {

using rapidjson::Value;

std::string escape_pointer(std::string_view name) {
  std::string escaped;
  for (const char c : name) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return escaped;
}

// Replaces each secret property by what arrives in its place, whatever type it declares.
void accept_secrets(Value& schema, rapidjson::Document::AllocatorType& memory, int depth) {
  if (depth > kDepthMax) return;
  if (schema.IsArray()) {
    for (Value& entry : schema.GetArray()) accept_secrets(entry, memory, depth + 1);
  }
  if (!schema.IsObject()) return;
  const auto flag = schema.FindMember("x-secret");
  if (flag != schema.MemberEnd() && flag->value.IsTrue()) {
    Value required(rapidjson::kArrayType);
    required.PushBack("$secret", memory);
    for (const char* name : {"type", "enum", "pattern", "minLength", "maxLength", "required"}) {
      schema.RemoveMember(name);
    }
    schema.AddMember("type", "object", memory);
    schema.AddMember("required", required, memory);
    return;
  }
  for (auto& member : schema.GetObject()) accept_secrets(member.value, memory, depth + 1);
}

std::string shown(View value) {
  if (value.is_object() && value["$secret"].present()) return "a secret reference";
  if (value.is_object()) return "a table";
  if (value.is_array()) return "a list";
  if (value.is_text()) return fmt::format("the text {}", value.dump());
  return value.dump();
}

std::string type_words(View type) {
  const auto word = [](std::string_view name) -> std::string {
    if (name == "string") return "a text in quotes";
    if (name == "integer") return "a whole number without quotes";
    if (name == "number") return "a number without quotes";
    if (name == "boolean") return "true or false without quotes";
    if (name == "array") return "a list: [ … ]";
    if (name == "object") return "a table";
    return std::string(name);
  };
  if (type.is_text()) return word(type.text());
  std::vector<std::string> words;
  for (std::size_t i = 0; i < type.size(); ++i) words.push_back(word(type.at(i).text()));
  return joined(words, "or");
}

std::string enum_words(View choices) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < choices.size(); ++i) words.push_back(choices.at(i).dump());
  return joined(words, "or");
}

std::string range_words(View schema) {
  const View min = schema["minimum"], max = schema["maximum"];
  if (min.present() && max.present()) return fmt::format("from {} to {}", min.dump(), max.dump());
  return min.present() ? fmt::format("of at least {}", min.dump())
                       : fmt::format("of at most {}", max.dump());
}

std::string described(View schema) {
  const std::string_view text = schema["description"].text();
  return text.empty() ? "" : fmt::format(" ({})", text);
}

// What the failed keyword asks for.
std::string advice(View schema, std::string_view keyword) {
  const View rule = schema[keyword];
  if (keyword == "type") return "write " + type_words(rule);
  if (keyword == "enum") return "write " + enum_words(rule);
  if (keyword == "minimum" || keyword == "maximum") return "write a number " + range_words(schema);
  if (keyword == "pattern") return fmt::format("write a text that matches {}", rule.dump());
  if (keyword == "minLength") return fmt::format("write at least {} characters", rule.dump());
  if (keyword == "maxLength") return fmt::format("write at most {} characters", rule.dump());
  if (keyword == "minItems") return fmt::format("write at least {} entries", rule.dump());
  if (keyword == "maxItems") return fmt::format("write at most {} entries", rule.dump());
  if (keyword == "uniqueItems") return "remove the entries that stand twice";
  return fmt::format("it must satisfy {} {}", keyword, rule.dump());
}

class Checker {
 public:
  Checker(View schema, View value) {
    schema_.CopyFrom(*schema.raw(), schema_.GetAllocator());
    accept_secrets(schema_, schema_.GetAllocator(), 0);
    value_.CopyFrom(*value.raw(), value_.GetAllocator());
  }

  std::vector<SchemaMistake> run() {
    while (mistakes_.size() < kSchemaMistakesMax && !passes()) {
      if (!repair()) break;
    }
    return std::move(mistakes_);
  }

 private:
  bool passes() {
    const rapidjson::SchemaDocument compiled(schema_);
    rapidjson::SchemaValidator validator(compiled);
    if (value_.Accept(validator)) return true;
    keyword_ = validator.GetInvalidSchemaKeyword();
    where_ = validator.GetInvalidDocumentPointer();
    const auto rule = validator.GetInvalidSchemaPointer();
    rule_ = rule.Get(schema_);
    if (rule_ == nullptr) rule_ = &schema_;
    return false;
  }

  // Reports what was found and takes it out of the way, so that the next look finds the next one.
  // False: nothing more can be found.
  bool repair() {
    rapidjson::StringBuffer written;
    where_.Stringify(written);
    const std::string pointer(written.GetString(), written.GetSize());
    const Value* const found = where_.Get(value_);
    if (keyword_ == "required") return report_missing(pointer, View(found));
    if (keyword_ == "additionalProperties") {
      report_unknown(pointer);
    } else if (View(rule_)["x-secret"].boolean()) {
      report(pointer, "x-secret",
             fmt::format("is a secret and must not stand in this file; write a reference: "
                         "{{ file = \"…\" }} or {{ env = \"…\" }}"));
    } else if (keyword_ == "type" && View(found)["$secret"].present()) {
      report(pointer, keyword_,
             "is no secret; write its value itself instead of a reference to a file or variable");
    } else {
      report(pointer, keyword_,
             fmt::format("is {}; {}{}", shown(View(found)), advice(View(rule_), keyword_),
                         described(View(rule_))));
    }
    return remove(pointer);
  }

  void report(const std::string& pointer, std::string keyword, std::string detail) {
    mistakes_.push_back({pointer, std::move(keyword), std::move(detail)});
  }

  bool report_missing(const std::string& pointer, View table) {
    const View names = View(rule_)["required"];
    if (!names.is_array()) return false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string_view name = names.at(i).text();
      const std::string full = pointer + "/" + escape_pointer(name);
      if (table[name].present() || removed_.contains(full)) continue;
      const View property = View(rule_)["properties"][name];
      const std::string example =
          property["x-secret"].boolean()        ? fmt::format("{} = {{ file = \"…\" }}", name)
          : property["type"].text() == "object" ? fmt::format("{} = {{ … }}", name)
                                                : fmt::format("{} = …", name);
      report(full, "required", fmt::format("is missing; add {}{}", example, described(property)));
    }
    const_cast<Value*>(rule_)->RemoveMember("required");
    return true;
  }

  void report_unknown(const std::string& pointer) {
    const std::string name = pointer.substr(pointer.rfind('/') + 1);
    std::vector<std::string> known;
    const View properties = View(rule_)["properties"];
    for (std::size_t i = 0; i < properties.size(); ++i) {
      known.emplace_back(properties.name_at(i));
    }
    const auto meant = nearest(name, known);
    report(pointer, "additionalProperties",
           fmt::format("is not known here; {}",
                       meant ? fmt::format("did you mean {}?", *meant)
                       : known.empty()
                           ? "remove it"
                           : fmt::format("remove it, or write one of {}", joined(known, "and"))));
  }

  // Takes a wrong value out; an element goes with its list, so that no other element moves.
  bool remove(std::string pointer) {
    while (!pointer.empty()) {
      const auto slash = pointer.rfind('/');
      const std::string above = pointer.substr(0, slash);
      const Value* const parent = rapidjson::Pointer(above).Get(value_);
      removed_.insert(pointer);
      if (parent != nullptr && parent->IsObject()) {
        return rapidjson::Pointer(pointer).Erase(value_);
      }
      pointer = above;
    }
    return false;
  }

  rapidjson::Document schema_;
  rapidjson::Document value_;
  std::string keyword_;
  rapidjson::Pointer where_;
  const Value* rule_ = nullptr;
  std::set<std::string> removed_;
  std::vector<SchemaMistake> mistakes_;
};

}  // namespace

std::vector<SchemaMistake> check_schema(View schema, View value) {
  if (!schema.is_object()) return {{"", "", "has no JSON Schema to check against"}};
  if (value.raw() == nullptr) return {{"", "type", "is missing"}};
  return Checker(schema, value).run();
}

}  // namespace ombud::json
