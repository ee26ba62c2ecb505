/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The thread pool: one per process, made when first needed, made again after a fork.
 *
 * A call is cut into chunks. Its own thread works too and takes whatever is left, so a call never waits for a thread
 * that has not woken up yet: it is done when all chunks are done. One call owns the pool at a time; others run alone.
 *
 * A chunk is claimed by one atomic step on `ticket`, which holds the number of the job, how many threads may help, and
 * how many chunks are left. A worker that wakes late finds another job's number there, and its claim fails: it never
 * touches the arguments of a call that has returned.
 */
#include "convdesk.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#define MAX_WIDTH 1024
#define CHUNKS_PER_THREAD 8

static struct {
    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    int workers;                /* threads started; worker w has slot w + 1, the caller slot 0 */
    atomic_int busy;            /* a call owns the pool */
    _Atomic uint64_t ticket;    /* job number : width (12 bits) : chunks left (24 bits) */
    _Atomic int64_t unfinished; /* chunks */
    /* the job; read only by whoever holds a chunk of it */
    cd_task task;
    const void *spec;
    int64_t items, step, chunks, scratch_step;
    char *scratch;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};

static int64_t chunks_left(uint64_t ticket) { return ticket & 0xFFFFFF; }
static int width_of(uint64_t ticket) { return ticket >> 24 & 0xFFF; }
static int claimable(uint64_t ticket, int slot) { return chunks_left(ticket) > 0 && slot < width_of(ticket); }

/* Takes one chunk and does it; 0 when there is none for this slot. */
static int work(int slot)
{
    uint64_t ticket = atomic_load(&pool.ticket);
    do {
        if (!claimable(ticket, slot)) return 0;
    } while (!atomic_compare_exchange_weak(&pool.ticket, &ticket, ticket - 1));
    int64_t first = (pool.chunks - chunks_left(ticket)) * pool.step;
    pool.task(pool.spec, first, cd_min(first + pool.step, pool.items), pool.scratch + slot * pool.scratch_step);
    if (atomic_fetch_sub(&pool.unfinished, 1) == 1) {
        pthread_mutex_lock(&pool.lock);
        pthread_cond_signal(&pool.done);
        pthread_mutex_unlock(&pool.lock);
    }
    return 1;
}

static void *worker(void *slot_as_pointer)
{
    int slot = (int)(intptr_t)slot_as_pointer;
    for (;;) {
        while (work(slot)) {}
        pthread_mutex_lock(&pool.lock);
        while (!claimable(atomic_load(&pool.ticket), slot)) pthread_cond_wait(&pool.wake, &pool.lock);
        pthread_mutex_unlock(&pool.lock);
    }
    return NULL;
}

/* A forked child has only the thread that forked: it starts with an empty pool. */
static void forget_workers(void)
{
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.wake, NULL);
    pthread_cond_init(&pool.done, NULL);
    pool.workers = 0;
    atomic_store(&pool.busy, 0);
    atomic_store(&pool.ticket, 0);
}

static void watch_forks(void) { pthread_atfork(NULL, NULL, forget_workers); }

/* Workers never handle signals: those belong to the program's own threads. Failing to start one only costs speed. */
static void start_workers(int wanted)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (pool.workers >= wanted) return;
    pthread_once(&once, watch_forks);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (pool.workers < wanted) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, worker, (void *)(intptr_t)(pool.workers + 1)) != 0) break;
        pthread_detach(thread);
        pool.workers++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void cd_run(cd_task task, const void *spec, int64_t items, int width, void *scratch, int64_t scratch_step)
{
    width = (int)cd_min(cd_min(width, items), MAX_WIDTH);
    int idle = 0;
    if (width < 2 || !atomic_compare_exchange_strong(&pool.busy, &idle, 1)) {
        if (items > 0) task(spec, 0, items, scratch);
        return;
    }
    start_workers(width - 1);
    int64_t step = (items - 1) / ((int64_t)width * CHUNKS_PER_THREAD) + 1;
    int64_t chunks = (items - 1) / step + 1;
    pthread_mutex_lock(&pool.lock);
    pool.task = task, pool.spec = spec, pool.scratch = scratch, pool.scratch_step = scratch_step;
    pool.items = items, pool.step = step, pool.chunks = chunks;
    atomic_store(&pool.unfinished, chunks);
    uint64_t job = (atomic_load(&pool.ticket) >> 36) + 1;
    atomic_store(&pool.ticket, job << 36 | (uint64_t)width << 24 | (uint64_t)chunks);
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.lock);

    while (work(0)) {}
    pthread_mutex_lock(&pool.lock);
    while (atomic_load(&pool.unfinished) > 0) pthread_cond_wait(&pool.done, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
    atomic_store(&pool.busy, 0);
}
