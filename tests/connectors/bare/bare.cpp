// A connector without the SDK's C++ layer that breaks the rules of the boundary.
#include <ombud/connector.h>

namespace {

ombud_status throws_across(ombud_connector*, const ombud_call*, const ombud_write*, ombud_sink*) {
  throw 42;
}
ombud_status unknown_status(ombud_connector*, const ombud_call*, const ombud_write*, ombud_sink*) {
  return 99;
}
ombud_status find_throws(ombud_connector*, const ombud_call*, const char*, const ombud_write*,
                         ombud_sink*) {
  throw 42;
}

constexpr ombud_outbound kOutbound{&throws_across, &unknown_status, nullptr, &find_throws};

const void* extension(const ombud_connector*, const char* id) {
  return __builtin_strcmp(id, OMBUD_EXT_OUTBOUND) == 0 ? &kOutbound : nullptr;
}

ombud_connector instance{nullptr, nullptr, &extension};

ombud_connector* create(const ombud_host*, ombud_bytes, const ombud_call*) {
  return &instance;
}

constexpr ombud_descriptor kDescriptor{"se.ombud.test.bare", "0.1.0", "{}", nullptr, 0};

}  // namespace

extern "C" OMBUD_EXPORT
const ombud_entry ombud_connector_entry{OMBUD_ABI_MAJOR, OMBUD_ABI_MINOR, &kDescriptor, &create};
