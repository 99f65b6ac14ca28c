/* What a cell of the screen means. Panels draw by role, a theme gives each role its look; a role is a
 * meaning, never a widget. Themes name roles as the second column, with * for any part of it. */
#ifndef TUI_ROLE_H
#define TUI_ROLE_H

/* X(identifier, name) */
/* clang-format off */
#define ROLE_MAP(X)                                                                                \
    X(DEFAULT, "default")                                                                          \
    X(DIM, "dim")                     /* less important: ids, hints, lines between panes */        \
    X(TITLE, "title")                 /* of a screen or a pane */                                  \
    X(HEADER, "header")               /* column titles */                                          \
    X(STATUS, "status")               /* the two lines on top */                                   \
    X(KEYBAR, "keybar")                                                                            \
    X(KEY, "key")                     /* name of a key in the bar and in the help */               \
    X(MESSAGE, "message")                                                                          \
    X(INPUT, "input")                 /* a field that is being typed into */                       \
    X(STRIP, "strip")                 /* preview strip, ticket, coach */                           \
    X(SELECT, "select")               /* the cursor's row */                                       \
    X(FOCUS, "focus")                 /* title of the pane that has the keys */                    \
    X(TAG, "tag")                     /* a tagged row's mark */                                    \
    X(MATCH, "match")                 /* what was found */                                         \
    X(WARN, "warn")                                                                                \
    X(DANGER, "danger")               /* reverse and a word: never colour alone */                 \
    X(PRICE_UP, "price.up")                                                                        \
    X(PRICE_DOWN, "price.down")                                                                    \
    X(PRICE_STALE, "price.stale")     /* last known, no longer live */                             \
    X(PRICE_OLD, "price.old")         /* older than the limit */                                   \
    X(MTM_GAIN, "mtm.gain")                                                                        \
    X(MTM_LOSS, "mtm.loss")                                                                        \
    X(MTM_HIDDEN, "mtm.hidden")       /* total that would be a lie */                              \
    X(SIDE_BUY, "side.buy")                                                                        \
    X(SIDE_SELL, "side.sell")                                                                      \
    X(STATE_OK, "state.ok")                                                                        \
    X(STATE_CLOSING, "state.closing") /* a close is under way */                                   \
    X(STATE_FLAT, "state.flat")                                                                    \
    X(STATE_UNKNOWN, "state.unknown") /* sent, no answer */                                        \
    X(STATE_RESIDUE, "state.residue") /* left over, with its reason */                             \
    X(STATE_HELD, "state.held")       /* cover of a short that is still open */                    \
    X(STATE_LOCKED, "state.locked")   /* resting at the edge of the price band */                  \
    X(STATE_BLOCKED, "state.blocked") /* cannot be closed here */                                  \
    X(STATE_CACHED, "state.cached")   /* last known position */                                    \
    X(MODE_DRILL, "mode.drill")                                                                    \
    X(MODE_OFFLINE, "mode.offline")                                                                \
    X(MODE_STANDALONE, "mode.standalone")                                                          \
    X(MODE_REMOTE, "mode.remote")                                                                  \
    X(MODE_HALTED, "mode.halted")                                                                  \
    X(MODE_SENDS, "mode.sends")       /* x=SENDS */                                                \
    X(MODE_ARMED, "mode.armed")       /* x=ARMED */                                                \
    X(MODE_ASKS, "mode.asks")         /* x=ASKS, held, off, call sheet */                          \
    X(LINK_OK, "link.ok")                                                                          \
    X(LINK_SLOW, "link.slow")                                                                      \
    X(LINK_DOWN, "link.down")                                                                      \
    X(BAR_DONE, "bar.done")           /* progress: the part that is done */                        \
    X(BAR_LEFT, "bar.left")
/* clang-format on */

enum role {
#define X(id, name) ROLE_##id,
    ROLE_MAP(X)
#undef X
        ROLES
};

extern const char *const role_names[ROLES];

/* X(identifier, name in [mark], character unless the theme says otherwise) */
#define MARK_MAP(X)                    \
    X(PRICE_UP, "price.up", '^')       \
    X(PRICE_DOWN, "price.down", 'v')   \
    X(PRICE_STALE, "price.stale", '~') \
    X(PRICE_OLD, "price.old", '!')     \
    X(ROW_CURSOR, "row.cursor", '>')   \
    X(ROW_TAG, "row.tag", '*')         \
    X(ROW_HEDGE, "row.hedge", 'h')     \
    X(ROW_RESTING, "row.resting", 'r') \
    X(BAR_DONE, "bar.done", '#')       \
    X(BAR_LEFT, "bar.left", '.')

enum mark {
#define X(id, name, character) MARK_##id,
    MARK_MAP(X)
#undef X
        MARKS
};

#endif
