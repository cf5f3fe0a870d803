/* Faults: a person's mistakes, as a list of field and message. Never an Err, never a log line. */
#pragma once

#include <stddef.h>

#include "common/base/arena.h"

typedef struct Fault {
  const char *field; /* form field or import column or FHIR path */
  const char *key;   /* i18n key of the sentence that says what to do: "fault.phone" */
  const char *value; /* what {value} in the sentence stands for; NULL if nothing */
} Fault;

typedef struct Faults {
  Arena *arena; /* holds the list and its texts */
  Fault *items;
  size_t count;
  size_t capacity;
} Faults;

static inline Faults faults_make(Arena *arena)
{
  return (Faults){.arena = arena};
}
/* faults_add: copies field and value; `key` must be a literal. */
void faults_add(Faults *faults, const char *field, const char *key, const char *value);
/* faults_for: the first fault of a field, NULL if none. */
const Fault *faults_for(const Faults *faults, const char *field);
