/* The cache of a console on servers (db/cache.h), written as events and rates come: what has changed
 * is noted, and goes into the file in one transaction beside the loop whenever the one before is
 * done. No frame waits for it. Never while the book is not whole: a file that says `seq` n has all
 * of n. */
#ifndef TUI_MAIN_CACHE_H
#define TUI_MAIN_CACHE_H

#include "core/session.h"
#include "db/cache.h"
#include "net/loop.h"
#include "tui/main.h"

struct console_cache;

/* key_file: 64 hexadecimal digits in a file that nobody else reads; "": not sealed. NULL with why. */
struct console_cache *console_cache_open(struct loop *loop, const char *state, const char *key_file,
                                         char why[WHY_SIZE]);
/* After loop_finish(): what is not in the file yet is written now. */
void console_cache_close(struct console_cache *cache);

/* Whose book lies in it. False: none. */
bool console_cache_head(struct console_cache *cache, struct cache_head *head);
/* The rows, rates and feeds into an empty view of the head's config (NULL: nowhere), and the notes. False: the file
 * is damaged, or does not fit. */
bool console_cache_load(struct console_cache *cache, struct sq_view *view);

/* The session's view is this one now: all of it goes into the file. */
void console_cache_view(struct console_cache *cache, const struct sq_view *view);
/* It has folded an event. */
void console_cache_event(struct console_cache *cache, const struct sq_message *event);

/* What a person entered: begins the list anew; then each; then all as they are now. */
void console_cache_notes(struct console_cache *cache);
void console_cache_note(struct console_cache *cache, const struct cache_note *note);
void console_cache_each_note(struct console_cache *cache,
                             void (*note)(void *owner, const struct cache_note *note), void *owner);

/* Each turn of the loop: begins to write what there is. whole: the book is. Returns words for the
 * person when something is wrong with the file, once; else NULL. */
const char *console_cache_turn(struct console_cache *cache, struct sq_session *session, bool whole,
                               sq_time now);

#endif
