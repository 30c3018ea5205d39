// The element types of tensors. T is how an element lies in memory and W the type in which it is computed; rounded() is
// what a W becomes by being stored and loaded. NaN stays NaN everywhere, of whatever bits.

#pragma once

#include "device.h"

template <class Type>
struct Plain {
    typedef Type T;
    typedef Type W;
    static __device__ W widen(T value) { return value; }
    static __device__ T narrow(W value) { return value; }
    static __device__ W rounded(W value) { return value; }
    static __device__ W add(W a, W b) { return a + b; }
};

typedef Plain<float> F32;
typedef Plain<double> F64;
typedef Plain<uint8> I8; // signed or not: sums wrap, and have the same bits
typedef Plain<uint32> I32;
typedef Plain<uint64> I64;

// Four I8, added with no carry from one to the next.
struct I8x4 : Plain<uint32> {
    static __device__ W add(W a, W b) {
        return ((a & 0x7f7f7f7fu) + (b & 0x7f7f7f7fu)) ^ ((a ^ b) & 0x80808080u);
    }
};

struct F16 {
    typedef uint16 T;
    typedef float W;
    static __device__ W widen(T value) {
        float wide;
        asm("cvt.f32.f16 %0, %1;" : "=f"(wide) : "h"(value));
        return wide;
    }
    static __device__ T narrow(W value) {
        uint16 half;
        asm("cvt.rn.f16.f32 %0, %1;" : "=h"(half) : "f"(value));
        return half;
    }
    static __device__ W rounded(W value) { return widen(narrow(value)); }
    static __device__ W add(W a, W b) { return rounded(a + b); }
};

struct BF16 {
    typedef uint16 T;
    typedef float W;
    static __device__ W widen(T value) { return bits<float>((uint32)value << 16); }
    static __device__ T narrow(W value) { // to nearest, ties to even; older GPUs have no instruction for it
        uint32 wide = bits<uint32>(value);
        return (uint16)((value != value ? wide | 0x400000u : wide + 0x7fffu + (wide >> 16 & 1)) >> 16);
    }
    static __device__ W rounded(W value) { return widen(narrow(value)); }
    static __device__ W add(W a, W b) { return rounded(a + b); }
};

// N elements in registers; an array that is only ever indexed by constants.
template <class E, int N>
struct Values {
    typename E::W of[N];
};

// Elements as they lie in memory, still to be widened: what a load leaves in registers until it is needed.
template <class T, int N>
struct Raw {
    T of[N];
};

// How many elements fill 128 bits.
template <class E>
constexpr __device__ int perPiece() {
    return 16 / sizeof(typename E::T);
}

template <class T>
__device__ Raw<T, 16 / sizeof(T)> unpacked(words piece) {
    Raw<T, 16 / sizeof(T)> raw;
    if constexpr (sizeof(T) == 2) { // by shifts: through memory it would become memory
#pragma unroll
        for (int i = 0; i < 8; i++) {
            raw.of[i] = (T)(piece[i / 2] >> 16 * (i % 2));
        }
        return raw;
    } else {
        return bits<Raw<T, 16 / sizeof(T)>>(piece);
    }
}

template <class T>
__device__ words packed(const Raw<T, 16 / sizeof(T)>& raw) {
    if constexpr (sizeof(T) == 2) {
        words piece;
#pragma unroll
        for (int w = 0; w < 4; w++) {
            piece[w] = raw.of[2 * w] | (uint32)raw.of[2 * w + 1] << 16;
        }
        return piece;
    } else {
        return bits<words>(raw);
    }
}

// N elements, either one or as many as fill 128 bits or a multiple; several must begin at a multiple of 16 bytes.
template <class E, int N>
__device__ Raw<typename E::T, N> loadRaw(const typename E::T* from) {
    typedef typename E::T T;
    Raw<T, N> raw;
    if constexpr (N == 1) {
        raw.of[0] = *from;
    } else if constexpr (sizeof(T) == 8) {
#pragma unroll
        for (int i = 0; i < N; i += 2) {
            longs piece = *(const longs*)(from + i);
            raw.of[i] = bits<T>(piece[0]);
            raw.of[i + 1] = bits<T>(piece[1]);
        }
    } else {
        const int PIECE = perPiece<E>();
#pragma unroll
        for (int p = 0; p < N; p += PIECE) {
            Raw<T, PIECE> part = unpacked<T>(*(const words*)(from + p));
#pragma unroll
            for (int i = 0; i < PIECE; i++) {
                raw.of[p + i] = part.of[i];
            }
        }
    }
    return raw;
}

template <class E, int N>
__device__ void storeRaw(typename E::T* to, const Raw<typename E::T, N>& raw) {
    typedef typename E::T T;
    if constexpr (N == 1) {
        *to = raw.of[0];
    } else if constexpr (sizeof(T) == 8) {
#pragma unroll
        for (int i = 0; i < N; i += 2) {
            *(longs*)(to + i) = longs{bits<uint64>(raw.of[i]), bits<uint64>(raw.of[i + 1])};
        }
    } else {
        const int PIECE = perPiece<E>();
#pragma unroll
        for (int p = 0; p < N; p += PIECE) {
            Raw<T, PIECE> part;
#pragma unroll
            for (int i = 0; i < PIECE; i++) {
                part.of[i] = raw.of[p + i];
            }
            *(words*)(to + p) = packed<T>(part);
        }
    }
}

template <class E, int N>
__device__ Values<E, N> load(const typename E::T* from) {
    Raw<typename E::T, N> raw = loadRaw<E, N>(from);
    Values<E, N> values;
#pragma unroll
    for (int i = 0; i < N; i++) {
        values.of[i] = E::widen(raw.of[i]);
    }
    return values;
}

template <class E, int N>
__device__ void store(typename E::T* to, const Values<E, N>& values) {
    Raw<typename E::T, N> raw;
#pragma unroll
    for (int i = 0; i < N; i++) {
        raw.of[i] = E::narrow(values.of[i]);
    }
    storeRaw<E, N>(to, raw);
}

template <class E, int N>
__device__ void addTo(Values<E, N>& sum, const Raw<typename E::T, N>& raw) {
#pragma unroll
    for (int i = 0; i < N; i++) {
        sum.of[i] = E::add(sum.of[i], E::widen(raw.of[i]));
    }
}
