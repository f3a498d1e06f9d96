/* A slow disk on a fast machine: with LD_PRELOAD each fsync and fdatasync takes FSYNC_DELAY_US longer. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

typedef int (*sync_call)(int);

static void wait_for_the_platter(void) {
    const char *text = getenv("FSYNC_DELAY_US");
    long microseconds = text ? strtol(text, NULL, 10) : 0;
    struct timespec pause = {microseconds / 1000000, (microseconds % 1000000) * 1000};
    nanosleep(&pause, NULL);
}

static int delayed(const char *name, int descriptor) {
    sync_call real = (sync_call)dlsym(RTLD_NEXT, name);
    wait_for_the_platter();
    return real(descriptor);
}

int fsync(int descriptor) { return delayed("fsync", descriptor); }
int fdatasync(int descriptor) { return delayed("fdatasync", descriptor); }
