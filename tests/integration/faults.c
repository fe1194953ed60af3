/* Lets calls fail that change something below a folder, for tests of what a program makes of it.
 *
 * Loaded by LD_PRELOAD. FAULTS_BELOW names the folder, FAULTS_CONTROL a file of eight 64-bit
 * numbers that tests and programs have in common, in the order of `struct control`. A call is
 * counted when it could fail in the way that is asked for. Syncing is counted but not done, as
 * nothing here cuts the power: that would only take time.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

enum call { CREATE = 1, WRITE, SYNC, TRUNCATE, RENAME, UNLINK, MKDIR, LINK, MODE };

struct control {
    int64_t at;      /* which call fails, from 1 on; 0 for none */
    int64_t error;   /* with what: an errno */
    int64_t lasts;   /* whether all that follow fail as well */
    int64_t halves;  /* whether a write that is to fail first writes a half and says so */
    int64_t only;    /* the one sort of call that counts; 0 for all */
    int64_t seen;    /* how many calls were counted */
    int64_t failed;  /* how many failed */
    int64_t what;    /* the sort of the first one that failed */
};

static struct control *control;
static char below[4096];

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("FAULTS_CONTROL"), *folder = getenv("FAULTS_BELOW");
    if (!file || !folder)
        return;
    snprintf(below, sizeof below, "%s/", folder);
    int opened = open(file, O_RDWR | O_CLOEXEC);
    if (opened < 0)
        return;
    void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, opened, 0);
    close(opened);
    if (mapped != MAP_FAILED)
        control = mapped;
}

#define NEXT(name) \
    static __typeof__(name) *next; \
    if (!next) \
        next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static int is_below(int folder, const char *path) {
    char whole[8192], place[64];
    if (!control || !path)
        return 0;
    if (path[0] == '/')
        return !strncmp(path, below, strlen(below));
    if (folder == AT_FDCWD)
        return 0; /* nothing of ours is named from where it happens to be run */
    snprintf(place, sizeof place, "/proc/self/fd/%d", folder);
    ssize_t length = readlink(place, whole, sizeof whole - 1);
    if (length < 0)
        return 0;
    whole[length] = '\0';
    return !strncmp(whole, below, strlen(below) - 1);
}

static int is_open_below(int descriptor) {
    char whole[8192], place[64];
    int before = errno;
    if (!control)
        return 0;
    snprintf(place, sizeof place, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(place, whole, sizeof whole);
    errno = before;
    return length > (ssize_t)strlen(below) && !strncmp(whole, below, strlen(below));
}

/* Whether this call, of something below the folder, is to fail. */
static int fails(enum call what) {
    if (!control->at || (control->only && control->only != what))
        return 0;
    if (control->error == ENOSPC && (what == UNLINK || what == MODE))
        return 0; /* takes no room */
    int64_t number = __atomic_add_fetch(&control->seen, 1, __ATOMIC_SEQ_CST);
    if (number < control->at || (number > control->at && !control->lasts))
        return 0;
    if (__atomic_add_fetch(&control->failed, 1, __ATOMIC_SEQ_CST) == 1)
        control->what = what;
    errno = (int)control->error;
    return 1;
}

/* What a write that is to fail still writes: the half of the first one, nothing of the others. */
static size_t still_written(size_t size) {
    return control->halves && control->seen == control->at ? size / 2 : 0;
}

static int creates(int folder, const char *path, int flags) {
    if (!(flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE || !is_below(folder, path))
        return 0;
    int before = errno, there = !faccessat(folder, path, F_OK, AT_SYMLINK_NOFOLLOW);
    errno = before;
    if (there)
        return (flags & O_TRUNC) && control->error != ENOSPC;
    return flags & O_CREAT;
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        NEXT(name); \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        return creates(AT_FDCWD, path, flags) && fails(CREATE) ? -1 : next(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        NEXT(name); \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        return creates(folder, path, flags) && fails(CREATE) ? -1 : next(folder, path, flags, mode); \
    }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int file, const void *bytes, size_t size) {
    NEXT(write);
    if (!is_open_below(file) || !fails(WRITE))
        return next(file, bytes, size);
    size_t half = still_written(size);
    return half ? next(file, bytes, half) : -1;
}

#define PWRITE(name, offset_type) \
    ssize_t name(int file, const void *bytes, size_t size, offset_type at) { \
        NEXT(name); \
        if (!is_open_below(file) || !fails(WRITE)) \
            return next(file, bytes, size, at); \
        size_t half = still_written(size); \
        return half ? next(file, bytes, half, at) : -1; \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t writev(int file, const struct iovec *parts, int count) {
    NEXT(writev);
    return is_open_below(file) && fails(WRITE) ? -1 : next(file, parts, count);
}

#define PWRITEV(name, offset_type) \
    ssize_t name(int file, const struct iovec *parts, int count, offset_type at) { \
        NEXT(name); \
        return is_open_below(file) && fails(WRITE) ? -1 : next(file, parts, count, at); \
    }
PWRITEV(pwritev, off_t)
PWRITEV(pwritev64, off64_t)

#define SYNCS(name) \
    int name(int file) { \
        NEXT(name); \
        if (!is_open_below(file)) \
            return next(file); \
        return fails(SYNC) ? -1 : 0; \
    }
SYNCS(fsync)
SYNCS(fdatasync)

/* Whether a file would take up more room than now. */
static int grows(int file, off64_t size) {
    struct stat64 now;
    return !fstat64(file, &now) && size > now.st_size;
}

#define TRUNCATES(name, offset_type) \
    int name(int file, offset_type size) { \
        NEXT(name); \
        int counts = is_open_below(file) && (control->error != ENOSPC || grows(file, size)); \
        return counts && fails(TRUNCATE) ? -1 : next(file, size); \
    }
TRUNCATES(ftruncate, off_t)
TRUNCATES(ftruncate64, off64_t)

#define ALLOCATES(name, offset_type) \
    int name(int file, offset_type from, offset_type size) { \
        NEXT(name); \
        return is_open_below(file) && fails(WRITE) ? (int)control->error : next(file, from, size); \
    }
ALLOCATES(posix_fallocate, off_t)
ALLOCATES(posix_fallocate64, off64_t)

#define FAILING(what, where, name, signature, arguments) \
    int name signature { \
        NEXT(name); \
        return (where) && fails(what) ? -1 : next arguments; \
    }
FAILING(RENAME, is_below(AT_FDCWD, to), rename, (const char *from, const char *to), (from, to))
FAILING(RENAME, is_below(there, to), renameat,
        (int here, const char *from, int there, const char *to), (here, from, there, to))
FAILING(UNLINK, is_below(AT_FDCWD, path), unlink, (const char *path), (path))
FAILING(UNLINK, is_below(folder, path), unlinkat, (int folder, const char *path, int flags),
        (folder, path, flags))
FAILING(UNLINK, is_below(AT_FDCWD, path), rmdir, (const char *path), (path))
FAILING(MKDIR, is_below(AT_FDCWD, path), mkdir, (const char *path, mode_t mode), (path, mode))
FAILING(MKDIR, is_below(folder, path), mkdirat, (int folder, const char *path, mode_t mode),
        (folder, path, mode))
FAILING(LINK, is_below(AT_FDCWD, path), symlink, (const char *to, const char *path), (to, path))
FAILING(LINK, is_below(folder, path), symlinkat, (const char *to, int folder, const char *path),
        (to, folder, path))
FAILING(LINK, is_below(AT_FDCWD, path), link, (const char *to, const char *path), (to, path))
FAILING(MODE, is_below(AT_FDCWD, path), chmod, (const char *path, mode_t mode), (path, mode))
FAILING(MODE, is_open_below(file), fchmod, (int file, mode_t mode), (file, mode))
FAILING(MODE, is_below(folder, path), fchmodat,
        (int folder, const char *path, mode_t mode, int flags), (folder, path, mode, flags))
FAILING(MODE, is_below(folder, path), utimensat,
        (int folder, const char *path, const struct timespec times[2], int flags),
        (folder, path, times, flags))

int bind(int opened, const struct sockaddr *address, socklen_t length) {
    NEXT(bind);
    const struct sockaddr_un *local = (const struct sockaddr_un *)address;
    int ours = address->sa_family == AF_UNIX && is_below(AT_FDCWD, local->sun_path);
    return ours && fails(CREATE) ? -1 : next(opened, address, length);
}
