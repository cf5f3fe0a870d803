/* Structured logs, one JSON object a line on stderr (or as set), without client data: names, dates of birth, contact
 * details, answers and free text of people never go in. Ids, counts, durations and error names do. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "common/base/env.h"
#include "common/base/err.h"

typedef enum LogLevel { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR } LogLevel;

/* log_open: process-wide; `program` must outlive the process. `out` NULL means stderr. Safe to call once at start. */
void log_open(const char *program, LogLevel least, FILE *out, const Env *env);
/* log_event: {"t":"...Z","level":"info","program":"foyerd","event":"push.done","rows":3}.
 * `event` is dotted lower case. `fmt` describes the fields: "rows=%d peer=%s"; each value becomes a JSON string or number;
 * NULL when there are none.
 * Supported conversions: %s %d %u %lld %llu %zu. Thread-safe. */
void log_event(LogLevel level, const char *event, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* log_err: the error's name and err_detail() under `event`, at LOG_WARN. */
void log_err(const char *event, Err err);
