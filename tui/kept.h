/* What a person enters while no server is there: lines of the call sheet, and fills told by phone.
 * Both stay on the screen, marked, until he has compared them with the book that the server has
 * afterwards: the screen Left lists them with what differs. A fill goes into the book by his act
 * only, never by itself. */
#ifndef TUI_KEPT_H
#define TUI_KEPT_H

#include "core/inputs.h"

struct tui;
struct tui_fill;

/* Puts positions on the call sheet, or takes them off. */
void kept_sheet(struct tui *tui, const uint32_t *positions, size_t count, bool on);

/* Keeps a fill. False with why: this console keeps none, or has no room. */
bool kept_fill(struct tui *tui, const struct sq_manual_fill *fill, char *why, size_t why_room);

/* From a file of before, without telling the owner. A line whose position is not in the book is left
 * out. */
void kept_restore_line(struct tui *tui, const struct sq_key *key, sq_quantity net, sq_time time);
void kept_restore_fill(struct tui *tui, const struct sq_manual_fill *fill, sq_quantity net,
                       sq_time time);

/* Quantity of the fills that are kept for a position, those on their way to the book included. */
sq_quantity kept_quantity(const struct tui *tui, uint32_t position);

/* How many fills are kept. */
uint32_t kept_fills(const struct tui *tui);

/* What differs between then and now, in words. */
void kept_fill_words(const struct tui *tui, const struct tui_fill *fill, char *text, size_t size);
void kept_line_words(const struct tui *tui, uint32_t position, char *text, size_t size);

/* Opens a kept fill, to be submitted or dropped by a person. */
void kept_open(struct tui *tui, uint32_t index);

/* A message was handed over and nobody can say what became of it (net/remote.h: lost). */
void kept_lost(struct tui *tui, const struct sq_id *id);

/* Each turn: a fill that has come into the book is kept no longer; and what there is to compare is
 * said when a server is back. */
void kept_update(struct tui *tui);

#endif
