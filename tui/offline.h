/* The lines over the message of a screen whose server is gone: what is not known, what can be done
 * without one, and where the servers stand (console.md C3, "no link at all"). */
#ifndef TUI_OFFLINE_H
#define TUI_OFFLINE_H

#include "tui/canvas.h"

struct tui;
struct tui_server;

/* Lines it wants; 0: a server is there, the engine is in this process, or a strip is open. */
int offline_rows(const struct tui *tui);
void offline_draw(const struct tui *tui, struct canvas *canvas, struct rect place);

/* "refused", "connected", "not tried yet". */
const char *offline_server_state(const struct tui_server *server);

/* "LAST KNOWN, cached 4m12s ago from BACKUP-2"; "" while a server is there. */
void offline_title(const struct tui *tui, char *text, size_t size);

#endif
