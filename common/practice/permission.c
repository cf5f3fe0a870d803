#include "common/practice/permission.h"

#include "common/store/query.h"
#include "common/store/tx.h"

static const char *const NAMES[] = {
#define PERMISSION_TEXT(constant, name) [constant] = name,
    PERMISSION_TABLE(PERMISSION_TEXT)
#undef PERMISSION_TEXT
};

SQL(PERMISSION_HELD, "SELECT 1 AS held FROM staff_role r JOIN staff s ON s.id = r.staff"
                     " JOIN role_permission p ON p.role = r.role AND p.permission = :permission AND p.allowed = 1"
                     " WHERE r.staff = :staff AND r.active = 1 AND s.active = 1"
                     " AND (r.site IS NULL OR :site IS NULL OR r.site = :site) LIMIT 1");

/* What the default roles may do. The desk reads answers because it is where a form is seen to be complete, and where a person
 * asks to correct one; a practice that wants it otherwise takes that back. */
#define BIT(permission) (1u << (permission))
static const struct DefaultRole {
  const char *name;
  unsigned permissions;
} DEFAULT_ROLES[] = {
    {"Front desk", BIT(PERM_BOARD_VIEW) | BIT(PERM_APPOINTMENT_EDIT) | BIT(PERM_CLIENT_READ) | BIT(PERM_CLIENT_EDIT) |
                       BIT(PERM_ANSWERS_READ) | BIT(PERM_CONSENT_READ) | BIT(PERM_TASK_EDIT) | BIT(PERM_SYNC_VIEW)},
    {"Clinician", BIT(PERM_BOARD_VIEW) | BIT(PERM_APPOINTMENT_EDIT) | BIT(PERM_CLIENT_READ) | BIT(PERM_CLIENT_EDIT) |
                      BIT(PERM_ANSWERS_READ) | BIT(PERM_CONSENT_READ) | BIT(PERM_TASK_EDIT)},
    {"Owner", BIT(PERM_COUNT) - 1},
};

const char *permission_name(Permission permission)
{
  return NAMES[permission];
}

Uuid permission_role_id(const char *name)
{
  return uuid_from_parts(STR("role"), name, strlen(name));
}

static Uuid role_permission_id(Uuid role, const char *permission)
{
  char parts[sizeof role.bytes + 64];
  size_t len = strlen(permission);
  memcpy(parts, role.bytes, sizeof role.bytes);
  memcpy(parts + sizeof role.bytes, permission, len);
  return uuid_from_parts(STR("role_permission"), parts, sizeof role.bytes + len);
}

/* add_new: a row that is there already stays as the practice has made it. */
static Err add_new(Tx *tx, const char *table, Uuid id, const Col cols[])
{
  Err err = tx_insert(tx, table, id, cols);
  return err == ERR_EXISTS ? ERR_OK : err;
}

static Err add_role(Tx *tx, const struct DefaultRole *role)
{
  Uuid id = permission_role_id(role->name);
  TRY(add_new(tx, "role", id, COLS(col_text("name", str_c(role->name)))));
  for (Permission p = 0; p < PERM_COUNT; p++) {
    if (!(role->permissions & BIT(p))) continue;
    TRY(add_new(tx, "role_permission", role_permission_id(id, NAMES[p]),
                COLS(col_uuid("role", &id), col_text("permission", str_c(NAMES[p])), col_bool("allowed", true))));
  }
  return ERR_OK;
}

Err permission_add_default_roles(Tx *tx)
{
  for (size_t i = 0; i < COUNT_OF(DEFAULT_ROLES); i++) TRY(add_role(tx, &DEFAULT_ROLES[i]));
  return ERR_OK;
}

Err permission_check(Store *store, Uuid staff, Uuid site, Permission permission)
{
  AUTO(Query, q, query_fini) = query(store, &PERMISSION_HELD);
  query_bind_uuid(&q, ":staff", staff);
  query_bind_uuid(&q, ":site", site);
  query_bind_text(&q, ":permission", str_c(NAMES[permission]));
  bool held = query_next(&q);
  TRY(query_end(&q));
  return held ? ERR_OK : ERR_DENIED;
}
