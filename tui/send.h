/* What leaves the screen: intents, cancels and a supervisor's words, each stamped with who, when and
 * for whom; and what comes back as an answer. */
#ifndef TUI_SEND_H
#define TUI_SEND_H

#include "core/record.h"

struct tui;

/* x on a position: submits a close to flat at once. The core's guards decide; their refusal opens
 * the preview. */
void send_square_off(struct tui *tui, uint32_t position);

/* Fills what every intent of this screen says: person, time, call, hold, armed; the id is new. */
void send_stamp(struct tui *tui, struct sq_square_off *intent);

/* Submits a stamped intent and waits for its answer. False: not taken, and said so. */
bool send_intent(struct tui *tui, const struct sq_square_off *intent);

/* Submits messages that belong together. False: not taken, and said so. */
bool send_messages(struct tui *tui, const struct sq_message *messages, size_t count);

/* Cancels one order. */
void send_cancel(struct tui *tui, uint32_t order);
/* Withdraws a close that waits and has no order out: our own request for an approval, or a hedge. */
void send_withdrawal(struct tui *tui, uint32_t close);

/* A supervisor's command that is complete but for its person, who is the screen's. */
void send_supervision(struct tui *tui, struct sq_message *message);
/* A supervisor's command; the person is the screen's. */
void send_supervise(struct tui *tui, enum sq_supervise_what what, uint8_t value, const char *desk,
                    const struct sq_key *key, const char *reason);

/* Looks at what the session has published since the last call: answers, alarms, order news. */
void send_take_answers(struct tui *tui);

/* A fresh 128-bit identity. */
struct sq_id send_new_id(struct tui *tui);

#endif
