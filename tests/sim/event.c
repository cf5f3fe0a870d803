#include <assert.h>
#include <stdlib.h>

#include "tests/sim/sim.h"

typedef struct Event {
  int64_t at;
  uint64_t order; /* of those at one time, the first that was added comes first */
  EventKind kind;
  int node;
  uint64_t id;
  Flight *flight;
} Event;

static bool before(const Event *a, const Event *b)
{
  return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void swap(Event *a, Event *b)
{
  Event t = *a;
  *a = *b;
  *b = t;
}

void event_add(Sim *sim, int64_t in_ms, EventKind kind, int node, uint64_t id, Flight *flight)
{
  if (sim->event_count == sim->event_capacity) {
    sim->event_capacity = sim->event_capacity ? sim->event_capacity * 2 : 256;
    sim->events = reallocarray(sim->events, sim->event_capacity, sizeof *sim->events);
    assert(sim->events);
  }
  size_t at = sim->event_count++;
  sim->events[at] = (Event){sim->now + in_ms, ++sim->order, kind, node, id, flight};
  while (at > 0 && before(&sim->events[at], &sim->events[(at - 1) / 2])) {
    swap(&sim->events[at], &sim->events[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
}

static Event take(Sim *sim)
{
  Event first = sim->events[0];
  sim->events[0] = sim->events[--sim->event_count];
  for (size_t at = 0;;) {
    size_t least = at;
    for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < sim->event_count; child++)
      if (before(&sim->events[child], &sim->events[least])) least = child;
    if (least == at) return first;
    swap(&sim->events[at], &sim->events[least]);
    at = least;
  }
}

bool event_run(Sim *sim, int64_t until)
{
  if (sim->event_count == 0 || sim->events[0].at > until) {
    if (sim->now < until) sim->now = until;
    return false;
  }
  Event event = take(sim);
  if (event.at > sim->now) sim->now = event.at; /* what was due while time passed comes late */
  sim->counts.events++;
  SimNode *node = &sim->nodes[event.node];
  switch (event.kind) {
  case EVENT_POLL:
    if (node->running && node->poll_id == event.id) node_poll(node);
    break;
  case EVENT_ARRIVE: net_arrive(sim, event.flight); break;
  case EVENT_ANSWER: net_answer(sim, event.flight); break;
  case EVENT_UNPARK: net_unpark(sim, event.node, event.id); break;
  case EVENT_BOOT:
    if (!node->running && !node->gone && node->boots == event.id) node_boot(node);
    break;
  case EVENT_TICK:
    if (node->boots == event.id) node_tick(node);
    break;
  case EVENT_END: fault_end(node, (FaultKind)event.id); break;
  }
  return true;
}
