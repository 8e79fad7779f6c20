#include "upstream.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct upstream_server {
    char directory[64];
    char address[32];
    int port;
    pid_t pid;
};

static const char configuration[] =
    "server:\n"
    "  do-daemonize: no\n"
    "  username: \"\"\n"
    "  chroot: \"\"\n"
    "  pidfile: \"\"\n"
    "  directory: \"%s\"\n"
    "  logfile: log\n"
    "  use-syslog: no\n"
    "  log-queries: yes\n"
    "  interface: 127.0.0.1@%d\n"
    "  num-threads: 1\n"
    "  module-config: iterator\n"
    "  local-zone: example. static\n"
    "  local-data: \"example. 3600 SOA ns.example. host.example. 1 2 3 4 120\"\n"
    "  local-data: \"a.example. 300 A 192.0.2.2\"\n"
    "  local-data: \"a.example. 300 A 192.0.2.1\"\n"
    "  local-data: \"a.example. 300 AAAA 2001:db8::1\"\n"
    "  local-data: \"v4.example. 300 A 192.0.2.4\"\n"
    "  local-data: \"c1.example. 20 CNAME c2.example.\"\n"
    "  local-data: \"c2.example. 200 CNAME a.example.\"\n"
    "  local-data: \"cnodata.example. 30 CNAME v4.example.\"\n"
    "  local-data: \"cnx.example. 30 CNAME nothing.example.\"\n"
    "  local-data: \"zero.example. 0 A 192.0.2.9\"\n"
    "  local-zone: wild.example. redirect\n"
    "  local-data: \"wild.example. 60 A 192.0.2.7\"\n"
    "  local-zone: test. redirect\n"
    "  local-data: \"test. 60 A 192.0.2.8\"\n"
    "  local-zone: invalid. redirect\n"
    "  local-data: \"invalid. 60 A 192.0.2.8\"\n"
    "  local-zone: home.arpa. redirect\n"
    "  local-data: \"home.arpa. 60 A 192.0.2.8\"\n"
    "  local-zone: nosoa.example. static\n"
    "  local-data: \"nosoa.example. 60 AAAA 2001:db8::2\"\n"
    "  local-zone: refused.example. refuse\n"
    "  local-zone: silent.example. deny\n"
    "  local-zone: servfail.example. transparent\n"
    /* Forbidden by do-not-query-localhost: SERVFAIL at once. */
    "forward-zone:\n"
    "  name: servfail.example.\n"
    "  forward-addr: 127.0.0.1\n"
    "remote-control:\n"
    "  control-enable: no\n";

int upstream_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    cr_assert_geq(fd, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void write_configuration(const struct upstream_server *upstream)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/unbound.conf", upstream->directory);
    file = fopen(path, "w");
    cr_assert(file);
    fprintf(file, configuration, upstream->directory, upstream->port);
    fclose(file);
}

static void run_unbound(const char *directory)
{
    char path[4096];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* Servers are installed where users don't look. */
    snprintf(path, sizeof(path), "%s:/usr/sbin:/sbin", getenv("PATH"));
    setenv("PATH", path, 1);
    snprintf(path, sizeof(path), "%s/unbound.conf", directory);
    execlp("unbound", "unbound", "-c", path, (char *)NULL);
    _exit(127);
}

static bool answers(int port)
{
    static const char query[] = "\0\1\1\0\0\1\0\0\0\0\0\0\1a\7example\0\0\1\0\1";
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0x7f000001)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct pollfd pollfd = {.fd = fd, .events = POLLIN};
    char reply[512];
    bool answered;

    connect(fd, (struct sockaddr *)&address, sizeof(address));
    answered = send(fd, query, sizeof(query) - 1, 0) > 0 && poll(&pollfd, 1, 100) > 0 &&
               recv(fd, reply, sizeof(reply), 0) > 0;
    close(fd);
    return answered;
}

static void wait_until_it_answers(struct upstream_server *upstream)
{
    int status;

    for (int i = 0; i < 200 && !answers(upstream->port); ++i) {
        if (waitpid(upstream->pid, &status, WNOHANG) == upstream->pid) {
            upstream->pid = 0;
            if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
                cr_skip_test("unbound is not installed");
            cr_assert_fail("unbound has ended, see %s/log", upstream->directory);
        }
        usleep(20000);
    }
}

struct upstream_server *upstream_start(void)
{
    struct upstream_server *upstream = calloc(1, sizeof(*upstream));

    strcpy(upstream->directory, "/tmp/aliasd-upstream-XXXXXX");
    cr_assert(mkdtemp(upstream->directory));
    upstream->port = upstream_free_port();
    snprintf(upstream->address, sizeof(upstream->address), "127.0.0.1@%d", upstream->port);
    write_configuration(upstream);
    upstream->pid = fork();
    cr_assert_geq(upstream->pid, 0);
    if (upstream->pid == 0)
        run_unbound(upstream->directory);
    wait_until_it_answers(upstream);
    return upstream;
}

static void remove_file(const struct upstream_server *upstream, const char *name)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", upstream->directory, name);
    unlink(path);
}

void upstream_stop(struct upstream_server *upstream)
{
    if (upstream->pid > 0) {
        kill(upstream->pid, SIGKILL);
        waitpid(upstream->pid, NULL, 0);
    }
    remove_file(upstream, "unbound.conf");
    remove_file(upstream, "log");
    rmdir(upstream->directory);
    free(upstream);
}

const char *upstream_address(const struct upstream_server *upstream)
{
    return upstream->address;
}

void upstream_pause(struct upstream_server *upstream)
{
    int status;

    kill(upstream->pid, SIGSTOP);
    waitpid(upstream->pid, &status, WUNTRACED);
}

void upstream_continue(struct upstream_server *upstream)
{
    kill(upstream->pid, SIGCONT);
}

int upstream_count(struct upstream_server *upstream, const char *name, const char *type)
{
    char path[128], line[512], needle[300];
    int count = 0;
    FILE *file;

    snprintf(path, sizeof(path), "%s/log", upstream->directory);
    snprintf(needle, sizeof(needle), " %s %s IN", name, type);
    file = fopen(path, "r");
    cr_assert(file);
    while (fgets(line, sizeof(line), file)) {
        if (strstr(line, needle))
            ++count;
    }
    fclose(file);
    return count;
}
