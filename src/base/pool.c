// In: loops. Out: their iterations, run by several threads.
//
// A loop is announced in a list and stays there until its caller has found nothing left to take. Workers
// look for a loop with a free seat and take pieces of it from a counter, largest first: a piece is a fixed
// share of what is left, and never shorter than the grain, so that threads end at about the same time though
// each take costs one atomic operation. The caller then waits for those who still sit in its loop, and
// only then may its memory go.
//
// Waking a sleeping thread costs tens of microseconds, so a worker without work watches the number of
// announcements for a while before it sleeps, and a caller watches the seats before it does.

#define _GNU_SOURCE // the set of processors

#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { MOST_WORKERS = 255, SPIN_NANOSECONDS = 50000, SPINS_BETWEEN_LOOKS = 64, SHARE = 2 };

typedef struct loop {
    struct loop *next;
    base_loop_body *body;
    void *argument;
    int64_t n, grain;
    _Atomic int64_t taken;
    int threads, seated; // of workers; under the lock
    _Atomic int busy;    // workers that may still be in the body
    bool caller_sleeps;  // under the lock
} loop;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t announced = PTHREAD_COND_INITIALIZER, finished = PTHREAD_COND_INITIALIZER;
static loop *loops;                     // under the lock
static int n_workers, n_asleep;         // under the lock
static pthread_t workers[MOST_WORKERS]; // under the lock
static _Atomic uint64_t announcements;
static _Atomic uintptr_t generation; // of workers: those of earlier ones end

int base_threads(void) {
    static _Atomic int known;
    int n = atomic_load_explicit(&known, memory_order_relaxed);
    if (n) return n;
    const char *wanted = getenv("COVECTOR_THREADS");
    n = wanted ? atoi(wanted) : 0;
    cpu_set_t set;
    if (n < 1 && !sched_getaffinity(0, sizeof set, &set)) n = CPU_COUNT(&set);
    if (n < 1) n = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (n < 1) n = 1;
    if (n > MOST_WORKERS + 1) n = MOST_WORKERS + 1;
    atomic_store_explicit(&known, n, memory_order_relaxed);
    return n;
}

static void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static int64_t nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

// Takes the next piece; false if there is none.
static bool take(loop *l, int64_t *begin, int64_t *end) {
    int64_t at = atomic_load_explicit(&l->taken, memory_order_relaxed);
    do {
        if (at >= l->n) return false;
        int64_t grains = (l->n - at) / l->grain / (SHARE * (int64_t)l->threads);
        int64_t length = (grains > 1 ? grains : 1) * l->grain;
        *begin = at;
        *end = l->n - at > length ? at + length : l->n;
    } while (!atomic_compare_exchange_weak_explicit(&l->taken, &at, *end, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}

static void work_on(loop *l) {
    int64_t begin, end;
    while (take(l, &begin, &end)) l->body(l->argument, begin, end);
}

// Under the lock: a seat in a loop that may have work left.
static loop *sit_down(void) {
    for (loop *l = loops; l; l = l->next) {
        if (l->seated >= l->threads - 1 || atomic_load_explicit(&l->taken, memory_order_relaxed) >= l->n)
            continue;
        l->seated++;
        atomic_fetch_add_explicit(&l->busy, 1, memory_order_relaxed);
        return l;
    }
    return NULL;
}

// The loop may be gone after the seat is given back, unless its caller sleeps: then the lock keeps it.
static void stand_up(loop *l) {
    pthread_mutex_lock(&lock);
    atomic_fetch_sub_explicit(&l->busy, 1, memory_order_release);
    bool wake = l->caller_sleeps;
    pthread_mutex_unlock(&lock);
    if (wake) pthread_cond_broadcast(&finished);
}

static bool is_stopped(uintptr_t own) {
    return atomic_load_explicit(&generation, memory_order_relaxed) != own;
}

static bool sees_news(uint64_t known, uintptr_t own) {
    int64_t until = nanoseconds() + SPIN_NANOSECONDS;
    do {
        for (int i = 0; i < SPINS_BETWEEN_LOOKS; i++) {
            if (atomic_load_explicit(&announcements, memory_order_acquire) != known || is_stopped(own))
                return true;
            pause_briefly();
        }
    } while (nanoseconds() < until);
    return false;
}

static void *serve(void *argument) {
    uintptr_t own = (uintptr_t)argument;
    while (!is_stopped(own)) {
        pthread_mutex_lock(&lock);
        uint64_t known = atomic_load_explicit(&announcements, memory_order_relaxed);
        loop *l = sit_down();
        pthread_mutex_unlock(&lock);
        if (l) {
            work_on(l);
            stand_up(l);
            continue;
        }
        if (sees_news(known, own)) continue;
        pthread_mutex_lock(&lock);
        n_asleep++;
        while (atomic_load_explicit(&announcements, memory_order_relaxed) == known && !is_stopped(own))
            pthread_cond_wait(&announced, &lock);
        n_asleep--;
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

// Under the lock. Fewer workers than wanted are no fault: the caller does what they would have done.
// Signals are for the threads of the host program.
static void start_workers(int wanted) {
    if (n_workers >= wanted) return;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    void *own = (void *)atomic_load_explicit(&generation, memory_order_relaxed);
    while (n_workers < wanted && !pthread_create(&workers[n_workers], NULL, serve, own)) n_workers++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void wait_for_others(loop *l) {
    int64_t until = 0;
    for (int i = 0; atomic_load_explicit(&l->busy, memory_order_acquire); i++) {
        pause_briefly();
        if (i % SPINS_BETWEEN_LOOKS) continue;
        int64_t now = nanoseconds();
        if (!until) until = now + SPIN_NANOSECONDS;
        if (now < until) continue;
        pthread_mutex_lock(&lock);
        l->caller_sleeps = true;
        while (atomic_load_explicit(&l->busy, memory_order_acquire)) pthread_cond_wait(&finished, &lock);
        pthread_mutex_unlock(&lock);
        return;
    }
    // The last one to stand up may still hold the lock and look at the loop.
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
}

void base_parallel_for(int threads, int64_t n, int64_t grain, base_loop_body *body, void *argument) {
    if (grain < 1) grain = 1;
    if (threads > MOST_WORKERS + 1) threads = MOST_WORKERS + 1;
    if (threads < 2 || n <= grain) {
        if (n > 0) body(argument, 0, n);
        return;
    }
    loop l = {.body = body, .argument = argument, .n = n, .grain = grain, .threads = threads};
    pthread_mutex_lock(&lock);
    start_workers(threads - 1);
    loop **last = &loops;
    while (*last) last = &(*last)->next;
    *last = &l;
    atomic_fetch_add_explicit(&announcements, 1, memory_order_release);
    bool wake = n_asleep > 0;
    pthread_mutex_unlock(&lock);
    if (wake) pthread_cond_broadcast(&announced);
    work_on(&l);
    pthread_mutex_lock(&lock);
    loop **at = &loops;
    while (*at != &l) at = &(*at)->next;
    *at = l.next;
    bool alone = !l.seated;
    pthread_mutex_unlock(&lock);
    if (!alone) wait_for_others(&l);
}

void base_pool_stop(void) {
    pthread_t ending[MOST_WORKERS];
    pthread_mutex_lock(&lock);
    int n = n_workers;
    for (int i = 0; i < n; i++) ending[i] = workers[i];
    n_workers = 0;
    atomic_fetch_add_explicit(&generation, 1, memory_order_relaxed);
    pthread_cond_broadcast(&announced);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < n; i++) pthread_join(ending[i], NULL);
}
