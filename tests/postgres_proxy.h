/*
 * postgres_proxy.h - a line to the test's PostgreSQL server that breaks at the worst moment
 *
 * A thread that passes bytes both ways between 127.0.0.1 and the server of postgres_bed.h, until a
 * client says COMMIT while a fault is set: then that fault happens, once.
 */
#ifndef TESTS_POSTGRES_PROXY_H
#define TESTS_POSTGRES_PROXY_H

enum proxy_fault {
    PROXY_NONE,
    PROXY_LOSE_ANSWER,  /* the server commits; its answer never comes, the line ends */
    PROXY_LOSE_REQUEST, /* COMMIT never arrives, the line ends */
    PROXY_SILENCE       /* COMMIT never arrives, and the line stays open */
};

/* Starts it; returns its port. It ends with the program. */
int postgres_proxy_start(void);

/* The next COMMIT meets this fault. `meanwhile` (may be NULL) runs before the line ends. */
void postgres_proxy_set(enum proxy_fault fault, void (*meanwhile)(void));

/* How many faults have happened so far. */
int postgres_proxy_faults(void);

#endif
