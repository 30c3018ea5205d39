// What the kernels need of CUDA and of the standard library, so that clang alone can compile them.

#pragma once

#define __global__ __attribute__((global))
#define __device__ __attribute__((device, always_inline)) inline
#define __launch_bounds__(threads) __attribute__((launch_bounds(threads)))

typedef unsigned char uint8;
typedef unsigned short uint16;
typedef unsigned int uint32;
typedef int int32;
typedef long long int64;
typedef unsigned long long uint64;

// What one instruction loads or stores: 128 bits.
typedef uint32 words __attribute__((ext_vector_type(4)));
typedef uint64 longs __attribute__((ext_vector_type(2)));

const int MOST_THREADS = 256; // in a block

__device__ int64 thread() {
    return (int64)__nvvm_read_ptx_sreg_ctaid_x() * __nvvm_read_ptx_sreg_ntid_x() + __nvvm_read_ptx_sreg_tid_x();
}

__device__ int64 threads() {
    return (int64)__nvvm_read_ptx_sreg_nctaid_x() * __nvvm_read_ptx_sreg_ntid_x();
}

template <class To, class From>
__device__ To bits(From value) {
    return __builtin_bit_cast(To, value);
}
