/* The network between nodes: what is said arrives late, twice, cut, in another order, or not at all. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/model.h"
#include "tests/sim/sim.h"

struct Flight {
  int from, to;
  unsigned boots; /* of `from`, when it asked */
  int lane;
  uint64_t call;
  bool copy; /* a repetition by the network: nobody waits for its answer */
  char method[8], path[160], token[96];
  uint8_t *body;
  size_t body_len;
  int64_t range_start, range_length;
  /* waiting at the server */
  uint64_t park_id;
  int64_t park_head, arrived_at;
  bool woken, timed_out;
  Flight *next;
  /* the answer */
  Err err;
  int status;
  bool cut;
};

static const SimLink GOOD = {.delay_least_ms = 1, .delay_most_ms = 8, .silence_ms = 20000};

const SimLink *link_good(void)
{
  return &GOOD;
}

static void flight_free(Flight *flight)
{
  free(flight->body);
  free(flight);
}

static void set_body(Flight *flight, Str body)
{
  free(flight->body);
  flight->body = malloc(body.len + 1);
  assert(flight->body);
  if (body.len) memcpy(flight->body, body.ptr, body.len);
  flight->body_len = body.len;
}

static Flight *flight_new(SimNode *node, int lane, const HttpCall *call)
{
  Flight *flight = calloc(1, sizeof *flight);
  assert(flight);
  *flight = (Flight){.from = node->index,
                     .to = node->up,
                     .boots = node->boots,
                     .lane = lane,
                     .range_start = call->range_start,
                     .range_length = call->range_length};
  assert(strlen(call->path) < sizeof flight->path && (!call->token || strlen(call->token) < sizeof flight->token));
  strcpy(flight->method, call->method);
  strcpy(flight->path, call->path);
  if (call->token) strcpy(flight->token, call->token);
  set_body(flight, call->body);
  return flight;
}

static int64_t delay(Sim *sim, const SimLink *link)
{
  return rng_spread(&sim->net, link->delay_least_ms, link->delay_most_ms);
}

/* no_answer: whoever asked learns of it when nothing has moved for a while. */
static void no_answer(Sim *sim, Flight *flight, int64_t in_ms)
{
  if (flight->copy) {
    flight_free(flight);
    return;
  }
  flight->err = ERR_NETWORK;
  flight->status = 0;
  flight->cut = false;
  set_body(flight, (Str){0});
  event_add(sim, in_ms, EVENT_ANSWER, flight->from, 0, flight);
}

void net_send(SimNode *node, int lane, const HttpCall *call)
{
  Sim *sim = node->sim;
  const SimLink *link = &node->link;
  Flight *flight = flight_new(node, lane, call);
  flight->call = node->lane_call[lane] = ++sim->call_no;
  sim->counts.bytes += call->body.len;
  sim_trace(sim, "%d asks %s %s %zu", node->index, call->method, call->path, call->body.len);
  if (link->down || rng_chance(&sim->net, link->lose)) {
    sim->counts.losses++;
    no_answer(sim, flight, link->silence_ms);
    return;
  }
  if (rng_chance(&sim->net, link->cut)) { /* the server never had all of it */
    sim->counts.cuts++;
    no_answer(sim, flight, delay(sim, link));
    return;
  }
  if (rng_chance(&sim->net, link->twice)) {
    Flight *copy = flight_new(node, lane, call);
    copy->copy = true;
    event_add(sim, delay(sim, link) * rng_between(&sim->net, 1, 50), EVENT_ARRIVE, node->up, 0, copy);
  }
  event_add(sim, delay(sim, link), EVENT_ARRIVE, node->up, 0, flight);
}

static void send_back(Sim *sim, Flight *flight, const Served *served)
{
  SimNode *from = &sim->nodes[flight->from];
  const SimLink *link = &from->link;
  sim->counts.bytes += served->body.len;
  if (flight->copy) {
    flight_free(flight);
    return;
  }
  if (link->down || rng_chance(&sim->net, link->lose_answer)) {
    sim->counts.losses++;
    no_answer(sim, flight, link->silence_ms);
    return;
  }
  flight->status = served->status;
  Str body = served->body;
  if (rng_chance(&sim->net, link->cut)) {
    sim->counts.cuts++;
    flight->err = ERR_NETWORK;
    flight->cut = true;
    body.len = rng_below(&sim->net, body.len + 1);
  }
  set_body(flight, body);
  event_add(sim, delay(sim, link), EVENT_ANSWER, flight->from, 0, flight);
}

static void handle(Sim *sim, Flight *flight)
{
  SimNode *server = &sim->nodes[flight->to];
  Asked asked = {.method = flight->method,
                 .path = flight->path,
                 .token = *flight->token ? flight->token : NULL,
                 .body = {(const char *)flight->body, flight->body_len},
                 .range_start = flight->range_start,
                 .range_length = flight->range_length,
                 .waited_ms = sim->now - flight->arrived_at,
                 .woken = flight->woken,
                 .timed_out = flight->timed_out};
  SimNode *from = &sim->nodes[flight->from];
  bool put_out = from->revoked && model_revoked_at(server, from->number);
  Served served = serve(server, &asked);
  if (put_out && (served.status == 200 || served.status == 206) && !server->disk->dead)
    sim_fail(sim, "7: data for a revoked device", "node %d gave node %d %s", server->index, from->index, flight->path);
  sim_trace(sim, "%d answers %d: %d %zu%s", server->index, flight->from, served.status, served.body.len,
            served.park_ms ? " waits" : "");
  if (server->disk->dead) {
    no_answer(sim, flight, 5);
    node_after(server);
    return;
  }
  if (served.park_ms > 0) {
    flight->park_id = ++sim->call_no;
    flight->park_head = served.park_head;
    flight->next = server->parked;
    server->parked = flight;
    event_add(sim, served.park_ms, EVENT_UNPARK, server->index, flight->park_id, NULL);
  } else {
    send_back(sim, flight, &served);
  }
  node_after(server);
}

void net_arrive(Sim *sim, Flight *flight)
{
  SimNode *server = &sim->nodes[flight->to];
  if (sim->nodes[flight->from].link.down) {
    no_answer(sim, flight, sim->nodes[flight->from].link.silence_ms);
  } else if (!server->running || !server->hub) {
    no_answer(sim, flight, 3); /* refused at once */
  } else {
    if (!flight->arrived_at) flight->arrived_at = sim->now;
    handle(sim, flight);
  }
}

static Flight *unlink_parked(SimNode *node, uint64_t id)
{
  for (Flight **at = &node->parked; *at; at = &(*at)->next) {
    Flight *flight = *at;
    if (flight->park_id != id) continue;
    *at = flight->next;
    return flight;
  }
  return NULL;
}

void net_unpark(Sim *sim, int node, uint64_t id)
{
  Flight *flight = unlink_parked(&sim->nodes[node], id);
  if (!flight) return;
  flight->timed_out = true;
  net_arrive(sim, flight);
}

void net_wake(SimNode *node, int64_t head)
{
  for (Flight **at = &node->parked; *at;) {
    Flight *flight = *at;
    if (head <= flight->park_head) {
      at = &flight->next;
      continue;
    }
    *at = flight->next;
    flight->woken = true;
    event_add(node->sim, 0, EVENT_ARRIVE, node->index, 0, flight);
  }
}

void net_hang_up(SimNode *node)
{
  while (node->parked) {
    Flight *flight = node->parked;
    node->parked = flight->next;
    no_answer(node->sim, flight, 2);
  }
}

void net_answer(Sim *sim, Flight *flight)
{
  SimNode *node = &sim->nodes[flight->from];
  bool awaited = node->running && node->boots == flight->boots && node->lane_call[flight->lane] == flight->call;
  if (awaited) {
    HttpAnswer answer = {.err = flight->err,
                         .status = flight->status,
                         .body = {(const char *)flight->body, flight->body_len},
                         .cut = flight->cut};
    node->lane_call[flight->lane] = 0;
    err_clear();
    agent_answer(node->agent, flight->lane, &answer);
    Err err = agent_err(node->agent);
    sim_trace(sim, "%d took %d %zu: %s %s", node->index, flight->status, flight->body_len, err_name(err),
              err == ERR_OK ? "" : err_detail());
    if (agent_wants_fresh(node->agent)) {
      for (int i = 0; i < AGENT_LANES; i++) node->lane_call[i] = 0;
      agent_dropped(node->agent);
    }
    node_poll_soon(node, 0);
    node_after(node);
  }
  flight_free(flight);
}
