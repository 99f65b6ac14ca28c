/* vfs_shim.c - the shim: every call goes on to the file below, unless it is to fail */
#include "tests/vfs_shim.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES = 8, PATH_SIZE = 512 };

/* What a file held when it was last synced. */
struct image {
    char path[PATH_SIZE];
    char *bytes;
    sqlite3_int64 length;
};

struct shim_file {
    sqlite3_file base;
    struct image *image; /* NULL: a temporary file */
    sqlite3_file *real;  /* behind this struct, in the same block */
};

static struct {
    sqlite3_vfs vfs;
    sqlite3_io_methods methods;
    sqlite3_vfs *below;
    struct image images[FILES];
    uint32_t done[SHIM_OPERATIONS];
    uint32_t fail_in[SHIM_OPERATIONS];
    int code[SHIM_OPERATIONS];
    bool for_ever[SHIM_OPERATIONS];
    bool dark;
} shim;

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct shim_file *)(void *)file)->real;
}

/* Counts an operation; the code to fail with, or SQLITE_OK. */
static int verdict(enum shim_operation op)
{
    shim.done[op]++;
    if (shim.fail_in[op] == 0 || --shim.fail_in[op] > 0)
        return SQLITE_OK;
    if (shim.for_ever[op])
        shim.fail_in[op] = 1;
    return shim.code[op];
}

static int shim_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int shim_read(sqlite3_file *file, void *to, int amount, sqlite3_int64 at)
{
    return real_of(file)->pMethods->xRead(real_of(file), to, amount, at);
}

static int shim_write(sqlite3_file *file, const void *from, int amount, sqlite3_int64 at)
{
    int code = verdict(SHIM_WRITE);
    if (code != SQLITE_OK || shim.dark)
        return code;
    return real_of(file)->pMethods->xWrite(real_of(file), from, amount, at);
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return shim.dark ? SQLITE_OK : real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static void keep(sqlite3_file *file, struct image *image)
{
    sqlite3_int64 size = 0;
    real_of(file)->pMethods->xFileSize(real_of(file), &size);
    char *bytes = realloc(image->bytes, (size_t)size + 1);
    if (bytes == NULL)
        abort();
    image->bytes = bytes;
    image->length = size;
    for (sqlite3_int64 at = 0; at < size; at += 1 << 20) {
        sqlite3_int64 part = size - at < 1 << 20 ? size - at : 1 << 20;
        shim_read(file, bytes + at, (int)part, at);
    }
}

static int shim_sync(sqlite3_file *file, int flags)
{
    struct image *image = ((struct shim_file *)(void *)file)->image;
    int code = verdict(SHIM_SYNC);
    if (code != SQLITE_OK || shim.dark)
        return code;
    code = real_of(file)->pMethods->xSync(real_of(file), flags);
    if (code == SQLITE_OK && image)
        keep(file, image);
    return code;
}

static int shim_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int shim_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int shim_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int shim_reserved(sqlite3_file *file, int *out)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}

static int shim_control(sqlite3_file *file, int op, void *arg)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), op, arg);
}

static int shim_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int shim_traits(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int shim_map(sqlite3_file *file, int page, int size, int extend, void volatile **at)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, at);
}

static int shim_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}

static void shim_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int shim_unmap(sqlite3_file *file, int delete)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), delete);
}

static struct image *image_of(const char *path)
{
    for (int i = 0; path && i < FILES; i++) {
        struct image *image = &shim.images[i];
        if (image->path[0] == '\0')
            snprintf(image->path, sizeof image->path, "%s", path);
        if (strcmp(image->path, path) == 0)
            return image;
    }
    return NULL;
}

static int shim_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out)
{
    struct shim_file *f = (struct shim_file *)(void *)file;
    (void)vfs;
    f->real = (sqlite3_file *)(f + 1);
    f->image = image_of(path);
    int code = shim.below->xOpen(shim.below, path, f->real, flags, out);
    f->base.pMethods = code == SQLITE_OK ? &shim.methods : NULL;
    return code;
}

static int shim_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
    (void)vfs;
    return shim.dark ? SQLITE_OK : shim.below->xDelete(shim.below, path, sync);
}

const char *shim_name(void)
{
    if (shim.below == NULL) {
        shim.below = sqlite3_vfs_find(NULL);
        shim.vfs = *shim.below;
        shim.vfs.zName = "shim";
        shim.vfs.szOsFile = (int)sizeof(struct shim_file) + shim.below->szOsFile;
        shim.vfs.xOpen = shim_open;
        shim.vfs.xDelete = shim_delete;
        shim.methods = (sqlite3_io_methods){
            .iVersion = 2,
            .xClose = shim_close,
            .xRead = shim_read,
            .xWrite = shim_write,
            .xTruncate = shim_truncate,
            .xSync = shim_sync,
            .xFileSize = shim_size,
            .xLock = shim_lock,
            .xUnlock = shim_unlock,
            .xCheckReservedLock = shim_reserved,
            .xFileControl = shim_control,
            .xSectorSize = shim_sector,
            .xDeviceCharacteristics = shim_traits,
            .xShmMap = shim_map,
            .xShmLock = shim_shm_lock,
            .xShmBarrier = shim_barrier,
            .xShmUnmap = shim_unmap,
        };
        sqlite3_vfs_register(&shim.vfs, 0);
    }
    return shim.vfs.zName;
}

void shim_fail(enum shim_operation op, uint32_t nth, int code, bool for_ever)
{
    shim.fail_in[op] = nth;
    shim.code[op] = code;
    shim.for_ever[op] = for_ever;
}

void shim_heal(void)
{
    memset(shim.fail_in, 0, sizeof shim.fail_in);
}

uint32_t shim_count(enum shim_operation op)
{
    return shim.done[op];
}

void shim_power_cut(void)
{
    shim.dark = true;
}

/* A file that was never synced is as if it had never been written. */
static void put_back(const struct image *image)
{
    int fd = open(image->path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, image->bytes, (size_t)image->length) != image->length)
        abort();
    close(fd);
}

void shim_power_back(void)
{
    for (int i = 0; i < FILES && shim.images[i].path[0]; i++)
        if (access(shim.images[i].path, F_OK) == 0)
            put_back(&shim.images[i]);
    shim.dark = false;
    shim_heal();
}

void shim_reset(void)
{
    for (int i = 0; i < FILES; i++)
        free(shim.images[i].bytes);
    memset(shim.images, 0, sizeof shim.images);
    memset(shim.done, 0, sizeof shim.done);
    shim_heal();
    shim.dark = false;
}
