/* Logging in on a server: a ticket over the foot of the screen, so that the last known book stays
 * visible behind it. The password and the code are shown as stars, and wiped when they are handed
 * over. */
#ifndef TUI_LOGIN_H
#define TUI_LOGIN_H

struct tui;

/* Opens it. why: what was wrong the last time; "": nothing. */
void login_open(struct tui *tui, const char *why);

#endif
