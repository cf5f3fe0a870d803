/* What staff do from the board. Someone at the desk may have been faster: then the list is read anew and nothing is done twice. */
#include "kiosk/screens/board.h"

static Err carry_out(App *app)
{
  Board *board = app->board;
  const struct BoardOrder *order = &board->order;
  static const char *const ACTIONS[] = {"appointment.call", "appointment.room", "appointment.arrive",
                                        "appointment.done", "appointment.undo", "task.close",
                                        "appointment.room"};
  AUTO(Tx, tx, tx_fini) = {0};
  Uuid staff = board->staff.id;
  TRY(tx_begin(app->store, actor_staff(staff), ACTIONS[order->verb - VERB_CALL], "", &tx));
  switch (order->verb) {
  case VERB_CALL: TRY(appointment_call(&tx, order->id, staff)); break;
  case VERB_IN_ROOM: TRY(appointment_room(&tx, order->id, order->expected, order->room, staff)); break;
  case VERB_ARRIVE: TRY(appointment_move_to(&tx, order->id, order->expected, APPT_ARRIVED, staff, "")); break;
  case VERB_FINISH: TRY(appointment_move_to(&tx, order->id, order->expected, APPT_DONE, staff, "")); break;
  case VERB_UNDO: TRY(appointment_move_to(&tx, order->id, order->expected, APPT_ARRIVED, staff, "")); break;
  case VERB_CLOSE_TASK: TRY(task_close(&tx, order->id, staff, "done")); break;
  default: break;
  }
  return tx_commit(&tx);
}

static void carried_out(App *app, Err err)
{
  board_read(app);
  if (err != ERR_OK) app->board->fault = err == ERR_CONFLICT ? "kiosk.board.conflict" : err_key(err);
}

void board_do(App *app, UiAct act)
{
  Board *board = app->board;
  size_t index = (size_t)act.arg;
  board->order = (struct BoardOrder){.verb = act.verb};
  if (act.verb == VERB_CLOSE_TASK) {
    if (index >= board->task_count || !board->may_close) return;
    board->order.id = board->tasks[index].id;
  } else {
    if (act.verb < VERB_CALL || act.verb > VERB_UNDO || index >= board->visit_count || !board->may_edit) return;
    board->order.id = board->visits[index].id;
    board->order.expected = board->visits[index].status;
  }
  if (act.verb == VERB_ROOM) {
    board->chosen = index;
    app_dialog(app, DIALOG_ROOM);
    return;
  }
  job_start(app, (Job){carry_out, carried_out, false});
}

/* --- which room ------------------------------------------------------------------------------------------------- */

static const char *occupant(const Board *board, Arena *arena, Uuid room)
{
  for (size_t i = 0; i < board->visit_count; i++)
    if (board->visits[i].status == APPT_ROOMED && uuid_eq(board->visits[i].resource, room))
      return board_short_name(arena, board->visits[i].client_name);
  return NULL;
}

void board_room_dialog(App *app, UiBuild *build)
{
  const Board *board = app->board;
  Arena *arena = ui_build_arena(build);
  const Appointment *visit = &board->visits[board->chosen < board->visit_count ? board->chosen : 0];
  ui_dialog_begin(build, &(UiDialog){.id = "room",
                                     .title = SAY(app, arena, "kiosk.board.room.title", {"ticket", visit->ticket}),
                                     .icon = UI_ICON_CHAIR,
                                     .dismiss = {VERB_DIALOG_CLOSE, 0}});
  if (board->room_count == 0) ui_para(build, say(app, "kiosk.board.room.none"));
  ui_choices_begin(build, &(UiChoices){.id = "rooms", .columns = 2});
  for (size_t i = 0; i < board->room_count; i++) {
    if (strcmp(board->rooms[i].kind, "room") != 0) continue;
    const char *by = occupant(board, arena, board->rooms[i].id);
    ui_choice(build, &(UiChoice){.id = arena_printf(arena, "room.%zu", i),
                                 .label = board->rooms[i].name,
                                 .detail = by ? SAY(app, arena, "kiosk.board.room.taken", {"name", by}) : NULL,
                                 .act = {VERB_IN_ROOM, (int64_t)i}});
  }
  ui_choices_end(build);
  ui_button(build, &(UiButton){.id = "room.close", .label = say(app, "kiosk.cancel"), .act = {VERB_DIALOG_CLOSE, 0}});
  ui_dialog_end(build);
}

void board_room_act(App *app, UiAct act)
{
  Board *board = app->board;
  app->dialog = DIALOG_NONE;
  if (act.verb != VERB_IN_ROOM || (size_t)act.arg >= board->room_count) return;
  board->order.verb = VERB_IN_ROOM;
  board->order.room = board->rooms[act.arg].id;
  job_start(app, (Job){carry_out, carried_out, false});
}
