/* Devices: the practice's nodes, inviting a new one, ending the trust in one. */
#include <stdio.h>

#include "common/practice/practice.h"
#include "sync/enrol.h"
#include "sync/web/present.h"
#include "sync/web/qr.h"
#include "sync/web/state.h"

static Err list(WebRequest *request)
{
  Store *store = request->http->store;
  Node *nodes;
  size_t count;
  TRY(node_list(store, request->http->arena, &nodes, &count));
  json_t *devices = json_array();
  for (size_t i = 0; i < count; i++) {
    char number[NODE_TEXT_LEN + 1];
    node_text(nodes[i].number, number);
    json_t *device = json_object();
    json_object_set_new(device, "node", json_string(number));
    json_object_set_new(device, "name", web_text(nodes[i].name));
    json_object_set_new(device, "kind", web_text(nodes[i].kind));
    json_object_set_new(device, "site", web_uuid(nodes[i].site));
    json_object_set_new(device, "enrolled_at", web_instant(nodes[i].enrolled_at));
    json_object_set_new(device, "revoked_at", web_instant(nodes[i].revoked_at));
    json_object_set_new(device, "here", json_boolean(nodes[i].number == store_node(store)));
    json_array_append_new(devices, device);
  }
  return web_json(request, 200, json_pack("{s:o}", "devices", devices));
}

/* The new device reaches us where the browser did, unless the options know better. */
static const char *own_url(WebRequest *request)
{
  if (request->web->enrol_url) return request->web->enrol_url;
  return arena_cstr(request->http->arena, request->origin);
}

static Err invite(WebRequest *request)
{
  Arena *arena = request->http->arena;
  EnrolInvitation invitation = {.name = web_body_text(request, "name"), .kind = web_body_text(request, "kind")};
  TRY(web_body_uuid(request, "site", &invitation.site));
  TRY(web_allow(request, invitation.site, PERM_DEVICE_MANAGE));
  Faults faults = faults_make(arena);
  EnrolCode code;
  Err err = enrol_invite(request->http->store, web_actor(request), &invitation, arena, &faults, &code);
  if (err == ERR_INVALID && faults.count) return web_faults(request, &faults);
  if (err == ERR_NOT_FOUND) return web_refuse(request, 409, "error.accepts_no_devices");
  TRY(err);
  const char *url = own_url(request);
  json_t *qr;
  TRY(web_qr_json(enrol_link(arena, url, code.code), &qr));
  json_t *answer = json_object();
  json_object_set_new(answer, "code", web_text(code.code));
  json_object_set_new(answer, "url", web_text(url));
  json_object_set_new(answer, "expires_at", web_instant(code.expires_at));
  json_object_set_new(answer, "qr", qr);
  return web_json(request, 201, answer);
}

static Err revoke(WebRequest *request)
{
  NodeId node;
  if (!node_parse(http_param(request->http, "node"), &node)) return ERR_NOT_FOUND;
  if (node == store_node(request->http->store)) return web_refuse(request, 409, "error.own_device");
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(request->http->store, web_actor(request), "node.revoke", web_body_text(request, "reason"), &tx));
  TRY(node_revoke(&tx, node));
  TRY(tx_commit(&tx));
  return web_json(request, 200, json_object());
}

const WebRoute web_device_routes[] = {
    {"GET", "/api/devices", WEB_PERMITTED, PERM_DEVICE_MANAGE, list},
    {"POST", "/api/devices/codes", WEB_PERMITTED, PERM_DEVICE_MANAGE, invite},
    {"POST", "/api/devices/:node/revoke", WEB_PERMITTED, PERM_DEVICE_MANAGE, revoke},
    {0},
};
