/*
 * state_dir.h: the directory where everything durable lives: its making, its lock, its ballast.
 */
#ifndef DB_STATE_DIR_H
#define DB_STATE_DIR_H

#include "core/port.h"

enum { STATE_PATH_MAX = 1024 };

struct state_dir {
    char path[STATE_PATH_MAX];
    int lock_fd; /* -1: not ours */
};

/* Only sets the path. -1 when it is too long. */
int state_dir_init(struct state_dir *dir, const char *path);

/* Makes the directory (0700) and its parents; refuses one that others own or may write to. */
enum sq_err state_dir_make(const struct state_dir *dir, char *why, size_t why_room);

/* Takes the lock for as long as the process lives or until unlock. LOCKED: why names the pid. */
enum sq_err state_dir_lock(struct state_dir *dir, char *why, size_t why_room);
void state_dir_unlock(struct state_dir *dir);

/* Path of a file in it, into STATE_PATH_MAX + 32 bytes. Returns path. */
const char *state_dir_file(const struct state_dir *dir, const char *name, char *path);

/* Makes a file, empty, with mode 0600, when it is not there; else sees to its mode. */
enum sq_err state_dir_private(const struct state_dir *dir, const char *name, char *why,
                              size_t why_room);

/* Space kept for a full disk. Making it may fail silently: a commit tells of a full disk. */
void state_dir_keep_ballast(const struct state_dir *dir, int64_t bytes);
enum sq_err state_dir_drop_ballast(const struct state_dir *dir);

#endif
