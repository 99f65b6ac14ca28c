/*
 * postgres_bed.h - a PostgreSQL server of the test program's own
 *
 * It is started at the first call, on a free loopback port, from a temporary folder, by a user
 * without rights (root's tests become "nobody" for it), and ends with the program, however that
 * ends. One server a program: tests keep apart by their books, or by databases that they create.
 * What does not work fails the running test; only a missing installation is a reason to skip.
 */
#ifndef TESTS_POSTGRES_BED_H
#define TESTS_POSTGRES_BED_H

#include <stdbool.h>

/* Connection string of the running server; NULL when no PostgreSQL is installed: skip then. */
const char *postgres_bed(void);

/* From now on (before the first call): every commit waits for the disk, as in production. For
 * benches; tests do without, since only processes die in them. */
void postgres_bed_sync(void);

/* The server's processes end at once, as in a crash; postgres_bed_start() recovers: from the main
 * thread, since the server ends with the thread that started it. */
void postgres_bed_crash(void);
void postgres_bed_start(void);

int postgres_bed_port(void);

/* Path of a program of the installation ("pgbench"), or NULL when it is not there. */
const char *postgres_bed_program(const char *name);

/* Runs statements as somebody else would, on a connection of their own. */
void postgres_bed_sql(const char *sql);

#endif
