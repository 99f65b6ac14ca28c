/*
 * state_dir.c: directory, lock, ballast.
 *
 * The lock is a file of its own: SQLite's locks come and go with transactions, ownership lasts from
 * start to end. Its content, the pid, is for the words that the next process says, nothing more.
 */
#include "db/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int state_dir_init(struct state_dir *dir, const char *path)
{
    int length = snprintf(dir->path, sizeof dir->path, "%s", path);
    dir->lock_fd = -1;
    return length > 0 && (size_t)length < sizeof dir->path ? 0 : -1;
}

const char *state_dir_file(const struct state_dir *dir, const char *name, char *path)
{
    snprintf(path, STATE_PATH_MAX + 32, "%s/%s", dir->path, name);
    return path;
}

static enum sq_err error_of_errno(void)
{
    return errno == ENOSPC || errno == EDQUOT ? SQ_ERR_DISK_FULL : SQ_ERR_IO;
}

/* Who may write into the directory may put another journal there. */
enum sq_err state_dir_make(const struct state_dir *dir, char *why, size_t why_room)
{
    char part[STATE_PATH_MAX];
    struct stat about;
    snprintf(part, sizeof part, "%s", dir->path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(part, 0700); /* an existing one is fine; any other failure shows below */
        *slash = '/';
    }
    if ((mkdir(part, 0700) != 0 && errno != EEXIST) || stat(part, &about) != 0) {
        snprintf(why, why_room, "%s: %s", dir->path, strerror(errno));
        return error_of_errno();
    }
    if (!S_ISDIR(about.st_mode) || about.st_uid != geteuid() || (about.st_mode & 022)) {
        snprintf(why, why_room, "%s: must be a directory of this user that no other may write to",
                 dir->path);
        return SQ_ERR_IO;
    }
    return SQ_ERR_OK;
}

static long pid_in(int fd)
{
    char text[32] = "";
    ssize_t length = pread(fd, text, sizeof text - 1, 0);
    return length > 0 ? strtol(text, NULL, 10) : 0;
}

/* flock goes when the process goes, however it ends: no stale lock after kill -9. */
enum sq_err state_dir_lock(struct state_dir *dir, char *why, size_t why_room)
{
    char path[STATE_PATH_MAX + 32], text[32];
    int fd =
        open(state_dir_file(dir, "lock", path), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        snprintf(why, why_room, "%s: %s", path, strerror(errno));
        return error_of_errno();
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        snprintf(why, why_room, "process %ld owns %s", pid_in(fd), dir->path);
        close(fd);
        return SQ_ERR_LOCKED;
    }
    int length = snprintf(text, sizeof text, "%-20ld\n", (long)getpid());
    if (pwrite(fd, text, (size_t)length, 0) != length) {
        snprintf(why, why_room, "lock: %s", strerror(errno));
        close(fd);
        return error_of_errno();
    }
    dir->lock_fd = fd;
    return SQ_ERR_OK;
}

void state_dir_unlock(struct state_dir *dir)
{
    if (dir->lock_fd >= 0)
        close(dir->lock_fd);
    dir->lock_fd = -1;
}

/* SQLite gives WAL and index the mode of the database: so this one sets all three. */
enum sq_err state_dir_private(const struct state_dir *dir, const char *name, char *why,
                              size_t why_room)
{
    char path[STATE_PATH_MAX + 32];
    state_dir_file(dir, name, path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || fchmod(fd, 0600) != 0) {
        snprintf(why, why_room, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return error_of_errno();
    }
    close(fd);
    return SQ_ERR_OK;
}

/* Blocks, not a hole: only what is really taken can be given back. */
void state_dir_keep_ballast(const struct state_dir *dir, int64_t bytes)
{
    char path[STATE_PATH_MAX + 32];
    state_dir_file(dir, "ballast", path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return;
    if (posix_fallocate(fd, 0, bytes) != 0)
        unlink(path); /* no room for it: better none than half */
    close(fd);
}

enum sq_err state_dir_drop_ballast(const struct state_dir *dir)
{
    char path[STATE_PATH_MAX + 32];
    if (unlink(state_dir_file(dir, "ballast", path)) == 0)
        return SQ_ERR_OK;
    return errno == ENOENT ? SQ_ERR_NOT_FOUND : SQ_ERR_IO;
}
