/*
 * scope.h: who may see and touch whose rows. A dealer has his own clients and those he stands in
 * for; supervisors and auditors have all; an admin looks after users and configuration and sees no
 * client. (SEBI CSCRF, least privilege; design.md, "Rules of the close", last rule.)
 */
#ifndef SQ_CORE_SCOPE_H
#define SQ_CORE_SCOPE_H

#include "core/tables.h"

/* Is the client in the person's scope? Rows of the tables; a client that is not there (SQ_NO_ROW)
 * is only in the scope of those who have all. */
bool sq_client_in_scope(const struct sq_tables *tables, uint32_t person, uint32_t client);

/*
 * The client that a row or an answer is about, or SQ_NO_ROW when it is about none (contracts,
 * people, hours, the book) or names one that is not there.
 */
uint32_t sq_client_of(const struct sq_tables *tables, enum sq_kind kind, const void *body);

/*
 * May the person see this event or row? Rows about a client: by scope. Refusals: who asked, and
 * whoever sees all. Intents and the configuration: nobody at a screen. All else: everybody.
 * `person` is a row of the tables.
 */
bool sq_may_see(const struct sq_tables *tables, uint32_t person, enum sq_kind kind,
                const void *body);

#endif
