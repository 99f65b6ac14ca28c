/*
 * The configuration file of the simulated exchange (INI). Everything has a default; an unknown
 * section, key or value is refused with its line.
 *
 *   [exchange]
 *   comp_id = SQXCHG             ; ours
 *   sessions = SQDRILL SQDRILL-MD ; members' comp ids; "-MD": market data
 *   heartbeat_s = 0              ; accepted HeartBtInt of all sessions; 0: the member's
 *   reset_on_logon = no          ; of all order sessions (market data always resets)
 *   seed = 1                     ; of the market and of chance
 *   grace_ms = 2000              ; see net/simulator/account.h
 *   max_orders, max_reports, max_requests, max_positions
 *   [session SQDRILL]            ; differs from the above; the name must be among the sessions
 *   heartbeat_s = 30
 *   reset_on_logon = no
 *   [market]
 *   ticks_per_s = 1000
 *   depth_rupees, depth_lots, option_band_min
 *   step_ppm, spread_ppm, band_ppm = CASH FUTURE CALL PUT   ; four numbers
 *   replay = FILE                ; timestamp,token,ltp
 *   replay_contract = NFO:45001  ; follows it
 *   [faults]
 *   NAME = VALUE                 ; net/simulator/fault.h
 */
#ifndef NET_SIMULATOR_CONFIG_H
#define NET_SIMULATOR_CONFIG_H

#include "net/simulator/exchange.h"

struct sim_settings {
    struct exchange_config exchange;
    char replay[512];         /* tick file; "": none */
    char replay_contract[32]; /* SEGMENT:TOKEN */
};

/* The defaults: sessions SQDRILL and SQDRILL-MD, quiet. */
void sim_settings_defaults(struct sim_settings *s);

/* Reads a file over what is there. 0; -1 with why. */
int sim_settings_read(struct sim_settings *s, const char *path, char why[SIM_WHY]);

/* The same from text in memory, for tests and fuzzing. */
int sim_settings_parse(struct sim_settings *s, const char *text, char why[SIM_WHY]);

/* Starts the replay that the settings name, if any; *ticks is the caller's to free. 0; -1 why. */
int sim_settings_replay(const struct sim_settings *s, struct exchange *x, const struct sim_day *day,
                        int64_t now_us, struct sim_tick **ticks, char why[SIM_WHY]);

#endif
