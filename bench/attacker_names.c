/* With LD_PRELOAD all names below attacker.test live at ATTACKER_ADDRESS; others are looked up as ever. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

typedef int (*look_up)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int is_attackers(const char *name) {
    static const char domain[] = ".attacker.test";
    size_t length = name ? strlen(name) : 0, tail = sizeof domain - 1;
    return length > tail && strcmp(name + length - tail, domain) == 0;
}

int getaddrinfo(const char *name, const char *port, const struct addrinfo *hints, struct addrinfo **found) {
    look_up real = (look_up)dlsym(RTLD_NEXT, "getaddrinfo");
    return real(is_attackers(name) ? getenv("ATTACKER_ADDRESS") : name, port, hints, found);
}
