/* Exports a second symbol. */
#include <ombud/connector.h>

OMBUD_EXPORT
int loud_helper(void);
int loud_helper(void) {
  return 1;
}

OMBUD_EXPORT
const ombud_entry ombud_connector_entry = {OMBUD_ABI_MAJOR, OMBUD_ABI_MINOR, NULL, NULL};
