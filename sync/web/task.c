/* Tasks at the desk: take, close, add. */
#include "common/practice/task.h"

#include "sync/web/present.h"

/* The task, if the person may work on tasks where it is. */
static Err find(WebRequest *request, Uuid *id)
{
  Uuid site;
  TRY(web_param_uuid(request, "id", id));
  TRY(task_site(request->http->store, *id, &site));
  return web_allow(request, site, PERM_TASK_EDIT);
}

static Err do_take(WebRequest *request, Uuid id)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(request->http->store, web_actor(request), "task.take", "", &tx));
  TRY(task_take(&tx, id, request->session.staff));
  return tx_commit(&tx);
}

static Err take(WebRequest *request)
{
  Uuid id;
  TRY(find(request, &id));
  TRY(do_take(request, id));
  return web_json(request, 200, json_object());
}

static Err do_close(WebRequest *request, Uuid id, const char *status)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(request->http->store, web_actor(request), "task.close", "", &tx));
  TRY(task_close(&tx, id, request->session.staff, status));
  return tx_commit(&tx);
}

static Err close_task(WebRequest *request)
{
  Uuid id;
  TRY(find(request, &id));
  Str status = json_str(request->body, "status");
  if (!str_eq_c(status, "done") && !str_eq_c(status, "cancelled"))
    return err_because(ERR_INVALID, "status is neither done nor cancelled");
  TRY(do_close(request, id, str_eq_c(status, "done") ? "done" : "cancelled"));
  return web_json(request, 200, json_object());
}

static Err add(WebRequest *request)
{
  Task task = {.kind = "todo",
               .title = web_body_text(request, "title"),
               .status = "open",
               .note = web_body_text(request, "note")};
  TRY(web_body_uuid(request, "site", &task.site));
  TRY(web_body_uuid(request, "client", &task.client));
  TRY(web_allow(request, task.site, PERM_TASK_EDIT));
  if (!*task.title) {
    Faults faults = faults_make(request->http->arena);
    faults_add(&faults, "title", "fault.required", NULL);
    return web_faults(request, &faults);
  }
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(request->http->store, web_actor(request), "task.add", "", &tx));
  TRY(task_add(&tx, &task, &id));
  TRY(tx_commit(&tx));
  return web_json(request, 201, json_pack("{s:o}", "id", web_uuid(id)));
}

const WebRoute web_task_routes[] = {
    {"POST", "/api/tasks", WEB_PERMITTED, PERM_TASK_EDIT, add},
    {"POST", "/api/tasks/:id/take", WEB_PERMITTED, PERM_TASK_EDIT, take},
    {"POST", "/api/tasks/:id/close", WEB_PERMITTED, PERM_TASK_EDIT, close_task},
    {0},
};
