/* Permissions: what a job may do. Roles are rows; the names below are the program's. */
#pragma once

#include "common/base/uuid.h"
#include "common/store/store.h"

/* PERMISSION_TABLE: constant, name in role_permission */
#define PERMISSION_TABLE(X)                                                                    \
  X(PERM_BOARD_VIEW, "board.view")             /* the day's arrivals of a site */              \
  X(PERM_APPOINTMENT_EDIT, "appointment.edit") /* arrive, room, done, no-show, book, cancel */ \
  X(PERM_CLIENT_READ, "client.read")           /* a person's details and visits */             \
  X(PERM_CLIENT_EDIT, "client.edit")                                                           \
  X(PERM_ANSWERS_READ, "answers.read") /* questionnaire responses */                           \
  X(PERM_CONSENT_READ, "consent.read")                                                         \
  X(PERM_TASK_EDIT, "task.edit")                                                               \
  X(PERM_AUDIT_READ, "audit.read")       /* who changed and who read what */                   \
  X(PERM_SYNC_VIEW, "sync.view")         /* state of replication */                            \
  X(PERM_DEVICE_MANAGE, "device.manage") /* enrol and revoke */                                \
  X(PERM_SETTINGS_EDIT, "settings.edit")                                                       \
  X(PERM_STAFF_EDIT, "staff.edit")

typedef enum Permission {
#define PERMISSION_NAME(constant, name) constant,
  PERMISSION_TABLE(PERMISSION_NAME)
#undef PERMISSION_NAME
      PERM_COUNT
} Permission;

const char *permission_name(Permission permission);
/* permission_check: may `staff` do it at `site` (nil: at any one site)? ERR_DENIED if not, also for inactive staff. */
MUST_CHECK Err permission_check(Store *store, Uuid staff, Uuid site, Permission permission);
/* permission_add_default_roles: "Front desk", "Clinician", "Owner" with sensible permissions; ids are the same on every node. What is
 * there already stays as it is. */
struct Tx;
MUST_CHECK Err permission_add_default_roles(struct Tx *tx);
Uuid permission_role_id(const char *name);
