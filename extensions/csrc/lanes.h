/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the templates share, whatever the instruction set: names, unrolling, and the barriers that keep the compiler
 * from undoing a register block.
 */
#ifndef CONVDESK_LANES_H
#define CONVDESK_LANES_H

#if defined(__x86_64__)
#define CD_X86 1
#include <immintrin.h>
#define CD_VECTOR_REGISTER "x"
#elif defined(__aarch64__)
#define CD_X86 0
#define CD_VECTOR_REGISTER "w"
#else
#define CD_X86 0
#endif

#define INLINE static inline __attribute__((always_inline))
#define APART static __attribute__((noinline))

/* Register blocks are small arrays whose every index must be a constant: all loops over them are unrolled.
 * A build for the sanitizers is not after speed, and would take minutes to compile what is unrolled. */
#if defined(__SANITIZE_ADDRESS__)
#define UNROLL
#elif defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* KEEP holds a loaded vector in its register: otherwise it is loaded again for each multiply-add that uses it.
 * FORGET hides where a pointer comes from: otherwise all weights are broadcast before the loop, and spilled. */
#ifdef CD_VECTOR_REGISTER
#define KEEP(vector) __asm__("" : "+" CD_VECTOR_REGISTER(vector))
#else
#define KEEP(vector) (void)(vector)
#endif
#define FORGET(pointer) __asm__ volatile("" : "+r"(pointer))

#define CD_JOIN2(name, type, isa) name##_##type##_##isa
#define CD_JOIN(name, type, isa) CD_JOIN2(name, type, isa)
#define CD_JOIN4(name, isa) name##_##isa
#define CD_JOIN3(name, isa) CD_JOIN4(name, isa)
#define NAME(name) CD_JOIN(name, TYPE, ISA)

#endif
