/*
 * Preloaded into a process, this stands in for the system where a test wants another one:
 *
 *   LLM_BATCH_FS_TYPE       the type, in hexadecimal, that statfs gives for every file system
 *   LLM_BATCH_FAILING_SYNC  from this one on, counted from 1, syncs of a database or its log fail with EIO
 *   LLM_BATCH_CLOCK_FILE    once this file is there, the wall clock is set by LLM_BATCH_CLOCK_SECONDS
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static unsigned long fs_type;
static long failing_sync, jump_seconds;
static const char *jump_file;
static atomic_long syncs;

__attribute__((constructor)) static void start(void) {
  const char *type = getenv("LLM_BATCH_FS_TYPE");
  const char *failing = getenv("LLM_BATCH_FAILING_SYNC");
  const char *seconds = getenv("LLM_BATCH_CLOCK_SECONDS");
  jump_file = getenv("LLM_BATCH_CLOCK_FILE");
  if (type != NULL) fs_type = strtoul(type, NULL, 16);
  if (failing != NULL) failing_sync = atol(failing);
  if (seconds != NULL) jump_seconds = atol(seconds);
}

int statfs64(const char *path, struct statfs64 *found) {
  int result = REAL(statfs64)(path, found);
  if (fs_type != 0) found->f_type = fs_type;
  return result;
}

int statfs(const char *path, struct statfs *found) {
  int result = REAL(statfs)(path, found);
  if (fs_type != 0) found->f_type = fs_type;
  return result;
}

static int fails(int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (failing_sync == 0 || length < 0) return 0;
  path[length] = '\0';
  return strstr(path, ".db") != NULL && ++syncs >= failing_sync;
}

int fsync(int fd) {
  if (!fails(fd)) return REAL(fsync)(fd);
  errno = EIO;
  return -1;
}

int fdatasync(int fd) {
  if (!fails(fd)) return REAL(fdatasync)(fd);
  errno = EIO;
  return -1;
}

static long jump(void) {
  return jump_seconds != 0 && access(jump_file, F_OK) == 0 ? jump_seconds : 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  int result = REAL(gettimeofday)(now, zone);
  now->tv_sec += jump();
  return result;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  int result = REAL(clock_gettime)(clock, now);
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) now->tv_sec += jump();
  return result;
}
