/* Built for a major of the ABI that this host does not know. */
#include <ombud/connector.h>

OMBUD_EXPORT
const ombud_entry ombud_connector_entry = {OMBUD_ABI_MAJOR + 1, 0, NULL, NULL};
