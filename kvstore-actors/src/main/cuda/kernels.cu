// The device's arithmetic, bit for bit the host's (io.kvstore.tensor, .optimizer and .compression) but for the payload of
// NaNs. Memory bound, all of it: one pass, 128 bits in an access where the arrays are aligned, neighbouring threads at
// neighbouring addresses, grids of any size. Each kernel has one parameter, a struct, whose members
// io.kvstore.cuda.GpuKernels gives in the same order.
//
// kernels.ptx is made of this by build-ptx, which says how.

#include "elements.h"

const int MOST_SOURCES = 8;

// ---- sums ----------------------------------------------------------------------------------------------------------

struct Sum {
    const void* sources[MOST_SOURCES];
    void* into;
    int64 count;
    int32 sourceCount;
    int32 aligned; // whether everything begins at a multiple of 16 bytes
};

// ((v0 + v1) + v2) + ..., every load given off before the first addition waits. Of at most MOST sources.
template <class E, int N, int MOST>
__device__ Values<E, N> sumAt(const void* const* sources, int32 sourceCount, int64 at) {
    typedef typename E::T T;
    Raw<T, N> raw[MOST];
#pragma unroll
    for (int d = 1; d < MOST; d++) {
        if (d < sourceCount) {
            raw[d] = loadRaw<E, N>((const T*)sources[d] + at);
        }
    }
    Values<E, N> sum = load<E, N>((const T*)sources[0] + at);
#pragma unroll
    for (int d = 1; d < MOST; d++) {
        if (d < sourceCount) {
            addTo<E, N>(sum, raw[d]);
        }
    }
    return sum;
}

// The same, one load after the other: little code, for where other loads are under way meanwhile.
template <class E, int N>
__device__ Values<E, N> sumInTurn(const void* const* sources, int32 sourceCount, int64 at) {
    typedef typename E::T T;
    Values<E, N> sum = load<E, N>((const T*)sources[0] + at);
#pragma unroll 1
    for (int d = 1; d < sourceCount; d++) {
        addTo<E, N>(sum, loadRaw<E, N>((const T*)sources[d] + at));
    }
    return sum;
}

// Elements from .. to - 1, with 128 bits in an access if they are aligned and from is 0.
template <class E, int MOST, bool PIECES>
__device__ void sumElements(const Sum& sum, int64 from, int64 to) {
    typename E::T* into = (typename E::T*)sum.into;
    if constexpr (PIECES) {
        const int N = perPiece<E>();
        int64 whole = sum.aligned ? to / N : 0;
        for (int64 p = thread(); p < whole; p += threads()) {
            store<E, N>(into + p * N, sumAt<E, N, MOST>(sum.sources, sum.sourceCount, p * N));
        }
        from = whole * N;
    }
    for (int64 i = from + thread(); i < to; i += threads()) {
        store<E, 1>(into + i, sumInTurn<E, 1>(sum.sources, sum.sourceCount, i));
    }
}

template <class E, int MOST>
__device__ void sum(const Sum& sum) {
    if constexpr (sizeof(typename E::T) == 1) {
        int64 quarters = sum.aligned ? sum.count / 4 : 0;
        sumElements<I8x4, MOST, true>(sum, 0, quarters);
        sumElements<E, MOST, false>(sum, 4 * quarters, sum.count);
    } else {
        sumElements<E, MOST, true>(sum, 0, sum.count);
    }
}

// Few sources take few registers, so that more threads keep loads under way.
#define SUM(name, E) \
    extern "C" __global__ void __launch_bounds__(MOST_THREADS) sum4_##name(Sum arguments) { sum<E, 4>(arguments); } \
    extern "C" __global__ void __launch_bounds__(MOST_THREADS) sum8_##name(Sum arguments) { sum<E, 8>(arguments); }
SUM(float32, F32)
SUM(float64, F64)
SUM(float16, F16)
SUM(bfloat16, BF16)
SUM(int8, I8)
SUM(int32, I32)
SUM(int64, I64)

// ---- sums of rows --------------------------------------------------------------------------------------------------

struct SumRows {
    const void* sources[MOST_SOURCES];
    const int32* places[MOST_SOURCES]; // row r of the sum is row places[d][r] of source d, which is -1 if it has none
    void* into;
    int64 rows;
    int64 rowLength;
    int32 sourceCount;
    int32 further; // whether to add to what is there, not to 0
};

template <class E>
__device__ void sumRows(const SumRows& sum) {
    typedef typename E::T T;
    for (int64 row = __nvvm_read_ptx_sreg_ctaid_x(); row < sum.rows; row += __nvvm_read_ptx_sreg_nctaid_x()) {
        T* into = (T*)sum.into + row * sum.rowLength;
        for (int64 i = __nvvm_read_ptx_sreg_tid_x(); i < sum.rowLength; i += __nvvm_read_ptx_sreg_ntid_x()) {
            typename E::W value = sum.further ? E::widen(into[i]) : 0;
#pragma unroll 1
            for (int d = 0; d < sum.sourceCount; d++) {
                int64 place = sum.places[d][row];
                if (place >= 0) {
                    value = E::add(value, E::widen(((const T*)sum.sources[d])[place * sum.rowLength + i]));
                }
            }
            into[i] = E::narrow(value);
        }
    }
}

#define SUM_ROWS(name, E) \
    extern "C" __global__ void __launch_bounds__(MOST_THREADS) sum_rows_##name(SumRows arguments) { sumRows<E>(arguments); }
SUM_ROWS(float32, F32)
SUM_ROWS(float64, F64)
SUM_ROWS(float16, F16)
SUM_ROWS(bfloat16, BF16)
SUM_ROWS(int8, I8)
SUM_ROWS(int32, I32)
SUM_ROWS(int64, I64)

// ---- rows copied ---------------------------------------------------------------------------------------------------

struct CopyRows {
    const void* from;
    void* to;
    const int64* ids;
    int64 rows;
    int64 rowLength; // in units of the kernel's size
    int32 way;       // 0: to the rows named by ids, 1: from them, 2: zeros to them
};

template <class Unit>
__device__ void copyRows(const CopyRows& copy) {
    for (int64 row = __nvvm_read_ptx_sreg_ctaid_x(); row < copy.rows; row += __nvvm_read_ptx_sreg_nctaid_x()) {
        int64 named = copy.ids[row] * copy.rowLength;
        const Unit* from = (const Unit*)copy.from + (copy.way == 1 ? named : row * copy.rowLength);
        Unit* to = (Unit*)copy.to + (copy.way == 1 ? row * copy.rowLength : named);
        for (int64 i = __nvvm_read_ptx_sreg_tid_x(); i < copy.rowLength; i += __nvvm_read_ptx_sreg_ntid_x()) {
            to[i] = copy.way == 2 ? Unit(0) : from[i];
        }
    }
}

#define COPY_ROWS(bytes, Unit) \
    extern "C" __global__ void __launch_bounds__(MOST_THREADS) copy_rows_##bytes(CopyRows arguments) { \
        copyRows<Unit>(arguments); \
    }
COPY_ROWS(1, uint8)
COPY_ROWS(2, uint16)
COPY_ROWS(4, uint32)
COPY_ROWS(8, uint64)
COPY_ROWS(16, words)

// ---- optimizers ----------------------------------------------------------------------------------------------------

const int MOST_STATES = 2;
const int COEFFICIENTS = 8;

// W is the type of the arithmetic. Coefficients as io.kvstore.optimizer.DeviceStep gives them.
template <class W>
struct Update {
    const void* gradients[MOST_SOURCES];
    void* weight;
    void* master; // float32 copy of a 16-bit weight, which is updated in its place, or null
    void* states[MOST_STATES];
    const int64* ids; // of the rows that the gradient has, in the kernels for rows
    int64 count;      // elements, or rows
    int64 rowLength;
    W coefficients[COEFFICIENTS];
    int32 gradientCount;
    int32 aligned; // whether everything begins at a multiple of 16 bytes
};

// NaN stays NaN.
template <class W>
__device__ W clipped(W value, W limit) {
    W upper = value > limit ? limit : value;
    return upper < -limit ? -limit : upper;
}

__device__ float root(float value) { return __nvvm_sqrt_rn_f(value); }
__device__ double root(double value) { return __nvvm_sqrt_rn_d(value); }

// Coefficients: decay, outer, inner, clip.
struct Sgd {
    static const int STATES = 0;
    template <class W>
    static __device__ void step(W& weight, W gradient, W*, const W* c) {
        W g = c[1] * clipped(c[2] * gradient, c[3]);
        weight = weight + (-c[0] * weight - g);
    }
};

// Coefficients: decay, outer, inner, clip, momentum. State: velocity.
struct Momentum {
    static const int STATES = 1;
    template <class W>
    static __device__ void step(W& weight, W gradient, W* states, const W* c) {
        W g = c[1] * clipped(c[2] * gradient, c[3]);
        states[0] = c[4] * states[0] - c[0] * weight - g;
        weight = weight + states[0];
    }
};

// Coefficients: corrected rate, wd, rescale, clip, beta1, beta2, epsilon. States: mean, variance.
struct Adam {
    static const int STATES = 2;
    template <class W>
    static __device__ void step(W& weight, W gradient, W* states, const W* c) {
        W g = clipped(c[2] * gradient + c[1] * weight, c[3]);
        states[0] = c[4] * states[0] + (1 - c[4]) * g;
        states[1] = c[5] * states[1] + (1 - c[5]) * g * g;
        weight = weight - c[0] * states[0] / (root(states[1]) + c[6]);
    }
};

// Updates N elements. E is the weight's and the gradients' type, S that of the states and of the master copy.
template <class Rule, class E, class S, bool MASTER, int N>
__device__ void updateAt(const Update<typename S::W>& update, const Values<E, N>& gradient, int64 at) {
    typedef typename S::W W;
    typename E::T* weight = (typename E::T*)update.weight + at;
    typename S::T* master = (typename S::T*)update.master + at;
    Values<S, N> weights;
    if constexpr (MASTER) {
        weights = load<S, N>(master);
    } else {
        weights = bits<Values<S, N>>(load<E, N>(weight));
    }
    Values<S, N> states[Rule::STATES + 1];
#pragma unroll
    for (int k = 0; k < Rule::STATES; k++) {
        states[k] = load<S, N>((const typename S::T*)update.states[k] + at);
    }
#pragma unroll
    for (int i = 0; i < N; i++) {
        W own[Rule::STATES + 1];
#pragma unroll
        for (int k = 0; k < Rule::STATES; k++) {
            own[k] = states[k].of[i];
        }
        Rule::step(weights.of[i], (W)gradient.of[i], own, update.coefficients);
#pragma unroll
        for (int k = 0; k < Rule::STATES; k++) {
            states[k].of[i] = own[k];
        }
    }
#pragma unroll
    for (int k = 0; k < Rule::STATES; k++) {
        store<S, N>((typename S::T*)update.states[k] + at, states[k]);
    }
    if constexpr (MASTER) {
        store<S, N>(master, weights);
    }
    store<E, N>(weight, bits<Values<E, N>>(weights));
}

// Sums the gradients and applies the sum, in one pass.
template <class Rule, class E, class S, bool MASTER>
__device__ void updateAll(const Update<typename S::W>& update) {
    const int N = perPiece<E>();
    int64 whole = update.aligned ? update.count / N : 0;
    for (int64 p = thread(); p < whole; p += threads()) {
        Values<E, N> gradient = sumInTurn<E, N>(update.gradients, update.gradientCount, p * N);
        updateAt<Rule, E, S, MASTER, N>(update, gradient, p * N);
    }
    for (int64 i = whole * N + thread(); i < update.count; i += threads()) {
        Values<E, 1> gradient = sumInTurn<E, 1>(update.gradients, update.gradientCount, i);
        updateAt<Rule, E, S, MASTER, 1>(update, gradient, i);
    }
}

// Updates the rows that ids names, and no others, by the first gradient, in which they lie one after the other.
template <class Rule, class E, class S, bool MASTER>
__device__ void updateRows(const Update<typename S::W>& update) {
    const int N = perPiece<E>();
    int64 length = update.rowLength;
    const typename E::T* gradient = (const typename E::T*)update.gradients[0];
    for (int64 row = __nvvm_read_ptx_sreg_ctaid_x(); row < update.count; row += __nvvm_read_ptx_sreg_nctaid_x()) {
        int64 from = row * length;
        int64 to = update.ids[row] * length;
        int64 whole = update.aligned && length % N == 0 ? length / N : 0;
        for (int64 p = __nvvm_read_ptx_sreg_tid_x(); p < whole; p += __nvvm_read_ptx_sreg_ntid_x()) {
            updateAt<Rule, E, S, MASTER, N>(update, load<E, N>(gradient + from + p * N), to + p * N);
        }
        for (int64 i = whole * N + __nvvm_read_ptx_sreg_tid_x(); i < length; i += __nvvm_read_ptx_sreg_ntid_x()) {
            updateAt<Rule, E, S, MASTER, 1>(update, load<E, 1>(gradient + from + i), to + i);
        }
    }
}

#define UPDATE(name, Rule, E, S, MASTER) \
    extern "C" __global__ void __launch_bounds__(MOST_THREADS) name(Update<S::W> arguments) { \
        updateAll<Rule, E, S, MASTER>(arguments); \
    } \
    extern "C" __global__ void __launch_bounds__(MOST_THREADS) name##_rows(Update<S::W> arguments) { \
        updateRows<Rule, E, S, MASTER>(arguments); \
    }
#define UPDATES(name, Rule) \
    UPDATE(name##_float32, Rule, F32, F32, false) \
    UPDATE(name##_float64, Rule, F64, F64, false) \
    UPDATE(name##_float16, Rule, F16, F16, false) \
    UPDATE(name##_bfloat16, Rule, BF16, BF16, false) \
    UPDATE(name##_float16_master, Rule, F16, F32, true) \
    UPDATE(name##_bfloat16_master, Rule, BF16, F32, true)
UPDATES(sgd, Sgd)
UPDATES(momentum, Momentum)
UPDATES(adam, Adam)

// ---- casts ---------------------------------------------------------------------------------------------------------

struct Cast {
    const void* from;
    void* to;
    int64 count;
    int32 aligned;
};

template <class From, class To, int N>
__device__ void castAt(const Cast& cast, int64 at) {
    Values<From, N> values = load<From, N>((const typename From::T*)cast.from + at);
    Values<To, N> converted;
#pragma unroll
    for (int i = 0; i < N; i++) {
        converted.of[i] = (typename To::W)values.of[i];
    }
    store<To, N>((typename To::T*)cast.to + at, converted);
}

template <class From, class To>
__device__ void castAll(const Cast& cast) {
    const int N = perPiece<From>() > perPiece<To>() ? perPiece<From>() : perPiece<To>();
    int64 whole = cast.aligned ? cast.count / N : 0;
    for (int64 p = thread(); p < whole; p += threads()) {
        castAt<From, To, N>(cast, p * N);
    }
    for (int64 i = whole * N + thread(); i < cast.count; i += threads()) {
        castAt<From, To, 1>(cast, i);
    }
}

#define CAST(from, From, to, To) \
    extern "C" __global__ void __launch_bounds__(MOST_THREADS) cast_##from##_##to(Cast arguments) { \
        castAll<From, To>(arguments); \
    }
CAST(float16, F16, float32, F32)
CAST(float16, F16, bfloat16, BF16)
CAST(float16, F16, float64, F64)
CAST(bfloat16, BF16, float32, F32)
CAST(bfloat16, BF16, float16, F16)
CAST(bfloat16, BF16, float64, F64)
CAST(float32, F32, float16, F16)
CAST(float32, F32, bfloat16, BF16)
CAST(float32, F32, float64, F64)
CAST(float64, F64, float16, F16)
CAST(float64, F64, bfloat16, BF16)
CAST(float64, F64, float32, F32)

// ---- gradient compression ------------------------------------------------------------------------------------------

struct Codec {
    const float* gradient;
    const float* residual; // what earlier gradients left, or null
    float* left;           // what this one leaves; may be residual
    uint8* payload;
    float* values; // to be decoded to
    int64 count;   // elements
    float threshold;
    int32 add; // whether to add what is decoded to what is there
    int32 aligned;
};

struct OneBit {
    static const int BITS = 1;
    static __device__ uint32 code(float value, float threshold) { return value > threshold ? 1 : 0; }
    static __device__ float level(uint32 code, float) { return code ? 1.0f : -1.0f; }
};

struct TwoBit {
    static const int BITS = 2;
    static __device__ uint32 code(float value, float threshold) {
        return value >= threshold ? 3 : value <= -threshold ? 2 : 0;
    }
    static __device__ float level(uint32 code, float threshold) {
        return code == 3 ? threshold : code == 2 ? -threshold : 0.0f;
    }
};

// Encodes N elements, each residual replaced by what the code does not carry; the first is in the highest bits.
template <class Code, int N>
__device__ uint32 encodeAt(const Codec& codec, int64 at) {
    Values<F32, N> values = load<F32, N>(codec.gradient + at);
    Values<F32, N> residual = {};
    if (codec.residual) {
        residual = load<F32, N>(codec.residual + at);
    }
    uint32 codes = 0;
#pragma unroll
    for (int i = 0; i < N; i++) {
        float value = values.of[i] + residual.of[i];
        uint32 code = Code::code(value, codec.threshold);
        values.of[i] = value - Code::level(code, codec.threshold);
        codes = codes << Code::BITS | code;
    }
    store<F32, N>(codec.left + at, values);
    return codes;
}

// One thread makes one byte; those after the last element, up to a whole word, are zero.
template <class Code>
__device__ void encode(const Codec& codec) {
    const int N = 8 / Code::BITS;
    int64 bytes = (codec.count + 4 * N - 1) / (4 * N) * 4;
    for (int64 b = thread(); b < bytes; b += threads()) {
        uint32 codes = 0;
        if (codec.aligned && (b + 1) * N <= codec.count) {
            codes = encodeAt<Code, N>(codec, b * N);
        } else {
#pragma unroll 1
            for (int i = 0; i < N && b * N + i < codec.count; i++) {
                codes |= encodeAt<Code, 1>(codec, b * N + i) << (N - 1 - i) * Code::BITS;
            }
        }
        codec.payload[b] = (uint8)codes;
    }
}

template <class Code, int N>
__device__ void decodeAt(const Codec& codec, int64 at, uint32 codes) {
    Values<F32, N> values;
    if (codec.add) {
        values = load<F32, N>(codec.values + at);
    }
#pragma unroll
    for (int i = 0; i < N; i++) {
        uint32 code = codes >> (N - 1 - i) * Code::BITS & ((1 << Code::BITS) - 1);
        float level = Code::level(code, codec.threshold);
        values.of[i] = codec.add ? values.of[i] + level : level;
    }
    store<F32, N>(codec.values + at, values);
}

template <class Code>
__device__ void decode(const Codec& codec) {
    const int N = 8 / Code::BITS;
    int64 bytes = (codec.count + N - 1) / N;
    for (int64 b = thread(); b < bytes; b += threads()) {
        uint32 codes = codec.payload[b];
        if (codec.aligned && (b + 1) * N <= codec.count) {
            decodeAt<Code, N>(codec, b * N, codes);
        } else {
#pragma unroll 1
            for (int i = 0; i < N && b * N + i < codec.count; i++) {
                decodeAt<Code, 1>(codec, b * N + i, codes >> (N - 1 - i) * Code::BITS);
            }
        }
    }
}

#define CODEC(name, Code) \
    extern "C" __global__ void __launch_bounds__(MOST_THREADS) encode_##name(Codec arguments) { \
        encode<Code>(arguments); \
    } \
    extern "C" __global__ void __launch_bounds__(MOST_THREADS) decode_##name(Codec arguments) { \
        decode<Code>(arguments); \
    }
CODEC(1bit, OneBit)
CODEC(2bit, TwoBit)

// ---- checks --------------------------------------------------------------------------------------------------------

struct NotFinite {
    const float* values;
    uint32* found; // set to 1 if one of the values is infinite or a NaN, else left alone
    int64 count;
};

extern "C" __global__ void __launch_bounds__(MOST_THREADS) not_finite(NotFinite arguments) {
    const uint32 EXPONENT = 0x7f800000;
    bool found = false;
    for (int64 i = thread(); i < arguments.count; i += threads()) {
        found |= (bits<uint32>(arguments.values[i]) & EXPONENT) == EXPONENT;
    }
    if (found) { // whichever threads come here all write the same
        *arguments.found = 1;
    }
}
