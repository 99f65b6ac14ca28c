/*
 * load_house.h - a squareoffd for a bench: exchange, a made-up day, users with tokens, TLS or not
 *
 * Programs come from $BUILD ("build"); the day from scripts/load_day.py. All of it lies in a folder
 * that goes away with house_end(). What does not work ends the program with a line.
 */
#ifndef TESTS_LOAD_HOUSE_H
#define TESTS_LOAD_HOUSE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define HOUSE_BOOK "DRL"

struct house_position {
    char client[16], exchange[8], product[8];
    unsigned token;
    int net;
    unsigned dealer;
};

struct house {
    char folder[64];
    char build[200];
    unsigned dealers, position_count;
    struct house_position *positions;
    char (*tokens)[48];        /* of dealer i */
    char supervisor_token[48]; /* of SV02 */
    uint16_t port;
    pid_t server, exchange;
};

void house_begin(struct house *house, unsigned dealers, unsigned positions_each, bool tls);
void house_end(struct house *house);

void house_dealer_name(unsigned dealer, char name[12]);
/* Kilobytes that a process has in memory of its own (Private_* of smaps_rollup). */
long house_private_kib(pid_t pid);
/* Seconds of processor time that it has had. */
double house_cpu_s(pid_t pid);

#endif
