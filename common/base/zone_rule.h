/* ZoneRule: a POSIX TZ string with RFC 8536's extension (times of -167 to 167 hours): how a zone changes its clocks in the
 * years after the table of its TZif file. Part of date.h's zones; not for others. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/str.h"

enum { ZONE_OFFSET_MAX_S = 26 * 3600 };

typedef enum ZoneDayKind { ZONE_DAY_JULIAN, ZONE_DAY_COUNTED, ZONE_DAY_WEEKDAY } ZoneDayKind;

typedef struct ZoneDay {
  ZoneDayKind kind;
  int day;         /* Jn: 1..365 without 29 February; n: 0..365; Mm.w.d: 0 = Sunday .. 6 */
  int month, week; /* Mm.w.d: 1..12; 1..5, 5 for the last */
  int32_t time_s;  /* local time of the change */
} ZoneDay;

typedef struct ZoneRule {
  int32_t standard_offset; /* seconds east of UTC */
  bool has_daylight;
  int32_t daylight_offset;
  ZoneDay start, end; /* of daylight time */
} ZoneRule;

/* A stretch of UTC seconds with one offset: [from, to). */
typedef struct ZoneRuleSpan {
  int64_t from, to;
  int32_t offset;
} ZoneRuleSpan;

/* zone_rule_parse: "EST5EDT,M3.2.0,M11.1.0", "<+01>-1". False when malformed. */
bool zone_rule_parse(Str text, ZoneRule *out);
/* zone_rule_span: the stretch around `at`, by the rule alone. `at` lies within years 0 to 10000. */
ZoneRuleSpan zone_rule_span(const ZoneRule *rule, int64_t at);
