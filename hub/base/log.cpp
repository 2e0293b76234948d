#include "base/log.hpp"

#include "base/json.hpp"

namespace ombud {
namespace {

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "error";
}

}  // namespace

Log::Log(const Clock& clock, Level from, Sink sink, Flush flush)
    : clock_(clock), from_(from), sink_(std::move(sink)), flush_(std::move(flush)) {}

void Log::write(Level level, std::string_view event, std::initializer_list<Field> fields) const {
  if (level < from_) return;
  json::Writer line;
  line.begin_object()
      .field("time", to_rfc3339(clock_.now()))
      .field("level", name_of(level))
      .field("event", event);
  for (const Field& field : fields) {
    if (field.number) {
      line.key(field.name).raw(field.value);
    } else {
      line.field(field.name, field.value);
    }
  }
  line.end_object();
  sink_(line.take());
  if (level >= Level::warning && flush_) flush_();
}

}  // namespace ombud
