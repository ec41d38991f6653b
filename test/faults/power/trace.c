/*
 * Preloaded into a process, this appends to a file, in order, what the process does to the files of one folder and what it
 * tells the world outside through pipes and sockets. LLM_BATCH_TRACE_FOLDER is the folder's real path,
 * LLM_BATCH_TRACE_FILE the file.
 *
 * A record is a header of 24 bytes (one letter, 3 bytes of nothing, uint32 length of the name, uint64 offset or size,
 * uint64 length of the data, in the machine's byte order), the name and the data. A file's name is its path in the
 * folder at that moment, asked of the kernel at each call, so that no table of descriptors can go wrong.
 *
 * Memory maps are not seen: of SQLite's files only the -shm is mapped, and that one is made anew after a power cut.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

enum kind {
  CREATED = 'C',
  WRITTEN = 'W',
  RESIZED = 'S',
  UNLINKED = 'U',
  RENAMED = 'R', /* the data is the new name */
  SYNCED = 'F',
  TOLD = 'T',
};

enum place { INSIDE, OUTSIDE, ELSEWHERE };

/* Held over each call and its record, so that the records stand in the order of the calls. */
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static int trace_fd = -1;

__attribute__((constructor)) static void start(void) {
  const char *file = getenv("LLM_BATCH_TRACE_FILE");
  folder = getenv("LLM_BATCH_TRACE_FOLDER");
  if (file == NULL || folder == NULL) return;
  trace_fd = REAL(open64)(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void append(enum kind kind, const char *name, uint64_t number, const struct iovec *data, int parts, size_t size) {
  struct { char kind; char unused[3]; uint32_t name_size; uint64_t number; uint64_t size; } head =
    { kind, { 0 }, strlen(name), number, size };
  struct iovec all[parts + 2];
  all[0] = (struct iovec){ &head, sizeof head };
  all[1] = (struct iovec){ (void *)name, head.name_size };
  int count = 2;
  /* Of what was offered, the kernel may have taken less. */
  for (size_t left = size; left > 0; count++, data++) {
    size_t taken = data->iov_len < left ? data->iov_len : left;
    all[count] = (struct iovec){ data->iov_base, taken };
    left -= taken;
  }
  ssize_t wanted = sizeof head + head.name_size + size;
  if (syscall(SYS_writev, trace_fd, all, count) != wanted) abort();
}

static void append_text(enum kind kind, const char *name, const char *text) {
  struct iovec data = { (void *)text, strlen(text) };
  append(kind, name, 0, &data, 1, data.iov_len);
}

/* The part of a path within the folder, "" for the folder itself, or NULL. */
static const char *name_of(const char *path) {
  size_t length = folder == NULL ? 0 : strlen(folder);
  if (length == 0 || strncmp(path, folder, length) != 0) return NULL;
  if (path[length] == '\0') return "";
  return path[length] == '/' ? path + length + 1 : NULL;
}

/* Where a descriptor leads; its name in the folder, if it is one of a file that still has a name. */
static enum place place_of(int fd, char name[PATH_MAX]) {
  char link[32], path[PATH_MAX];
  if (trace_fd < 0) return ELSEWHERE;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return ELSEWHERE;
  path[length] = '\0';
  if (strncmp(path, "pipe:", 5) == 0 || strncmp(path, "socket:", 7) == 0) return OUTSIDE;
  const char *within = name_of(path), *deleted = " (deleted)";
  if (within == NULL || (length > 10 && strcmp(path + length - 10, deleted) == 0)) return ELSEWHERE;
  strcpy(name, within);
  return INSIDE;
}

static void record_write(int fd, off64_t offset, const struct iovec *data, int parts, ssize_t written) {
  char name[PATH_MAX];
  if (written <= 0) return;
  enum place place = place_of(fd, name);
  if (place == OUTSIDE) append(TOLD, "", 0, data, parts, written);
  if (place != INSIDE) return;
  uint64_t at = offset >= 0 ? offset : lseek64(fd, 0, SEEK_CUR) - written;
  append(WRITTEN, name, at, data, parts, written);
}

static void record_fd(enum kind kind, int fd, uint64_t number, int result) {
  char name[PATH_MAX];
  if (result == 0 && place_of(fd, name) == INSIDE) append(kind, name, number, NULL, 0, 0);
}

#define IN_ORDER(type, call, record) \
  pthread_mutex_lock(&order);        \
  type result = call;                \
  record;                            \
  pthread_mutex_unlock(&order);      \
  return result

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (!(flags & (O_CREAT | O_TRUNC))) return REAL(open64)(path, flags, mode);
  pthread_mutex_lock(&order);
  int is_new = access(path, F_OK) != 0;
  int fd = REAL(open64)(path, flags, mode);
  if (is_new || flags & O_TRUNC) record_fd(is_new ? CREATED : RESIZED, fd, 0, fd < 0 ? fd : 0);
  pthread_mutex_unlock(&order);
  return fd;
}

ssize_t write(int fd, const void *data, size_t size) {
  struct iovec part = { (void *)data, size };
  IN_ORDER(ssize_t, REAL(write)(fd, data, size), record_write(fd, -1, &part, 1, result));
}

ssize_t writev(int fd, const struct iovec *data, int parts) {
  IN_ORDER(ssize_t, REAL(writev)(fd, data, parts), record_write(fd, -1, data, parts, result));
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
  struct iovec part = { (void *)data, size };
  IN_ORDER(ssize_t, REAL(pwrite64)(fd, data, size, offset), record_write(fd, offset, &part, 1, result));
}

ssize_t pwritev64(int fd, const struct iovec *data, int parts, off64_t offset) {
  IN_ORDER(ssize_t, REAL(pwritev64)(fd, data, parts, offset), record_write(fd, offset, data, parts, result));
}

int ftruncate64(int fd, off64_t size) {
  IN_ORDER(int, REAL(ftruncate64)(fd, size), record_fd(RESIZED, fd, size, result));
}

int fsync(int fd) {
  IN_ORDER(int, REAL(fsync)(fd), record_fd(SYNCED, fd, 0, result));
}

int fdatasync(int fd) {
  IN_ORDER(int, REAL(fdatasync)(fd), record_fd(SYNCED, fd, 0, result));
}

int unlink(const char *path) {
  char real[PATH_MAX];
  pthread_mutex_lock(&order);
  const char *name = realpath(path, real) == NULL ? NULL : name_of(real);
  int result = REAL(unlink)(path);
  if (result == 0 && name != NULL) append(UNLINKED, name, 0, NULL, 0, 0);
  pthread_mutex_unlock(&order);
  return result;
}

int rename(const char *from, const char *to) {
  char before[PATH_MAX], after[PATH_MAX];
  pthread_mutex_lock(&order);
  const char *name = realpath(from, before) == NULL ? NULL : name_of(before);
  int result = REAL(rename)(from, to);
  if (result == 0 && name != NULL && realpath(to, after) != NULL && name_of(after) != NULL)
    append_text(RENAMED, name, name_of(after));
  pthread_mutex_unlock(&order);
  return result;
}
