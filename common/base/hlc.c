#include "common/base/hlc.h"

#include <assert.h>

static const Instant MS_MAX = ((Instant)1 << 48) - 1;

Hlc hlc_next(Hlc last, Instant now)
{
  if (now < 0) now = 0;
  if (now > MS_MAX) now = MS_MAX; /* the year 10889 */
  Hlc least = hlc_make(now, 0);
  if (least > last) return least;
  assert(last < UINT64_MAX);
  return last + 1; /* a full counter carries into the milliseconds */
}

bool hlc_is_ahead(Hlc hlc, Instant now)
{
  return hlc_ms(hlc) - HLC_MAX_AHEAD_MS > (now < 0 ? 0 : now);
}
