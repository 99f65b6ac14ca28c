/* What a key can ask for. One row an action: key files, the `?` help and the key bar all come from
 * this table and from the bindings in tui/keys_preset.c.
 *
 * X(identifier, name in key files, label in the key bar ("" = not there), help, group, flags)
 * The order is that of the help and of the bar.
 */
#ifndef TUI_ACTION_H
#define TUI_ACTION_H

/* Sends, cancels, or makes the next key send: console.md C1 rule 2 and D3 restrict its keys, and the
 * decoder holds it back until it stands alone. */
#define ACTION_DESTRUCTIVE 1
/* Says yes in an open strip: stands alone too, may be Enter, and is bound in strips only. */
#define ACTION_CONFIRM 2

/* clang-format off */
#define ACTION_GROUP_MAP(X)                                                                        \
    X(SCREEN, "Screens")                                                                           \
    X(CLOSE, "Close and cancel")                                                                   \
    X(STRIP, "In a strip or a ticket")                                                             \
    X(ROW, "Rows")                                                                                 \
    X(FIND, "Find, filter, sort")                                                                  \
    X(MOVE, "Move")                                                                                \
    X(CONSOLE, "Console")

#define ACTION_MAP(X)                                                                              \
    X(SCREEN_POSITIONS, "screen-positions", "Pos", "positions", SCREEN, 0)                         \
    X(SCREEN_ORDERS, "screen-orders", "Ord", "orders, outstanding", SCREEN, 0)                     \
    X(SCREEN_TRADES, "screen-trades", "Trd", "trades", SCREEN, 0)                                  \
    X(SCREEN_RATES, "screen-rates", "Rate", "rates, market watch", SCREEN, 0)                      \
    X(SCREEN_CLIENTS, "screen-clients", "Cli", "clients with phone; one client", SCREEN, 0)        \
    X(SCREEN_MONITOR, "screen-monitor", "", "live monitor (supervisor)", SCREEN, 0)                \
    X(SCREEN_AUDIT, "screen-audit", "Aud", "activity, audit log", SCREEN, 0)                       \
    X(SCREEN_STATUS, "screen-status", "Stat", "status: links and mode", SCREEN, 0)                 \
    X(SCREEN_LEFT, "screen-left", "Left",                                                          \
      "what is left: residues, held, locked, UNKNOWN, not included", SCREEN, 0)                    \
    X(SCREEN_NEEDS, "screen-needs", "", "needs you: what waits for a person", SCREEN, 0)           \
    X(DETAIL, "detail", "", "snap quote, position detail; open the item", SCREEN, 0)               \
    X(DEPTH, "depth", "", "market depth by price", SCREEN, 0)                                      \
    X(BACK, "back", "", "back; at the top level quit, with a list of what is in flight", SCREEN,   \
      0)                                                                                           \
    X(SQUARE_OFF, "square-off", "close", "square off the cursor's row", CLOSE,                     \
      ACTION_DESTRUCTIVE)                                                                          \
    X(SQUARE_OFF_ALL, "square-off-all", "all", "square off tagged rows, else all shown", CLOSE,    \
      ACTION_DESTRUCTIVE)                                                                          \
    X(CANCEL_ORDER, "cancel-order", "cancel", "cancel the cursor's order", CLOSE,                  \
      ACTION_DESTRUCTIVE)                                                                          \
    X(CANCEL_ALL, "cancel-all", "cancel all", "cancel tagged orders, else all shown", CLOSE,       \
      ACTION_DESTRUCTIVE)                                                                          \
    X(EDIT_CLOSE, "edit-close", "edit", "edit the close: quantity, percent, limit", CLOSE, 0)      \
    X(ARM, "arm", "hold", "hold: everything asks (instant); arm with PIN (armed)", CLOSE,          \
      ACTION_DESTRUCTIVE)                                                                          \
    X(TICKET_BUY, "ticket-buy", "", "buy ticket, close-only", CLOSE, 0)                            \
    X(TICKET_SELL, "ticket-sell", "", "sell ticket, close-only", CLOSE, 0)                         \
    X(CALL, "call", "call", "client on the phone: find, filter, pin", CLOSE, 0)                    \
    X(SETTLE_UNKNOWN, "settle-unknown", "", "settle an UNKNOWN order", CLOSE, 0)                   \
    X(ENTER_FILL, "enter-fill", "", "enter a fill told by phone", CLOSE, 0)                        \
    X(STRIP_SEND, "strip-send", "send", "send what the strip shows", STRIP, ACTION_CONFIRM)        \
    X(STRIP_LEG, "strip-short-leg", "short leg", "a hedge: go to the short leg first", STRIP, 0)   \
    X(APPROVE, "approve", "approve", "approve, with the count typed", STRIP, ACTION_CONFIRM)       \
    X(REFUSE, "refuse", "refuse", "refuse the request", STRIP, 0)                                  \
    X(NEXT_FIELD, "next-field", "", "next field", STRIP, 0)                                        \
    X(PREVIOUS_FIELD, "previous-field", "", "field before", STRIP, 0)                              \
    X(TAG, "tag", "tag", "tag the row, or take the tag away", ROW, 0)                              \
    X(UNTAG_ALL, "untag-all", "", "untag all", ROW, 0)                                             \
    X(RATE_ADD, "rate-add", "add", "rates: add a contract", ROW, 0)                                \
    X(RATE_DROP, "rate-drop", "drop", "rates: drop the contract", ROW, 0)                          \
    X(FREEZE, "freeze", "", "freeze the display", ROW, 0)                                          \
    X(FOLLOW, "follow", "", "follow the row when the order changes", ROW, 0)                       \
    X(FIND, "find", "find", "find", FIND, 0)                                                       \
    X(FIND_NEXT, "find-next", "", "find next", FIND, 0)                                            \
    X(FIND_PREVIOUS, "find-previous", "", "find the one before", FIND, 0)                          \
    X(FILTER, "filter", "filter",                                                                  \
      "filter: text, client=, side=, prod=, mtm<-10000, a|b, !x", FIND, 0)                         \
    X(SORT_MENU, "sort-menu", "sort", "sort menu", FIND, 0)                                        \
    X(SORT_PREVIOUS, "sort-previous", "", "sort by the column before", FIND, 0)                    \
    X(SORT_NEXT, "sort-next", "", "sort by the next column", FIND, 0)                              \
    X(MOVE_DOWN, "move-down", "", "down", MOVE, 0)                                                 \
    X(MOVE_UP, "move-up", "", "up", MOVE, 0)                                                       \
    X(MOVE_LEFT, "move-left", "", "left; in a tree: fold the row", MOVE, 0)                        \
    X(MOVE_RIGHT, "move-right", "", "right; in a tree: unfold the row", MOVE, 0)                   \
    X(MOVE_TOP, "move-top", "", "first row", MOVE, 0)                                              \
    X(MOVE_BOTTOM, "move-bottom", "", "last row", MOVE, 0)                                         \
    X(MOVE_PAGE_DOWN, "move-page-down", "", "a page down", MOVE, 0)                                \
    X(MOVE_PAGE_UP, "move-page-up", "", "a page up", MOVE, 0)                                      \
    X(NEXT_PANE, "next-pane", "", "next pane", MOVE, 0)                                            \
    X(PREVIOUS_PANE, "previous-pane", "", "pane before", MOVE, 0)                                  \
    X(EXPORT, "export", "", "write this screen: CSV, JSON, text, call sheet", CONSOLE, 0)          \
    X(COMMAND, "command", "", "command: :client :theme :mode :halt :take :approve ...", CONSOLE, 0)\
    X(REDRAW, "redraw", "", "draw the screen anew", CONSOLE, 0)                                    \
    X(ESCAPE, "escape", "keep", "leave the strip, field or message; sends nothing", CONSOLE, 0)    \
    X(INTERRUPT, "interrupt", "",                                                                  \
      "cancel a dialog; never quits while orders are in flight", CONSOLE, 0)                       \
    X(HELP, "help", "help", "help for this screen", CONSOLE, 0)
/* clang-format on */

enum action_group {
#define X(id, title) ACTION_GROUP_##id,
    ACTION_GROUP_MAP(X)
#undef X
        ACTION_GROUPS
};

enum action {
    ACTION_NONE, /* the key is not bound */
#define X(id, name, label, help, group, flags) ACTION_##id,
    ACTION_MAP(X)
#undef X
        ACTIONS
};

struct action_row {
    const char *name;        /* in key files */
    const char *label;       /* in the key bar, "" if it has no place there */
    const char *help;        /* a phrase */
    enum action_group group; /* heading in the help */
    unsigned flags;          /* ACTION_DESTRUCTIVE, ACTION_CONFIRM */
};

extern const struct action_row action_rows[ACTIONS]; /* by enum action; the first is empty */
extern const char *const action_group_titles[ACTION_GROUPS];

#endif
